//! 256-bit vectors of AVX2 with FMA.

use std::arch::x86_64::*;

use super::{Vector, opaque};

/// Sixteen lanes' worth of ones, then zeros: a window into it is the mask of the first `n` lanes.
static MASK_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
static MASK_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

/// Ones in the first `count` 32-bit lanes.
///
/// # Safety
/// The CPU has AVX; `count <= 8`.
#[inline(always)]
unsafe fn mask_32(count: usize) -> __m256i {
    let window = MASK_32.as_ptr().wrapping_add(8 - count);
    // SAFETY: the window ends inside the table, for `count <= 8`.
    unsafe { _mm256_loadu_si256(window.cast()) }
}

/// Ones in the first `count` 64-bit lanes.
///
/// # Safety
/// The CPU has AVX; `count <= 4`.
#[inline(always)]
unsafe fn mask_64(count: usize) -> __m256i {
    let window = MASK_64.as_ptr().wrapping_add(4 - count);
    // SAFETY: the window ends inside the table, for `count <= 4`.
    unsafe { _mm256_loadu_si256(window.cast()) }
}

/// [`Vector::deinterleave`]: lanes within 128 bits first, then whole 128 bits.
#[inline(always)]
#[expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "each needs the same: the instruction set"
)]
fn deinterleave_f32<const STEP: usize>(a: __m256, b: __m256) -> [__m256; 2] {
    // SAFETY: a vector proves AVX.
    unsafe {
        if STEP < 2 {
            [
                _mm256_shuffle_ps::<0b10_00_10_00>(a, b),
                _mm256_shuffle_ps::<0b11_01_11_01>(a, b),
            ]
        } else {
            [
                _mm256_permute2f128_ps::<0x20>(a, b),
                _mm256_permute2f128_ps::<0x31>(a, b),
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
fn deinterleave_f64<const STEP: usize>(a: __m256d, b: __m256d) -> [__m256d; 2] {
    // SAFETY: a vector proves AVX.
    unsafe {
        if STEP < 1 {
            [_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b)]
        } else {
            [
                _mm256_permute2f128_pd::<0x20>(a, b),
                _mm256_permute2f128_pd::<0x31>(a, b),
            ]
        }
    }
}

macro_rules! avx2_vector {
    ($vector:ident, $element:ty, $lanes:literal, $mask:ident, $set1:ident, $loadu:ident, $maskload:ident, $storeu:ident, $low:ident, $high:ident, $store_half:ident,
     $maskstore:ident, $stream:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $fmadd:ident, $deinterleave:ident) => {
        impl Vector for $vector {
            type Element = $element;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn splat(value: $element) -> Self {
                // SAFETY: the caller vouches for AVX.
                unsafe { $set1(value) }
            }

            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                // SAFETY: the caller vouches for AVX and for the memory.
                unsafe { $loadu(from) }
            }

            #[inline(always)]
            unsafe fn load_head(from: *const $element, count: usize) -> Self {
                // SAFETY: the caller vouches for AVX and for `count`.
                let mask = unsafe { $mask(count) };
                // SAFETY: lanes that the mask leaves out are not read; the caller vouches for the others.
                unsafe { $maskload(from, mask) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                // SAFETY: a vector proves AVX; the caller vouches for the memory.
                unsafe { $storeu(to, self) }
            }

            #[inline(always)]
            unsafe fn store_in_halves(self, to: *mut $element) {
                // SAFETY: a vector proves AVX.
                let halves = unsafe { [$low(self), $high::<1>(self)] };
                // SAFETY: the caller vouches for the memory.
                unsafe { $store_half(to, halves[0]) };
                // Else the compiler joins the two stores.
                let to = opaque(to.wrapping_add($lanes / 2)).cast_mut();
                // SAFETY: as above.
                unsafe { $store_half(to, halves[1]) };
            }

            #[inline(always)]
            unsafe fn store_head(self, to: *mut $element, count: usize) {
                // SAFETY: a vector proves AVX; the caller vouches for `count`.
                let mask = unsafe { $mask(count) };
                // SAFETY: lanes that the mask leaves out are not written; the caller vouches for the others.
                unsafe { $maskstore(to, mask, self) }
            }

            #[inline(always)]
            unsafe fn stream(self, to: *mut $element) {
                // SAFETY: a vector proves AVX; the caller vouches for the memory, its alignment and the fence.
                unsafe { $stream(to, self) }
            }

            #[inline(always)]
            fn deinterleave<const STEP: usize>(self, other: Self) -> [Self; 2] {
                $deinterleave::<STEP>(self, other)
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX.
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX.
                unsafe { $sub(self, other) }
            }

            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX.
                unsafe { $mul(self, other) }
            }

            #[inline(always)]
            fn div(self, other: Self) -> Self {
                // SAFETY: a vector proves AVX.
                unsafe { $div(self, other) }
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: a vector proves AVX2 and FMA, which `Isa::Avx2` asks for together.
                unsafe { $fmadd(self, factor, addend) }
            }
        }
    };
}

avx2_vector!(
    __m256,
    f32,
    8,
    mask_32,
    _mm256_set1_ps,
    _mm256_loadu_ps,
    _mm256_maskload_ps,
    _mm256_storeu_ps,
    _mm256_castps256_ps128,
    _mm256_extractf128_ps,
    _mm_storeu_ps,
    _mm256_maskstore_ps,
    _mm256_stream_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_div_ps,
    _mm256_fmadd_ps,
    deinterleave_f32
);
avx2_vector!(
    __m256d,
    f64,
    4,
    mask_64,
    _mm256_set1_pd,
    _mm256_loadu_pd,
    _mm256_maskload_pd,
    _mm256_storeu_pd,
    _mm256_castpd256_pd128,
    _mm256_extractf128_pd,
    _mm_storeu_pd,
    _mm256_maskstore_pd,
    _mm256_stream_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    _mm256_fmadd_pd,
    deinterleave_f64
);
