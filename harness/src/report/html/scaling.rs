//! Thread scaling: how much faster the same work is on more threads.

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
    let share = step.speedup / f64::from(step.entry.threads);
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
            td { (bar(share)) }
        }
    }
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
