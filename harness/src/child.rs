//! Child processes of this program: one request in on standard input, answers out, line by line.
//!
//! A child answers on what was its standard output; whatever a benchmark prints goes to standard error, of which the parent
//! keeps the end for messages. A child dies with its parent.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How often a waiting parent looks for an interrupt.
const POLL: Duration = Duration::from_millis(50);
/// The longest line that is an answer.
const MAX_LINE_BYTES: u64 = 64 << 20;
/// Lines of standard error that are kept.
const KEPT_LINES: usize = 5;

/// Why a child gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It could not be started.
    #[error("could not start a process to measure in: {0}")]
    Start(std::io::Error),
    /// The time was up; the child was killed.
    #[error("timed out after {:.0?}", .0)]
    TimedOut(Duration),
    /// The parent was interrupted; the child was killed.
    #[error("interrupted")]
    Interrupted,
    /// It said what went wrong.
    #[error("{0}")]
    Said(String),
    /// It ended without an answer.
    #[error("the process {0}")]
    Died(String),
    /// Its answer made no sense.
    #[error("the process gave an answer that is none: {0}")]
    Garbage(String),
}

/// One line of a child.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line<A> {
    Answer(A),
    Error(String),
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    lines: Receiver<std::io::Result<String>>,
    stderr: Option<JoinHandle<String>>,
    started: Instant,
}

impl Child {
    /// Starts this program again with the arguments `verb`, and sends it `request`. `configure` may change the command first.
    ///
    /// # Errors
    /// [`Failure::Start`].
    pub fn start<R: Serialize>(
        verb: impl AsRef<OsStr>,
        request: &R,
        configure: impl FnOnce(&mut Command),
    ) -> Result<Child, Failure> {
        let mut command = this_program().map_err(Failure::Start)?;
        command.arg(verb);
        configure(&mut command);
        Child::start_as(command, request)
    }

    /// The same by a command of one's own, which leads to this program and a verb that [`serve`]s.
    ///
    /// # Errors
    /// [`Failure::Start`].
    pub fn start_as<R: Serialize>(mut command: Command, request: &R) -> Result<Child, Failure> {
        let request = serde_json::to_vec(request).expect("a request is plain data");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // The message of a panic is kept, a page of frames is not.
            .env("RUST_BACKTRACE", "0")
            // Ctrl-C reaches the parent alone, which then decides.
            .process_group(0);
        let mut process = command.spawn().map_err(Failure::Start)?;
        let (stdin, stdout, stderr) = (
            process.stdin.take(),
            process.stdout.take(),
            process.stderr.take(),
        );
        // A child that dies at once closes its input; why it died is told by its end.
        let _ = stdin.expect("piped").write_all(&request);
        let stderr = stderr.expect("piped");
        Ok(Child {
            process,
            lines: read_lines(stdout.expect("piped")),
            stderr: Some(std::thread::spawn(move || last_lines(stderr))),
            started: Instant::now(),
        })
    }

    /// The next answer, or nothing at the end of a child that ended well.
    ///
    /// # Errors
    /// Where the child said so, died, answered nonsense, `deadline` passed or `interrupted` was set.
    pub fn next<A: DeserializeOwned>(
        &mut self,
        deadline: Instant,
        interrupted: &AtomicBool,
    ) -> Result<Option<A>, Failure> {
        loop {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Failure::Interrupted);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Failure::TimedOut(self.started.elapsed()));
            }
            match self.lines.recv_timeout(left.min(POLL)) {
                Ok(line) => return self.answer(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.end().map(|()| None),
            }
        }
    }

    fn answer<A: DeserializeOwned>(
        &mut self,
        line: std::io::Result<String>,
    ) -> Result<Option<A>, Failure> {
        let line = line.map_err(|error| Failure::Garbage(error.to_string()))?;
        match serde_json::from_str::<Line<A>>(&line) {
            Ok(Line::Answer(answer)) => Ok(Some(answer)),
            Ok(Line::Error(message)) => Err(Failure::Said(message)),
            Err(error) => Err(Failure::Garbage(error.to_string())),
        }
    }

    fn end(&mut self) -> Result<(), Failure> {
        let status = self.process.wait().map_err(Failure::Start)?;
        if status.success() {
            return Ok(());
        }
        let stderr = self
            .stderr
            .take()
            .map(|thread| thread.join().unwrap_or_default());
        let mut end = describe(status);
        if let Some(text) = stderr.filter(|text| !text.is_empty()) {
            end = format!("{end}; its last words: {text}");
        }
        Err(Failure::Died(end))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only where the child has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// This program, run as it is or, where the environment variable `BENCH_RUNNER` names one, by an emulator and its arguments.
fn this_program() -> std::io::Result<Command> {
    let runner = std::env::var("BENCH_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace();
    let Some(program) = words.next() else {
        let mut command = Command::new("/proc/self/exe");
        command.arg0("bench");
        return Ok(command);
    };
    let mut command = Command::new(program);
    command.args(words).arg(std::env::current_exe()?);
    Ok(command)
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => {
            let name = match signal {
                4 => " (illegal instruction)",
                6 => " (aborted)",
                7 => " (bus error)",
                8 => " (arithmetic error)",
                9 => " (killed, perhaps for want of memory)",
                11 => " (segmentation fault)",
                _ => "",
            };
            format!("was ended by signal {signal}{name}")
        }
        (None, None) => "ended in an unknown way".into(),
    }
}

fn read_lines(stdout: impl Read + Send + 'static) -> Receiver<std::io::Result<String>> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        loop {
            let mut line = String::new();
            match reader.by_ref().take(MAX_LINE_BYTES).read_line(&mut line) {
                Ok(0) => return,
                read => {
                    if sender.send(read.map(|_| line)).is_err() {
                        return;
                    }
                }
            }
        }
    });
    lines
}

fn last_lines(stderr: impl Read) -> String {
    let mut kept = VecDeque::new();
    let mut reader = BufReader::new(stderr);
    let mut line = Vec::new();
    while let Ok(1..) = reader.by_ref().take(1 << 16).read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if !text.is_empty() {
            kept.push_back(text);
        }
        if kept.len() > KEPT_LINES {
            kept.pop_front();
        }
        line.clear();
    }
    Vec::from(kept).join(" / ")
}

/// Serves as a child: reads the request, lets `body` answer it, and returns the exit code of the process.
pub fn serve<R: DeserializeOwned, A: Serialize>(
    body: impl FnOnce(R, &mut dyn FnMut(&A)) -> anyhow::Result<()>,
) -> u8 {
    match try_serve(body) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    }
}

fn try_serve<R: DeserializeOwned, A: Serialize>(
    body: impl FnOnce(R, &mut dyn FnMut(&A)) -> anyhow::Result<()>,
) -> std::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let mut output = File::from(rustix::io::dup(rustix::stdio::stdout())?);
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    let mut write = |line: &Line<&A>| {
        let mut bytes = serde_json::to_vec(line).expect("an answer is plain data");
        bytes.push(b'\n');
        output.write_all(&bytes)
    };
    let mut request = Vec::new();
    std::io::stdin().read_to_end(&mut request)?;
    let request = serde_json::from_slice(&request)?;
    let mut lost = Ok(());
    let answer = body(request, &mut |answer| {
        if lost.is_ok() {
            lost = write(&Line::Answer(answer));
        }
    });
    lost?;
    match answer {
        Ok(()) => Ok(()),
        Err(error) => write(&Line::Error(format!("{error:#}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_described() {
        let table = [
            (0x0100, "ended with exit code 1"),
            (11, "was ended by signal 11 (segmentation fault)"),
            (15, "was ended by signal 15"),
        ];
        for (status, text) in table {
            assert_eq!(describe(ExitStatus::from_raw(status)), text);
        }
    }

    #[test]
    fn the_last_lines_are_kept() {
        let text: String = (0..9).map(|line| format!("line {line}\n\n")).collect();
        assert_eq!(
            last_lines(text.as_bytes()),
            "line 4 / line 5 / line 6 / line 7 / line 8"
        );
        assert_eq!(last_lines(&b"\xff"[..]), "\u{fffd}");
    }
}
