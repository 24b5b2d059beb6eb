//! 512-bit vectors of AVX-512 F.

use std::arch::x86_64::*;

use super::Vector;

/// For each lane the lane to take: `(lane ^ flip) · step / share`, wrapped around.
const fn indices<const LANES: usize>(flip: usize, step: usize, share: usize) -> [usize; LANES] {
    let mut indices = [0; LANES];
    let mut lane = 0;
    while lane < LANES {
        indices[lane] = (lane ^ flip) * step / share % LANES;
        lane += 1;
    }
    indices
}

#[inline(always)]
fn permute_f32(vector: __m512, indices: &[usize; 16]) -> __m512 {
    let indices = indices.map(|index| index as i32);
    // SAFETY: a vector proves AVX-512, and the array has the size of a register.
    let indices = unsafe { _mm512_loadu_si512(indices.as_ptr().cast()) };
    // SAFETY: a vector proves AVX-512.
    unsafe { _mm512_permutexvar_ps(indices, vector) }
}

#[inline(always)]
fn permute_f64(vector: __m512d, indices: &[usize; 8]) -> __m512d {
    // SAFETY: a vector proves AVX-512, and the array has the size of a register.
    let indices = unsafe { _mm512_loadu_si512(indices.as_ptr().cast()) };
    // SAFETY: a vector proves AVX-512.
    unsafe { _mm512_permutexvar_pd(indices, vector) }
}

/// # Safety
/// The CPU has AVX-512; `SPLIT` elements are valid for reading.
#[inline(always)]
#[expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "each needs the same: the instruction set, and `SPLIT` elements to load"
)]
unsafe fn repeat_f32<const SPLIT: usize>(from: *const f32) -> __m512 {
    // SAFETY: the caller's promise; a pair of elements is read as one of twice the size.
    unsafe {
        match SPLIT {
            2 => _mm512_castpd_ps(_mm512_set1_pd(from.cast::<f64>().read_unaligned())),
            4 => _mm512_broadcast_f32x4(_mm_loadu_ps(from)),
            8 => _mm512_broadcast_f32x8(_mm256_loadu_ps(from)),
            _ => _mm512_loadu_ps(from),
        }
    }
}

/// # Safety
/// The CPU has AVX-512; `SPLIT` elements are valid for reading.
#[inline(always)]
#[expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "each needs the same: the instruction set, and `SPLIT` elements to load"
)]
unsafe fn repeat_f64<const SPLIT: usize>(from: *const f64) -> __m512d {
    // SAFETY: the caller's promise.
    unsafe {
        match SPLIT {
            2 => _mm512_broadcast_f64x2(_mm_loadu_pd(from)),
            4 => _mm512_broadcast_f64x4(_mm256_loadu_pd(from)),
            _ => _mm512_loadu_pd(from),
        }
    }
}

macro_rules! avx512_vector {
    ($vector:ident, $element:ty, $lanes:literal, $mask:ty, $set1:ident, $loadu:ident, $maskload:ident, $storeu:ident,
     $maskstore:ident, $stream:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $fmadd:ident, $repeat:ident, $permute:ident, $select:ident) => {
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
            unsafe fn load_repeated<const SPLIT: usize>(from: *const $element) -> Self {
                // SAFETY: the caller vouches for AVX-512 and for `SPLIT` readable elements.
                unsafe { $repeat::<SPLIT>(from) }
            }

            #[inline(always)]
            fn swap<const DISTANCE: usize>(self) -> Self {
                $permute(self, const { &indices::<$lanes>(DISTANCE, 1, 1) })
            }

            #[inline(always)]
            fn every<const SPLIT: usize>(self) -> Self {
                $permute(self, const { &indices::<$lanes>(0, SPLIT, 1) })
            }

            #[inline(always)]
            fn interleave<const SPLIT: usize>(self, other: Self, part: usize) -> Self {
                let spread = $permute(other, const { &indices::<$lanes>(0, 1, SPLIT) });
                // Ones in every `SPLIT`-th bit, moved up to `part`.
                let chosen = (const { u32::MAX / ((1u64 << SPLIT) - 1) as u32 } << part) as $mask;
                // SAFETY: a vector proves AVX-512.
                unsafe { $select(chosen, self, spread) }
            }

            #[inline(always)]
            fn blend<const BIT: usize>(self, other: Self) -> Self {
                // As many zeros as `BIT` is large, as many ones, and so on.
                let chosen = const { !(u32::MAX / ((1 << BIT) + 1)) } as $mask;
                // SAFETY: a vector proves AVX-512.
                unsafe { $select(chosen, self, other) }
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
    repeat_f32,
    permute_f32,
    _mm512_mask_blend_ps
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
    repeat_f64,
    permute_f64,
    _mm512_mask_blend_pd
);
