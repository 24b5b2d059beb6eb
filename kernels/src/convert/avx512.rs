//! Conversion with AVX-512: instructions of its own for `f16`, vectors of the compiler's making for `bf16`.
//!
//! Not `V_mm512NEPS2BF16` of AVX512_BF16: it takes subnormal numbers for zero.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::*;

use super::scalar::{self, map};

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn f32_to_f16(x: &[f32], out: &mut [u16]) {
    let (whole, rest) = x.as_chunks::<16>();
    let (whole_out, rest_out) = out.as_chunks_mut::<16>();
    for (x, out) in whole.iter().zip(whole_out) {
        *out = narrowed(x);
    }
    let mut last = [0.0; 16];
    last[..rest.len()].copy_from_slice(rest);
    rest_out.copy_from_slice(&narrowed(&last)[..rest.len()]);
}

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn f16_to_f32(x: &[u16], out: &mut [f32]) {
    let (whole, rest) = x.as_chunks::<16>();
    let (whole_out, rest_out) = out.as_chunks_mut::<16>();
    for (x, out) in whole.iter().zip(whole_out) {
        *out = widened(x);
    }
    let mut last = [0; 16];
    last[..rest.len()].copy_from_slice(rest);
    rest_out.copy_from_slice(&widened(&last)[..rest.len()]);
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
fn narrowed(x: &[f32; 16]) -> [u16; 16] {
    // SAFETY: an array of the size of a register.
    let x = unsafe { _mm512_loadu_ps(x.as_ptr()) };
    let halves = _mm512_cvtps_ph::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(x);
    let mut out = [0; 16];
    // SAFETY: an array of half the size of a register.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), halves) };
    out
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
fn widened(x: &[u16; 16]) -> [f32; 16] {
    // SAFETY: an array of half the size of a register.
    let halves = unsafe { _mm256_loadu_si256(x.as_ptr().cast()) };
    let singles = _mm512_cvtph_ps(halves);
    let mut out = [0.0; 16];
    // SAFETY: an array of the size of a register.
    unsafe { _mm512_storeu_ps(out.as_mut_ptr(), singles) };
    out
}

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn f32_to_bf16(x: &[f32], out: &mut [u16]) {
    map(x, out, scalar::f32_to_bf16);
}

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn bf16_to_f32(x: &[u16], out: &mut [f32]) {
    map(x, out, scalar::bf16_to_f32);
}
