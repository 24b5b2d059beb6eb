//! `compare --confirm`: stored numbers first; what they make suspicious is paired against the baseline's own commit.

use std::ffi::{OsStr, OsString};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

const FLAG: &str = "--confirm";

/// Gives `--confirm` its other side, `--against COMMIT`; without a suspicion `--confirm` is taken away.
///
/// `bench` is the program to ask, ready but for its arguments. Arguments that name a side themselves stay as they are.
///
/// # Errors
/// The stored numbers cannot be compared, or the baseline names no commit.
pub(super) fn resolve(mut bench: Command, arguments: &mut Vec<OsString>) -> Result<()> {
    let names_a_side = |argument: &OsString| argument.to_string_lossy().starts_with("--against");
    let Some(place) = arguments.iter().position(|argument| argument == FLAG) else {
        return Ok(());
    };
    if arguments
        .iter()
        .any(|argument| names_a_side(argument) || argument == "--help")
    {
        return Ok(());
    }
    let output = bench
        .args(asked(arguments))
        .output()
        .context("cannot run bench")?;
    let stored: Value = serde_json::from_slice(&output.stdout).context("bench gave no JSON")?;
    if !suspicious(&stored) {
        arguments.remove(place);
        return Ok(());
    }
    let commit = stored["baseline"]["git_commit"].as_str().with_context(|| {
        let reason = stored["reason"].as_str().unwrap_or_default();
        format!(
            "{FLAG}: the baseline names no commit to pair against: add --against REV ({reason})"
        )
    })?;
    arguments.extend(["--against".into(), commit.into()]);
    Ok(())
}

/// Whether any row is what `bench compare --confirm` pairs.
fn suspicious(comparison: &Value) -> bool {
    let rows = comparison["rows"].as_array().into_iter().flatten();
    let verdicts: Vec<&str> = rows.filter_map(|row| row["verdict"].as_str()).collect();
    verdicts.is_empty()
        || verdicts
            .iter()
            .any(|verdict| ["regressed", "inconclusive"].contains(verdict))
}

/// The arguments that ask for the stored comparison as JSON on standard output.
fn asked(arguments: &[OsString]) -> Vec<OsString> {
    let mut asked = Vec::new();
    let mut given = arguments.iter();
    while let Some(argument) = given.next() {
        let text = argument.to_string_lossy();
        let own = |flag: &str| text == flag || text.starts_with(&format!("{flag}="));
        if text == FLAG {
            continue;
        }
        if own("--format") || own("--output") {
            if !text.contains('=') {
                given.next();
            }
            continue;
        }
        asked.push(argument.clone());
    }
    asked.extend(["--format", "json"].map(|word| OsStr::new(word).to_owned()));
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn what_is_asked_leaves_out_how_it_is_written() {
        let table = [
            ("compare --confirm", "compare --format json"),
            (
                "compare --format text --threshold 5 --confirm --output x.md",
                "compare --threshold 5 --format json",
            ),
            (
                "compare --format=markdown --output=x",
                "compare --format json",
            ),
        ];
        for (given, expected) in table {
            assert_eq!(asked(&words(given)), words(expected), "{given}");
        }
    }

    #[test]
    fn only_a_suspicion_calls_for_pairing() {
        let table = [
            (
                r#"{"rows":[{"verdict":"unchanged"},{"verdict":"improved"}]}"#,
                false,
            ),
            (
                r#"{"rows":[{"verdict":"unchanged"},{"verdict":"regressed"}]}"#,
                true,
            ),
            (r#"{"rows":[{"verdict":"inconclusive"}]}"#, true),
            (r#"{"rows":[]}"#, true),
        ];
        for (json, expected) in table {
            assert_eq!(
                suspicious(&serde_json::from_str(json).unwrap()),
                expected,
                "{json}"
            );
        }
    }

    #[test]
    fn a_side_that_is_named_is_enough() {
        for given in [
            "compare --confirm --against main",
            "compare",
            "compare --confirm --against-lib x.so",
        ] {
            let mut arguments = words(given);
            // A program that does not exist: it must not be asked.
            resolve(Command::new("/nonexistent"), &mut arguments).unwrap();
            assert_eq!(arguments, words(given));
        }
    }
}
