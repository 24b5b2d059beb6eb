//! Conversion on what every x86_64 has: 128-bit vectors of the compiler's making.
#![expect(
    unsafe_code,
    reason = "has the type of its siblings, which are unsafe to enter"
)]

use super::scalar::{self, map};

/// # Safety
/// None is needed.
pub(super) unsafe fn f32_to_f16(x: &[f32], out: &mut [u16]) {
    map(x, out, scalar::f32_to_f16);
}

/// # Safety
/// None is needed.
pub(super) unsafe fn f16_to_f32(x: &[u16], out: &mut [f32]) {
    map(x, out, scalar::f16_to_f32);
}

/// # Safety
/// None is needed.
pub(super) unsafe fn f32_to_bf16(x: &[f32], out: &mut [u16]) {
    map(x, out, scalar::f32_to_bf16);
}

/// # Safety
/// None is needed.
pub(super) unsafe fn bf16_to_f32(x: &[u16], out: &mut [f32]) {
    map(x, out, scalar::bf16_to_f32);
}
