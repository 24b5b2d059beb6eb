//! What the host can do at most, and the share of it that a benchmark reaches: the roofline model (Williams, Waterman and Patterson
//! 2009, "Roofline: an insightful visual performance model for multicore architectures").
//!
//! The ceilings are measurements too: the benchmarks of the hidden suite [`SUITE`]. Those without bytes say what the arithmetic
//! units can do, those with bytes what a level of memory delivers to a working set of their size. They run on one thread.

use crate::record::{Entry, Record, Status};

/// The suite whose benchmarks are ceilings.
pub const SUITE: &str = "ceilings";

/// The ceilings of a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ceilings {
    /// What the arithmetic units reach, an element type each.
    pub arithmetic: Vec<Arithmetic>,
    /// What memory delivers, the smallest working set first; of one size the best.
    pub bandwidths: Vec<Bandwidth>,
}

/// The most that the arithmetic units do.
#[derive(Clone, Debug, PartialEq)]
pub struct Arithmetic {
    /// The benchmark that reached it.
    pub name: String,
    /// The type of element.
    pub dtype: String,
    /// 10^9 floating-point operations a second.
    pub gflops: f64,
}

/// The most that memory delivers to a working set of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Bandwidth {
    /// The benchmark that reached it.
    pub name: String,
    /// The working set, in 10^6 bytes.
    pub memory_mb: f64,
    /// 10^9 bytes a second, read and written.
    pub gbps: f64,
}

/// What limits a benchmark, and how near it comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roof<'a> {
    /// The benchmark that measured the limit.
    pub name: &'a str,
    /// The share of it that is reached: 1 is all. More is possible where a working set is smaller than the one that was measured.
    pub share: f64,
}

impl Ceilings {
    /// The ceilings that a record holds; none where its run was not asked for [`SUITE`].
    pub fn of(record: &Record) -> Self {
        let mut ceilings = Ceilings::default();
        let entries = record.benchmarks.iter();
        for entry in entries.filter(|entry| entry.suite == SUITE && entry.status == Status::Ok) {
            let Some(summary) = &entry.summary else {
                continue;
            };
            match (summary.gbps, summary.gflops) {
                (Some(gbps), _) => ceilings.bandwidths.push(Bandwidth {
                    name: entry.name.clone(),
                    memory_mb: entry.memory_mb,
                    gbps,
                }),
                (None, Some(gflops)) => ceilings.arithmetic.push(Arithmetic {
                    name: entry.name.clone(),
                    dtype: entry.dtype.clone(),
                    gflops,
                }),
                (None, None) => {}
            }
        }
        let by_size = |a: &Bandwidth, b: &Bandwidth| {
            let size = a.memory_mb.total_cmp(&b.memory_mb);
            size.then(b.gbps.total_cmp(&a.gbps))
        };
        ceilings.bandwidths.sort_by(by_size);
        ceilings
            .bandwidths
            .dedup_by_key(|bandwidth| bandwidth.memory_mb);
        ceilings
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.arithmetic.is_empty() && self.bandwidths.is_empty()
    }

    /// What limits a benchmark: the arithmetic units, or the memory that its buffers lie in, whichever allows less.
    ///
    /// Without operations it is the memory. `None` for several threads, for the ceilings are those of one, and where neither
    /// limit was measured.
    pub fn roof(&self, entry: &Entry) -> Option<Roof<'_>> {
        let summary = entry.summary.as_ref().filter(|_| entry.threads <= 1)?;
        let memory = summary.gbps.and_then(|gbps| {
            let bandwidth = self.bandwidth(entry.memory_mb)?;
            let share = gbps / bandwidth.gbps;
            Some(Roof {
                name: &bandwidth.name,
                share,
            })
        });
        let arithmetic = summary.gflops.and_then(|gflops| {
            let arithmetic = self.peak(&entry.dtype)?;
            let share = gflops / arithmetic.gflops;
            Some(Roof {
                name: &arithmetic.name,
                share,
            })
        });
        // The limit that allows less is the one of which more is used.
        let roofs = memory.into_iter().chain(arithmetic);
        roofs.max_by(|a, b| a.share.total_cmp(&b.share))
    }

    /// The bandwidth of the smallest working set that was measured and is as large, or of the largest.
    fn bandwidth(&self, memory_mb: f64) -> Option<&Bandwidth> {
        let fits = |bandwidth: &&Bandwidth| bandwidth.memory_mb >= memory_mb;
        let fitting = self.bandwidths.iter().find(fits);
        fitting.or(self.bandwidths.last())
    }

    /// The peak of a type of element; of another type than those measured, as whole numbers are, the highest.
    fn peak(&self, dtype: &str) -> Option<&Arithmetic> {
        let own = self.arithmetic.iter().find(|peak| peak.dtype == dtype);
        let highest = || {
            let peaks = self.arithmetic.iter();
            peaks.max_by(|a, b| a.gflops.total_cmp(&b.gflops))
        };
        own.or_else(highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Work;

    fn entry(suite: &str, name: &str, memory_mb: f64, flops: u64, bytes: u64) -> Entry {
        let mut entry = Entry {
            name: name.into(),
            suite: suite.into(),
            description: String::new(),
            dtype: "f32".into(),
            shape: Vec::new(),
            implementation: String::new(),
            threads: 1,
            status: Status::Ok,
            error: None,
            duration_ms: None,
            throughput: None,
            memory_mb,
            iterations: 0,
            summary: None,
            work: Work {
                flops,
                bytes_read: bytes,
                ..Work::default()
            },
            processes: Vec::new(),
        };
        // One operation or byte a nanosecond is 1e9 a second.
        entry.set_processes(vec![crate::record::Process {
            samples_ns: vec![1.0],
            iterations_per_sample: 1,
            ..Default::default()
        }]);
        entry
    }

    fn ceilings() -> Ceilings {
        let mut f64_peak = entry(SUITE, "peak_f64", 0.001, 128, 0);
        f64_peak.dtype = "f64".into();
        let mut broken = entry(SUITE, "broken", 0.001, 0, 9999);
        broken.status = Status::Failed;
        Ceilings::of(&Record {
            version: String::new(),
            timestamp: jiff::Timestamp::UNIX_EPOCH,
            environment: Default::default(),
            benchmarks: vec![
                entry(SUITE, "peak_f32", 0.001, 256, 0),
                f64_peak,
                entry(SUITE, "dram", 200.0, 2, 40),
                entry(SUITE, "dram_stream", 200.0, 2, 50),
                entry(SUITE, "l1", 0.024, 2, 400),
                broken,
                entry("tensor-ops", "add", 0.01, 1, 100),
            ],
            metadata: Default::default(),
        })
    }

    #[test]
    fn the_best_of_each_size_in_order() {
        let found = ceilings();
        let names: Vec<&str> = found
            .bandwidths
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(names, ["l1", "dram_stream"]);
        assert_eq!(found.arithmetic.len(), 2);
        assert!(Ceilings::default().is_empty() && !found.is_empty());
    }

    #[test]
    fn roofs() {
        let ceilings = ceilings();
        // memory_mb, flops, bytes, type, threads: what limits, and the share
        let table = [
            (0.01, 128, 10, "f32", 1, Some(("peak_f32", 0.5))),
            (0.01, 128, 10, "f64", 1, Some(("peak_f64", 1.0))),
            (0.01, 128, 10, "u8", 1, Some(("peak_f32", 0.5))),
            (0.01, 1, 100, "f32", 1, Some(("l1", 0.25))),
            (0.1, 1, 100, "f32", 1, Some(("dram_stream", 2.0))),
            (999.0, 0, 25, "f32", 1, Some(("dram_stream", 0.5))),
            (0.01, 1, 100, "f32", 2, None),
            (0.01, 0, 0, "f32", 1, None),
        ];
        for (memory_mb, flops, bytes, dtype, threads, expected) in table {
            let mut entry = entry("s", "x", memory_mb, flops, bytes);
            entry.dtype = dtype.into();
            entry.threads = threads;
            let found = ceilings.roof(&entry).map(|roof| (roof.name, roof.share));
            assert_eq!(
                found, expected,
                "{memory_mb} MB, {flops} flop, {bytes} B, {dtype}, {threads} threads"
            );
            assert_eq!(Ceilings::default().roof(&entry), None);
        }
    }
}
