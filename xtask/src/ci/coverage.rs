//! The tests, and how many lines they run: cargo-llvm-cov with the LLVM tools of rustc's own version.
//!
//! Kernels, and the suites made of them, are not counted: with counters in their loops, their tests take ten times as long.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use xshell::{Shell, cmd};

use super::sanitized::TRIPLE;
use super::tools;
use crate::workspace::{Workspace, cargo};

/// Runs all tests; where the tools are, those of all packages that are counted in a build with counters, and then the others.
pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    let cargo = cargo();
    let Some(tools) = llvm_tools(shell)? else {
        return Ok(cmd!(shell, "{cargo} test --quiet --workspace").run()?);
    };
    let lines = counted(workspace, shell, tools)?;
    for (part, lines) in &lines {
        eprintln!("line coverage of {part}: {lines}");
    }
    eprintln!("line coverage: {}", lines.values().copied().sum::<Lines>());
    Ok(cmd!(
        shell,
        "{cargo} test --quiet --package kernels --package suites"
    )
    .run()?)
}

/// Runs the tests of all packages but kernels and suites in a build with counters, and returns what they count.
fn counted(
    workspace: &Workspace,
    shell: &Shell,
    [cov, profdata]: [OsString; 2],
) -> Result<BTreeMap<String, Lines>> {
    let cargo = cargo();
    let target = workspace.target().join("coverage");
    // Named, they are not fetched through rustup.
    let _tools = [("LLVM_COV", &cov), ("LLVM_PROFDATA", &profdata)]
        .map(|(name, tool)| shell.push_env(name, tool));
    let _target = shell.push_env("CARGO_TARGET_DIR", &target);
    cmd!(shell, "{cargo} llvm-cov clean --profraw-only").run()?;
    let settings = cmd!(shell, "{cargo} llvm-cov show-env --no-cfg-coverage")
        .quiet()
        .read()?;
    let _settings: Vec<_> = settings
        .lines()
        .filter_map(setting)
        .map(|(name, value)| shell.push_env(name, value))
        .collect();
    cmd!(
        shell,
        "{cargo} test --quiet --workspace --exclude kernels --exclude suites"
    )
    .run()?;
    // Tests kill processes, whose counters are then cut off.
    let report = cmd!(
        shell,
        "{cargo} llvm-cov report --json --summary-only --failure-mode all"
    )
    .read()?;
    let report: Value = serde_json::from_str(&report).context("the report is not JSON")?;
    lines(&report, &workspace.root).context("the report has another form")
}

/// llvm-cov and llvm-profdata of the compiler's own version, for cargo-llvm-cov: the toolchain's, where it has them, or the system's.
fn llvm_tools(shell: &Shell) -> Result<Option<[OsString; 2]>> {
    const TOOLS: [&str; 2] = ["llvm-cov", "llvm-profdata"];
    if !tools::present("cargo-llvm-cov", "cargo-llvm-cov (cargo)")? {
        return Ok(None);
    }
    let sysroot = cmd!(shell, "rustc --print sysroot").quiet().read()?;
    let own = Path::new(&sysroot)
        .join("lib/rustlib")
        .join(TRIPLE)
        .join("bin");
    if TOOLS.iter().all(|tool| own.join(tool).is_file()) {
        return Ok(Some(TOOLS.map(|tool| own.join(tool).into())));
    }
    let version = cmd!(shell, "rustc --version --verbose").quiet().read()?;
    let llvm = llvm_version(&version).context("rustc tells no version of LLVM")?;
    let named = TOOLS.map(|tool| format!("{tool}-{llvm}"));
    for name in &named {
        if !tools::present(name, &format!("llvm-{llvm} (apt)"))? {
            return Ok(None);
        }
    }
    Ok(Some(named.map(OsString::from)))
}

/// The major version of LLVM that `rustc --version --verbose` tells.
fn llvm_version(rustc: &str) -> Option<&str> {
    let version = rustc
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()
}

/// A variable as cargo-llvm-cov prints it for a shell: `NAME=VALUE` or `NAME='VALUE'`.
fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let quoted = value
        .strip_prefix('\'')
        .and_then(|value| value.strip_suffix('\''));
    Some((name, quoted.unwrap_or(value)))
}

/// Lines that hold code, and those that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Lines {
    all: u64,
    ran: u64,
}

impl std::iter::Sum for Lines {
    fn sum<I: Iterator<Item = Lines>>(lines: I) -> Lines {
        lines.fold(Lines::default(), |sum, lines| Lines {
            all: sum.all + lines.all,
            ran: sum.ran + lines.ran,
        })
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lines { all, ran } = self;
        write!(
            f,
            "{:.1} % ({ran} of {all})",
            100.0 * *ran as f64 / (*all).max(1) as f64
        )
    }
}

/// The lines of each crate, by its folder, from a report of llvm-cov.
fn lines(report: &Value, root: &Path) -> Option<BTreeMap<String, Lines>> {
    let mut crates = BTreeMap::<String, Lines>::new();
    for file in report["data"][0]["files"].as_array()? {
        let path = Path::new(file["filename"].as_str()?)
            .strip_prefix(root)
            .ok()?;
        if path.starts_with("kernels") {
            continue;
        }
        // Of a path such as harness/abi/src/raw.rs: what stands before src, tests or examples.
        let parts = path.iter().map(|part| part.to_string_lossy());
        let folder: Vec<_> = parts
            .take_while(|part| !matches!(&**part, "src" | "tests" | "examples" | "benches"))
            .collect();
        let counts = &file["summary"]["lines"];
        let lines = Lines {
            all: counts["count"].as_u64()?,
            ran: counts["covered"].as_u64()?,
        };
        let sum = crates.entry(folder.join("/")).or_default();
        *sum = [*sum, lines].into_iter().sum();
    }
    Some(crates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_tools_print_is_read() {
        let rustc = "rustc 1.95.0 (5 2026)\nhost: x86_64\nLLVM version: 22.1.2";
        assert_eq!(llvm_version(rustc), Some("22"));
        assert_eq!(llvm_version("rustc 1.95.0"), None);
        let table = [
            ("A=1", Some(("A", "1"))),
            ("A='b c=d'", Some(("A", "b c=d"))),
            ("info: a word", None),
        ];
        for (line, wanted) in table {
            assert_eq!(setting(line), wanted, "{line}");
        }
    }

    #[test]
    fn lines_are_counted_by_crate() {
        let file = |name: &str, count: u64, covered: u64| {
            let lines = json!({ "count": count, "covered": covered });
            json!({ "filename": format!("/w/{name}"), "summary": { "lines": lines } })
        };
        let files = [
            file("harness/abi/src/raw.rs", 10, 5),
            file("harness/src/a/b.rs", 100, 90),
            file("harness/tests/run.rs", 100, 100),
            file("kernels/src/add.rs", 100, 0),
        ];
        let counted = lines(&json!({ "data": [{ "files": files }] }), Path::new("/w")).unwrap();
        let shown: Vec<_> = counted
            .iter()
            .map(|(name, lines)| format!("{name} {lines}"))
            .collect();
        assert_eq!(
            shown,
            [
                "harness 95.0 % (190 of 200)",
                "harness/abi 50.0 % (5 of 10)"
            ]
        );
        assert_eq!(
            counted.into_values().sum::<Lines>(),
            Lines { all: 210, ran: 195 }
        );
        assert_eq!(lines(&json!({}), Path::new("/w")), None);
    }
}
