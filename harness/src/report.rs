//! Reports: the table of a run, and a comparison in one file a format. Nothing here computes a statistic.

mod annotations;
mod bars;
mod cells;
mod csv;
pub mod export;
pub mod html;
pub mod json;
mod junit;
mod look;
pub mod markdown;
mod ratios;
mod run;
mod sarif;
mod table;
pub mod text;

use clap::ValueEnum;

use crate::compare::Comparison;

pub use look::Look;
pub use run::run_table;
pub use table::table;

/// How a comparison is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people.
    #[default]
    Text,
    /// A table for a comment or a page.
    Markdown,
    /// Everything, for programs.
    Json,
    /// A test case for each benchmark, in JUnit's XML.
    Junit,
    /// A finding for each benchmark that needs a look, in SARIF.
    Sarif,
    /// The same as workflow commands of GitHub Actions.
    Annotations,
    /// A row for each benchmark, for spreadsheets.
    Csv,
    /// A page for people that opens offline.
    Html,
}

impl Format {
    /// The report, with a newline at the end. The limit is for Markdown alone, the look for text.
    pub fn write(self, comparison: &Comparison, limit: &markdown::Limit, look: Look) -> String {
        match self {
            Format::Text => text::write(comparison, look),
            Format::Markdown => markdown::write(comparison, limit),
            Format::Json => json::write(comparison),
            Format::Junit => junit::write(comparison),
            Format::Sarif => sarif::write(comparison),
            Format::Annotations => annotations::write(comparison),
            Format::Csv => csv::write(comparison),
            Format::Html => html::comparison(comparison),
        }
    }
}
