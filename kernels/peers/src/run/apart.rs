//! Each candidate in a process of its own: for several threads, whose workers may go on spinning after a call.
//!
//! A process is stopped (SIGSTOP) but while it takes its sample, so that nobody's workers take the CPUs of another's. Samples are still taken
//! in turn, in an order drawn anew each round. Each process has buffers of its own, with the same contents.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, bail, ensure};
use harness::random::Random;
use peers::request::Request;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::de::DeserializeOwned;

use super::serve::Order;
use super::{Failure, Measured, Plan, command};

/// Measures each of `known`, which one process found and checked, where it did not fail.
pub fn measure(
    plan: &Plan,
    request: &Request,
    known: &[Measured],
) -> anyhow::Result<Vec<Measured>> {
    let mut names: Vec<&str> = Vec::new();
    for one in known.iter().filter(|one| one.failure.is_none()) {
        if !names.contains(&one.candidate.as_str()) {
            names.push(&one.candidate);
        }
    }
    let mut servers = Vec::new();
    for name in names {
        servers.push(Server::start(plan, request, name)?);
    }
    let mut random = Random::new(plan.seed, plan.process);
    let mut measured = Vec::new();
    for case in 0..request.cases.len() {
        let of_case = known.iter().filter(|one| one.case == case);
        let mut rows: Vec<Measured> = of_case.cloned().collect();
        let mut order = Vec::new();
        for (row, one) in rows.iter_mut().enumerate() {
            let server = servers
                .iter()
                .position(|server| server.name == one.candidate);
            let (None, Some(server)) = (&one.failure, server) else {
                continue;
            };
            match servers[server].ask::<()>(Order::Case(case))? {
                Ok(()) => order.push((row, server)),
                Err(why) => one.failure = Some(Failure::Absent(why)),
            }
        }
        for _ in 0..plan.rounds {
            random.shuffle(&mut order);
            for &(row, server) in &order {
                match servers[server].ask(Order::Sample)? {
                    Ok(ns) => rows[row].samples_ns.push(ns),
                    Err(why) => rows[row].failure = Some(Failure::Absent(why)),
                }
            }
        }
        measured.extend(rows);
    }
    Ok(measured)
}

/// A process with one candidate, stopped but while it answers; ended when dropped.
struct Server {
    name: String,
    process: Child,
    group: Pid,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(plan: &Plan, request: &Request, name: &str) -> anyhow::Result<Server> {
        let plan = Plan {
            serve: Some(name.to_owned()),
            ..plan.clone()
        };
        // A group of its own, for it may have a child: Python.
        let mut process = command(&plan, request)?
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("starting a process that measures")?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("a process has no pipes");
        };
        Ok(Server {
            name: name.to_owned(),
            group: Pid::from_child(&process),
            process,
            input,
            output: BufReader::new(output),
        })
    }

    /// Wakes the process, and stops it when it has answered.
    fn ask<T: DeserializeOwned>(&mut self, order: Order) -> anyhow::Result<Result<T, String>> {
        kill_process_group(self.group, Signal::CONT)?;
        writeln!(self.input, "{}", serde_json::to_string(&order)?)?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "the process of {} ended", self.name);
        kill_process_group(self.group, Signal::STOP)?;
        serde_json::from_str(&line).with_context(|| format!("what {} answered", self.name))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; stopped or not, it ends by this.
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.process.wait();
    }
}
