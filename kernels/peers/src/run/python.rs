//! Libraries of Python as their users call them, each in a process of its own, on copies of the same inputs.
#![expect(unsafe_code, reason = "copies between the buffers and a pipe")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use abi::Role;
use anyhow::{Context, bail};
use harness::buffers::Buffers;
use peers::request::{Case, Op};

use super::install;

const COMMON: &str = include_str!("python/common.py");

/// A library of Python.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Package {
    /// numpy
    Numpy,
    /// PyTorch
    Torch,
    /// ONNX Runtime
    OnnxRuntime,
}

impl Package {
    /// All, in the order in which they are listed.
    pub const ALL: [Package; 3] = [Package::Numpy, Package::Torch, Package::OnnxRuntime];

    /// As it is imported.
    pub fn name(self) -> &'static str {
        match self {
            Package::Numpy => "numpy",
            Package::Torch => "torch",
            Package::OnnxRuntime => "onnxruntime",
        }
    }

    /// What PyPI is asked for.
    pub fn requirements(self) -> &'static [&'static str] {
        match self {
            Package::Numpy => &["numpy"],
            Package::Torch => &["torch"],
            Package::OnnxRuntime => &["onnx", "onnxruntime"],
        }
    }

    /// Whether its script has the operation.
    pub fn does(self, op: Op) -> bool {
        let training = matches!(
            op,
            Op::LinearForward
                | Op::LinearBackward
                | Op::Relu
                | Op::Sigmoid
                | Op::Tanh
                | Op::Sgd
                | Op::Momentum
                | Op::Adam
        );
        match self {
            Package::Numpy => true,
            Package::Torch => training,
            Package::OnnxRuntime => {
                matches!(op, Op::LinearForward | Op::Relu | Op::Sigmoid | Op::Tanh)
            }
        }
    }

    fn script(self) -> &'static str {
        match self {
            Package::Numpy => include_str!("python/numpy.py"),
            Package::Torch => include_str!("python/torch.py"),
            Package::OnnxRuntime => include_str!("python/onnxruntime.py"),
        }
    }
}

/// A Python process that answers requests for one case; ended when dropped.
pub struct Python {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    /// Starts the process, and sends it what an iteration reads.
    pub fn start(package: Package, case: &Case, buffers: &Buffers) -> anyhow::Result<Python> {
        let sides: Vec<_> = case.shape.iter().map(usize::to_string).collect();
        let mut process = Command::new(install::python())
            .args([
                "-c",
                &[COMMON, package.script()].concat(),
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
        let mut python = Python {
            process,
            input,
            output,
        };
        // Its first line says that the import went well.
        python.line().with_context(|| {
            let wanted = package.requirements().join(" and ");
            format!("not on this machine: PyPI's {wanted} (peers --install)")
        })?;
        for (index, buffer) in buffers.declared().iter().enumerate() {
            if buffer.role != Role::Output {
                python.input.write_all(bytes(buffers, index))?;
            }
        }
        python.input.flush()?;
        Ok(python)
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

impl Drop for Python {
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
