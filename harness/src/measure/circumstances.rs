//! What a process achieved and what happened to it: read from the system, never assumed.

use std::fs;

/// Counters whose difference over a stretch of time says what disturbed it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Disturbance {
    /// Times that the scheduler took the CPU away from this process.
    pub(super) involuntary_switches: u64,
    /// Time that the hypervisor took from all CPUs.
    pub(super) steal_ms: f64,
}

impl Disturbance {
    /// The counters as they stand; 0 where the system has none.
    pub(super) fn now() -> Self {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        Disturbance {
            involuntary_switches: status("nonvoluntary_ctxt_switches:"),
            steal_ms: steal_ms(&stat),
        }
    }

    /// What happened since `earlier`.
    pub(super) fn since(self, earlier: Self) -> Self {
        Disturbance {
            involuntary_switches: self
                .involuntary_switches
                .saturating_sub(earlier.involuntary_switches),
            steal_ms: (self.steal_ms - earlier.steal_ms).max(0.0),
        }
    }
}

/// The most memory that was resident in this process, in 10^6 bytes.
pub(super) fn peak_rss_mb() -> f64 {
    status("VmHWM:") as f64 * 1024.0 / 1e6
}

/// Asks for a priority above that of ordinary programs, and says what came of it.
pub(crate) fn raise_priority() -> String {
    // A user who may not is no worse off; what was achieved is recorded.
    let _ = rustix::process::setpriority_process(None, -10);
    match rustix::process::getpriority_process(None) {
        Ok(0) | Err(_) => "normal".into(),
        Ok(nice) => format!("nice {nice}"),
    }
}

/// A number of /proc/self/status; 0 where there is none.
fn status(key: &str) -> u64 {
    fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let value = status.lines().find_map(|line| line.strip_prefix(key))?;
            value.split_whitespace().next()?.parse().ok()
        })
        .unwrap_or(0)
}

/// Steal time of all CPUs: the eighth number of the first line, in hundredths of a second.
fn steal_ms(stat: &str) -> f64 {
    stat.lines()
        .next()
        .filter(|line| line.starts_with("cpu "))
        .and_then(|line| line.split_whitespace().nth(8)?.parse::<f64>().ok())
        .map_or(0.0, |hundredths| hundredths * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal_is_the_eighth_number() {
        let table = [
            ("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1", 80.0),
            ("cpu  1 2 3 4 5 6 7", 0.0),
            ("intr 1 2 3 4 5 6 7 8 9", 0.0),
            ("", 0.0),
        ];
        for (stat, wanted) in table {
            assert_eq!(steal_ms(stat), wanted, "{stat:?}");
        }
    }

    #[test]
    fn this_process_has_memory() {
        assert!(peak_rss_mb() > 0.0);
    }
}
