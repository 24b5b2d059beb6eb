//! How much faster the same work is on more threads.

use std::collections::BTreeMap;

use crate::record::{Entry, Record};

/// One operation on one input, measured with several numbers of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling<'a> {
    /// The benchmark on one thread.
    pub single: &'a Entry,
    /// The same work on more threads, fewest first.
    pub more: Vec<Step<'a>>,
}

/// The same work on more than one thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<'a> {
    /// The benchmark.
    pub entry: &'a Entry,
    /// The time of one thread over this one's.
    pub speedup: f64,
}

impl Step<'_> {
    /// The part that the speed-up is of one by the number of threads.
    pub fn share(&self) -> f64 {
        self.speedup / f64::from(self.entry.threads)
    }
}

/// What makes two benchmarks the same work: the name but for what it says of threads, type, shape and work.
type Key<'a> = (String, &'a str, &'a [usize], [u64; 4]);

/// The benchmarks of a record that were measured on one thread and on more: `matmul_large` and `matmul_large_threads`. In the order of
/// the names of the former; failed ones count for nothing.
pub fn scaling(record: &Record) -> Vec<Scaling<'_>> {
    let mut groups: BTreeMap<Key<'_>, Vec<(&Entry, f64)>> = BTreeMap::new();
    for entry in &record.benchmarks {
        if let Some(ms) = entry.duration_ms.filter(|ms| *ms > 0.0) {
            groups.entry(key(entry)).or_default().push((entry, ms));
        }
    }
    let groups = groups.into_values().filter_map(|group| {
        let (single, single_ms) = *group.iter().find(|(entry, _)| entry.threads == 1)?;
        let more = group.iter().filter(|(entry, _)| entry.threads > 1);
        let mut more: Vec<Step<'_>> = more
            .map(|&(entry, ms)| Step {
                entry,
                speedup: single_ms / ms,
            })
            .collect();
        more.sort_by_key(|step| step.entry.threads);
        (!more.is_empty()).then_some(Scaling { single, more })
    });
    groups.collect()
}

fn key(entry: &Entry) -> Key<'_> {
    let work = &entry.work;
    let amounts = [work.flops, work.bytes_read, work.bytes_written, work.items];
    (stem(&entry.name), &entry.dtype, &entry.shape, amounts)
}

/// A name without the word that tells a benchmark on several threads from its sibling on one.
fn stem(name: &str) -> String {
    let words = name.split('_').filter(|word| *word != "threads");
    words.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Environment, Metadata, Process, Status, Work};

    /// A benchmark on so many threads, of so many items, that takes so many ns; 0 is one that failed.
    fn entry(name: &str, threads: u32, items: u64, ns: f64) -> Entry {
        let mut entry = Entry {
            name: name.into(),
            suite: String::new(),
            description: String::new(),
            dtype: "f32".into(),
            shape: vec![8],
            implementation: String::new(),
            threads,
            status: Status::Ok,
            error: None,
            duration_ms: None,
            throughput: None,
            memory_mb: 1.0,
            iterations: 0,
            summary: None,
            work: Work {
                items,
                ..Work::default()
            },
            processes: Vec::new(),
        };
        if ns > 0.0 {
            let samples_ns = vec![ns];
            entry.set_processes(vec![Process {
                samples_ns,
                ..Process::default()
            }]);
        }
        entry
    }

    #[test]
    fn what_is_the_same_work() {
        let record = Record {
            version: String::new(),
            timestamp: jiff::Timestamp::UNIX_EPOCH,
            environment: Environment::default(),
            benchmarks: vec![
                entry("add_threads", 4, 1, 30.0),
                entry("add", 1, 1, 90.0),
                entry("matmul_512", 1, 1, 80.0),
                entry("matmul_512_threads", 2, 1, 50.0),
                entry("other", 1, 1, 1.0),
                entry("other_threads", 2, 2, 1.0),
                entry("alone_threads", 2, 1, 1.0),
                entry("failed", 1, 1, 0.0),
                entry("failed_threads", 2, 1, 1.0),
            ],
            metadata: Metadata::default(),
        };
        let found: Vec<(&str, Vec<(u32, f64)>)> = scaling(&record)
            .iter()
            .map(|one| {
                let steps = one.more.iter();
                let steps = steps.map(|step| (step.entry.threads, step.speedup));
                (one.single.name.as_str(), steps.collect())
            })
            .collect();
        let expected = [("add", vec![(4, 3.0)]), ("matmul_512", vec![(2, 1.6)])];
        assert_eq!(found, expected);
    }
}
