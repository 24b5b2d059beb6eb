//! One element, without a branch, so that a compiler makes vectors of it.

/// The bits of 0.5, whose last place is the smallest `f16`, 2⁻²⁴.
const HALF: u32 = 0x3f00_0000;
/// The smallest normal `f16`, 2⁻¹⁴, as an `f32`.
const NORMAL: u32 = 0x3880_0000;
/// What an exponent of `f32` has more than that of `f16`: 112, in its place.
const REBIAS: u32 = 112 << 23;
/// Infinity as an `f32`; what is above is NaN.
const INFINITY: u32 = 0x7f80_0000;

#[inline(always)]
pub(super) fn f32_to_f16(x: f32) -> u16 {
    let sign = x.to_bits() >> 16 & 0x8000;
    let magnitude = x.to_bits() & 0x7fff_ffff;
    let nan = 0x7e00 | (magnitude >> 13 & 0x3ff);
    // Half of the last place that stays, less one where that place is even; a carry goes on into the exponent, as it should.
    let to_even = 0xfff + (magnitude >> 13 & 1);
    let rounded = magnitude.wrapping_sub(REBIAS).wrapping_add(to_even);
    let normal = (rounded >> 13).min(0x7c00);
    // The addition rounds to the last place of 0.5.
    let subnormal = (f32::from_bits(magnitude) + 0.5)
        .to_bits()
        .wrapping_sub(HALF);
    let finite = if magnitude < NORMAL {
        subnormal
    } else {
        normal
    };
    (sign | if magnitude > INFINITY { nan } else { finite }) as u16
}

#[inline(always)]
pub(super) fn f16_to_f32(x: u16) -> f32 {
    let sign = (u32::from(x) & 0x8000) << 16;
    let magnitude = u32::from(x) & 0x7fff;
    let normal = (magnitude << 13) + REBIAS;
    // As many times 2⁻²⁴, exact.
    let subnormal = (magnitude as i32 as f32 * f32::from_bits(0x3380_0000)).to_bits();
    let quiet = if magnitude > 0x7c00 { 0x0040_0000 } else { 0 };
    let special = magnitude << 13 | INFINITY | quiet;
    let finite = if magnitude < 0x0400 {
        subnormal
    } else {
        normal
    };
    f32::from_bits(sign | if magnitude >= 0x7c00 { special } else { finite })
}

#[inline(always)]
pub(super) fn f32_to_bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    let nan = bits >> 16 | 0x40;
    // As above; the carry of the largest goes on into infinity.
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
    (if bits & 0x7fff_ffff > INFINITY {
        nan
    } else {
        rounded
    }) as u16
}

#[inline(always)]
pub(super) fn bf16_to_f32(x: u16) -> f32 {
    let quiet = if x & 0x7fff > 0x7f80 { 0x40 } else { 0 };
    f32::from_bits(u32::from(x | quiet) << 16)
}

/// `convert` of each element: inlined into a function of an instruction set, a loop on its vectors.
#[inline(always)]
pub(super) fn map<A: Copy, B>(x: &[A], out: &mut [B], convert: impl Fn(A) -> B) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = convert(*x);
    }
}
