//! The record of a run: what was measured, where, and the samples, as it stands in a results or baseline file.
//!
//! The types are the format: serde reads and writes them, and the JSON Schema is generated from them. What is derived
//! from samples is derived in one place, [`Derived`]; judging two records is not done here.

mod baselines;
pub(crate) mod derived;
mod error;
mod files;
mod legacy;
mod load;
mod locate;
mod merge;
mod results;
mod schema;
mod selection;
mod shard;
mod source;
mod validate;
mod write;

pub use baselines::{Baselines, Chosen, DEFAULT as DEFAULT_BASELINE};
pub use derived::{Derived, round_sample_ns};
pub use error::Error;
pub use files::{create as create_file, replace as replace_file};
pub use load::{load, parse, read};
pub(crate) use merge::difference;
pub use merge::{MergeError, merge};
pub(crate) use results::{PARTIAL, ahead_of};
pub use results::{newest, write_new, write_partial};
pub use schema::schema;
pub use selection::{SelectionError, Selector};
pub use shard::Shard;
pub(crate) use source::Source;
pub(crate) use validate::Step;
pub use write::{to_json, write};

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
    /// When the run began, of merged ones the last: RFC 3339, UTC, wall clock; the Unix epoch where that is unknown.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// Whether that tree had uncommitted changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_dirty: Option<bool>,
    /// The widest instruction set in use, for instance `avx512`.
    pub isa: String,
    /// The hypervisor, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hypervisor: Option<String>,
    /// CPUs that the system has.
    pub logical_cpus: u32,
    /// CPUs that the run was allowed to use.
    pub allowed_cpus: Vec<u32>,
    /// The type of core that benchmarks of one thread ran on, as Linux calls it, where the CPU has several: `core` or `atom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub core_type: Option<String>,
    /// CPUs' worth of time that control groups grant, where they limit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_quota: Option<f64>,
    /// Memory of the machine, in 10^6 bytes.
    pub memory_mb: f64,
    /// What makes two hosts comparable: a hash over CPU model, instruction set, number of CPUs and type of core. Empty: unknown.
    pub host: String,
}

/// One benchmark of a run.
///
/// The derived numbers are absent where the benchmark failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Unique in its record.
    pub name: String,
    /// The suite that it belongs to.
    #[serde(default)]
    pub suite: String,
    /// One sentence.
    pub description: String,
    /// The type of element that the operation is about.
    #[serde(default)]
    pub dtype: String,
    /// The dimensions of the problem.
    #[serde(default)]
    pub shape: Vec<usize>,
    /// The implementation that ran.
    #[serde(default)]
    pub implementation: String,
    /// Threads that it used.
    #[serde(default)]
    pub threads: u32,
    /// Whether it was measured.
    #[serde(default)]
    pub status: Status,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The location that the gate uses, ms an iteration: the median over processes of each process's minimum.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "f64")]
    pub duration_ms: Option<f64>,
    /// Items a second at `duration_ms`.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "f64")]
    pub throughput: Option<f64>,
    /// What the declared buffers hold, in 10^6 bytes.
    pub memory_mb: f64,
    /// Iterations timed, over all processes.
    pub iterations: u64,
    /// What lies behind `duration_ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// The work of one iteration.
    #[serde(default)]
    pub work: Work,
    /// The samples, process by process.
    #[serde(default)]
    pub processes: Vec<Process>,
}

/// Whether a benchmark was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Measured, and its result agreed with the reference.
    #[default]
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
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "f64")]
    pub gflops: Option<f64>,
    /// 10^9 bytes read and written a second at `duration_ms`, where any are declared.
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "f64")]
    pub gbps: Option<f64>,
}

/// The work of one iteration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
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
    /// ns an iteration, in the order in which they were taken, rounded to 0.001 ns.
    pub samples_ns: Vec<f64>,
    /// Iterations in each sample.
    #[serde(default)]
    pub iterations_per_sample: u64,
    /// The CPU that it was seen on after pinning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<u32>,
    /// Whether it was pinned.
    #[serde(default)]
    pub pinned: bool,
    /// The scheduling priority that was achieved, for instance `normal`.
    #[serde(default)]
    pub priority: String,
    /// Whether the buffers lie in huge pages.
    #[serde(default)]
    pub huge_pages: bool,
    /// Times that the scheduler took the CPU away while samples were taken.
    #[serde(default)]
    pub involuntary_switches: u64,
    /// Time that the hypervisor took from all CPUs meanwhile.
    #[serde(default)]
    pub steal_ms: f64,
    /// The most memory that was resident, in 10^6 bytes.
    #[serde(default)]
    pub peak_rss_mb: f64,
}

/// How a run was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Metadata {
    /// Measured with `--quick`: too short for a baseline.
    pub quick: bool,
    /// Why the run stopped before it was complete.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// When the run was gone on with after it had been cut short, each time; empty for a run in one piece.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resumed: Vec<Timestamp>,
    /// When the runs began of which this is merged; empty for one run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<Timestamp>,
    /// The other tool whose results these are; absent where this harness measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
    /// Why a baseline that is slower than the one before was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_regression: Option<String>,
}

/// What a run was asked to measure; empty is everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Selection {
    /// Names of suites.
    pub suites: Vec<String>,
    /// A regular expression on names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Part `i` of `n`, as `i/n`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The names of which the shard is a part, in the order of the suites; empty without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<String>,
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

impl Record {
    /// Whether it is of version 1: no samples, no host, and its `throughput` is not known to be items over duration.
    pub fn is_legacy(&self) -> bool {
        self.version.starts_with("1.")
    }

    /// The benchmark of this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.benchmarks.iter().find(|entry| entry.name == name)
    }
}

impl Entry {
    /// Takes the samples of a measurement: rounds them, and sets everything that is derived from them.
    ///
    /// Without a single sample the derived fields stay absent.
    pub fn set_processes(&mut self, mut processes: Vec<Process>) {
        for sample in processes
            .iter_mut()
            .flat_map(|process| &mut process.samples_ns)
        {
            *sample = round_sample_ns(*sample);
        }
        let derived = Derived::from_processes(&processes, &self.work);
        self.iterations = derived.as_ref().map_or(0, |derived| derived.iterations);
        self.duration_ms = derived.as_ref().map(|derived| derived.duration_ms);
        self.throughput = derived.as_ref().and_then(|derived| derived.throughput);
        self.summary = derived.map(|derived| derived.summary);
        self.processes = processes;
    }
}

/// Reads a field that may be absent but, where it is present, must hold a value: `null` is an error.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
