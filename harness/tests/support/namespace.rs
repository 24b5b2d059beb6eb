//! Commands that see another machine: file systems that are mounted for them alone.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the shell's `script` on `arguments` in `folder`, where it may mount; nothing, with a warning, where the system forbids
/// that and the environment does not say CI=true.
pub(crate) fn run(folder: &Path, script: &str, arguments: &[&str]) -> Option<Output> {
    let user: &[&str] = if rustix::process::geteuid().is_root() {
        &[]
    } else {
        &["--user", "--map-root-user"]
    };
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(user).args(["--mount", "sh", "-c"]);
        command.current_dir(folder);
        command
    };
    let probe = unshare().arg("mount -t tmpfs none .").output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!ci, "CI must be able to mount");
        eprintln!("not tested: this user may not mount");
        return None;
    }
    let mut command = unshare();
    command.args([script, "sh"]).args(arguments);
    Some(command.env("BENCH_HOME", folder).output().unwrap())
}
