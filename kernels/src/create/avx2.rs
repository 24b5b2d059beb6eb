//! Random numbers on 256-bit registers.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::__m256i;

use super::blocks::run;

/// # Safety
/// As [`run`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn uniform_f32(seed: u64, first_block: usize, out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m256i, f32, 2>(seed, first_block, out) }
}

/// # Safety
/// As [`run`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn uniform_f64(seed: u64, first_block: usize, out: &mut [f64]) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m256i, f64, 2>(seed, first_block, out) }
}
