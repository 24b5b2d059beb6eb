//! The compiler's flags for what is measured and packed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Functions start at 2^6 bytes, a cache line, so that linking moves none within one.
///
/// Blocks within a function are left where the compiler has them: with those aligned too, copies of the product of 100² differed among
/// themselves by a third more.
const LAYOUT: &str = "-Cllvm-args=-align-all-functions=6";

/// The user's own flags and then ours, as cargo takes them in `CARGO_ENCODED_RUSTFLAGS`.
///
/// The environment alone counts as the user's: flags in cargo's configuration files do not reach what is measured.
pub(super) fn encoded(root: &Path, target: &Path) -> Result<String> {
    let mut flags = users(
        std::env::var("CARGO_ENCODED_RUSTFLAGS").ok().as_deref(),
        std::env::var("RUSTFLAGS").ok().as_deref(),
    );
    flags.extend(remaps(root, target, &cargo_home()?));
    flags.push(LAYOUT.to_owned());
    Ok(flags.join("\u{1f}"))
}

/// The flags of the environment, by cargo's own rule: the encoded form outranks the plain one.
fn users(encoded: Option<&str>, plain: Option<&str>) -> Vec<String> {
    let words: Vec<&str> = match (encoded, plain) {
        (Some(encoded), _) => encoded.split('\u{1f}').collect(),
        (None, Some(plain)) => plain.split_whitespace().collect(),
        (None, None) => Vec::new(),
    };
    words
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Takes this machine's folders out of messages and debug information. The last match counts, so the innermost folder stands last.
fn remaps(root: &Path, target: &Path, cargo_home: &Path) -> [String; 3] {
    [
        (root, "/benchmarks"),
        (target, "/target"),
        (cargo_home, "/cargo"),
    ]
    .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
}

fn cargo_home() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .context("neither CARGO_HOME nor HOME is set: set one, so that paths can be kept out of the build")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_flags_come_by_cargos_rule() {
        let table: [(Option<&str>, Option<&str>, &[&str]); 5] = [
            (None, None, &[]),
            (None, Some(" -C  opt-level=2 "), &["-C", "opt-level=2"]),
            (
                Some("--cfg\u{1f}feature=\"a b\""),
                Some("-g"),
                &["--cfg", "feature=\"a b\""],
            ),
            (Some(""), Some("-g"), &[]),
            (None, Some(""), &[]),
        ];
        for (encoded, plain, expected) in table {
            assert_eq!(users(encoded, plain), expected, "{encoded:?} {plain:?}");
        }
    }

    #[test]
    fn two_folders_become_one() {
        let flags = |root: &str| {
            remaps(
                Path::new(root),
                &Path::new(root).join("target/bench"),
                Path::new("/home/a/.cargo"),
            )
        };
        let mapped: Vec<String> = flags("/x")
            .iter()
            .map(|flag| flag.replace("/x", "/y"))
            .collect();
        assert_eq!(mapped, flags("/y"));
    }
}
