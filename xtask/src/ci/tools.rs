//! The programs that checks call.

use anyhow::{Result, bail};

/// Whether `program` is on the path; `package` is what installs it.
///
/// # Errors
/// Where it is missing and the environment says `CI=true`.
pub(super) fn present(program: &str, package: &str) -> Result<bool> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
        return Ok(true);
    }
    if std::env::var_os("CI").is_some_and(|ci| ci == "true") {
        bail!("{program} is missing: install {package}");
    }
    eprintln!("warning: not checked, for {program} is missing: install {package}");
    Ok(false)
}
