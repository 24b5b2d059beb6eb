//! Random numbers on 128-bit registers.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::__m128i;

use super::blocks::run;

/// # Safety
/// As [`run`] for this instruction set.
pub(super) unsafe fn uniform_f32(seed: u64, first_block: usize, out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m128i, f32, 4>(seed, first_block, out) }
}

/// # Safety
/// As [`run`] for this instruction set.
pub(super) unsafe fn uniform_f64(seed: u64, first_block: usize, out: &mut [f64]) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m128i, f64, 4>(seed, first_block, out) }
}
