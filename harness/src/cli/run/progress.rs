//! How a run goes: a bar with the benchmark and the time left on a terminal, plain lines elsewhere; on standard error.
//!
//! Nothing is drawn while a process measures: an event comes between two of them.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::cli;
use crate::measure::{Event, Outcome};
use crate::text::visible;

pub(super) struct Progress {
    /// Nothing where standard error is no terminal.
    bar: Option<ProgressBar>,
    start: Instant,
}

impl Progress {
    pub(super) fn new() -> Self {
        Progress {
            bar: cli::bar("{bar:30} {pos}/{len} {wide_msg}"),
            start: Instant::now(),
        }
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        match (event, &self.bar) {
            (
                Event::Starting {
                    benchmark,
                    done,
                    total,
                },
                Some(bar),
            ) => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message(format!("{}{}", visible(benchmark), self.left(done, total)));
            }
            (
                Event::Starting {
                    benchmark,
                    done,
                    total,
                },
                None,
            ) => {
                // A line each tenth of the way is enough for a log.
                let tenth = |done: usize| done * 10 / total.max(1);
                if done == 0 || tenth(done) != tenth(done - 1) {
                    let left = self.left(done, total);
                    eprintln!(
                        "process {} of {total}: {}{left}",
                        done + 1,
                        visible(benchmark)
                    );
                }
            }
            (Event::Kept(_), _) => {}
            (Event::Failed { benchmark, why }, bar) => {
                let line = format!("{} failed: {}", visible(benchmark), visible(why));
                match bar {
                    Some(bar) => bar.suspend(|| eprintln!("{line}")),
                    None => eprintln!("{line}"),
                }
            }
        }
    }

    pub(super) fn finish(&self, outcome: &Outcome) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if let Some(why) = &outcome.partial {
            eprintln!("stopped early: {why}; what was measured is kept, marked partial");
        }
    }

    /// The time left, once there is something to judge it by.
    fn left(&self, done: usize, total: usize) -> String {
        if done == 0 {
            return String::new();
        }
        let seconds = self.start.elapsed().as_secs_f64() / done as f64 * (total - done) as f64;
        let left = Duration::from_secs(seconds.ceil() as u64);
        format!(", {} left", humantime::format_duration(left))
    }
}
