//! Where records are kept: `results/` and `baselines/` under the folder that the environment variable `BENCH_HOME`
//! names, else under the current folder. `cargo xtask` sets it, so that a run from a sub-folder finds the workspace's.

use std::path::PathBuf;

/// The folder of timestamped records.
pub fn results() -> PathBuf {
    under("results")
}

/// The folder of baselines.
pub fn baselines() -> PathBuf {
    under("baselines")
}

fn under(folder: &str) -> PathBuf {
    match std::env::var_os("BENCH_HOME") {
        Some(home) if !home.is_empty() => PathBuf::from(home).join(folder),
        _ => PathBuf::from(folder),
    }
}
