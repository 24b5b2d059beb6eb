//! The page of a host's history: a series for each benchmark, and where its level changed.

use maud::{Markup, html};

use super::frame::{Axis, Frame, line, path, stretched};
use super::page::{Section, page, scrolling};
use super::scale::Scale;
use super::{name, plural, shown};
use crate::history::{Series, Session};
use crate::stats::order::median;
use crate::text::units;

/// At most so many places are drawn of a series: of longer ones, medians of stretches.
const MOST_POINTS: usize = 400;

/// At most so many of those that changed are open when the page is.
const MOST_OPEN: usize = 24;

/// The page of the series of `host`; `commits` says of two sessions which commits lie between, a line each.
pub fn history(
    host: &str,
    series: &[Series<'_>],
    commits: impl Fn(&Session, &Session) -> Vec<String>,
) -> String {
    let (mut changed, same): (Vec<&Series<'_>>, Vec<&Series<'_>>) =
        series.iter().partition(|series| !series.changes.is_empty());
    changed.sort_by(|a, b| latest(b).cmp(&latest(a)).then(a.name.cmp(b.name)));
    let count = changed.len();
    let ordered: Vec<&Series<'_>> = changed.into_iter().chain(same).collect();
    let mut sections = vec![Section::new("overview", "Overview", overview(&ordered))];
    let details = |from: usize, to: usize| {
        html! {
            @for index in from..to { (drawn(index, ordered[index], from == 0 && index < MOST_OPEN, &commits)) }
        }
    };
    if count > 0 {
        sections.push(Section::new(
            "changed",
            "Where the level changed",
            details(0, count),
        ));
    }
    if count < ordered.len() {
        sections.push(Section::new(
            "unchanged",
            "Without a change",
            details(count, ordered.len()),
        ));
    }
    let head = head(host, series, count);
    page("History of benchmarks", &head, &sections, &[])
}

fn head(host: &str, series: &[Series<'_>], changed: usize) -> Markup {
    let changes: usize = series.iter().map(|series| series.changes.len()).sum();
    let sessions = || {
        series
            .iter()
            .flat_map(|series| series.points.iter().map(|(session, _)| *session))
    };
    let first = sessions().min_by_key(|session| session.timestamp);
    let last = sessions().max_by_key(|session| session.timestamp);
    let runs = series
        .iter()
        .map(|series| series.points.len())
        .max()
        .unwrap_or_default();
    html! {
        h1 { "History" }
        p class="lead" {
            @if host.is_empty() { "An unknown host" } @else { "Host " (shown(host)) }
            @if let (Some(first), Some(last)) = (first, last) {
                ", " (format!("{:.0}", first.timestamp)) " to " (format!("{:.0}", last.timestamp))
            }
        }
        ul class="badges" {
            li { strong { (series.len()) } " benchmark" (plural(series.len())) }
            li { strong { (runs) } " run" (plural(runs)) }
            li { strong { (changes) } " change" (plural(changes)) " in " (changed) }
        }
    }
}

/// When the level of a series changed last.
fn latest(series: &Series<'_>) -> Option<jiff::Timestamp> {
    let change = series.changes.last()?;
    Some(series.points.get(change.index)?.0.timestamp)
}

fn overview(ordered: &[&Series<'_>]) -> Markup {
    let table = html! {
        table {
            caption { "Benchmarks over time" }
            thead {
                tr {
                    th scope="col" { "benchmark" }
                    th scope="col" class="number" { "runs" }
                    th scope="col" class="number" { "first" }
                    th scope="col" class="number" { "last" }
                    th scope="col" class="number" { "change" }
                    th scope="col" class="number" { "changes of level" }
                    th scope="col" { "over time" }
                }
            }
            tbody {
                @for (index, series) in ordered.iter().enumerate() {
                    @let values = values(series);
                    @let (first, last) = (values[0], values[values.len() - 1]);
                    tr {
                        th scope="row" { a class="name" href={ "#b" (index) } { (name(series.name)) } }
                        td class="number" { (values.len()) }
                        td class="number" { (units::duration(first)) }
                        td class="number" { (units::duration(last)) }
                        td class="number" { (units::change(last / first)) }
                        td class="number" { (series.changes.len()) }
                        td { (spark(&values)) }
                    }
                }
            }
        }
    };
    scrolling("Benchmarks over time", &table)
}

fn values(series: &Series<'_>) -> Vec<f64> {
    series.points.iter().map(|(_, ms)| *ms).collect()
}

/// A line as small as a word.
fn spark(values: &[f64]) -> Markup {
    let (levels, _) = thinned(values, 60);
    let steps = steps(&levels, &range(&levels));
    html! { svg class="spark" aria-hidden="true" { (stretched(&path("curve", &steps))) } }
}

/// At most `most` medians of stretches, and how many values a stretch has.
fn thinned(values: &[f64], most: usize) -> (Vec<f64>, usize) {
    let stretch = values.len().div_ceil(most).max(1);
    (values.chunks(stretch).filter_map(median).collect(), stretch)
}

/// A tenth of the least is at least the whole height, so that noise looks like noise.
fn range(levels: &[f64]) -> Scale {
    let low = levels.iter().copied().fold(f64::INFINITY, f64::min);
    let high = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let missing = (0.1 * low - (high - low)).max(0.0);
    let margin = 0.08 * (high - low + missing);
    Scale::linear(low - 0.5 * missing - margin, high + 0.5 * missing + margin)
}

fn x(index: usize, count: usize) -> f64 {
    1000.0 * (index as f64 + 0.5) / count as f64
}

fn top(scale: &Scale, ms: f64) -> f64 {
    1000.0 * (1.0 - scale.at(ms))
}

/// The levels joined by lines.
fn steps(levels: &[f64], scale: &Scale) -> String {
    let places = levels.iter().enumerate().map(|(index, ms)| {
        let letter = if index == 0 { "M" } else { "L" };
        format!(
            "{letter}{:.0} {:.0}",
            x(index, levels.len()),
            top(scale, *ms)
        )
    });
    places.collect()
}

fn drawn(
    index: usize,
    series: &Series<'_>,
    open: bool,
    commits: &impl Fn(&Session, &Session) -> Vec<String>,
) -> Markup {
    html! {
        details open[open] {
            summary {
                span class="name" { (name(series.name)) } " "
                span class="quiet" { (series.points.len()) " run" (plural(series.points.len())) }
            }
            div class="benchmark" id={ "b" (index) } {
                (plot(&format!("s{index}"), series))
                @if !series.changes.is_empty() { (changes(series, commits)) }
            }
        }
    }
}

fn plot(id: &str, series: &Series<'_>) -> Markup {
    let values = values(series);
    let count = values.len();
    let (levels, stretch) = thinned(&values, MOST_POINTS);
    let scale = range(&levels);
    let dots: String = levels
        .iter()
        .enumerate()
        .map(|(index, ms)| format!("M{:.0} {:.0}h0", x(index, levels.len()), top(&scale, *ms)))
        .collect();
    let day = |index: usize| {
        series.points[index]
            .0
            .timestamp
            .strftime("%Y-%m-%d")
            .to_string()
    };
    let mut named = vec![0, count - 1];
    named.dedup();
    let description = format!(
        "{count} run{}, oldest first, {} to {}; {} change{} of level.{}",
        plural(count),
        units::duration(values[0]),
        units::duration(values[count - 1]),
        series.changes.len(),
        plural(series.changes.len()),
        if stretch > 1 {
            format!(" Each dot is the median of {stretch} runs.")
        } else {
            String::new()
        }
    );
    let frame = Frame {
        id,
        title: &format!("{} over time", shown(series.name)),
        description: &description,
        x: Axis {
            scale: Scale::linear(0.0, count as f64),
            label: "runs, oldest first",
            ticks: named
                .into_iter()
                .map(|index| (index as f64 + 0.5, day(index)))
                .collect(),
            grid: false,
        },
        y: Axis::new(scale, "time an iteration", 4, units::duration),
        height: 180,
    };
    let share = |index: usize| 100.0 * index as f64 / count as f64;
    frame.draw(&html! {
        (stretched(&html! { (path("curve faint", &steps(&levels, &scale))) (path("dots", &dots)) }))
        g class="change" {
            @for change in &series.changes { (line([share(change.index), 0.0], [share(change.index), 100.0])) }
        }
        g class="level" {
            @for (from, to, ms) in stretches(series) {
                @let y = top(&scale, ms) / 10.0;
                (line([share(from), y], [share(to), y]))
            }
        }
    })
}

/// The stretches between changes: first run, the one after the last, and the level.
fn stretches(series: &Series<'_>) -> Vec<(usize, usize, f64)> {
    let changes = &series.changes;
    let Some(first) = changes.first() else {
        return Vec::new();
    };
    let ends = changes
        .iter()
        .skip(1)
        .map(|change| change.index)
        .chain([series.points.len()]);
    let after = changes
        .iter()
        .zip(ends)
        .map(|(change, end)| (change.index, end, change.after));
    std::iter::once((0, first.index, first.before))
        .chain(after)
        .collect()
}

fn changes(series: &Series<'_>, commits: &impl Fn(&Session, &Session) -> Vec<String>) -> Markup {
    html! {
        ol class="changes" {
            @for change in &series.changes {
                @let [before, after] = [change.index - 1, change.index].map(|index| series.points[index].0);
                li {
                    strong { (units::change(change.after / change.before)) }
                    " from " (units::duration(change.before)) " to " (units::duration(change.after))
                    ", between " (format!("{:.0}", before.timestamp)) " and " (format!("{:.0}", after.timestamp))
                    @let commits = commits(before, after);
                    @if !commits.is_empty() { ul { @for commit in commits { li { code { (shown(&commit)) } } } } }
                }
            }
        }
    }
}
