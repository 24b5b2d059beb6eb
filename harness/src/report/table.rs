//! Tables for a terminal or a log: never wrapped, never cut, what acts in a name made visible.

use std::ops::Range;

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};

use crate::text::visible;

/// A table under `header`, without a newline at its end; the columns `numbers` stand to the right.
pub fn table<const N: usize>(
    header: [&str; N],
    numbers: Range<usize>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let rows = rows.into_iter();
    let rows = rows.map(|row| row.into_iter().map(|cell| (cell, None)).collect());
    coloured(header.map(str::to_owned).to_vec(), numbers, rows)
}

/// The same of cells that may have a colour, each row as long as the header.
pub(super) fn coloured(
    header: Vec<String>,
    numbers: Range<usize>,
    rows: impl Iterator<Item = Vec<(String, Option<Color>)>>,
) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        // Whether there are colours has been decided, and not by what standard output is.
        .enforce_styling()
        .set_header(header);
    table.style_text_only();
    for row in rows {
        table.add_row(row.into_iter().map(|(text, colour)| {
            let cell = Cell::new(visible(&text));
            match colour {
                Some(colour) => cell.fg(colour),
                None => cell,
            }
        }));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        let alignment = if numbers.contains(&index) {
            CellAlignment::Right
        } else {
            CellAlignment::Left
        };
        column.set_cell_alignment(alignment);
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}
