//! Sigmoid and hyperbolic tangent of one element in f32, without a branch, for loops that the compiler makes into vectors of
//! AVX2 with its fused multiply-add.

use std::f32::consts::LOG2_E;

/// Adding it leaves the nearest integer in the lowest bits: 1.5·2²³.
const TO_INTEGER: f32 = 12_582_912.0;

/// The first 15 bits of ln 2: times an integer of 8 bits it is exact.
pub(super) const LN_2_HIGH: f32 = 0.693_145_75;
/// The rest of it.
pub(super) const LN_2_LOW: f32 = 1.428_606_8e-6;

/// (eʳ − 1 − r)/r² from the highest power down, for |r| ≤ ln 2/2: interpolated at the five Chebyshev nodes, and within 2⁻²⁶·⁵ of eʳ together with r.
pub(super) const EXP: [f32; 5] = [
    0.001_392_625,
    0.008_363_233,
    0.041_666_552,
    0.166_665_76,
    0.5,
];

/// (tanh(a)/a − 1)/a² as a polynomial in a² from the highest power down, for a ≤ 0.9: interpolated at the eight Chebyshev nodes, and within 2⁻²⁶·³ of tanh(a)/a.
const TANH: [[f32; 2]; 4] = [
    [0.000_182_065_41, -0.001_039_120_4],
    [0.003_340_372_6, -0.008_774_217],
    [0.021_851_901, -0.053_966_52],
    [0.133_333_27, -0.333_333_34],
];

/// Where the two ways to compute a hyperbolic tangent meet.
const TANH_SMALL: f32 = 0.9;

/// e to a power as `(1 + above) · scale[0] · scale[1]`: in three parts, for their product may round and be subnormal.
#[derive(Clone, Copy)]
struct Exp {
    above: f32,
    scale: [f32; 2],
}

/// The factors by pairs, highest power first, as a polynomial in `x`: half as long a chain as one factor after the other.
#[inline(always)]
fn pairs<const N: usize>(factors: [[f32; 2]; N], x: f32) -> f32 {
    let square = x * x;
    let mut sum = 0.0f32;
    for [odd, even] in factors {
        sum = sum.mul_add(square, odd.mul_add(x, even));
    }
    sum
}

/// e to the power of `x`, for `-110 < x <= 0`. NaN of NaN.
///
/// `x = k·ln 2 + r` with an integer k and |r| ≤ ln 2/2, as far as f32 tells.
#[inline(always)]
fn exp(x: f32) -> Exp {
    let shifted = x.mul_add(LOG2_E, TO_INTEGER);
    let k = shifted - TO_INTEGER;
    let r = k.mul_add(-LN_2_LOW, k.mul_add(-LN_2_HIGH, x));
    let [f4, f3, f2, f1, f0] = EXP;
    let series = pairs([[0.0, f4], [f3, f2], [f1, f0]], r);
    let above = (r * r).mul_add(series, r);
    let k = (shifted.to_bits() as i32).wrapping_sub(const { TO_INTEGER.to_bits() as i32 });
    let half = k >> 1;
    let power = |k: i32| f32::from_bits((k.wrapping_add(127) as u32) << 23);
    Exp {
        above,
        scale: [power(half), power(k.wrapping_sub(half))],
    }
}

impl Exp {
    #[inline(always)]
    fn scaled(self, value: f32) -> f32 {
        value * self.scale[0] * self.scale[1]
    }

    /// 1/(1 + e), and e/(1 + e).
    ///
    /// What `1 + e` loses to rounding is put right in the step after the quotient.
    #[inline(always)]
    fn logistic(self) -> (f32, f32) {
        let e = self.scaled(1.0 + self.above);
        let divisor = 1.0 + e;
        let lost = e - (divisor - 1.0);
        let quotient = 1.0 / divisor;
        let rest = quotient.mul_add(-divisor, 1.0);
        let rest = quotient.mul_add(-lost, rest);
        let quotient = quotient.mul_add(rest, quotient);
        let other = self.scaled(self.above.mul_add(quotient, quotient));
        (quotient, other)
    }
}

/// 1/(1 + e⁻ˣ).
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    let magnitude = x.abs();
    // Beyond it, e to this power is below half the smallest subnormal number.
    let bounded = if magnitude > 104.0 { 104.0 } else { magnitude };
    let (positive, negative) = exp(-bounded).logistic();
    if x < 0.0 { negative } else { positive }
}

/// 1 − 2·e⁻²ˣ/(1 + e⁻²ˣ), and near 0, where that cancels, a polynomial.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    let magnitude = x.abs();
    // From 9.1 on it rounds to 1.
    let bounded = if magnitude > 10.0 { 10.0 } else { magnitude };
    let (_, e) = exp(-2.0 * bounded).logistic();
    let large = e.mul_add(-2.0, 1.0);
    let square = magnitude * magnitude;
    let small = (magnitude * square).mul_add(pairs(TANH, square), magnitude);
    let value = if magnitude < TANH_SMALL { small } else { large };
    value.copysign(x)
}
