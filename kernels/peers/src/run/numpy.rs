//! numpy as its users call it, in a process of its own, on copies of the same inputs.
#![expect(unsafe_code, reason = "copies between the buffers and a pipe")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use abi::Role;
use anyhow::{Context, bail};
use harness::buffers::Buffers;
use peers::request::Case;

use super::install;

const SCRIPT: &str = include_str!("numpy.py");

/// A Python process that answers requests for one case; ended when dropped.
pub struct Numpy {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Numpy {
    /// Starts the process, and sends it the inputs.
    pub fn start(case: &Case, buffers: &Buffers) -> anyhow::Result<Numpy> {
        let sides: Vec<_> = case.shape.iter().map(usize::to_string).collect();
        let mut process = Command::new(install::python())
            .args([
                "-c",
                SCRIPT,
                case.op.name(),
                case.dtype.name(),
                &sides.join("x"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting Python")?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("Python has no pipes");
        };
        let output = BufReader::new(output);
        let mut numpy = Numpy {
            process,
            input,
            output,
        };
        // Its first line says that the import went well.
        numpy
            .line()
            .context("not on this machine: PyPI's numpy (peers --install)")?;
        for (index, buffer) in buffers.declared().iter().enumerate() {
            if buffer.role == Role::Input {
                numpy.input.write_all(bytes(buffers, index))?;
            }
        }
        numpy.input.flush()?;
        Ok(numpy)
    }

    /// ns that `iterations` take together.
    pub fn time(&mut self, iterations: u64) -> anyhow::Result<f64> {
        writeln!(self.input, "{iterations}")?;
        self.input.flush()?;
        Ok(self.line()?.trim().parse()?)
    }

    /// Copies its results into the buffers that an iteration writes, in the order in which they are declared.
    pub fn result(&mut self, buffers: &mut Buffers) -> anyhow::Result<()> {
        writeln!(self.input, "result")?;
        self.input.flush()?;
        for index in 0..buffers.declared().len() {
            if buffers.declared()[index].role == Role::Input {
                continue;
            }
            let slice = buffers.slices()[index];
            // SAFETY: the buffer is mapped for `slice.bytes`, and borrowed mutably.
            let bytes =
                unsafe { std::slice::from_raw_parts_mut(slice.data.cast::<u8>(), slice.bytes) };
            self.output.read_exact(bytes)?;
        }
        Ok(())
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("Python ended: {}", self.process.wait()?);
        }
        Ok(line)
    }
}

impl Drop for Numpy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn bytes(buffers: &Buffers, index: usize) -> &[u8] {
    let slice = buffers.slices()[index];
    // SAFETY: the buffer is mapped for `slice.bytes`, as long as `buffers` lives, and nobody writes to an input.
    unsafe { std::slice::from_raw_parts(slice.data.cast::<u8>(), slice.bytes) }
}
