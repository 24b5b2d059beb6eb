//! Sigmoid and hyperbolic tangent of one element, in f64 without a branch, for loops that the compiler makes into vectors.

use std::f64::consts::{LN_2, LOG2_E};

/// Adding it leaves the nearest integer in the lowest bits: 1.5·2⁵².
const TO_INTEGER: f64 = 6_755_399_441_055_744.0;

/// The first 33 bits of ln 2: times an integer below 2²⁰ it is exact.
const LN_2_HIGH: f64 = f64::from_bits(LN_2.to_bits() & !0xf_ffff);
/// The rest of the f64 nearest to it. What that leaves out, 2.4·10⁻¹⁷ for each k, is below 7·10⁻¹⁵ as long as |k| ≤ 289.
const LN_2_LOW: f64 = LN_2 - LN_2_HIGH;

/// 1/n! from the highest power down to the first.
const TAYLOR: [f64; 11] = [
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
    1.0,
];

/// e to the power of `x`, for magnitudes up to 200; within 2·10⁻¹⁴, relatively. NaN of NaN.
///
/// `x = k·ln 2 + r` with an integer k and |r| ≤ ln 2/2, where the first term of the series that is left out, r¹²/12!, is 6.3·10⁻¹⁵.
#[inline(always)]
fn exp(x: f64) -> f64 {
    let shifted = x * LOG2_E + TO_INTEGER;
    let k = shifted - TO_INTEGER;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let mut series = 0.0;
    for factor in TAYLOR {
        series = (series + factor) * r;
    }
    let power_of_two = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    (1.0 + series) * power_of_two
}

/// 1/(1 + e⁻ˣ). Beyond ±200 it is as at ±200, which rounds to 0 and 1.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    let x = f64::from(x);
    let x = if x > 200.0 { 200.0 } else { x };
    let x = if x < -200.0 { -200.0 } else { x };
    (1.0 / (1.0 + exp(-x))) as f32
}

/// (1 − e⁻²ˣ)/(1 + e⁻²ˣ), and near 0, where that cancels, x − x³/3, whose next term is 2⁻⁵⁰ of it at most.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    let wide = f64::from(x);
    let magnitude = wide.abs();
    // From 20 on it rounds to 1.
    let bounded = if magnitude > 20.0 { 20.0 } else { magnitude };
    let e = exp(-2.0 * bounded);
    let large = (1.0 - e) / (1.0 + e);
    let small = magnitude - magnitude * magnitude * magnitude * (1.0 / 3.0);
    let value = if magnitude < 1.0 / 4096.0 {
        small
    } else {
        large
    };
    value.copysign(wide) as f32
}
