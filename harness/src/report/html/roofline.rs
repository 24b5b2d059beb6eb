//! The roofline: every benchmark against what this host can do at most.

use maud::{Markup, html};

use super::frame::{Axis, Frame, line, round};
use super::scale::Scale;
use super::{marks, shown};
use crate::record::{Entry, Record};
use crate::roofline::{Bandwidth, Ceilings, SUITE};
use crate::text::units;

/// The plot of bandwidths reaches down to this share of the highest.
const LEAST_OF_HIGHEST: f64 = 1.0 / 2e3;

/// A benchmark on a plot, its place in the units of the axes.
struct Point<'a> {
    /// Its place in the record: what it links to.
    index: usize,
    entry: &'a Entry,
    suite: usize,
    x: f64,
    y: f64,
}

/// Arithmetic against intensity, for the benchmarks that have operations; nothing where none has.
pub(super) fn arithmetic(record: &Record, ceilings: &Ceilings) -> Option<Markup> {
    let points = points(record, |entry| {
        let summary = entry.summary.as_ref()?;
        let bytes = entry.work.bytes_read as f64 + entry.work.bytes_written as f64;
        (bytes > 0.0).then_some((entry.work.flops as f64 / bytes, summary.gflops?))
    });
    if points.is_empty() {
        return None;
    }
    let peaks = ceilings.arithmetic.iter().map(|peak| peak.gflops);
    let intensities = points.iter().map(|point| point.x);
    let (least_x, most_x) = ends(intensities)?;
    let (least_y, most_y) = ends(points.iter().map(|point| point.y).chain(peaks))?;
    let (sides, heights) = ([least_x / 3.0, most_x * 3.0], [least_y / 2.0, most_y * 1.6]);
    let x = Scale::logarithmic(sides[0], sides[1]);
    let y = Scale::logarithmic(heights[0], heights[1]);
    let frame = Frame {
        id: "roofline",
        title: "Roofline: operations a second against operations for each byte",
        description: &described(&points, "of the benchmarks with floating-point operations"),
        x: Axis::new(
            x,
            "floating-point operations for each byte read or written",
            6,
            number,
        ),
        y: Axis::new(y, "GFLOP/s", 5, number),
        height: 420,
    };
    let roofs = roofs(ceilings, sides, heights, [&x, &y]);
    Some(html! {
        (frame.draw(&html! { (roofs) (marked(&points, &x, &y)) }))
        (legend(&points))
    })
}

/// Bandwidth against the size of the working set, for the benchmarks that have bytes; nothing where none has.
pub(super) fn bandwidth(record: &Record, ceilings: &Ceilings) -> Option<Markup> {
    let points = points(record, |entry| {
        let gbps = entry.summary.as_ref()?.gbps?;
        (entry.memory_mb > 0.0).then_some((entry.memory_mb, gbps))
    });
    if points.is_empty() {
        return None;
    }
    let sizes = ceilings.bandwidths.iter().map(|one| one.memory_mb);
    let rates = ceilings.bandwidths.iter().map(|one| one.gbps);
    let (least_x, most_x) = ends(points.iter().map(|point| point.x).chain(sizes))?;
    let (least_y, most_y) = ends(points.iter().map(|point| point.y).chain(rates))?;
    // What allocates or computes moves next to nothing, and would leave no height to the others.
    let lowest = (least_y / 2.0).max(most_y * LEAST_OF_HIGHEST);
    let below = points.iter().filter(|point| point.y < lowest).count();
    let x = Scale::logarithmic(least_x / 2.0, most_x * 2.0);
    let y = Scale::logarithmic(lowest, most_y * 2.0);
    let frame = Frame {
        id: "bandwidth",
        title: "Bytes a second against the size of the working set",
        description: &described(&points, "of the benchmarks that read or write"),
        x: Axis::new(x, "working set: what the buffers hold", 6, megabytes),
        y: Axis::new(y, "GB/s", 5, number),
        height: 320,
    };
    Some(html! {
        (frame.draw(&html! { (steps(&ceilings.bandwidths, &x, &y)) (marked(&points, &x, &y)) }))
        (legend(&points))
        @if below > 0 { p class="quiet" { (below) " of them move less and lie at the lower edge." } }
    })
}

/// The ceilings as a table, for those who cannot see the lines.
pub(super) fn table(ceilings: &Ceilings) -> Markup {
    html! {
        table {
            caption { "Ceilings, measured on this host" }
            thead { tr { th scope="col" { "ceiling" } th scope="col" { "of" } th scope="col" class="number" { "reached" } } }
            tbody {
                @for peak in &ceilings.arithmetic {
                    tr {
                        th scope="row" { (shown(&peak.name)) }
                        td { "arithmetic, " (shown(&peak.dtype)) }
                        td class="number" { (format!("{:.1} GFLOP/s", peak.gflops)) }
                    }
                }
                @for one in &ceilings.bandwidths {
                    tr {
                        th scope="row" { (shown(&one.name)) }
                        td { "a working set of " (megabytes(one.memory_mb)) }
                        td class="number" { (format!("{:.1} GB/s", one.gbps)) }
                    }
                }
            }
        }
    }
}

fn points<'a>(record: &'a Record, place: impl Fn(&Entry) -> Option<(f64, f64)>) -> Vec<Point<'a>> {
    let suites = suites(record);
    let entries = record.benchmarks.iter().enumerate();
    let measured = entries.filter(|(_, entry)| entry.suite != SUITE);
    let points = measured.filter_map(|(index, entry)| {
        let (x, y) = place(entry)?;
        let suite = suites.iter().position(|suite| *suite == entry.suite)?;
        Some(Point {
            index,
            entry,
            suite,
            x,
            y,
        })
    });
    points.collect()
}

/// The suites of a record but the ceilings, each once, in its order.
pub(super) fn suites(record: &Record) -> Vec<&str> {
    let mut suites: Vec<&str> = Vec::new();
    for entry in &record.benchmarks {
        if entry.suite != SUITE && !suites.contains(&entry.suite.as_str()) {
            suites.push(&entry.suite);
        }
    }
    suites
}

fn marked(points: &[Point<'_>], x: &Scale, y: &Scale) -> Markup {
    html! {
        @for point in points {
            a href={ "#b" (point.index) } tabindex="-1" {
                (marks::mark(point.suite, point.entry.threads > 1, place([point.x, point.y], x, y), &says(point)))
            }
        }
    }
}

/// A place in percent from the left and from the top.
fn place([right, up]: [f64; 2], x: &Scale, y: &Scale) -> [f64; 2] {
    [100.0 * x.at(right), 100.0 * (1.0 - y.at(up))]
}

fn says(point: &Point<'_>) -> String {
    let rate = |rate: Option<f64>, unit: &str| {
        rate.map(|rate| format!(", {rate:.1} {unit}"))
            .unwrap_or_default()
    };
    let summary = point.entry.summary.as_ref();
    format!(
        "{}: {}{}{}",
        shown(&point.entry.name),
        point
            .entry
            .duration_ms
            .map(units::duration)
            .unwrap_or_default(),
        rate(summary.and_then(|summary| summary.gflops), "GFLOP/s"),
        rate(summary.and_then(|summary| summary.gbps), "GB/s"),
    )
}

fn described(points: &[Point<'_>], which: &str) -> String {
    let highest = points.iter().max_by(|a, b| a.y.total_cmp(&b.y));
    let highest = highest.map(says).unwrap_or_default();
    format!(
        "{} {which}, each a mark. The highest is {highest}. The tables below hold the numbers.",
        points.len()
    )
}

fn legend(points: &[Point<'_>]) -> Markup {
    let mut kinds: Vec<(usize, bool, &str)> = points
        .iter()
        .map(|point| {
            (
                point.suite,
                point.entry.threads > 1,
                point.entry.suite.as_str(),
            )
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    html! {
        ul class="legend" {
            @for (suite, hollow, name) in kinds {
                (marks::legend(suite, hollow, &format!("{}{}", shown(name), if hollow { ", several threads" } else { "" })))
            }
        }
    }
}

/// A horizontal line for each peak, and below the highest of them a slope for each bandwidth. `x` and `y` go from the first to the second of
/// `sides` and `ends`.
fn roofs(ceilings: &Ceilings, sides: [f64; 2], ends: [f64; 2], [x, y]: [&Scale; 2]) -> Markup {
    let [least, most] = sides;
    let peaks = ceilings.arithmetic.iter().map(|peak| peak.gflops);
    let highest = peaks.fold(f64::NAN, f64::max);
    let (mut left, mut low) = (Vec::new(), Vec::new());
    // Those that run through the plot.
    let slopes = ceilings
        .bandwidths
        .iter()
        .map(|one| (one, slope(one.gbps, sides, [ends[0], highest])));
    let slopes: Vec<_> = slopes.filter(|(_, [from, to])| from[0] < to[0]).collect();
    for (one, _) in &slopes {
        let says = format!("{} {:.0} GB/s", level(&one.name), one.gbps);
        let [_, top] = place([least, one.gbps * least], x, y);
        if top < LOWEST_NAME {
            left.push((top, says));
        } else {
            // Where its slope passes by, a line higher than the one before.
            let top = 98.0 - LINE * low.len() as f64;
            let up = ends[0] * (ends[1] / ends[0]).powf(1.0 - top / 100.0);
            let [from, _] = place([(up / one.gbps).max(least), up], x, y);
            let (place, anchor) = if from < 70.0 {
                ([from + 1.0, top], "start")
            } else {
                // No room is left on the right.
                ([99.0, top - LINE], "end")
            };
            low.push((place, anchor, says));
        }
    }
    html! {
        g class="roofs" {
            @for peak in &ceilings.arithmetic {
                (line(place([least, peak.gflops], x, y), place([most, peak.gflops], x, y)))
            }
            @for (_, [from, to]) in &slopes { (line(place(*from, x, y), place(*to, x, y))) }
        }
        g class="roof-names" aria-hidden="true" {
            @for peak in &ceilings.arithmetic {
                @let [_, top] = place([least, peak.gflops], x, y);
                @let says = format!("{} {:.0} GFLOP/s", shown(&peak.dtype), peak.gflops);
                (label([99.0, top], -5, "end", &says))
            }
            // Below its slope, which leaves it as it rises.
            @for (top, says) in apart(left) { (label([0.8, top], 13, "start", &says)) }
            @for (place, anchor, says) in low { (label(place, 0, anchor, &says)) }
        }
    }
}

/// Names of slopes that begin lower, in percent from the top, would stand below the plot.
const LOWEST_NAME: f64 = 90.0;
/// The height of a line of text, in percent of the plot's.
const LINE: f64 = 4.0;

/// Where the slope of a bandwidth enters the plot, and where it meets the highest peak or leaves: operations for each byte, and a second.
fn slope(gbps: f64, [least, most]: [f64; 2], [lowest, highest]: [f64; 2]) -> [[f64; 2]; 2] {
    let from = least.max(lowest / gbps);
    let to = if highest.is_nan() {
        most
    } else {
        most.min(highest / gbps)
    };
    [from, to].map(|intensity| [intensity, gbps * intensity])
}

/// Names moved down where they would lie on one another.
fn apart(mut names: Vec<(f64, String)>) -> Vec<(f64, String)> {
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut above = f64::NEG_INFINITY;
    for (top, _) in &mut names {
        *top = top.max(above + LINE);
        above = *top;
    }
    names
}

/// A line from size to size, and at each what was reached.
fn steps(bandwidths: &[Bandwidth], x: &Scale, y: &Scale) -> Markup {
    let at = |one: &Bandwidth| place([one.memory_mb, one.gbps], x, y);
    html! {
        g class="roofs" {
            @for pair in bandwidths.windows(2) { (line(at(&pair[0]), at(&pair[1]))) }
        }
        g class="roof-names" aria-hidden="true" {
            @for one in bandwidths { (label(at(one), -9, "middle", &format!("{:.0}", one.gbps))) }
        }
    }
}

/// A text at a place in percent, moved down by so many pixels.
fn label([left, top]: [f64; 2], down: i32, anchor: &str, says: &str) -> Markup {
    html! {
        text x={ (round(left)) "%" } y={ (round(top)) "%" } dy=(down) text-anchor=(anchor) { (says) }
    }
}

/// What a ceiling is called on a plot: `ceiling_triad_l1` is `l1`.
fn level(name: &str) -> String {
    let short = name
        .trim_start_matches("ceiling_")
        .trim_start_matches("triad_");
    shown(short).into_owned()
}

fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let mut values = values.filter(|value| *value > 0.0 && value.is_finite());
    let first = values.next()?;
    Some(values.fold((first, first), |(low, high), value| {
        (low.min(value), high.max(value))
    }))
}

/// A number on an axis: `0.1`, `50`, `1e-5` where it is far from one.
fn number(value: f64) -> String {
    let digits = (-value.log10().floor()).max(0.0) as usize;
    match value {
        _ if (1e-3..1e5).contains(&value) => format!("{value:.digits$}"),
        _ => format!("{value:.0e}"),
    }
}

/// So many 10^6 bytes in the unit that fits.
fn megabytes(mb: f64) -> String {
    units::bytes(1e6 * mb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_from_where_they_enter_to_where_they_end() {
        let nan = f64::NAN;
        // bandwidth, sides, lowest and highest: from, to
        let table = [
            (
                100.0,
                [0.01, 10.0],
                [0.5, 200.0],
                [[0.01, 1.0], [2.0, 200.0]],
            ),
            (
                100.0,
                [0.01, 10.0],
                [2.0, 200.0],
                [[0.02, 2.0], [2.0, 200.0]],
            ),
            (
                100.0,
                [0.01, 1.0],
                [2.0, 200.0],
                [[0.02, 2.0], [1.0, 100.0]],
            ),
            (
                100.0,
                [0.01, 10.0],
                [2.0, nan],
                [[0.02, 2.0], [10.0, 1000.0]],
            ),
        ];
        for (gbps, sides, heights, wanted) in table {
            let got = slope(gbps, sides, heights);
            let pairs = got.iter().flatten().zip(wanted.iter().flatten());
            for (got, wanted) in pairs {
                assert!(
                    (got / wanted - 1.0).abs() < 1e-12,
                    "{gbps} {sides:?} {heights:?}: {got}"
                );
            }
        }
    }
}
