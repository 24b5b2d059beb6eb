//! The report for people, as plain text.

use super::bars::Bars;
use super::cells::{self, COLUMNS, NUMBERS};
use super::look::Look;
use super::ratios::Ratios;
use super::table::{Kept, coloured, widths};
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
    let layout = Layout::new(comparison, look);
    if !others.is_empty() {
        line("");
        line(&table(&others, &layout, look));
    }
    if !improved.is_empty() {
        line("");
        line("improvements");
        line(&table(&improved, &layout, look));
    }
    if !comparison.rows.is_empty() {
        line("");
        line(&cells::totals(comparison));
    }
    report.push_str(&layout.kept.left_out(&COLUMNS));
    report
}

/// The notes, which come last and may be longer than any terminal is wide.
const NOTES: usize = COLUMNS.len() - 1;
/// What a terminal that is too narrow for all can do without, in this order: bars show the interval, and the change its middle.
const OPTIONAL: [usize; 4] = [5, 1, 2, 4];

/// What there is room for.
struct Layout {
    kept: Kept,
    /// Behind the numbers, as wide as the rest of the table leaves room for; nothing where there is no interval, or no room.
    bars: Option<Bars>,
}

impl Layout {
    fn new(comparison: &Comparison, look: Look) -> Self {
        let rows = &comparison.rows;
        let widths = widths(&COLUMNS, rows.iter().map(cells::cells));
        let widths = &widths[..NOTES];
        let drawn = |row: &Row| row.interval.is_some() || row.ratio.is_some();
        if rows.iter().any(drawn) {
            let room = look
                .columns
                .map(|columns| columns.saturating_sub(Bars::LEAST));
            let kept = Kept::new(widths, &OPTIONAL, room);
            let taken = kept.taken(widths);
            if let Some(bars) = Bars::new(Ratios::of(comparison), look.columns, taken) {
                let bars = Some(bars);
                return Layout { kept, bars };
            }
        }
        Layout {
            kept: Kept::new(widths, &OPTIONAL, look.columns),
            bars: None,
        }
    }
}

fn table(rows: &[&Row], layout: &Layout, look: Look) -> String {
    let numbers = layout.kept.range(NUMBERS);
    let mut header: Vec<_> = layout.kept.of(COLUMNS.map(str::to_owned)).collect();
    if let Some(bars) = &layout.bars {
        header.insert(numbers.end, bars.head());
    }
    let rows = rows.iter().map(|row| {
        let colour = look.verdict(row.verdict);
        let cells = cells::cells(row).into_iter().enumerate();
        let cells =
            cells.map(|(column, cell)| (cell, colour.filter(|_| COLUMNS[column] == "verdict")));
        let mut cells: Vec<_> = layout.kept.of(cells).collect();
        if let Some(bars) = &layout.bars {
            cells.insert(numbers.end, (bars.draw(row), colour));
        }
        cells
    });
    coloured(header, numbers.clone(), rows)
}
