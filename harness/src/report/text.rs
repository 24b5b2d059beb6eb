//! The report for people, as plain text.

use super::bars::Bars;
use super::cells::{self, COLUMNS, NUMBERS};
use super::look::Look;
use super::ratios::Ratios;
use super::table::coloured;
use crate::compare::{Comparison, Row};
use crate::text::visible;

/// The comparison as text: where the sides come from, a table, improvements apart, totals, and the answer in one line.
///
/// Lines are as long as they must be: nothing wraps and nothing is cut.
pub fn write(comparison: &Comparison, look: Look) -> String {
    let mut report = changes(comparison, look);
    report.push_str(&closing(comparison, look));
    report
}

/// The answer in one line, and the command that would help in the last, where there is one.
pub fn closing(comparison: &Comparison, look: Look) -> String {
    let gate = &comparison.gate;
    let outcome = look.outcome(gate.outcome, gate.outcome.word());
    let mut closing = format!("{outcome}: {}\n", visible(&gate.reason));
    if let Some(remedy) = cells::remedy(comparison) {
        closing.push_str(&format!("{}\n", visible(&remedy)));
    }
    closing
}

/// All but the answer.
pub fn changes(comparison: &Comparison, look: Look) -> String {
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
    let bars = bars(comparison, look);
    if !others.is_empty() {
        line("");
        line(&table(&others, bars.as_ref(), look));
    }
    if !improved.is_empty() {
        line("");
        line("improvements");
        line(&table(&improved, bars.as_ref(), look));
    }
    if !comparison.rows.is_empty() {
        line("");
        line(&cells::totals(comparison));
    }
    report
}

/// The bars stand behind the numbers.
const BARS: usize = NUMBERS.end;
/// The notes, which come last and may be longer than any terminal is wide.
const NOTES: usize = COLUMNS.len() - 1;
/// Columns of a terminal between two columns of a table.
const BETWEEN: usize = 2;

/// Bars as wide as the rest of the table leaves room for, where there are any intervals.
fn bars(comparison: &Comparison, look: Look) -> Option<Bars> {
    let rows = &comparison.rows;
    let drawn = |row: &Row| row.interval.is_some() || row.ratio.is_some();
    if !rows.iter().any(drawn) {
        return None;
    }
    let mut widths = COLUMNS.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(cells::cells(row)) {
            *width = visible(&cell).chars().count().max(*width);
        }
    }
    let taken = widths[..NOTES]
        .iter()
        .map(|width| width + BETWEEN)
        .sum::<usize>();
    Bars::new(Ratios::of(comparison), look.columns, taken)
}

fn table(rows: &[&Row], bars: Option<&Bars>, look: Look) -> String {
    let mut header = COLUMNS.map(str::to_owned).to_vec();
    if let Some(bars) = bars {
        header.insert(BARS, bars.head());
    }
    let rows = rows.iter().map(|row| {
        let colour = look.verdict(row.verdict);
        let cells = cells::cells(row).into_iter().enumerate();
        let mut cells: Vec<_> = cells
            .map(|(column, cell)| (cell, colour.filter(|_| COLUMNS[column] == "verdict")))
            .collect();
        if let Some(bars) = bars {
            cells.insert(BARS, (bars.draw(row), colour));
        }
        cells
    });
    coloured(header, NUMBERS, rows)
}
