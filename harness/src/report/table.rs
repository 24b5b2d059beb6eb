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

/// Columns of a terminal between two columns of a table.
const BETWEEN: usize = 2;

/// Which columns of a table a terminal has room for; in a file and in a log there is room for all.
pub(super) struct Kept(Vec<bool>);

impl Kept {
    /// Of columns as wide as `widths`, leaves out `optional` ones, the first of them first, until the others fit in `room`.
    pub(super) fn new(widths: &[usize], optional: &[usize], room: Option<usize>) -> Self {
        let mut kept = Kept(vec![true; widths.len()]);
        for &column in optional {
            if room.is_none_or(|room| kept.taken(widths) <= room) {
                break;
            }
            kept.0[column] = false;
        }
        kept
    }

    /// What the columns that are kept take, with the space behind each.
    pub(super) fn taken(&self, widths: &[usize]) -> usize {
        self.of(widths.iter()).map(|width| width + BETWEEN).sum()
    }

    /// The cells of those columns; what stands behind the columns that have a width is kept.
    pub(super) fn of<T>(&self, cells: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        let kept = self.0.iter().copied().chain(std::iter::repeat(true));
        cells
            .into_iter()
            .zip(kept)
            .filter_map(|(cell, kept)| kept.then_some(cell))
    }

    /// Where columns are that were at `columns`.
    pub(super) fn range(&self, columns: Range<usize>) -> Range<usize> {
        let before = |column: usize| self.0.iter().take(column).filter(|kept| **kept).count();
        before(columns.start)..before(columns.end)
    }

    /// A line that names what is left out; empty where that is nothing.
    pub(super) fn left_out(&self, names: &[&str]) -> String {
        let names = names.iter().zip(&self.0).filter(|(_, kept)| !**kept);
        let names: Vec<&str> = names.map(|(name, _)| *name).collect();
        match names[..] {
            [] => String::new(),
            _ => format!(
                "left out, for the terminal is too narrow: {}\n",
                names.join(", ")
            ),
        }
    }
}

/// The widest of the cells of each column, as they are shown.
pub(super) fn widths<const N: usize>(
    header: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> [usize; N] {
    let mut widths = header.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = visible(cell).chars().count().max(*width);
        }
    }
    widths
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
        column.set_padding((0, BETWEEN as u16));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_left_out_in_their_order_until_the_others_fit() {
        let (widths, names) = ([10, 5, 5, 8], ["a", "b", "c", "d", "notes"]);
        let all = "abcdn";
        // With the space between them they take 36, 29 without c, and 22 without b too.
        let table = [
            (None, all, 1..3),
            (Some(36), all, 1..3),
            (Some(35), "abdn", 1..2),
            (Some(29), "abdn", 1..2),
            (Some(28), "adn", 1..1),
            (Some(0), "adn", 1..1),
        ];
        for (room, shown, numbers) in table {
            let kept = Kept::new(&widths, &[2, 1], room);
            let letters: String = kept.of(names).map(|name| &name[..1]).collect();
            assert_eq!(letters, shown, "{room:?}");
            assert_eq!(kept.range(1..3), numbers, "{room:?}");
            let told = kept.left_out(&names);
            assert_eq!(told.is_empty(), shown == all, "{room:?}: {told}");
        }
        let told = Kept::new(&widths, &[2, 1], Some(0)).left_out(&names);
        assert!(told.ends_with(": b, c\n"), "{told}");
    }
}
