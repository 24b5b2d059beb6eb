//! The report for people, as plain text.

use super::cells::{self, COLUMNS, NUMBERS};
use crate::compare::{Comparison, Row};
use crate::text::visible;

/// The comparison as text: where the sides come from, a table, improvements apart, totals, and the answer in one line.
///
/// Lines are as long as they must be: nothing wraps and nothing is cut.
pub fn write(comparison: &Comparison) -> String {
    let mut report = String::new();
    let mut line = |text: &str| {
        report.push_str(text);
        report.push('\n');
    };
    for (name, side) in [
        ("baseline", &comparison.baseline),
        ("current", &comparison.current),
    ] {
        if let Some(side) = side {
            line(&format!("{name:<9} {}", visible(&cells::origin(side))));
        }
    }
    for warning in &comparison.warnings {
        line(&format!("warning: {}", visible(warning)));
    }
    let (improved, others) = cells::split(comparison);
    if !others.is_empty() {
        line("");
        line(&table(&others));
    }
    if !improved.is_empty() {
        line("");
        line("improvements");
        line(&table(&improved));
    }
    line("");
    if !comparison.rows.is_empty() {
        line(&cells::totals(comparison));
    }
    line(&visible(&cells::answer(comparison)));
    if let Some(remedy) = cells::remedy(comparison) {
        line(&visible(&remedy));
    }
    report
}

fn table(rows: &[&Row]) -> String {
    super::table(COLUMNS, NUMBERS, rows.iter().map(|row| cells::cells(row)))
}
