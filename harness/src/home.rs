//! Where records are kept: `results/` and `baselines/` under the folder that the environment variable `BENCH_HOME`
//! names; in `cargo bench`, which starts programs in their package's folder, under that of the workspace; else under the
//! current folder. `cargo xtask` sets `BENCH_HOME`, so that a run from a sub-folder finds the workspace's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of timestamped records.
pub fn results() -> PathBuf {
    under("results")
}

/// The folder of baselines.
pub fn baselines() -> PathBuf {
    under("baselines")
}

fn under(folder: &str) -> PathBuf {
    static WORKSPACE: OnceLock<Option<PathBuf>> = OnceLock::new();
    if let Some(home) = named("BENCH_HOME") {
        return PathBuf::from(home).join(folder);
    }
    match WORKSPACE.get_or_init(workspace) {
        Some(root) => root.join(folder),
        None => PathBuf::from(folder),
    }
}

/// The root of the workspace, where cargo started this program in the folder of a package: cargo is asked, which knows.
fn workspace() -> Option<PathBuf> {
    let (cargo, package) = (named("CARGO")?, named("CARGO_MANIFEST_DIR")?);
    // Whoever was started by cargo in turn has the variables too, but stands where its caller put it.
    let here = std::env::current_dir().ok()?;
    if Path::new(&package).canonicalize().ok()? != here {
        return None;
    }
    let located = Command::new(cargo)
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .output()
        .ok()
        .filter(|located| located.status.success())?;
    let manifest = String::from_utf8(located.stdout).ok()?;
    let root = Path::new(manifest.trim_end()).parent()?;
    // In a package of its own, paths stay short.
    (root != here).then(|| root.to_owned())
}

/// A variable of the environment that is not empty.
fn named(variable: &str) -> Option<OsString> {
    std::env::var_os(variable).filter(|value| !value.is_empty())
}
