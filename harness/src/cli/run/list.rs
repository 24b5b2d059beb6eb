//! `bench run --list`.

use serde::Serialize;

use crate::report;
use crate::selection::Selected;

/// How to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A table
    Text,
    /// A list of objects
    Json,
    /// One line each, as libtest and so cargo-nextest have it
    Terse,
}

/// A benchmark as it is listed.
#[derive(Serialize)]
struct Item<'a> {
    suite: &'a str,
    name: &'a str,
    description: &'a str,
    implementation: &'a str,
    dtype: &'a str,
    shape: &'a [usize],
    parallel: bool,
    flops: u64,
    bytes: u64,
    items: u64,
}

pub(super) fn render(selected: &[Selected<'_>], format: Format) -> String {
    let items: Vec<Item<'_>> = selected.iter().map(item).collect();
    match format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&items).expect("plain data");
            text + "\n"
        }
        Format::Terse => items
            .iter()
            .map(|item| format!("{}: benchmark\n", item.name))
            .collect(),
        Format::Text => table(&items),
    }
}

fn item<'a>(selected: &Selected<'a>) -> Item<'a> {
    let benchmark = selected.benchmark;
    Item {
        suite: &selected.suite.name,
        name: &benchmark.name,
        description: &benchmark.description,
        implementation: &benchmark.implementation,
        dtype: benchmark.dtype.name(),
        shape: &benchmark.shape,
        parallel: benchmark.parallel,
        flops: benchmark.work.flops,
        bytes: benchmark
            .work
            .bytes_read
            .saturating_add(benchmark.work.bytes_written),
        items: benchmark.work.items,
    }
}

fn table(items: &[Item<'_>]) -> String {
    let header = [
        "suite",
        "benchmark",
        "dtype",
        "shape",
        "implementation",
        "description",
    ];
    let rows = items.iter().map(|item| {
        let shape: Vec<String> = item.shape.iter().map(ToString::to_string).collect();
        [
            item.suite.to_owned(),
            item.name.to_owned(),
            item.dtype.to_owned(),
            shape.join("×"),
            item.implementation.to_owned(),
            item.description.to_owned(),
        ]
    });
    report::table(header, 0..0, rows) + "\n"
}
