//! Element-wise kernels on 256-bit vectors.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m256, __m256d};

use super::loops::{Args, run};
use super::operation::{Kernels, Map, kernels};

pub(super) const F32: Kernels<f32> = kernels!(kernel_f32);
pub(super) const F64: Kernels<f64> = kernels!(kernel_f64);

/// # Safety
/// As [`run`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn kernel_f32<O: Map>(args: &Args<f32>) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m256, __m256, O>(args, false) }
}

/// # Safety
/// As [`run`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn kernel_f64<O: Map>(args: &Args<f64>) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m256d, __m256d, O>(args, false) }
}
