//! The page of a comparison: the intervals of all ratios as a forest plot, a row of a table each.

use maud::{Markup, html};

use super::frame::{line, round};
use super::page::{Section, page, scrolling};
use super::samples::{self, Detail};
use super::{name, scaling, shown};
use crate::compare::{Comparison, Outcome, Row, Verdict};
use crate::record::Record;
use crate::report::cells;
use crate::report::ratios::{Ratios, short};

/// At most so many benchmarks have the samples of both sides drawn.
const MOST_SAMPLES: usize = 60;

/// The page of a comparison.
pub fn comparison(comparison: &Comparison) -> String {
    write(comparison, None)
}

/// The page of a comparison of two records, with thread scaling and, where there is a change or a doubt, the samples of both sides.
pub fn comparison_of(comparison: &Comparison, baseline: &Record, current: &Record) -> String {
    write(comparison, Some([baseline, current]))
}

fn write(comparison: &Comparison, records: Option<[&Record; 2]>) -> String {
    let mut sections = Vec::new();
    if !comparison.rows.is_empty() {
        sections.push(Section::new("changes", "Changes", forest(comparison)));
    }
    if let Some(body) = records.and_then(thread_scaling) {
        sections.push(Section::new("threads", "Thread scaling", body));
    }
    if let Some(body) = records.and_then(|records| both_sides(comparison, records)) {
        sections.push(Section::new("samples", "Samples of both sides", body));
    }
    let sides = [&comparison.baseline, &comparison.current];
    let files: Vec<&str> = sides
        .into_iter()
        .flatten()
        .map(|side| side.file.as_str())
        .collect();
    let title = format!("Comparison: {}", comparison.gate.outcome.word());
    page(&title, &answer(comparison), &sections, &files)
}

fn answer(comparison: &Comparison) -> Markup {
    let (class, symbol) = match comparison.gate.outcome {
        Outcome::Pass => ("good", "✓"),
        Outcome::Fail => ("bad", "✗"),
        Outcome::CannotJudge => ("doubt", "?"),
    };
    let sides = [
        ("baseline", &comparison.baseline),
        ("current", &comparison.current),
    ];
    html! {
        h1 { "Comparison" }
        p class={ "answer " (class) } {
            strong { span aria-hidden="true" { (symbol) " " } (comparison.gate.outcome.word()) }
            ": " (shown(&comparison.gate.reason))
        }
        @if let Some(remedy) = cells::remedy(comparison) { p class="note" { (shown(&remedy)) } }
        @for warning in &comparison.warnings { p class="note" { strong { "Warning: " } (shown(warning)) } }
        ul class="badges" {
            @for verdict in Verdict::ALL {
                @let count = comparison.count(verdict);
                @if count > 0 {
                    li class=(class_of(verdict)) { strong { (count) } " " (symbol_of(verdict)) " " (verdict.word()) }
                }
            }
        }
        dl class="facts wide" {
            @for (name, side) in sides {
                @if let Some(side) = side { div { dt { (name) } dd { (shown(&cells::origin(side))) } } }
            }
            div { dt { "fails above a loss of" } dd { (comparison.threshold_percent) " %" } }
        }
    }
}

fn class_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Regressed | Verdict::Missing | Verdict::Invalid => "bad",
        Verdict::Improved => "good",
        Verdict::Inconclusive => "doubt",
        Verdict::Unchanged | Verdict::New | Verdict::NotRequested => "same",
    }
}

/// A sign beside the word, for the eye.
fn symbol_of(verdict: Verdict) -> Markup {
    let symbol = match verdict {
        Verdict::Regressed => "▲",
        Verdict::Improved => "▼",
        Verdict::Unchanged => "=",
        Verdict::Inconclusive => "?",
        Verdict::New => "+",
        Verdict::Missing => "−",
        Verdict::NotRequested => "·",
        Verdict::Invalid => "!",
    };
    html! { span aria-hidden="true" { (symbol) } }
}

/// A table for each suite, what matters most first, all on one scale.
fn forest(comparison: &Comparison) -> Markup {
    let (improved, mut rows) = cells::split(comparison);
    rows.extend(improved);
    let mut suites: Vec<&str> = Vec::new();
    for row in &comparison.rows {
        if !suites.contains(&row.suite.as_str()) {
            suites.push(&row.suite);
        }
    }
    let axis = Ratios::of(comparison);
    html! {
        p class="quiet" {
            "A mark is the ratio of current to baseline time, the line its interval; left is faster, right slower. Dashed: the loss that fails, and a gain as large."
        }
        @for suite in suites {
            @let named = if suite.is_empty() { "Benchmarks".into() } else { shown(suite) };
            @let own = rows.iter().filter(|row| row.suite == suite);
            (scrolling(&format!("Changes in {named}"), &table(&named, own, &axis)))
        }
    }
}

fn table<'a>(caption: &str, rows: impl Iterator<Item = &'a &'a Row>, axis: &Ratios) -> Markup {
    html! {
        table class="forest" {
            caption { (caption) }
            thead {
                tr {
                    th scope="col" { "benchmark" }
                    th scope="col" class="number" { "change" }
                    th scope="col" class="interval" { span class="hidden" { "interval, drawn" } (head(axis)) }
                    th scope="col" { "verdict" }
                    th scope="col" class="number" { "interval" }
                    th scope="col" class="number" { "baseline" }
                    th scope="col" class="number" { "current" }
                    th scope="col" { "notes" }
                }
            }
            tbody {
                @for row in rows {
                    @let [name, baseline, current, change, interval, _, verdict, notes] = cells::cells(row);
                    tr class=(class_of(row.verdict)) {
                        th scope="row" { span class="name" { (super::name(&name)) } }
                        td class="number" { (change) }
                        td class="interval" { (draw(row, axis)) }
                        td class="verdict" { (symbol_of(row.verdict)) " " (verdict) }
                        td class="number" { (interval) }
                        td class="number" { (baseline) }
                        td class="number" { (current) }
                        td class="notes" { (shown(&notes)) }
                    }
                }
            }
        }
    }
}

/// In percent from the left.
fn left(axis: &Ratios, ratio: f64) -> f64 {
    50.0 + 50.0 * axis.at(ratio)
}

/// The names above the intervals.
fn head(axis: &Ratios) -> Markup {
    let [low, high] = axis.named();
    html! {
        span class="axis" aria-hidden="true" {
            @for ratio in [low, 1.0, high] {
                span style={ "left:" (round(left(axis, ratio))) "%" } { (short(ratio)) }
            }
        }
    }
}

fn draw(row: &Row, axis: &Ratios) -> Markup {
    html! {
        svg class="forest-cell" aria-hidden="true" {
            g class="zero" { (line([50.0, 0.0], [50.0, 100.0])) }
            @if let Some(lines) = axis.lines() {
                g class="threshold" {
                    @for x in lines.map(|ratio| left(axis, ratio)) { (line([x, 0.0], [x, 100.0])) }
                }
            }
            @if let Some(interval) = row.interval {
                @let [low, high] = [interval.low, interval.high].map(|ratio| left(axis, ratio));
                @let [lower, higher] = axis.beyond(interval);
                g class="span" { (line([low, 50.0], [high, 50.0])) }
                @if lower { (arrow(low, "M6-5L0 0L6 5")) }
                @if higher { (arrow(high, "M-6-5L0 0L-6 5")) }
            }
            @if let Some(ratio) = row.ratio {
                use href="#m3" class="ratio" x={ (round(left(axis, ratio))) "%" } y="50%" {}
            }
        }
    }
}

fn arrow(x: f64, steps: &str) -> Markup {
    html! { svg x={ (round(x)) "%" } y="50%" { path class="arrow" d=(steps) {} } }
}

fn thread_scaling(records: [&Record; 2]) -> Option<Markup> {
    let [old, new] = records.map(crate::scaling::scaling);
    let table = scaling::of_both(&old, &new)?;
    Some(scrolling("Thread scaling", &table))
}

/// The samples of both sides of the benchmarks that changed or could not be judged.
fn both_sides(comparison: &Comparison, [baseline, current]: [&Record; 2]) -> Option<Markup> {
    let (improved, rows) = cells::split(comparison);
    let changed = |row: &&&Row| {
        matches!(
            row.verdict,
            Verdict::Regressed | Verdict::Inconclusive | Verdict::Improved
        )
    };
    let rows: Vec<&Row> = rows
        .iter()
        .chain(&improved)
        .filter(changed)
        .copied()
        .collect();
    let pairs: Vec<_> = rows
        .iter()
        .filter_map(|row| Some([baseline.entry(&row.name)?, current.entry(&row.name)?]))
        .collect();
    let left = pairs.len().saturating_sub(MOST_SAMPLES);
    let shown_pairs = &pairs[..pairs.len() - left];
    let detail = Detail::of(shown_pairs.iter().flatten().copied());
    (!pairs.is_empty()).then(|| html! {
        p { "The benchmarks that changed or could not be judged, on one scale each." }
        @for (index, [old, new]) in shown_pairs.iter().enumerate() {
            details open[index < 6] {
                summary { span class="name" { (name(&new.name)) } }
                div class="benchmark" {
                    (samples::plot(&format!("s{index}"), &[("baseline", old), ("current", new)], detail))
                }
            }
        }
        @if left > 0 { p class="note" { (left) " more are left out here; the report of either record has their samples." } }
    })
}
