//! What becomes of a fresh record: kept as a baseline, or held against one, by the flags that Criterion has for it.

use std::ffi::OsString;
use std::path::Path;

use clap::Parser;

use super::super::{CANNOT_JUDGE, FAIL, PASS, baseline_update, compare};

#[derive(Debug, clap::Args)]
pub(super) struct BaselineArgs {
    /// Make the record the baseline of this name, whatever regressed; the older one is kept in baselines/history/
    #[arg(short, long, value_name = "NAME", conflicts_with_all = ["quick", "baseline"])]
    save_baseline: Option<String>,
    /// Compare the record with the baseline of this name, or with a file; `compare` has more to choose from
    #[arg(short, long, value_name = "NAME|FILE")]
    baseline: Option<OsString>,
}

impl BaselineArgs {
    pub(super) fn is_asked_for(&self) -> bool {
        self.save_baseline.is_some() || self.baseline.is_some()
    }

    /// Does with the record at `path` what was asked for; `measured` is the exit code of measuring it.
    pub(super) fn settle(&self, path: &Path, measured: u8) -> anyhow::Result<u8> {
        if let Some(name) = &self.save_baseline {
            let arguments = [
                "--accept-regression",
                "saved with --save-baseline",
                "--name",
                name,
            ];
            let arguments = arguments.map(OsString::from).into_iter();
            let update: baseline_update::Args =
                parse(arguments.chain(["--from".into(), path.into()]))?;
            return update.run(None);
        }
        let Some(baseline) = &self.baseline else {
            return Ok(measured);
        };
        let arguments = [
            "--baseline".into(),
            baseline.clone(),
            "--current".into(),
            path.into(),
        ];
        let compare: compare::Args = parse(arguments.into_iter())?;
        Ok(worse(measured, compare.run()?))
    }
}

/// The arguments of another verb, with its defaults.
fn parse<A: clap::Args>(arguments: impl Iterator<Item = OsString>) -> anyhow::Result<A> {
    #[derive(Parser)]
    struct Verb<A: clap::Args> {
        #[command(flatten)]
        args: A,
    }
    let verb = Verb::try_parse_from(std::iter::once("bench".into()).chain(arguments))?;
    Ok(verb.args)
}

/// The exit code of two steps: a failed gate outranks what could not be judged, and that a pass.
fn worse(first: u8, second: u8) -> u8 {
    [FAIL, CANNOT_JUDGE]
        .into_iter()
        .find(|code| [first, second].contains(code))
        .unwrap_or(PASS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_gate_outranks_what_could_not_be_judged() {
        let table = [
            (0, 0, 0),
            (0, 1, 1),
            (0, 2, 2),
            (2, 0, 2),
            (2, 1, 1),
            (2, 2, 2),
        ];
        for (first, second, code) in table {
            assert_eq!(worse(first, second), code, "{first} {second}");
        }
    }
}
