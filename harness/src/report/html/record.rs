//! The page of one record.

use maud::{Markup, html};

use super::frame::line;
use super::page::{Section, facts, page, scrolling};
use super::samples::{self, Detail};
use super::scale::Scale;
use super::{name, plural, roofline, scaling, shown};
use crate::record::{Entry, Process, Record, Status};
use crate::report::run;
use crate::roofline::{Ceilings, SUITE};
use crate::stats::order::{max, median, min};
use crate::text::units;

/// What belongs to a record on its page.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The file of the record.
    pub file: &'a str,
    /// What its host can do at most.
    pub ceilings: &'a Ceilings,
    /// The file of those, where it is another.
    pub ceilings_file: Option<&'a str>,
    /// The command that measures them.
    pub remedy: &'a str,
}

/// At most so many benchmarks have their samples open when the page is: more would bury what comes after.
const MOST_OPEN: usize = 12;

/// The ends of the small pictures of samples, in times of the benchmark's own time.
const STRIP: [f64; 2] = [0.95, 1.3];

/// The page of a record.
pub fn record(record: &Record, source: &Source<'_>) -> String {
    let scalings = crate::scaling::scaling(record);
    let threads =
        (!scalings.is_empty()).then(|| scrolling("Thread scaling", &scaling::table(&scalings)));
    let results = results(record, source.ceilings);
    let sections = [
        failures(record).map(|body| Section::new("failed", "Failed", body)),
        roofs(record, source)
            .map(|body| Section::new("roof", "Against the ceilings of this host", body)),
        Some(Section::new("results", "Results", results)),
        threads.map(|body| Section::new("threads", "Thread scaling", body)),
        Some(Section::new(
            "samples",
            "Samples by process",
            all_samples(record),
        )),
    ];
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    let files: Vec<&str> = std::iter::once(source.file)
        .chain(source.ceilings_file)
        .collect();
    let title = format!("Benchmarks of {:.0}", record.timestamp);
    page(&title, &head(record), &sections, &files)
}

fn head(record: &Record) -> Markup {
    let count = |wanted: fn(&Entry) -> bool| {
        record
            .benchmarks
            .iter()
            .filter(|entry| wanted(entry))
            .count()
    };
    let failed = count(|entry| entry.status == Status::Failed);
    let noisy = count(|entry| entry.summary.as_ref().is_some_and(|summary| summary.noisy));
    let metadata = &record.metadata;
    html! {
        h1 { "Benchmarks" }
        p class="lead" { (shown(&record.environment.cpu)) ", " (format!("{:.0}", record.timestamp)) }
        ul class="badges" {
            li { strong { (record.benchmarks.len()) } " benchmark" (plural(record.benchmarks.len())) }
            li class=[(failed > 0).then_some("bad")] { strong { (failed) } " failed" }
            li class=[(noisy > 0).then_some("doubt")] { strong { (noisy) } " noisy" }
            @if metadata.quick { li class="doubt" { "quick: too short to compare" } }
            @if let Some(why) = &metadata.partial { li class="doubt" { "partial: " (shown(why)) } }
        }
        (facts(&environment(record)))
    }
}

/// Where and how a record was made.
fn environment(record: &Record) -> [(&'static str, String); 9] {
    let environment = &record.environment;
    let commit = environment.git_commit.as_deref().unwrap_or_default();
    let commit: String = commit.chars().take(12).collect();
    let dirty = environment.git_dirty == Some(true) && !commit.is_empty();
    let cpus = match (environment.allowed_cpus.len(), environment.logical_cpus) {
        (_, 0) => String::new(),
        (0, all) => all.to_string(),
        (allowed, all) => format!("{allowed} of {all} allowed"),
    };
    let elapsed = record.metadata.elapsed_ms / 1e3;
    [
        ("commit", commit + if dirty { ", with changes" } else { "" }),
        ("system", environment.os.clone()),
        ("instruction set", environment.isa.clone()),
        ("CPUs", cpus),
        (
            "hypervisor",
            environment.hypervisor.clone().unwrap_or_default(),
        ),
        ("compiler", environment.rust_version.clone()),
        ("host", environment.host.clone()),
        (
            "processes of each",
            some(
                record.metadata.processes > 0,
                record.metadata.processes.to_string(),
            ),
        ),
        ("took", some(elapsed > 0.0, format!("{elapsed:.0} s"))),
    ]
}

fn some(condition: bool, text: String) -> String {
    if condition { text } else { String::new() }
}

fn failures(record: &Record) -> Option<Markup> {
    let failed = |entry: &&Entry| entry.status == Status::Failed;
    let failed: Vec<&Entry> = record.benchmarks.iter().filter(failed).collect();
    (!failed.is_empty()).then(|| html! {
        ul class="failures" {
            @for entry in failed {
                li { strong class="name" { (name(&entry.name)) } ": " (shown(entry.error.as_deref().unwrap_or("no reason is recorded"))) }
            }
        }
    })
}

/// A table for each suite.
fn results(record: &Record, ceilings: &Ceilings) -> Markup {
    let mut suites = roofline::suites(record);
    if record.benchmarks.iter().any(|entry| entry.suite == SUITE) {
        suites.push(SUITE);
    }
    html! {
        @if suites.is_empty() { p { "This record holds no benchmark." } }
        @for suite in suites {
            @let named = if suite.is_empty() { "benchmarks".into() } else { shown(suite) };
            (scrolling(&format!("Results of {named}"), &suite_table(record, suite, ceilings)))
        }
        p class="quiet" {
            "time: the median over processes of each process's fastest sample; spread: between the processes' medians; noisy: a spread of more than 5 %; samples: from the 5th to the 95th percentile, the middle half thicker, from 5 % below the time (the fine line) to 30 % above"
        }
    }
}

fn suite_table(record: &Record, suite: &str, ceilings: &Ceilings) -> Markup {
    let roofs = !ceilings.is_empty() && suite != SUITE;
    let columns = run::COLUMNS.len();
    let class = |column: usize| run::NUMBERS.contains(&column).then_some("number");
    let entries = record.benchmarks.iter().enumerate();
    html! {
        table {
            caption { @if suite.is_empty() { "Benchmarks" } @else { (shown(suite)) } }
            thead {
                tr {
                    @for (column, name) in run::COLUMNS[..columns - 1].iter().enumerate() {
                        th scope="col" class=[class(column)] { (name) }
                    }
                    th scope="col" { "samples" }
                    @if roofs { th scope="col" { "of the ceiling" } }
                    th scope="col" { "notes" }
                }
            }
            tbody {
                @for (index, entry) in entries.filter(|(_, entry)| entry.suite == suite) {
                    @let cells = run::row(entry);
                    tr {
                        th scope="row" { a class="name" href={ "#b" (index) } { (name(&cells[0])) } }
                        @for (column, cell) in cells.iter().enumerate().take(columns - 1).skip(1) {
                            td class=[class(column)] { (shown(cell)) }
                        }
                        td { (strip(entry)) }
                        @if roofs {
                            td { @if let Some(roof) = ceilings.roof(entry) { (scaling::bar(roof.share)) } }
                        }
                        td class=[(!cells[columns - 1].is_empty()).then_some("doubt")] { (shown(&cells[columns - 1])) }
                    }
                }
            }
        }
    }
}

/// The samples of a benchmark as small as a word: from the 5th to the 95th percentile, the middle half thicker, the median a gap.
///
/// All on one scale of the benchmark's time, so that a noisy one is wide; it is the picture of numbers that stand in the table and below.
fn strip(entry: &Entry) -> Markup {
    let (Some(time), Some(summary)) = (entry.duration_ms, &entry.summary) else {
        return Markup::default();
    };
    let scale = Scale::linear(STRIP[0], STRIP[1]);
    let at = |ms: f64| 100.0 * scale.at(ms / time);
    let part = |from: f64, to: f64| line([at(from), 50.0], [at(to), 50.0]);
    html! {
        svg class="strip" aria-hidden="true" {
            g class="strip-zero" { (line([at(time), 0.0], [at(time), 100.0])) }
            g class="strip-most" { (part(summary.p05_ms, summary.p95_ms)) }
            g class="strip-half" { (part(summary.p25_ms, summary.p75_ms)) }
            g class="strip-median" { (line([at(summary.median_ms), 15.0], [at(summary.median_ms), 85.0])) }
        }
    }
}

fn roofs(record: &Record, source: &Source<'_>) -> Option<Markup> {
    let ceilings = source.ceilings;
    let arithmetic = roofline::arithmetic(record, ceilings);
    let bandwidth = roofline::bandwidth(record, ceilings);
    (arithmetic.is_some() || bandwidth.is_some()).then(|| html! {
        @if ceilings.is_empty() {
            p class="note" { "No ceiling was measured on this host: " code { (source.remedy) } " measures them; then report this record again." }
        } @else {
            p {
                "The lines are what this host does at most on one thread, measured by the suite " code { (SUITE) }
                @if let Some(file) = source.ceilings_file { " in " code { (shown(file)) } }
                ". A share of the ceiling is that of the limit which allows less: arithmetic, or the memory that a working set of this size lies in."
            }
        }
        @if let Some(plot) = arithmetic { h3 { "Arithmetic" } (plot) }
        @if let Some(plot) = bandwidth { h3 { "Memory" } (plot) }
        @if !ceilings.is_empty() { (scrolling("Ceilings", &roofline::table(ceilings))) }
    })
}

fn all_samples(record: &Record) -> Markup {
    let detail = Detail::of(&record.benchmarks);
    let open = record.benchmarks.len() <= MOST_OPEN;
    html! {
        @if detail == Detail::Reduced {
            p class="note" {
                "This record has more than " (Detail::MOST) " samples: of each process the least, the median and the greatest are drawn."
            }
        }
        @for (index, entry) in record.benchmarks.iter().enumerate() {
            details open[open] {
                summary {
                    span class="name" { (name(&entry.name)) } " "
                    span class="quiet" {
                        @match entry.duration_ms {
                            Some(ms) => (units::duration(ms)),
                            None => "failed",
                        }
                    }
                }
                div class="benchmark" id={ "b" (index) } { (benchmark(index, entry, detail)) }
            }
        }
    }
}

fn benchmark(index: usize, entry: &Entry, detail: Detail) -> Markup {
    html! {
        @if !entry.description.is_empty() { p { (shown(&entry.description)) } }
        @if let Some(error) = &entry.error { p class="bad" { "Failed: " (shown(error)) } }
        @else { (samples::plot(&format!("s{index}"), &[("", entry)], detail)) }
        @if detail == Detail::Every {
            (facts(&what(entry)))
            @if !entry.processes.is_empty() {
                (scrolling(&format!("Processes of {}", entry.name), &processes(entry)))
            }
        }
    }
}

/// What a benchmark is and does.
fn what(entry: &Entry) -> [(&'static str, String); 9] {
    let shape: Vec<String> = entry.shape.iter().map(ToString::to_string).collect();
    let work = &entry.work;
    let bytes = |bytes: u64| some(bytes > 0, units::bytes(bytes as f64));
    let operations = format!("{} flop", units::count(work.flops as f64));
    [
        ("type", entry.dtype.clone()),
        ("shape", shape.join(" × ")),
        ("implementation", entry.implementation.clone()),
        (
            "threads",
            some(entry.threads > 0, entry.threads.to_string()),
        ),
        ("operations", some(work.flops > 0, operations)),
        ("read", bytes(work.bytes_read)),
        ("written", bytes(work.bytes_written)),
        ("buffers hold", units::bytes(1e6 * entry.memory_mb)),
        (
            "iterations timed",
            some(entry.iterations > 0, units::count(entry.iterations as f64)),
        ),
    ]
}

/// A row for each process: what the plot shows, and the circumstances.
fn processes(entry: &Entry) -> Markup {
    let time = |ns: Option<f64>| ns.map(|ns| units::duration(ns / 1e6)).unwrap_or_default();
    let row = |process: &Process| {
        let samples = &process.samples_ns;
        [
            samples.len().to_string(),
            time(min(samples)),
            time(median(samples)),
            time(max(samples)),
            process.cpu.map(|cpu| cpu.to_string()).unwrap_or_default(),
            if process.pinned { "yes" } else { "no" }.into(),
            process.involuntary_switches.to_string(),
            format!("{:.1} ms", process.steal_ms),
        ]
    };
    let columns = [
        "samples", "least", "median", "greatest", "CPU", "pinned", "switches", "stolen",
    ];
    html! {
        table class="small" {
            caption { "Processes" }
            thead {
                tr {
                    th scope="col" { "process" }
                    @for name in columns { th scope="col" class="number" { (name) } }
                }
            }
            tbody {
                @for (index, process) in entry.processes.iter().enumerate() {
                    tr { th scope="row" { (index + 1) } @for cell in row(process) { td class="number" { (cell) } } }
                }
            }
        }
    }
}
