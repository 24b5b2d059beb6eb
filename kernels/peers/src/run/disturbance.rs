//! What other programs took of the machine meanwhile: figures from beside a busy neighbour are worth little.

use std::fs;
use std::time::Instant;

use rustix::param::clock_ticks_per_second;

/// A moment from which to count.
pub struct Since {
    start: Instant,
    busy: f64,
    own: f64,
}

impl Since {
    /// Counts from now on; nothing where /proc does not tell.
    pub fn now() -> Option<Since> {
        Some(Since {
            start: Instant::now(),
            busy: busy_s(&fs::read_to_string("/proc/stat").ok()?)?,
            own: own_s(&fs::read_to_string("/proc/self/stat").ok()?)?,
        })
    }

    /// CPUs that others kept busy on average, those that a hypervisor took included.
    pub fn others(&self) -> Option<f64> {
        let now = Since::now()?;
        let seconds = (now.start - self.start).as_secs_f64();
        let others = (now.busy - self.busy) - (now.own - self.own);
        Some((others / seconds).max(0.0))
    }
}

/// CPU seconds that all processes, the kernel and the hypervisor took, from /proc/stat: all fields but idle and waiting.
fn busy_s(stat: &str) -> Option<f64> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<f64> = line
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    let busy = [0, 1, 2, 5, 6, 7]
        .into_iter()
        .filter_map(|field| fields.get(field))
        .sum::<f64>();
    Some(busy / clock_ticks_per_second() as f64)
}

/// CPU seconds of this process and the children that it has waited for, from /proc/self/stat: fields 14 to 17.
fn own_s(stat: &str) -> Option<f64> {
    // The name, in parentheses, may hold spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let fields = fields.split_whitespace().skip(11).take(4);
    let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    (ticks.len() == 4).then(|| ticks.iter().sum::<f64>() / clock_ticks_per_second() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_manual() {
        let ticks = clock_ticks_per_second() as f64;
        let stat = "cpu  100 20 3 9000 700 4 5 6 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(busy_s(stat), Some(138.0 / ticks));
        let own = "7 (a b) c) S 1 7 7 0 -1 4194304 100 200 0 0 11 22 33 44 20 0 1 0 5";
        assert_eq!(own_s(own), Some(110.0 / ticks));
        assert_eq!(busy_s(""), None);
        assert_eq!(own_s("7 (a) S 1"), None);
    }
}
