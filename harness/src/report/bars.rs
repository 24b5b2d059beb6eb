//! The interval of a ratio as a bar of characters: `┊  ━┿━●━━  ┊`.

use super::ratios::{Ratios, short};
use crate::compare::Row;

/// More columns than this show nothing more.
const MOST: usize = 41;
/// In a file and in a log.
const USUAL: usize = 25;

/// Bars on one axis, with a middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bars {
    axis: Ratios,
    /// Columns on each side of the middle.
    half: usize,
}

impl Bars {
    /// Bars of fewer columns show nothing.
    pub(super) const LEAST: usize = 13;

    /// Bars on `axis`, which take the room that `taken` columns of a terminal of `columns` leave; nothing where that is too little.
    pub(super) fn new(axis: Ratios, columns: Option<usize>, taken: usize) -> Option<Self> {
        let width = columns.map_or(USUAL, |columns| columns.saturating_sub(taken).min(MOST));
        let half = width.saturating_sub(1) / 2;
        (width >= Self::LEAST).then_some(Bars { axis, half })
    }

    /// The head of the column: what the dotted lines, or the ends, stand for.
    pub(super) fn head(&self) -> String {
        let [low, high] = self
            .axis
            .named()
            .map(|ratio| (self.place(ratio), short(ratio)));
        let mut head = vec![' '; 2 * self.half + 1];
        head[self.half] = '0';
        for (place, name) in [low, high] {
            let length = name.chars().count();
            let first = place.saturating_sub(length / 2).min(head.len() - length);
            // One that has no room beside the middle is left out: the line stays.
            let free = first + length < self.half || first > self.half + 1;
            if free {
                head.splice(first..first + length, name.chars());
            }
        }
        let head: String = head.into_iter().collect();
        head.trim_end().to_owned()
    }

    /// The bar of a row; empty where it has neither interval nor ratio.
    pub(super) fn draw(&self, row: &Row) -> String {
        if row.interval.is_none() && row.ratio.is_none() {
            return String::new();
        }
        let mut bar = vec![' '; 2 * self.half + 1];
        for ratio in self.axis.lines().into_iter().flatten() {
            bar[self.place(ratio)] = '┊';
        }
        bar[self.half] = '│';
        let span = row.interval.map(|interval| {
            let [low, high] = [interval.low, interval.high].map(|ratio| self.place(ratio));
            (low, high.max(low), self.axis.beyond(interval))
        });
        if let Some((low, high, _)) = span {
            bar[low..=high].fill('━');
            if (low..=high).contains(&self.half) {
                bar[self.half] = '┿';
            }
        }
        if let Some(ratio) = row.ratio {
            bar[self.place(ratio)] = '●';
        }
        if let Some((low, high, [left, right])) = span {
            if left {
                bar[low] = '←';
            }
            if right {
                bar[high] = '→';
            }
        }
        let bar: String = bar.into_iter().collect();
        bar.trim_end().to_owned()
    }

    fn place(&self, ratio: f64) -> usize {
        let half = self.half as f64;
        (half + half * self.axis.at(ratio)).round() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Comparison, Interval, Verdict};

    fn row(low: f64, ratio: f64, high: f64) -> Row {
        let mut row = Row::new("x", "", Verdict::Unchanged);
        row.interval = Some(Interval { low, high });
        row.ratio = Some(ratio);
        row
    }

    fn bars(columns: Option<usize>) -> Option<Bars> {
        let mut comparison = Comparison::failed(String::new(), 10.0);
        comparison.rows = vec![row(0.5, 1.0, 2.0)];
        Bars::new(Ratios::of(&comparison), columns, 60)
    }

    #[test]
    fn intervals_on_an_axis() {
        let bars = bars(None).unwrap();
        let table = [
            (row(0.99, 1.0, 1.01), "     ┊     ━●━    ┊"),
            (row(0.5, 0.6, 1.0), "←━━━━━━━━━━━┿     ┊"),
            (row(1.0, 1.0, 1.0), "     ┊      ●     ┊"),
            (row(1.05, 1.12, 1.19), "     ┊      │  ━━━━●━━━━"),
            (row(0.5, 1.0, 2.0), "←━━━━━━━━━━━●━━━━━━━━━━━→"),
            (row(1.3, 1.5, 2.0), "     ┊      │     ┊     →"),
            (row(0.0, 1.0, f64::INFINITY), "←━━━━━━━━━━━●━━━━━━━━━━━→"),
            (Row::new("none", "", Verdict::New), ""),
        ];
        for (row, expected) in table {
            assert_eq!(bars.draw(&row), expected, "{:?}", row.interval);
        }
        assert_eq!(bars.head(), "   -10 %    0   +10 %");
    }

    #[test]
    fn widths() {
        // columns of the terminal, of which 60 are taken: columns of the bar
        let table = [
            (None, Some(25)),
            (Some(60), None),
            (Some(72), None),
            (Some(73), Some(13)),
            (Some(80), Some(19)),
            (Some(200), Some(41)),
            (Some(10), None),
        ];
        for (columns, expected) in table {
            let width = bars(columns).map(|bars| 2 * bars.half + 1);
            assert_eq!(width, expected, "{columns:?}");
            if let Some(bars) = bars(columns) {
                assert!(bars.head().chars().count() <= width.unwrap(), "{columns:?}");
            }
        }
    }
}
