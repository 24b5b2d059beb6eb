//! The probe: a reference that feels slow spells, in which code that lives in the second-level cache runs up to 30 % slower while
//! the clock of the core holds steady.
//!
//! It is a triad over three arrays that together fill a good part of that cache. It is timed beside every pair of slices, and
//! pairs are kept or dropped by it alone, never by what they show: see `spell` in [`paired`](crate::paired).

use std::hint::black_box;

use crate::buffers::Buffers;
use crate::clock;

/// Elements of each array: 3 × 80 kB, above any first-level and below any second-level data cache in use.
const ELEMENTS: usize = 10_000;
/// Timed passes, averaged: the least of several would miss a short disturbance.
const PASSES: u32 = 8;

/// The arrays, in a huge page where the system grants one.
#[derive(Debug)]
pub struct Probe {
    memory: Buffers,
}

impl Probe {
    /// Maps and fills the arrays.
    ///
    /// # Errors
    /// Where the system has no memory for them.
    pub fn new() -> Result<Self, crate::buffers::Error> {
        let array = |name| abi::Buffer::input(name, abi::DType::F64, &[ELEMENTS]);
        let mut memory = Buffers::new(&[array("a"), array("b"), array("c")], |_| 0)?;
        memory.fill(0);
        Ok(Probe { memory })
    }

    /// The mean time of a pass, ns, after one pass that brings the arrays back into the cache.
    pub fn time_ns(&mut self) -> f64 {
        let [a, b, c] = self.memory.f64_slices();
        triad(a, b, c);
        let (ns, ()) = clock::time_ns(|| {
            for _ in 0..PASSES {
                triad(a, b, c);
            }
        });
        ns as f64 / f64::from(PASSES)
    }
}

#[inline(never)]
fn triad(a: &mut [f64], b: &[f64], c: &[f64]) {
    for ((a, b), c) in black_box(a).iter_mut().zip(black_box(b)).zip(black_box(c)) {
        *a = b + 0.5 * c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_computes_and_takes_time() {
        let mut probe = Probe::new().unwrap();
        assert!(probe.time_ns() > 0.0);
        let [a, b, c] = probe.memory.f64_slices();
        assert!(
            a.iter()
                .zip(b.iter().zip(c.iter()))
                .all(|(a, (b, c))| *a == b + 0.5 * c)
        );
    }
}
