//! The C compiler.

use std::path::PathBuf;
use std::process::Command;

/// Compiles the shared object `library` by `arguments`; nothing, with a warning, where there is no compiler and the environment does
/// not say CI=true.
pub(crate) fn shared_object(library: PathBuf, arguments: &[&str]) -> Option<PathBuf> {
    let mut gcc = Command::new("gcc");
    gcc.args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]);
    match gcc.args(arguments).arg("-o").arg(&library).output() {
        Ok(output) => {
            let messages = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{messages}");
            Some(library)
        }
        Err(error) => {
            let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!ci, "gcc is missing ({error}): install gcc");
            eprintln!("not tested, for gcc is missing: {error}");
            None
        }
    }
}
