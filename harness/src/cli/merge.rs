//! `bench merge`.

use std::path::PathBuf;

use super::{print, run};
use crate::record::{self, Chosen};
use crate::{home, import, report};

/// Join records of one host that share no benchmark, as those of shards
///
/// The record that results is one like any other, for compare, baseline-update and history. Refused are records of
/// two hosts, two builds or two ways to measure, and a benchmark that stands in two of them. Where a shard is not among the files,
/// the record is partial. The path of the record is the last line of standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The records
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write the record here instead of a new file in results/
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  bench run --shard 1/2 --output part1.json
  bench run --shard 2/2 --output part2.json
  bench merge part1.json part2.json && bench compare

Exit codes:
  0  everything was measured
  2  something was not (the record is written), or the files cannot be one (it is not)";

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let load = |path: PathBuf| {
            let record = import::load(&path)?;
            Ok(Chosen { path, record })
        };
        let parts = self.files.into_iter().map(load);
        let record = record::merge(parts.collect::<Result<_, import::Error>>()?)?;
        let path = match self.output {
            Some(path) => {
                record::write(&record, &path)?;
                path
            }
            None => record::write_new(&record, &home::results())?,
        };
        if let Some(why) = &record.metadata.partial {
            eprintln!(
                "warning: the record is partial: {}",
                crate::text::visible(why)
            );
        }
        print(&format!(
            "{}{}\n",
            report::run_table(&record, super::look()),
            path.display()
        ))?;
        Ok(run::exit_code(&record))
    }
}
