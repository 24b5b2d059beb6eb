//! Element-wise kernels on 512-bit vectors.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m512, __m512d};

use super::loops::{Args, run};
use super::operation::{Kernels, Map, kernels};

pub(super) const F32: Kernels<f32> = kernels!(kernel_f32);
pub(super) const F64: Kernels<f64> = kernels!(kernel_f64);

/// # Safety
/// As [`run`] for this instruction set.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn kernel_f32<O: Map>(args: &Args<f32>) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m512, __m512, O>(args, false) }
}

/// # Safety
/// As [`run`] for this instruction set.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn kernel_f64<O: Map>(args: &Args<f64>) {
    // SAFETY: the caller's promise.
    unsafe { run::<__m512d, __m512d, O>(args, false) }
}
