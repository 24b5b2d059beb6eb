//! The report for people, as plain text.

use super::cells::{self, COLUMNS, NUMBERS};
use crate::compare::{Comparison, Row};
use crate::text::visible;

/// The comparison as text: where the sides come from, a table, improvements apart, totals, and the answer in one line.
///
/// Lines are as long as they must be: nothing wraps and nothing is cut.
pub fn write(comparison: &Comparison) -> String {
    let mut report = changes(comparison);
    report.push_str(&closing(comparison));
    report
}

/// The answer in one line, and the command that would help in the last, where there is one.
pub fn closing(comparison: &Comparison) -> String {
    let remedy = cells::remedy(comparison);
    let lines = [Some(cells::answer(comparison)), remedy];
    let lines = lines.iter().flatten();
    lines.map(|line| format!("{}\n", visible(line))).collect()
}

/// All but the answer.
pub fn changes(comparison: &Comparison) -> String {
    let mut report = String::new();
    let mut line = |text: &str| {
        report.push_str(text);
        report.push('\n');
    };
    let sides = [
        ("baseline", &comparison.baseline),
        ("current", &comparison.current),
    ];
    for (name, side) in sides {
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
    if !comparison.rows.is_empty() {
        line("");
        line(&cells::totals(comparison));
    }
    report
}

fn table(rows: &[&Row]) -> String {
    super::table(COLUMNS, NUMBERS, rows.iter().map(|row| cells::cells(row)))
}
