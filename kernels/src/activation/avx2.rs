//! Sigmoid and hyperbolic tangent on 256-bit vectors.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::*;

use super::exponential::{Sigmoid, Tanh, fraction};
use super::lanes::{Lanes, lanes, map};
use crate::vector::{MOST_LANES, Vector};

/// Registers whose operations take turns.
const GROUP: usize = 8;

/// # Safety
/// The CPU has AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn sigmoid(x: &[f32], out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { map::<__m256, Sigmoid<_>, Sigmoid<_>, GROUP>(x, out) };
}

/// # Safety
/// The CPU has AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn tanh(x: &[f32], out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { map::<__m256, Tanh<_>, Tanh<_>, GROUP>(x, out) };
}

lanes!(__m256, _mm256_fnmadd_ps, _mm256_min_ps, _mm256_max_ps);

#[target_feature(enable = "avx2,fma")]
#[inline]
fn any_less(a: __m256, b: __m256) -> bool {
    _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(a, b)) != 0
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn abs(a: __m256) -> __m256 {
    _mm256_andnot_ps(_mm256_set1_ps(-0.0), a)
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn copysign(a: __m256, sign: __m256) -> __m256 {
    _mm256_or_ps(abs(a), _mm256_and_ps(_mm256_set1_ps(-0.0), sign))
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn pick(table: __m256, numbers: __m256) -> __m256 {
    _mm256_permutevar8x32_ps(table, _mm256_castps_si256(numbers))
}

#[target_feature(enable = "avx2,fma")]
#[inline]
fn raise(a: __m256, steps: __m256) -> __m256 {
    const FRACTION: i32 = fraction(<__m256 as Vector>::LANES) as i32;
    let steps = _mm256_slli_epi32::<FRACTION>(_mm256_castps_si256(steps));
    _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), steps))
}

/// From an estimate within 1.5·2⁻¹² and the next two terms of the series of what it leaves.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn reciprocal(a: __m256, lost: __m256) -> __m256 {
    let estimate = _mm256_rcp_ps(a);
    let rest = _mm256_fnmadd_ps(estimate, a, _mm256_set1_ps(1.0));
    let rest = _mm256_fnmadd_ps(estimate, lost, rest);
    let rest = _mm256_fmadd_ps(rest, rest, rest);
    _mm256_fmadd_ps(estimate, rest, estimate)
}
