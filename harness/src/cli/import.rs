//! `bench import`.

use std::path::PathBuf;

use super::{PASS, print};
use crate::text::visible;
use crate::{import, record};

/// Turn results of another tool into a record
///
/// Read are Criterion's folder and files, and the JSON of Google Benchmark, hyperfine and pytest-benchmark; what a file holds
/// tells which it is. `compare` takes such a file or folder as it is, too.
///
/// Several files are several launches of the same benchmarks. With one launch a side the threshold alone judges; with
/// three or more, what launches differ by is known, and a verdict says whether a change is established. hyperfine launches
/// anew for each time, so one file of it suffices. None of the tools says on which host it ran: such a record is judged with a
/// warning, and is never the baseline of a host.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Results of one tool: files, or Criterion's folder
    #[arg(required = true, value_name = "FILE|FOLDER")]
    files: Vec<PathBuf>,
    /// Of Criterion's folder take the runs that --save-baseline kept under this name
    #[arg(long, value_name = "NAME", default_value = import::LAST)]
    saved: String,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  bench import target/criterion --saved main --output before.json
  bench import run1.json run2.json run3.json --output after.json
  bench compare --baseline before.json --current after.json

Exit codes:
  0  the record is written
  2  a file is none of a known tool, is damaged, or does not belong to the others";

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let read = |path: PathBuf| Ok((path.clone(), import::results(&path, &self.saved)?));
        let records = self.files.into_iter().map(read);
        let record = import::join(records.collect::<Result<_, import::Error>>()?)?;
        let Some(output) = &self.output else {
            print(&record::to_json(&record))?;
            return Ok(PASS);
        };
        record::write(&record, output)?;
        print(&format!(
            "{}: {} benchmarks, imported from {}\n",
            visible(&output.to_string_lossy()),
            record.benchmarks.len(),
            record.metadata.imported_from.unwrap_or_default()
        ))?;
        Ok(PASS)
    }
}
