//! Element-wise kernels of CPUs that [halve vectors](crate::cpu::halves_vectors).
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};
use std::ops::Range;

use super::avx512;
use super::loops::{Args, run};
use super::operation::{Kernels, Map, Operation, kernels};

pub(super) const F32: Kernels<f32> = with_division_of(avx512::F32, kernels!(kernel_f32));
pub(super) const F64: Kernels<f64> = with_division_of(avx512::F64, kernels!(kernel_f64));

/// Bytes of two operands and an output that come from the level-2 cache of a Zen 4, of 1 MiB, beside a level-1 cache of 32 KiB. There an
/// output apart from its operands is stored in halves: an addition takes 0.95 to 1.01 of the time of whole stores, by where the arrays lie to each
/// other. From the level-1 cache that takes 1.3 to 1.8 times as long, in place 1.01, and to fill 1.9.
const LEVEL_2: Range<usize> = 48 << 10..512 << 10;

/// All but division do little but load and store.
const fn with_division_of<T: Copy>(avx512: Kernels<T>, mut kernels: Kernels<T>) -> Kernels<T> {
    kernels[Operation::Divide as usize] = avx512[Operation::Divide as usize];
    kernels
}

/// # Safety
/// As [`run`] for AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn kernel_f32<O: Map>(args: &Args<f32>) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m256, __m512, O>(args, stores_in_halves::<f32, O>(args)) }
}

/// # Safety
/// As [`run`] for AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn kernel_f64<O: Map>(args: &Args<f64>) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m256d, __m512d, O>(args, stores_in_halves::<f64, O>(args)) }
}

#[inline(always)]
fn stores_in_halves<T, O: Map>(args: &Args<T>) -> bool {
    O::READS_X
        && O::READS_Y
        && args.out.cast_const() != args.x
        && args.out.cast_const() != args.y
        && LEVEL_2.contains(&(3 * args.len * size_of::<T>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::add::operation::{Add, Fill, Scale};

    #[test]
    fn only_results_of_two_others_in_the_level_2_cache_are_stored_in_halves() {
        let (a, b, mut c) = ([0.0f64], [0.0f64], [0.0f64]);
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        let args = |x, len| Args {
            alpha: 1.0,
            x,
            y: b,
            out: c,
            len,
            streaming: false,
        };
        for (x, len, expected) in [
            (a, 2_047, false),
            (a, 2_048, true),
            (a, 21_845, true),
            (a, 21_846, false),
            (c.cast_const(), 10_000, false),
        ] {
            let args = args(x, len);
            assert_eq!(stores_in_halves::<f64, Add>(&args), expected, "{len}");
            assert!(!stores_in_halves::<f64, Scale>(&args), "{len}");
            assert!(!stores_in_halves::<f64, Fill>(&args), "{len}");
        }
    }
}
