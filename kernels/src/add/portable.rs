//! Element-wise kernels on the 128-bit vectors of `wide`: no more than every x86_64 has.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use wide::{f32x4, f64x2};

use super::loops::{Args, run};
use super::operation::{Kernels, Map, kernels};

pub(super) const F32: Kernels<f32> = kernels!(kernel_f32);
pub(super) const F64: Kernels<f64> = kernels!(kernel_f64);

/// # Safety
/// As [`run`].
unsafe fn kernel_f32<O: Map>(args: &Args<f32>) {
    // SAFETY: the caller's promise.
    unsafe { run::<f32x4, f32x4, O>(args, false) }
}

/// # Safety
/// As [`run`].
unsafe fn kernel_f64<O: Map>(args: &Args<f64>) {
    // SAFETY: the caller's promise.
    unsafe { run::<f64x2, f64x2, O>(args, false) }
}
