//! Sigmoid and hyperbolic tangent on 256-bit vectors.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions, and a table is loaded"
)]

use std::arch::x86_64::*;

use super::exponential::{Sigmoid, fraction};
use super::lanes::{Function, Lanes, lanes, map};
use super::tanh_table::{CENTRES_OF_8, FACTORS_OF_8};
use crate::vector::{MOST_LANES, Vector};

/// Registers whose operations take turns in a sigmoid. Not in a hyperbolic tangent, whose table fills most of them.
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
    unsafe { map::<__m256, Table, Table, 1>(x, out) };
}

lanes!(__m256, _mm256_min_ps, _mm256_max_ps);

#[target_feature(enable = "avx2,fma")]
#[inline]
fn any_less(a: __m256, b: __m256) -> bool {
    _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(a, b)) != 0
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

/// The numbers of every interval, in registers.
struct Table {
    centres: __m256,
    factors: [__m256; 8],
}

impl Table {
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn load() -> Table {
        // SAFETY: the array has the size of a register, whose instruction set this function has.
        let load = |numbers: &[f32; 8]| unsafe { _mm256_loadu_ps(numbers.as_ptr()) };
        Table {
            centres: load(&CENTRES_OF_8),
            factors: FACTORS_OF_8.each_ref().map(load),
        }
    }

    /// A polynomial in the distance from a point of the interval whose tangent is all but an f32.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn tanh(&self, x: __m256) -> __m256 {
        let sign = _mm256_and_ps(_mm256_set1_ps(-0.0), x);
        // From 9.1 on it rounds to 1. The second operand stays where one is NaN.
        let magnitude = _mm256_min_ps(_mm256_set1_ps(9.5), _mm256_xor_ps(sign, x));
        let above = _mm256_add_ps(magnitude, _mm256_set1_ps(0.5));
        // The last interval goes on beyond 8.
        let above = _mm256_min_ps(_mm256_set1_ps(7.0), above);
        let interval = _mm256_srli_epi32::<22>(_mm256_castps_si256(above));
        let of = |table| _mm256_permutevar8x32_ps(table, interval);
        let t = _mm256_sub_ps(magnitude, of(self.centres));
        let [f0, f1, f2, f3, f4, f5, f6, f7] = self.factors.map(of);
        let square = _mm256_mul_ps(t, t);
        let high = _mm256_fmadd_ps(f7, square, _mm256_fmadd_ps(f6, t, f5));
        let high = _mm256_fmadd_ps(high, square, _mm256_fmadd_ps(f4, t, f3));
        let slope = _mm256_fmadd_ps(high, square, _mm256_fmadd_ps(f2, t, f1));
        _mm256_or_ps(sign, _mm256_fmadd_ps(t, slope, f0))
    }
}

impl Function<[__m256; 1]> for Table {
    #[inline(always)]
    unsafe fn new() -> Self {
        // SAFETY: the caller's promise.
        unsafe { Table::load() }
    }

    #[inline(always)]
    fn of(&self, [x]: [__m256; 1]) -> [__m256; 1] {
        // SAFETY: a vector proves AVX2, and its functions are entered with FMA too.
        [unsafe { self.tanh(x) }]
    }
}
