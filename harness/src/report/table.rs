//! Tables for a terminal or a log: never wrapped, never cut, what acts in a name made visible.

use std::ops::Range;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::text::visible;

/// A table under `header`, without a newline at its end; the columns `numbers` stand to the right.
pub fn table<const N: usize>(
    header: [&str; N],
    numbers: Range<usize>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| visible(&cell).into_owned()));
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
