//! Processes that measure, one after the other.

mod apart;
mod candidate;
pub mod child;
mod disturbance;
pub mod install;
mod python;
pub mod report;
mod serve;
mod shims;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use peers::request::{Request, VARIABLE};
use serde::{Deserialize, Serialize};

/// What a process is to do, beside the request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// The shared objects of the candidates.
    pub libraries: Vec<PathBuf>,
    /// Names of candidates; empty for all.
    pub only: Vec<String>,
    /// Rounds over the candidates.
    pub rounds: u32,
    /// Of the order of candidates and the contents of buffers.
    pub seed: u64,
    /// Counted from 0; the first checks results.
    pub process: u64,
    /// Where it may run, as many as there are threads.
    pub cpus: Vec<u32>,
    /// The one candidate that it measures when told to; none for all in turn.
    pub serve: Option<String>,
}

/// What one process measured of one candidate on one case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    /// Its place among the cases.
    pub case: usize,
    /// The candidate.
    pub candidate: String,
    /// Floating-point operations of an iteration.
    pub flops: u64,
    /// Bytes that an iteration reads and writes.
    pub bytes: u64,
    /// A sample a round, in ns for an iteration; empty where `failure` is not.
    pub samples_ns: Vec<f64>,
    /// Why there are none.
    pub failure: Option<Failure>,
}

/// Why a candidate was not measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    /// It is not here, or does not do this.
    Absent(String),
    /// Its result is not that of the reference.
    Wrong(String),
}

/// From this many busy CPUs of others on it is said.
const DISTURBED: f64 = 0.05;

/// Starts `count` processes, and gathers what they measured.
pub fn processes(
    plan: &Plan,
    request: &Request,
    count: u64,
    show: bool,
) -> anyhow::Result<Vec<Measured>> {
    shims::compile().context("the folder of the shims")?;
    let since = disturbance::Since::now();
    let (mut known, mut measured) = (Vec::new(), Vec::new());
    for process in 0..count {
        if show {
            eprintln!("process {} of {count}", process + 1);
        }
        let plan = Plan {
            process,
            ..plan.clone()
        };
        if request.threads == 1 {
            measured.extend(together(&plan, request)?);
            continue;
        }
        // One process finds the candidates and checks them all, and measures nothing.
        if process == 0 {
            let plan = Plan {
                rounds: 0,
                ..plan.clone()
            };
            known = together(&plan, request)?;
        }
        // What was checked is not checked again.
        let plan = Plan {
            process: process + 1,
            ..plan
        };
        measured.extend(apart::measure(&plan, request, &known)?);
    }
    if let Some(others) = since.and_then(|since| since.others())
        && others > DISTURBED
    {
        eprintln!(
            "note: other programs kept {others:.2} CPUs busy meanwhile; the figures are of a disturbed machine"
        );
    }
    Ok(measured)
}

/// One process that does what `plan` says of all candidates.
fn together(plan: &Plan, request: &Request) -> anyhow::Result<Vec<Measured>> {
    let output = command(plan, request)?
        .output()
        .context("starting a process that measures")?;
    ensure!(
        output.status.success(),
        "a process that measures ended with {}",
        output.status
    );
    serde_json::from_slice(&output.stdout).context("what a process measured")
}

fn command(plan: &Plan, request: &Request) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--child").arg(serde_json::to_string(plan)?);
    command.env(VARIABLE, serde_json::to_string(request)?);
    let folders = install::folders().into_iter().chain([shims::folder()]);
    command.env("PEERS_TOOLS", std::env::join_paths(folders)?);
    // A machine's owner may have pinned these for other programs; here each library is to do its best.
    command
        .env_remove("OPENBLAS_CORETYPE")
        .env_remove("OPENBLAS_L2_SIZE");
    if std::env::var_os("BLIS_ARCH_TYPE").is_none() && is_amd() {
        // BLIS 0.9 takes its slowest kernels on any CPU that is younger than itself.
        command.env("BLIS_ARCH_TYPE", "zen3");
    }
    for threads in [
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "RAYON_NUM_THREADS",
        "MATMUL_NUM_THREADS",
    ] {
        command.env(threads, request.threads.to_string());
    }
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    Ok(command)
}

/// Whether AMD made the CPU.
fn is_amd() -> bool {
    std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains("AuthenticAMD"))
}
