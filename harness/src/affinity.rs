//! Which CPUs this process may use, and pinning to one of them with proof.
//!
//! `core_affinity` sets the mask; it aborts on ids of 1024 or more and trusts its caller, so ids are checked here and the CPU is
//! read back.

mod claim;

use std::fs;

pub use claim::{Claim, claim};

/// The largest id that a fixed CPU mask holds, plus one.
const MASK_CPUS: u32 = 1024;

/// Why a thread could not be pinned.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The CPU is not among those that the process may use.
    #[error("CPU {cpu} is not allowed here; allowed: {allowed:?} (choose one of them with --cpu)")]
    NotAllowed {
        /// The CPU that was asked for.
        cpu: u32,
        /// Those that may be used.
        allowed: Vec<u32>,
    },
    /// The system refused, or put the thread elsewhere.
    #[error("could not pin to CPU {cpu}: the system left the thread on CPU {seen}")]
    Refused {
        /// The CPU that was asked for.
        cpu: u32,
        /// The CPU that the thread is on.
        seen: u32,
    },
}

/// The CPUs that the calling thread may use, ascending.
///
/// Read it once, before anything is pinned: a pinned thread sees its one CPU.
pub fn allowed() -> Vec<u32> {
    match rustix::thread::sched_getaffinity(None) {
        Ok(set) => (0..MASK_CPUS)
            .filter(|&cpu| set.is_set(cpu as usize))
            .collect(),
        // The mask is wider than the set: the kernel's own text has no limit.
        Err(_) => fs::read_to_string("/proc/thread-self/status")
            .ok()
            .and_then(|status| listed(&status))
            .unwrap_or_else(|| vec![0]),
    }
}

/// The CPUs that a thread may use, as its file `status` lists them.
fn listed(status: &str) -> Option<Vec<u32>> {
    let mut lines = status.lines();
    let list = lines.find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    parse_list(list.trim()).filter(|cpus| !cpus.is_empty())
}

/// Whether a thread can be pinned to a CPU of this number.
pub(crate) fn fits_mask(cpu: u32) -> bool {
    cpu < MASK_CPUS
}

/// Pins the calling thread to `cpu`, one of `allowed`, and returns the CPU that it is then on.
///
/// # Errors
/// Where `cpu` is not in `allowed`, or the thread is not on it afterwards.
pub fn pin(cpu: u32, allowed: &[u32]) -> Result<u32, Error> {
    if !allowed.contains(&cpu) {
        return Err(Error::NotAllowed {
            cpu,
            allowed: allowed.to_vec(),
        });
    }
    if fits_mask(cpu) {
        core_affinity::set_for_current(core_affinity::CoreId { id: cpu as usize });
    }
    let seen = rustix::thread::sched_getcpu() as u32;
    if seen == cpu && self::allowed() == [cpu] {
        Ok(seen)
    } else {
        Err(Error::Refused { cpu, seen })
    }
}

/// Keeps the calling thread, and the threads and processes that it starts, off a CPU that is being measured, until dropped.
#[derive(Debug)]
pub struct Elsewhere {
    before: Option<rustix::thread::CpuSet>,
}

impl Elsewhere {
    /// Moves to the others of `allowed`, where there are any and the system agrees; else stays.
    pub fn move_from(cpu: u32, allowed: &[u32]) -> Self {
        let mut others = rustix::thread::CpuSet::new();
        for &other in allowed
            .iter()
            .filter(|&&other| other != cpu && fits_mask(other))
        {
            others.set(other as usize);
        }
        let before = rustix::thread::sched_getaffinity(None).ok();
        let moved = others.count() > 0 && rustix::thread::sched_setaffinity(None, &others).is_ok();
        Elsewhere {
            before: before.filter(|_| moved),
        }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // The mask was this thread's own a moment ago.
            let _ = rustix::thread::sched_setaffinity(None, before);
        }
    }
}

/// Reads a list of CPUs as the kernel writes it: `0-3,8,10-11`.
pub fn parse_list(list: &str) -> Option<Vec<u32>> {
    let mut cpus = Vec::new();
    for part in list.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if first > last || last - first > 1 << 16 {
            return None;
        }
        cpus.extend::<std::ops::RangeInclusive<u32>>(first..=last);
    }
    Some(cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cpus() {
        let table: [(&str, Option<Vec<u32>>); 7] = [
            ("0", Some(vec![0])),
            ("0-2", Some(vec![0, 1, 2])),
            ("1,3-4", Some(vec![1, 3, 4])),
            ("1023-1025", Some(vec![1023, 1024, 1025])),
            ("", Some(vec![])),
            ("3-1", None),
            ("x", None),
        ];
        for (list, cpus) in table {
            assert_eq!(parse_list(list), cpus, "{list:?}");
        }
    }

    #[test]
    fn a_status_lists_cpus_of_any_number() {
        let status = |list: &str| {
            format!("Name:\tbench\nCpus_allowed:\tff\nCpus_allowed_list:\t{list}\nMems:\t0\n")
        };
        let table = [
            ("0-1", Some(vec![0, 1])),
            ("1023-1025,4000", Some(vec![1023, 1024, 1025, 4000])),
            ("", None),
            ("many", None),
        ];
        for (list, wanted) in table {
            assert_eq!(listed(&status(list)), wanted, "{list:?}");
        }
        assert_eq!(listed("Name:\tbench\n"), None);
    }

    #[test]
    fn a_pinned_thread_is_where_it_was_sent() {
        let cpus = allowed();
        for &cpu in &cpus {
            let seen = std::thread::scope(|scope| scope.spawn(|| pin(cpu, &cpus)).join().unwrap());
            assert_eq!(seen, Ok(cpu));
        }
        assert_eq!(allowed(), cpus, "other threads keep their mask");
    }

    #[test]
    fn a_thread_moves_off_a_cpu_and_back() {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let cpus = allowed();
                let last = *cpus.last().unwrap();
                let elsewhere = Elsewhere::move_from(last, &cpus);
                assert_eq!(allowed().contains(&last), cpus.len() == 1);
                drop(elsewhere);
                assert_eq!(allowed(), cpus);
            });
        });
    }

    #[test]
    fn a_cpu_outside_the_mask_is_refused() {
        let error = pin(5000, &[0, 2]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "CPU 5000 is not allowed here; allowed: [0, 2] (choose one of them with --cpu)"
        );
    }
}
