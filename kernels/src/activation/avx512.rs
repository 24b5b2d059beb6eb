//! Sigmoid and hyperbolic tangent on 512-bit vectors.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions, and lanes are loaded and stored by mask"
)]

use std::arch::x86_64::*;

use super::fused::{EXP, LN_2_HIGH, LN_2_LOW};
use super::tanh_table::{CENTRES, FACTORS, FIRST};

const LANES: usize = 16;

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn sigmoid(x: &[f32], out: &mut [f32]) {
    map(x, out, |x| sigmoid_lanes(x));
}

/// # Safety
/// The CPU has AVX-512.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn tanh(x: &[f32], out: &mut [f32]) {
    let table = Table::load();
    map(x, out, |x| table.tanh(x));
}

/// Applies `function` to every element; slices are of one length.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn map(x: &[f32], out: &mut [f32], function: impl Fn(__m512) -> __m512) {
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (out, out_rest) = out.as_chunks_mut::<LANES>();
    for (x, out) in x.iter().zip(out) {
        // SAFETY: the array has the size of a register.
        let x = unsafe { _mm512_loadu_ps(x.as_ptr()) };
        // SAFETY: as above.
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), function(x)) };
    }
    let mask = (1 << x_rest.len()) - 1;
    // SAFETY: lanes that the mask leaves out are not read.
    let x = unsafe { _mm512_maskz_loadu_ps(mask, x_rest.as_ptr()) };
    // SAFETY: nor are they written, and both slices are as long.
    unsafe { _mm512_mask_storeu_ps(out_rest.as_mut_ptr(), mask, function(x)) };
}

/// 1/(1 + e⁻ˣ), as in `fused.rs`; the quotient from an estimate within 2⁻¹⁴ and one step of Newton's, which is what puts the sum right there.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn sigmoid_lanes(x: __m512) -> __m512 {
    let one = _mm512_set1_ps(1.0);
    // −|x|, from where on e to this power is below half the smallest subnormal number. The second operand stays where one is NaN.
    let power = _mm512_max_ps(
        _mm512_set1_ps(-104.0),
        _mm512_or_ps(x, _mm512_set1_ps(-0.0)),
    );
    let k = _mm512_roundscale_ps::<NEAREST>(_mm512_mul_ps(
        power,
        _mm512_set1_ps(std::f32::consts::LOG2_E),
    ));
    let r = _mm512_fnmadd_ps(k, _mm512_set1_ps(LN_2_HIGH), power);
    let r = _mm512_fnmadd_ps(k, _mm512_set1_ps(LN_2_LOW), r);
    let square = _mm512_mul_ps(r, r);
    // By pairs: half as long a chain as one factor after the other.
    let [f4, f3, f2, f1, f0] = EXP.map(|factor| _mm512_set1_ps(factor));
    let high = _mm512_fmadd_ps(f4, r, f3);
    let middle = _mm512_fmadd_ps(f2, square, _mm512_fmadd_ps(f1, r, f0));
    let series = _mm512_fmadd_ps(_mm512_mul_ps(square, r), high, middle);
    let above = _mm512_fmadd_ps(square, series, r);

    let e = _mm512_scalef_ps(_mm512_add_ps(one, above), k);
    let divisor = _mm512_add_ps(one, e);
    let lost = _mm512_sub_ps(e, _mm512_sub_ps(divisor, one));
    let estimate = _mm512_rcp14_ps(divisor);
    let rest = _mm512_fnmadd_ps(estimate, divisor, one);
    let rest = _mm512_fnmadd_ps(estimate, lost, rest);
    let quotient = _mm512_fmadd_ps(estimate, rest, estimate);
    let other = _mm512_scalef_ps(_mm512_fmadd_ps(above, quotient, quotient), k);
    let negative = _mm512_movepi32_mask(_mm512_castps_si512(x));
    _mm512_mask_blend_ps(negative, quotient, other)
}

/// To the nearest integer, without an exception.
const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

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
        let sign = _mm512_set1_ps(-0.0);
        let magnitude = _mm512_andnot_ps(sign, x);
        // It rounds to 1 before the last interval ends. The second operand stays where one is NaN.
        let magnitude = _mm512_min_ps(_mm512_set1_ps(9.5), magnitude);
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
        let value = _mm512_fmadd_ps(t, slope, start);
        _mm512_or_ps(value, _mm512_and_ps(x, sign))
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
#[inline]
fn pair(numbers: &[f32; 32]) -> Pair {
    // SAFETY: the array has twice the size of a register.
    let low = unsafe { _mm512_loadu_ps(numbers.as_ptr()) };
    // SAFETY: as above.
    let high = unsafe { _mm512_loadu_ps(numbers[LANES..].as_ptr()) };
    [low, high]
}
