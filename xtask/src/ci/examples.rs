//! Follows docs/own-repository.md from an empty folder: its commands are run, and what it shows of files stands in them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use xshell::{Shell, cmd};

use super::tools;

const PAGE: &str = "docs/own-repository.md";
const FOLDER: &str = "harness/examples";
/// The step that can't be taken here, and what stands for it.
const CLONE: &str = "git clone <the repository> benchmarks";
/// Three times the page makes a kernel slower, and sees the gate fail.
const FAILING_GATES: usize = 3;

pub(super) fn run(shell: &Shell) -> Result<()> {
    if !tools::present("gcc", "gcc (apt)")? {
        return Ok(());
    }
    let page = shell.read_file(PAGE)?;
    shown(shell, &page)?;
    // Outside of the source tree, or cargo would take the new package for a part of it.
    let folder = tempfile::tempdir()?;
    let script = script(&page, &shell.current_dir())?;
    let away = Shell::new()?;
    away.change_dir(folder.path());
    let path = std::env::var("PATH").unwrap_or_default();
    let installed = folder.path().join("installed");
    let path = format!("{}:{path}", installed.join("bin").display());
    let output = cmd!(away, "bash -c {script}")
        .env("PATH", path)
        .env("CARGO_INSTALL_ROOT", installed)
        .env("RUSTFLAGS", "-D warnings")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("BENCH_HOME")
        .quiet()
        .read()
        .with_context(|| format!("a command of {PAGE} failed"))?;
    let failed = output.lines().filter(|line| *line == "exit code 1").count();
    ensure!(
        failed == FAILING_GATES,
        "{PAGE}: {failed} gates failed, {FAILING_GATES} should:\n{output}"
    );
    Ok(())
}

/// The page's commands as one script, with the versions of dependencies that are locked here.
fn script(page: &str, root: &Path) -> Result<String> {
    let commands = blocks(page, "sh").concat();
    ensure!(
        commands.contains(CLONE),
        "{PAGE} does not begin with `{CLONE}`"
    );
    let link = format!("ln -s '{}' benchmarks", root.display());
    let locked = "cd my-kernel\ncp ../benchmarks/Cargo.lock .\n";
    let commands = commands
        .replace(CLONE, &link)
        .replace("cd my-kernel\n", locked);
    Ok(format!("set -euxo pipefail\n{commands}"))
}

/// Every piece of a file that the page shows stands in an example, and so does what it appends to Cargo.toml.
fn shown(shell: &Shell, page: &str) -> Result<()> {
    let mut files = String::new();
    for file in [
        "rust-kernel/Cargo.toml",
        "rust-kernel/benches/suites.rs",
        "rust-kernel/examples/suites.rs",
        "rust-kernel/src/lib.rs",
        "c-kernel/kernel.c",
        "c-kernel/suite.c",
    ] {
        files.push_str(&shell.read_file(Path::new(FOLDER).join(file))?);
    }
    let commands = blocks(page, "sh").concat();
    let appended = commands.split("<<'EOF'\n").skip(1);
    let appended = appended.filter_map(|rest| Some(rest.split_once("EOF\n")?.0));
    let pieces = ["rust", "c"]
        .map(|language| blocks(page, language))
        .concat();
    for piece in pieces.into_iter().chain(appended) {
        ensure!(
            files.contains(piece),
            "{PAGE} shows what stands in no file under {FOLDER}:\n{piece}"
        );
    }
    Ok(())
}

/// The contents of a page's blocks of `language`.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let start = format!("\n```{language}\n");
    let blocks = page.split(&start).skip(1);
    blocks
        .filter_map(|rest| Some(&rest[..rest.find("\n```\n")? + 1]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_a_language_are_found() {
        let page = "# A\n\n```sh\na\nb\n```\n\n```c\nint c;\n```\ntext\n```sh\nd\n```\n";
        assert_eq!(blocks(page, "sh"), ["a\nb\n", "d\n"]);
        assert_eq!(blocks(page, "c"), ["int c;\n"]);
        assert!(blocks(page, "rust").is_empty());
    }

    #[test]
    fn a_script_takes_this_tree_and_its_versions() {
        let page = "\n```sh\ngit clone <the repository> benchmarks\ncd my-kernel\nls\n```\n";
        let wanted = "set -euxo pipefail\nln -s '/x y' benchmarks\ncd my-kernel\ncp ../benchmarks/Cargo.lock .\nls\n";
        assert_eq!(script(page, Path::new("/x y")).unwrap(), wanted);
        assert!(script("\n```sh\nls\n```\n", Path::new("/x")).is_err());
    }
}
