//! Conversion with AVX2 and F16C: instructions of its own for `f16`, vectors of the compiler's making for `bf16`.
//!
//! `V_mm256PS2PH` keeps subnormal numbers whatever MXCSR says of the result.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::*;

use super::scalar::{self, map};

/// # Safety
/// The CPU has AVX2 and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn f32_to_f16(x: &[f32], out: &mut [u16]) {
    let (whole, rest) = x.as_chunks::<8>();
    let (whole_out, rest_out) = out.as_chunks_mut::<8>();
    for (x, out) in whole.iter().zip(whole_out) {
        *out = narrowed(x);
    }
    let mut last = [0.0; 8];
    last[..rest.len()].copy_from_slice(rest);
    rest_out.copy_from_slice(&narrowed(&last)[..rest.len()]);
}

/// # Safety
/// The CPU has AVX2 and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn f16_to_f32(x: &[u16], out: &mut [f32]) {
    let (whole, rest) = x.as_chunks::<8>();
    let (whole_out, rest_out) = out.as_chunks_mut::<8>();
    for (x, out) in whole.iter().zip(whole_out) {
        *out = widened(x);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    rest_out.copy_from_slice(&widened(&last)[..rest.len()]);
}

#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn narrowed(x: &[f32; 8]) -> [u16; 8] {
    // SAFETY: an array of the size of a register.
    let x = unsafe { _mm256_loadu_ps(x.as_ptr()) };
    let halves = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x);
    let mut out = [0; 8];
    // SAFETY: an array of half the size of a register.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), halves) };
    out
}

#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn widened(x: &[u16; 8]) -> [f32; 8] {
    // SAFETY: an array of half the size of a register.
    let halves = unsafe { _mm_loadu_si128(x.as_ptr().cast()) };
    let singles = _mm256_cvtph_ps(halves);
    let mut out = [0.0; 8];
    // SAFETY: an array of the size of a register.
    unsafe { _mm256_storeu_ps(out.as_mut_ptr(), singles) };
    out
}

/// # Safety
/// The CPU has AVX2 and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn f32_to_bf16(x: &[f32], out: &mut [u16]) {
    map(x, out, scalar::f32_to_bf16);
}

/// # Safety
/// The CPU has AVX2 and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn bf16_to_f32(x: &[u16], out: &mut [f32]) {
    map(x, out, scalar::bf16_to_f32);
}
