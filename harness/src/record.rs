//! The record of a run: what was measured, where, and the samples, as it stands in a results or baseline file.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the format that this crate writes.
pub const VERSION: &str = "2.0.0";

/// One run, as a file holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// The version of the format, [`VERSION`].
    pub version: String,
    /// When the run began: RFC 3339, UTC, wall clock.
    pub timestamp: Timestamp,
    /// Where it ran.
    pub environment: Environment,
    /// What was measured, in the order of the suites.
    pub benchmarks: Vec<Entry>,
    /// How it ran.
    pub metadata: Metadata,
}

/// The host and the tools of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Environment {
    /// Operating system and kernel release.
    pub os: String,
    /// The CPU's brand.
    pub cpu: String,
    /// The compiler of the first measured library.
    pub rust_version: String,
    /// The commit of the source tree that the run started in.
    pub git_commit: Option<String>,
    /// Whether that tree had uncommitted changes.
    pub git_dirty: Option<bool>,
    /// The widest instruction set in use, for instance `avx512`.
    pub isa: String,
    /// The hypervisor, where there is one.
    pub hypervisor: Option<String>,
    /// CPUs that the system has.
    pub logical_cpus: u32,
    /// CPUs that the run was allowed to use.
    pub allowed_cpus: Vec<u32>,
    /// Memory of the machine, in 10^6 bytes.
    pub memory_mb: f64,
    /// What makes two hosts comparable: a hash over CPU model, instruction set and number of CPUs. Empty: unknown.
    pub host: String,
}

/// One benchmark of a run.
///
/// The derived numbers are absent where the benchmark failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Unique in its record.
    pub name: String,
    /// The suite that it belongs to.
    pub suite: String,
    /// One sentence.
    pub description: String,
    /// The type of element that the operation is about.
    pub dtype: String,
    /// The dimensions of the problem.
    pub shape: Vec<usize>,
    /// The implementation that ran.
    pub implementation: String,
    /// Threads that it used.
    pub threads: u32,
    /// Whether it was measured.
    pub status: Status,
    /// Why it failed.
    pub error: Option<String>,
    /// The location that the gate uses, ms an iteration: the median over processes of each process's minimum.
    pub duration_ms: Option<f64>,
    /// Items a second at `duration_ms`.
    pub throughput: Option<f64>,
    /// What the declared buffers hold, in 10^6 bytes.
    pub memory_mb: f64,
    /// Iterations timed, over all processes.
    pub iterations: u64,
    /// What lies behind `duration_ms`.
    pub summary: Option<Summary>,
    /// The work of one iteration.
    pub work: Work,
    /// The samples, process by process.
    pub processes: Vec<Process>,
}

/// Whether a benchmark was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Measured, and its result agreed with the reference.
    Ok,
    /// Not measured, or its result was wrong.
    Failed,
}

/// Numbers derived from the samples; a loader computes them again and refuses a mismatch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// The mean of all samples.
    pub mean_ms: f64,
    /// Their median.
    pub median_ms: f64,
    /// The least.
    pub min_ms: f64,
    /// The greatest.
    pub max_ms: f64,
    /// Their 5th percentile.
    pub p05_ms: f64,
    /// Their 25th percentile.
    pub p25_ms: f64,
    /// Their 75th percentile.
    pub p75_ms: f64,
    /// Their 95th percentile.
    pub p95_ms: f64,
    /// Their 99th percentile.
    pub p99_ms: f64,
    /// Greatest over least of the processes' medians, less one, in percent.
    pub spread_percent: f64,
    /// Whether the spread is more than 5 %.
    pub noisy: bool,
    /// 10^9 floating-point operations a second at `duration_ms`, where any are declared.
    pub gflops: Option<f64>,
    /// 10^9 bytes read and written a second at `duration_ms`, where any are declared.
    pub gbps: Option<f64>,
}

/// The work of one iteration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    /// Floating-point operations; a fused multiply-add is two.
    pub flops: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Items, of which `throughput` is the rate.
    pub items: u64,
    /// What an item is, in the plural.
    pub item: String,
}

/// One launch: its samples, and the circumstances that were achieved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Process {
    /// ns an iteration, in the order in which they were taken.
    pub samples_ns: Vec<f64>,
    /// Iterations in each sample.
    pub iterations_per_sample: u64,
    /// The CPU that it was seen on after pinning.
    pub cpu: Option<u32>,
    /// Whether it was pinned.
    pub pinned: bool,
    /// The scheduling priority that was achieved, for instance `normal`.
    pub priority: String,
    /// Whether the buffers lie in huge pages.
    pub huge_pages: bool,
    /// Times that the scheduler took the CPU away while samples were taken.
    pub involuntary_switches: u64,
    /// Time that the hypervisor took from all CPUs meanwhile.
    pub steal_ms: f64,
    /// The most memory that was resident, in 10^6 bytes.
    pub peak_rss_mb: f64,
}

/// How a run was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Metadata {
    /// Measured with `--quick`: too short for a baseline.
    pub quick: bool,
    /// Why the run stopped before it was complete.
    pub partial: Option<String>,
    /// What was asked for.
    pub selection: Selection,
    /// The seed of orders and of buffers.
    pub seed: u64,
    /// Processes that were asked for, for each benchmark.
    pub processes: u32,
    /// How long the run took.
    pub elapsed_ms: f64,
    /// The libraries that were measured.
    pub libraries: Vec<Library>,
    /// The version of the harness.
    pub harness_version: String,
    /// Why a baseline that is slower than the one before was accepted.
    pub accepted_regression: Option<String>,
}

/// What a run was asked to measure; empty is everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Selection {
    /// Names of suites.
    pub suites: Vec<String>,
    /// A regular expression on names.
    pub filter: Option<String>,
    /// Part `i` of `n`, as `i/n`.
    pub shard: Option<String>,
}

/// A shared object that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Library {
    /// The file's name, without its folder.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal; empty where the suites are linked in.
    pub sha256: String,
    /// The library's own build information.
    pub build: serde_json::Map<String, serde_json::Value>,
}
