//! `bench export`.

use std::path::PathBuf;

use anyhow::Context;

use super::{PASS, print};
use crate::report::export::Target;
use crate::{home, import, record};

/// Write a record in the format of another tool
///
///   bench export --format csv
///   bench export --format openmetrics results/2026-11-25T01-45-30.123Z_results.json --output metrics.txt
///
/// A comparison has formats of its own: `bench compare --format junit`.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Args {
    /// The record [default: the newest in results/]
    file: Option<PathBuf>,
    /// The format
    #[arg(long, value_enum)]
    format: Target,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Args {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let path = match self.file {
            Some(path) => path,
            None => record::newest(&home::results())?,
        };
        let text = self.format.write(&import::load(&path)?);
        match &self.output {
            None => print(&text)?,
            Some(output) => record::replace_file(output, text.as_bytes())
                .with_context(|| format!("could not write {}", output.to_string_lossy()))?,
        }
        Ok(PASS)
    }
}
