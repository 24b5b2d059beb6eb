//! How a paired comparison goes: a bar of decided benchmarks on a terminal, one line a decision elsewhere; on standard error.
//!
//! Nothing is drawn while a process measures: an event comes between two of them.

use std::time::Instant;

use indicatif::ProgressBar;

use crate::cli;
use crate::paired::Event;
use crate::text::visible;

pub(super) struct Progress {
    /// Nothing where standard error is no terminal.
    bar: Option<ProgressBar>,
    start: Instant,
}

impl Progress {
    pub(super) fn new() -> Self {
        Progress {
            bar: cli::bar("{bar:30} {pos}/{len} decided {wide_msg}"),
            start: Instant::now(),
        }
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        match (event, &self.bar) {
            (
                Event::Starting {
                    benchmark,
                    decided,
                    total,
                },
                Some(bar),
            ) => {
                bar.set_length(total as u64);
                bar.set_position(decided as u64);
                let seconds = self.start.elapsed().as_secs();
                bar.set_message(format!("{} ({seconds} s)", visible(benchmark)));
            }
            (Event::Starting { .. }, None) | (Event::Decided { .. }, Some(_)) => {}
            (Event::Decided { benchmark, percent }, None) => {
                let seconds = self.start.elapsed().as_secs_f64();
                eprintln!(
                    "{} decided after {seconds:.1} s: {percent:+.2} %",
                    visible(benchmark)
                );
            }
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
