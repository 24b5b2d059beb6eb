//! The sigmoid from powers of e, for instruction sets with a fused multiply-add.
//!
//! A power is taken apart: `x = k·ln 2/L + r` with an integer k and |r| ≤ ln 2/(2·L), where L is the number of lanes of a register, for 2 to the
//! power of the fraction of k/L is looked up in one.
#![expect(unsafe_code, reason = "vectors are made from nothing")]

use std::f64::consts::LN_2;

use super::lanes::{Function, Lanes};
use super::smooth;
use crate::vector::MOST_LANES;

/// Adding it leaves the nearest integer in the lowest bits: 1.5·2²³.
const TO_INTEGER: f32 = 12_582_912.0;

/// (e⁻ʳ − 1 + r)/r² from the highest power down, for |r| ≤ ln 2/16: interpolated at the three Chebyshev nodes, and within 2⁻²⁷ of e⁻ʳ − 1
/// together with −r.
const SERIES: [f32; 3] = [0.041_668_62, -0.166_678_4, 0.5];

/// 2 to the power of 0, 1/16, … 15/16, rounded.
const ROOTS: [u32; 16] = [
    0x3f80_0000,
    0x3f85_aac3,
    0x3f8b_95c2,
    0x3f91_c3d3,
    0x3f98_37f0,
    0x3f9e_f532,
    0x3fa5_fed7,
    0x3fad_583f,
    0x3fb5_04f3,
    0x3fbd_08a4,
    0x3fc5_672a,
    0x3fce_248c,
    0x3fd7_44fd,
    0x3fe0_ccdf,
    0x3fea_c0c7,
    0x3ff5_257d,
];

/// What rounding took of them, as a part of each.
const REST: [f32; 16] = [
    0.0,
    4.628_547e-8,
    -1.199_215_7e-8,
    4.729_782_4e-8,
    3.193_418e-8,
    3.621_057e-8,
    -3.099_072e-8,
    -7.475_213e-9,
    1.711_427e-8,
    -3.047_683_4e-8,
    5.233_334e-9,
    6.107_592e-9,
    -1.471_960_5e-8,
    -5.258_795e-9,
    -6.128_26e-9,
    5.140_609e-9,
];

/// For `lanes` lanes, each root without its own number, so that all of k can be added; and what rounding took of it.
const fn roots(lanes: usize) -> [[f32; MOST_LANES]; 2] {
    let mut roots = [[0.0; MOST_LANES]; 2];
    let mut lane = 0;
    while lane < lanes {
        let from = lane * (ROOTS.len() / lanes);
        roots[0][lane] = f32::from_bits(ROOTS[from] - ((lane as u32) << fraction(lanes)));
        roots[1][lane] = REST[from];
        lane += 1;
    }
    roots
}

/// How many bits k has to be moved for its whole part to stand where the exponent does.
pub(super) const fn fraction(lanes: usize) -> u32 {
    f32::MANTISSA_DIGITS - 1 - lanes.ilog2()
}

/// Powers of e, with what they need in registers.
struct Exp<V> {
    to_integer: V,
    steps: V,
    /// The size of a step, and what rounding took of it.
    step: [V; 2],
    series: [V; 3],
    roots: [V; 2],
}

impl<V: Lanes> Exp<V> {
    const STEP: f64 = LN_2 / V::LANES as f64;

    /// # Safety
    /// The CPU has this instruction set.
    #[inline(always)]
    unsafe fn new() -> Self {
        let roots = const { &roots(V::LANES) };
        // SAFETY: the caller's promise.
        let splat = |value| unsafe { V::splat(value) };
        // SAFETY: the caller's promise.
        let load = |table| unsafe { V::load(table) };
        let step = Self::STEP as f32;
        Exp {
            to_integer: splat(TO_INTEGER),
            steps: splat(-1.0 / step),
            step: [step, (Self::STEP - f64::from(step)) as f32].map(splat),
            series: SERIES.map(splat),
            roots: roots.each_ref().map(load),
        }
    }

    /// e to the power of −x, for magnitudes up to 87; NaN of NaN.
    #[inline(always)]
    fn of_minus(&self, x: V) -> V {
        let shifted = x.mul_add(self.steps, self.to_integer);
        let k = shifted.sub(self.to_integer);
        let r = k.mul_add(self.step[0], x);
        let r = k.mul_add(self.step[1], r);
        let [f2, f1, f0] = self.series;
        let series = f2.mul_add(r, f1).mul_add(r, f0);
        let [root, rest] = self.roots;
        let scale = root.pick(shifted).raise(shifted);
        let above = r.mul(r).mul_add(series, rest.pick(shifted).sub(r));
        scale.mul_add(above, scale)
    }
}

/// Below it (from −87.3 on) a sigmoid is subnormal, which needs another way.
const LEAST: f32 = -87.0;

/// Above 17.4 a sigmoid rounds to 1.
const MOST: f32 = 60.0;

/// What a sigmoid needs in registers.
pub(super) struct Sigmoid<V> {
    exp: Exp<V>,
    one: V,
    least: V,
    most: V,
}

impl<V: Lanes> Function<V> for Sigmoid<V> {
    #[inline(always)]
    unsafe fn new() -> Self {
        // SAFETY: the caller's promise.
        let splat = |value| unsafe { V::splat(value) };
        Sigmoid {
            // SAFETY: the caller's promise.
            exp: unsafe { Exp::new() },
            one: splat(1.0),
            least: splat(LEAST),
            most: splat(MOST),
        }
    }

    /// What the sum loses to rounding is put right with the quotient.
    #[inline(always)]
    fn of(&self, x: V) -> V {
        let e = self.exp.of_minus(self.most.min(x));
        let (greater, smaller) = (self.one.max(e), self.one.min(e));
        let divisor = greater.add(smaller);
        let lost = smaller.sub(divisor.sub(greater));
        divisor.reciprocal(lost)
    }

    #[inline(always)]
    fn otherwise(&self, x: V) -> Option<fn(f32) -> f32> {
        x.any_less(self.least).then_some(smooth::sigmoid)
    }
}
