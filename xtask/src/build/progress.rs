//! Runs cargo quietly: one line that changes on a terminal, one that stays elsewhere, everything when it fails.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write, stderr};
use std::process::{ChildStderr, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The standard output of `command`, which is cargo; `what` names the work in the progress line.
///
/// # Errors
/// Where it cannot be started or fails: then its standard error is printed first.
pub(super) fn quietly(command: &mut Command, what: &str) -> Result<String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    let errors = child
        .stderr
        .take()
        .context("cargo's standard error is a pipe")?;
    let mut output = String::new();
    let log = std::thread::scope(|scope| {
        let log = scope.spawn(|| watch(errors, what));
        let read = child
            .stdout
            .take()
            .map(|mut pipe| pipe.read_to_string(&mut output));
        read.transpose().context("cannot read cargo's messages")?;
        anyhow::Ok(log.join().unwrap_or_default())
    })?;
    let status = child.wait().context("cannot wait for cargo")?;
    if !status.success() {
        eprint!("{log}");
        bail!("{what} failed ({status}); cargo's messages stand above");
    }
    Ok(output)
}

/// Reads all of cargo's standard error, and shows the line that says what is being compiled.
fn watch(errors: ChildStderr, what: &str) -> String {
    let terminal = stderr().is_terminal();
    let start = Instant::now();
    let mut log = String::new();
    let mut shown = false;
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        let at_work = line.trim_start();
        if at_work.starts_with("Compiling ") || at_work.starts_with("Blocking ") {
            if terminal {
                let short = at_work.split(" (").next().unwrap_or(at_work);
                eprint!("\r\x1b[2K{what}: {short} ({} s)", start.elapsed().as_secs());
            } else if !shown {
                eprintln!("{what}: a first build takes a minute");
            }
            shown = true;
        }
        log.push_str(&line);
        log.push('\n');
    }
    if terminal && shown {
        eprint!("\r\x1b[2K");
        let _ = stderr().flush();
    }
    log
}
