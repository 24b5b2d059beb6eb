//! The samples of a benchmark, process by process, in the order in which they were taken.

use std::fmt::Write as _;

use maud::{Markup, html};

use super::frame::{Axis, Frame, line, path, stretched};
use super::scale::Scale;
use super::{plural, shown};
use crate::record::{Entry, Process};
use crate::stats::order::{max, median, min, quantile, sorted};
use crate::text::units;

/// How much of the samples is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Each.
    Every,
    /// Of each process the least, the median and the greatest.
    Reduced,
}

impl Detail {
    /// With more samples than this on a page each process is drawn by three of them, so that the page stays usable.
    pub(super) const MOST: usize = 150_000;

    /// What a page with all of these can show.
    pub(super) fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let processes = entries.into_iter().flat_map(|entry| &entry.processes);
        let samples: usize = processes.map(|process| process.samples_ns.len()).sum();
        if samples > Self::MOST {
            Detail::Reduced
        } else {
            Detail::Every
        }
    }
}

/// The samples of one or two sides, on one scale: each side is its word and its entry.
pub(super) fn plot(id: &str, sides: &[(&str, &Entry)], detail: Detail) -> Markup {
    let processes = || sides.iter().flat_map(|(_, entry)| measured(entry));
    let all: Vec<f64> = processes()
        .flat_map(|process| &process.samples_ns)
        .copied()
        .collect();
    let Some(range) = Range::of(&all) else {
        return html! { p class="quiet" { "This record holds no samples of it." } };
    };
    let count = processes().count();
    let mut paths = Paths::default();
    for (index, process) in processes().enumerate() {
        let width = 1000.0 / count as f64;
        let block = Block {
            left: width * index as f64,
            width,
        };
        paths.add(&block, process, &range, detail);
        if index % 2 == 1 {
            paths.add_band(&block);
        }
    }
    let x = Scale::linear(0.0, count as f64);
    let names: Vec<String> = sides
        .iter()
        .map(|(word, entry)| said(word, entry))
        .collect();
    let description = format!("{}.{}", names.join("; "), range.beyond());
    let name = sides.first().map_or("", |(_, entry)| entry.name.as_str());
    let frame = Frame {
        id,
        title: &format!("Samples of {} by process", shown(name)),
        description: &description,
        x: Axis {
            scale: x,
            label: label(sides),
            ticks: ticks(sides, detail),
            grid: false,
        },
        y: Axis::new(range.scale, "time an iteration", 4, |ns| {
            units::duration(ns / 1e6)
        }),
        height: 150,
    };
    html! {
        (frame.draw(&html! { (stretched(&paths.draw())) (locations(sides, &x, &range.scale)) }))
        // Said already to those who hear the plot.
        p class="quiet" aria-hidden="true" { (description) }
    }
}

/// A line for each side at the time that it is judged by.
fn locations(sides: &[(&str, &Entry)], x: &Scale, y: &Scale) -> Markup {
    let mut right = 0;
    let ends = sides.iter().map(|(word, entry)| {
        let left = right;
        right += measured(entry).count();
        (
            word,
            entry.duration_ms,
            [left, right].map(|edge| 100.0 * x.at(edge as f64)),
        )
    });
    html! {
        @for (word, ms, [left, right]) in ends {
            @if left > 0.0 { g class="divider" { (line([left, 0.0], [left, 100.0])) } }
            @if let Some(ms) = ms {
                @let top = 100.0 * (1.0 - y.at(1e6 * ms));
                g class={ "location " (word) } { (line([left, top], [right, top])) }
            }
        }
    }
}

/// The number of each process, or of all where they are many.
fn ticks(sides: &[(&str, &Entry)], detail: Detail) -> Vec<(f64, String)> {
    let mut first = 0.0;
    let mut ticks = Vec::new();
    for (_, entry) in sides {
        let count = measured(entry).count();
        if count <= 12 && detail == Detail::Every {
            ticks.extend(
                (0..count).map(|index| (first + index as f64 + 0.5, (index + 1).to_string())),
            );
        } else {
            ticks.push((first + 0.5 * count as f64, format!("{count} processes")));
        }
        first += count as f64;
    }
    ticks
}

fn label(sides: &[(&str, &Entry)]) -> &'static str {
    match sides.len() {
        0 | 1 => "process, its samples in the order in which they were taken",
        _ => "process: those of the baseline, then the current ones",
    }
}

/// The processes of an entry that have samples.
fn measured(entry: &Entry) -> impl Iterator<Item = &Process> {
    let processes = entry.processes.iter();
    processes.filter(|process| !process.samples_ns.is_empty())
}

fn said(word: &str, entry: &Entry) -> String {
    let processes = measured(entry).count();
    let samples: usize = measured(entry)
        .map(|process| process.samples_ns.len())
        .sum();
    let time = entry.duration_ms.map(units::duration).unwrap_or_default();
    let spread = entry
        .summary
        .as_ref()
        .map_or(0.0, |summary| summary.spread_percent);
    let word = if word.is_empty() {
        String::new()
    } else {
        format!("{word}: ")
    };
    format!(
        "{word}{samples} sample{} of {processes} process{}, time {time} (the line), spread {spread:.1} %",
        plural(samples),
        if processes == 1 { "" } else { "es" },
    )
}

/// The times that a plot shows, in ns: far outliers lie at its upper edge, or the rest would be a line.
struct Range {
    scale: Scale,
    high_ns: f64,
    outliers: usize,
    greatest_ns: f64,
}

impl Range {
    fn of(samples_ns: &[f64]) -> Option<Self> {
        let ascending = sorted(samples_ns);
        let (low, greatest_ns) = (*ascending.first()?, *ascending.last()?);
        let usual = quantile(&ascending, 0.95)? - low;
        let high_ns = if usual > 0.0 {
            greatest_ns.min(low + 2.5 * usual)
        } else {
            greatest_ns
        };
        let margin = 0.06 * (high_ns - low);
        Some(Range {
            scale: Scale::linear(low - margin, high_ns + margin),
            high_ns,
            outliers: ascending.iter().filter(|ns| **ns > high_ns).count(),
            greatest_ns,
        })
    }

    fn beyond(&self) -> String {
        match self.outliers {
            0 => String::new(),
            count => format!(
                " {count} slower, up to {}: a bar at the upper edge each.",
                units::duration(self.greatest_ns / 1e6)
            ),
        }
    }

    /// From the top, in the box of 1000.
    fn top(&self, ns: f64) -> i64 {
        (1000.0 * (1.0 - self.scale.at(ns))).round() as i64
    }
}

/// The part of a plot that belongs to a process, in the box of 1000.
struct Block {
    left: f64,
    width: f64,
}

/// What is drawn of all processes, in the box of 1000.
#[derive(Default)]
struct Paths {
    bands: String,
    dots: String,
    bars: String,
}

impl Paths {
    // Writing to a string does not fail.
    fn add_band(&mut self, block: &Block) {
        let _ = write!(
            self.bands,
            "M{:.0} 0h{:.0}v1000h-{:.0}z",
            block.left, block.width, block.width
        );
    }

    fn add(&mut self, block: &Block, process: &Process, range: &Range, detail: Detail) {
        match detail {
            Detail::Every => self.add_every(block, &process.samples_ns, range),
            Detail::Reduced => self.add_reduced(block, &process.samples_ns, range),
        }
    }

    /// A dot for each sample, and a bar for each that lies beyond.
    fn add_every(&mut self, block: &Block, samples_ns: &[f64], range: &Range) {
        let count = samples_ns.len() as f64;
        for (index, ns) in samples_ns.iter().enumerate() {
            let x = block.left + block.width * (0.08 + 0.84 * (index as f64 + 0.5) / count);
            let _ = match *ns > range.high_ns {
                true => write!(self.bars, "M{x:.0} 0v50"),
                false => write!(self.dots, "M{x:.0} {}h0", range.top(*ns)),
            };
        }
    }

    /// A dot at the median, and a bar from the least to the greatest.
    fn add_reduced(&mut self, block: &Block, samples_ns: &[f64], range: &Range) {
        let x = block.left + 0.5 * block.width;
        let at = |ns: Option<f64>| range.top(ns.unwrap_or_default());
        let [low, middle, high] = [min(samples_ns), median(samples_ns), max(samples_ns)].map(at);
        let _ = write!(self.dots, "M{x:.0} {middle}h0");
        let _ = write!(self.bars, "M{x:.0} {low}V{high}");
    }

    fn draw(&self) -> Markup {
        let layers = [
            ("band", &self.bands),
            ("bar", &self.bars),
            ("dots", &self.dots),
        ];
        html! {
            @for (class, steps) in layers.iter().filter(|(_, steps)| !steps.is_empty()) { (path(class, steps)) }
        }
    }
}
