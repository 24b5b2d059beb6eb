//! Workflow commands of GitHub Actions: a line for each row that needs a look, which the runner shows beside the change.

use super::cells;
use crate::compare::{Comparison, Row};
use crate::text::visible;

/// A line for each row that is worse than it was, or could not be judged; nothing where all is well.
pub(super) fn write(comparison: &Comparison) -> String {
    comparison.rows.iter().filter_map(line).collect()
}

fn line(row: &Row) -> Option<String> {
    let command = cells::level(row)?;
    let cells = cells::cells(row);
    let title = property(&format!("{} {}", row.suite, row.verdict.word()));
    Some(format!(
        "::{command} title={title}::{}\n",
        data(cells.join("  ").trim())
    ))
}

/// What follows the second pair of colons.
fn data(text: &str) -> String {
    visible(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
