//! 512-bit vectors of AVX-512 F.

use std::arch::x86_64::*;

use super::Vector;

/// [`Vector::deinterleave`]: lanes within 128 bits first, then whole 128 bits.
#[inline(always)]
#[expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "each needs the same: the instruction set"
)]
fn deinterleave_f32<const STEP: usize>(a: __m512, b: __m512) -> [__m512; 2] {
    // SAFETY: a vector proves AVX-512.
    unsafe {
        if STEP < 2 {
            [
                _mm512_shuffle_ps::<0b10_00_10_00>(a, b),
                _mm512_shuffle_ps::<0b11_01_11_01>(a, b),
            ]
        } else {
            [
                _mm512_shuffle_f32x4::<0b10_00_10_00>(a, b),
                _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b),
            ]
        }
    }
}

/// [`Vector::deinterleave`]: lanes within 128 bits first, then whole 128 bits.
#[inline(always)]
#[expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "each needs the same: the instruction set"
)]
fn deinterleave_f64<const STEP: usize>(a: __m512d, b: __m512d) -> [__m512d; 2] {
    // SAFETY: a vector proves AVX-512.
    unsafe {
        if STEP < 1 {
            [_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b)]
        } else {
            [
                _mm512_shuffle_f64x2::<0b10_00_10_00>(a, b),
                _mm512_shuffle_f64x2::<0b11_01_11_01>(a, b),
            ]
        }
    }
}

macro_rules! avx512_vector {
    ($vector:ident, $element:ty, $lanes:literal, $mask:ty, $set1:ident, $loadu:ident, $maskload:ident, $storeu:ident,
     $maskstore:ident, $stream:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $fmadd:ident, $deinterleave:ident) => {
        impl Vector for $vector {
            type Element = $element;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn splat(value: $element) -> Self {
                // SAFETY: the caller vouches for AVX-512.
                unsafe { $set1(value) }
            }

            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                // SAFETY: the caller vouches for AVX-512 and for the memory.
                unsafe { $loadu(from) }
            }

            #[inline(always)]
            unsafe fn load_head(from: *const $element, count: usize) -> Self {
                let mask = ((1u32 << count) - 1) as $mask;
                // SAFETY: lanes that the mask leaves out are not read; the caller vouches for the others.
                unsafe { $maskload(mask, from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                // SAFETY: a vector proves AVX-512; the caller vouches for the memory.
                unsafe { $storeu(to, self) }
            }

            #[inline(always)]
            unsafe fn store_head(self, to: *mut $element, count: usize) {
                let mask = ((1u32 << count) - 1) as $mask;
                // SAFETY: lanes that the mask leaves out are not written; the caller vouches for the others.
                unsafe { $maskstore(to, mask, self) }
            }

            #[inline(always)]
            unsafe fn stream(self, to: *mut $element) {
                // SAFETY: a vector proves AVX-512; the caller vouches for the memory, its alignment and the fence.
                unsafe { $stream(to, self) }
            }

            #[inline(always)]
            fn deinterleave<const STEP: usize>(self, other: Self) -> [Self; 2] {
                $deinterleave::<STEP>(self, other)
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX-512.
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX-512.
                unsafe { $sub(self, other) }
            }

            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX-512.
                unsafe { $mul(self, other) }
            }

            #[inline(always)]
            fn div(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX-512.
                unsafe { $div(self, other) }
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: a vector proves AVX-512.
                unsafe { $fmadd(self, factor, addend) }
            }
        }
    };
}

avx512_vector!(
    __m512,
    f32,
    16,
    __mmask16,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_maskz_loadu_ps,
    _mm512_storeu_ps,
    _mm512_mask_storeu_ps,
    _mm512_stream_ps,
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_mul_ps,
    _mm512_div_ps,
    _mm512_fmadd_ps,
    deinterleave_f32
);
avx512_vector!(
    __m512d,
    f64,
    8,
    __mmask8,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_maskz_loadu_pd,
    _mm512_storeu_pd,
    _mm512_mask_storeu_pd,
    _mm512_stream_pd,
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd,
    _mm512_div_pd,
    _mm512_fmadd_pd,
    deinterleave_f64
);
