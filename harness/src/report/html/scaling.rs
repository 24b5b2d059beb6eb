//! Thread scaling: how much faster the same work is on more threads.

use std::collections::HashMap;

use maud::{Markup, html};

use super::frame::line;
use super::name;
use crate::record::Entry;
use crate::scaling::{Scaling, Step};
use crate::text::units;

/// A table with a bar for each number of threads, whose whole width is the speed-up that as many threads could give.
pub(super) fn table(scalings: &[Scaling<'_>]) -> Markup {
    html! {
        table {
            caption { "The same work on one thread and on more. A full bar is a speed-up by the number of threads." }
            thead {
                tr {
                    th scope="col" { "benchmark" }
                    th scope="col" class="number" { "one thread" }
                    th scope="col" class="number" { "threads" }
                    th scope="col" class="number" { "time" }
                    th scope="col" class="number" { "speed-up" }
                    th scope="col" { "of the ideal" }
                }
            }
            tbody {
                @for scaling in scalings {
                    @for (index, step) in scaling.more.iter().enumerate() {
                        (row(scaling, step, index == 0))
                    }
                }
            }
        }
    }
}

fn row(scaling: &Scaling<'_>, step: &Step<'_>, first: bool) -> Markup {
    let time = |entry: &Entry| entry.duration_ms.map(units::duration).unwrap_or_default();
    html! {
        tr {
            @if first {
                @let rows = scaling.more.len();
                th scope="rowgroup" rowspan=(rows) { span class="name" { (name(&scaling.single.name)) } }
                td class="number" rowspan=(rows) { (time(scaling.single)) }
            }
            td class="number" { (step.entry.threads) }
            td class="number" { (time(step.entry)) }
            td class="number" { (format!("{:.2} ×", step.speedup)) }
            td { (bar(step.share())) }
        }
    }
}

/// A table of the speed-ups of both sides of a comparison, of the benchmarks that the current one has; nothing where there are none.
pub(super) fn of_both(baseline: &[Scaling<'_>], current: &[Scaling<'_>]) -> Option<Markup> {
    let earlier: HashMap<&str, &Step<'_>> = steps(baseline)
        .map(|(_, step)| (step.entry.name.as_str(), step))
        .collect();
    let told = |step: &Step<'_>| format!("{:.2} × on {}", step.speedup, step.entry.threads);
    (!current.is_empty()).then(|| html! {
        table {
            caption { "How much faster the same work is on more threads than on one. A full bar is a speed-up by the number of threads." }
            thead {
                tr {
                    th scope="col" { "benchmark" }
                    th scope="col" class="number" { "baseline" }
                    th scope="col" class="number" { "current" }
                    th scope="col" { "of the ideal, now" }
                }
            }
            tbody {
                @for (single, step) in steps(current) {
                    tr {
                        th scope="row" { span class="name" { (name(&single.name)) } }
                        td class="number" { (earlier.get(step.entry.name.as_str()).map(|step| told(step)).unwrap_or_default()) }
                        td class="number" { (told(step)) }
                        td { (bar(step.share())) }
                    }
                }
            }
        }
    })
}

/// Every step, with the benchmark on one thread.
fn steps<'a>(scalings: &'a [Scaling<'a>]) -> impl Iterator<Item = (&'a Entry, &'a Step<'a>)> {
    scalings
        .iter()
        .flat_map(|scaling| scaling.more.iter().map(|step| (scaling.single, step)))
}

/// A share as a bar and a number; more than all is drawn as all.
pub(super) fn bar(share: f64) -> Markup {
    html! {
        span class="share" {
            svg class="share-bar" aria-hidden="true" {
                g class="share-all" { (line([0.0, 50.0], [100.0, 50.0])) }
                g class="share-part" { (line([0.0, 50.0], [100.0 * share.clamp(0.0, 1.0), 50.0])) }
            }
            (format!("{:.0} %", 100.0 * share))
        }
    }
}
