//! Sigmoid and hyperbolic tangent on 512-bit vectors.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions, and a table is loaded"
)]

use std::arch::x86_64::*;

use super::exponential::{Sigmoid, fraction};
use super::lanes::{Function, Lanes, lanes, map};
use super::tanh_table::{CENTRES, FACTORS, FIRST};
use crate::vector::{MOST_LANES, Vector};

/// Registers whose operations take turns in a sigmoid.
const SIGMOID_GROUP: usize = 8;
/// The same in a hyperbolic tangent, whose table fills most of them.
const TANH_GROUP: usize = 2;

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn sigmoid(x: &[f32], out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { map::<__m512, Sigmoid<_>, Sigmoid<_>, SIGMOID_GROUP>(x, out) };
}

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn tanh(x: &[f32], out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { map::<__m512, Table, Table, TANH_GROUP>(x, out) };
}

lanes!(__m512, _mm512_min_ps, _mm512_max_ps);

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn any_less(a: __m512, b: __m512) -> bool {
    _mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b) != 0
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn pick(table: __m512, numbers: __m512) -> __m512 {
    _mm512_permutexvar_ps(_mm512_castps_si512(numbers), table)
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn raise(a: __m512, steps: __m512) -> __m512 {
    const FRACTION: u32 = fraction(<__m512 as Vector>::LANES);
    let steps = _mm512_slli_epi32::<FRACTION>(_mm512_castps_si512(steps));
    _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), steps))
}

/// From an estimate within 2⁻¹⁴ and one step of Newton's.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn reciprocal(a: __m512, lost: __m512) -> __m512 {
    let estimate = _mm512_rcp14_ps(a);
    let rest = _mm512_fnmadd_ps(estimate, a, _mm512_set1_ps(1.0));
    let rest = _mm512_fnmadd_ps(estimate, lost, rest);
    _mm512_fmadd_ps(estimate, rest, estimate)
}

/// Thirty-two numbers in two registers.
type Pair = [__m512; 2];

/// The numbers of every interval, in registers.
struct Table {
    centres: Pair,
    factors: [Pair; 6],
}

impl Table {
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
    #[inline]
    fn load() -> Table {
        Table {
            centres: pair(&CENTRES),
            factors: [
                pair(&FACTORS[0]),
                pair(&FACTORS[1]),
                pair(&FACTORS[2]),
                pair(&FACTORS[3]),
                pair(&FACTORS[4]),
                pair(&FACTORS[5]),
            ],
        }
    }

    /// A polynomial in the distance from a point of the interval whose tangent is all but an f32; in the first interval x is added to what lies above it.
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
    #[inline]
    fn tanh(&self, x: __m512) -> __m512 {
        // It rounds to 1 before the last interval ends. The second operand stays where one is NaN.
        let sign = _mm512_and_ps(_mm512_set1_ps(-0.0), x);
        let magnitude = _mm512_min_ps(_mm512_set1_ps(9.5), _mm512_xor_ps(sign, x));
        let quarters = _mm512_srli_epi32::<21>(_mm512_castps_si512(magnitude));
        let interval = _mm512_sub_epi32(quarters, _mm512_set1_epi32(FIRST));
        let interval = _mm512_max_epi32(interval, _mm512_setzero_si512());
        let first = _mm512_testn_epi32_mask(interval, interval);
        let of = |[low, high]: Pair| _mm512_permutex2var_ps(low, interval, high);
        let t = _mm512_sub_ps(magnitude, of(self.centres));
        let [f0, f1, f2, f3, f4, f5] = self.factors.map(of);
        let square = _mm512_mul_ps(t, t);
        let high = _mm512_fmadd_ps(f5, square, _mm512_fmadd_ps(f4, t, f3));
        let low = _mm512_fmadd_ps(f2, t, f1);
        let slope = _mm512_fmadd_ps(high, square, low);
        let start = _mm512_mask_blend_ps(first, f0, magnitude);
        _mm512_or_ps(sign, _mm512_fmadd_ps(t, slope, start))
    }
}

impl<const N: usize> Function<[__m512; N]> for Table {
    #[inline(always)]
    unsafe fn new() -> Self {
        // SAFETY: the caller's promise.
        unsafe { Table::load() }
    }

    #[inline(always)]
    fn of(&self, mut x: [__m512; N]) -> [__m512; N] {
        for x in &mut x {
            // SAFETY: a vector proves AVX-512.
            *x = unsafe { self.tanh(*x) };
        }
        x
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn pair(numbers: &[f32; 32]) -> Pair {
    // SAFETY: the array has twice the size of a register.
    let low = unsafe { _mm512_loadu_ps(numbers.as_ptr()) };
    // SAFETY: as above.
    let high = unsafe { _mm512_loadu_ps(numbers[16..].as_ptr()) };
    [low, high]
}
