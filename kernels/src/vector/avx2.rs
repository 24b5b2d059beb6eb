//! 256-bit vectors of AVX2 with FMA.

use std::arch::x86_64::*;

use super::Vector;

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

/// Ones in the first of `SPLIT` lanes, from the eighth part on, and repeated: a window that starts `n` lanes earlier
/// has them in the `n`-th of `SPLIT` lanes.
const fn every<const LANES: usize, const SPLIT: usize>() -> [i32; 16] {
    let parts = 8 / LANES;
    let mut mask = [0; 16];
    let mut i = 0;
    while i < 16 {
        mask[i] = if (i / parts).is_multiple_of(SPLIT) {
            -1
        } else {
            0
        };
        i += 1;
    }
    mask
}

/// Ones in the lanes whose number has `BIT` set.
const fn blend_mask<const LANES: usize, const BIT: usize>() -> [i32; 8] {
    let parts = 8 / LANES;
    let mut mask = [0; 8];
    let mut i = 0;
    while i < 8 {
        mask[i] = if (i / parts) & BIT == 0 { 0 } else { -1 };
        i += 1;
    }
    mask
}

#[inline(always)]
fn select_f32(old: __m256, new: __m256, mask: __m256i) -> __m256 {
    // SAFETY: a vector proves AVX.
    let mask = unsafe { _mm256_castsi256_ps(mask) };
    // SAFETY: as above.
    unsafe { _mm256_blendv_ps(old, new, mask) }
}

#[inline(always)]
fn select_f64(old: __m256d, new: __m256d, mask: __m256i) -> __m256d {
    // SAFETY: a vector proves AVX.
    let mask = unsafe { _mm256_castsi256_pd(mask) };
    // SAFETY: as above.
    unsafe { _mm256_blendv_pd(old, new, mask) }
}

/// For each lane, in 32-bit parts, the part to take: of lane `(lane ^ flip) · step / share`, wrapped around.
const fn indices<const LANES: usize>(flip: usize, step: usize, share: usize) -> [i32; 8] {
    let parts = 8 / LANES;
    let mut indices = [0; 8];
    let mut i = 0;
    while i < 8 {
        let lane = ((i / parts) ^ flip) * step / share % LANES;
        indices[i] = (lane * parts + i % parts) as i32;
        i += 1;
    }
    indices
}

#[inline(always)]
fn permute_f32(vector: __m256, indices: &[i32; 8]) -> __m256 {
    // SAFETY: a vector proves AVX, and the array has the size of a register.
    let indices = unsafe { _mm256_loadu_si256(indices.as_ptr().cast()) };
    // SAFETY: a vector proves AVX2.
    unsafe { _mm256_permutevar8x32_ps(vector, indices) }
}

#[inline(always)]
fn permute_f64(vector: __m256d, indices: &[i32; 8]) -> __m256d {
    // SAFETY: a vector proves AVX.
    let parts = unsafe { _mm256_castpd_ps(vector) };
    // SAFETY: as above.
    unsafe { _mm256_castps_pd(permute_f32(parts, indices)) }
}

/// # Safety
/// The CPU has AVX; `SPLIT` elements are valid for reading.
#[inline(always)]
unsafe fn repeat_f32<const SPLIT: usize>(from: *const f32) -> __m256 {
    if SPLIT == 2 {
        // SAFETY: the caller's promise for two elements of 4 bytes.
        let pair = unsafe { from.cast::<f64>().read_unaligned() };
        // SAFETY: the caller vouches for AVX.
        let pairs = unsafe { _mm256_set1_pd(pair) };
        // SAFETY: the caller vouches for AVX.
        return unsafe { _mm256_castpd_ps(pairs) };
    }
    if SPLIT == 4 {
        // SAFETY: the caller's promise for four elements.
        let four = unsafe { _mm_loadu_ps(from) };
        // SAFETY: the caller vouches for AVX.
        return unsafe { _mm256_set_m128(four, four) };
    }
    // SAFETY: the caller's promise for a register full.
    unsafe { _mm256_loadu_ps(from) }
}

/// # Safety
/// The CPU has AVX; `SPLIT` elements are valid for reading.
#[inline(always)]
unsafe fn repeat_f64<const SPLIT: usize>(from: *const f64) -> __m256d {
    if SPLIT == 2 {
        // SAFETY: the caller's promise for two elements.
        let two = unsafe { _mm_loadu_pd(from) };
        // SAFETY: the caller vouches for AVX.
        return unsafe { _mm256_set_m128d(two, two) };
    }
    // SAFETY: the caller's promise for a register full.
    unsafe { _mm256_loadu_pd(from) }
}

macro_rules! avx2_vector {
    ($vector:ident, $element:ty, $lanes:literal, $mask:ident, $set1:ident, $loadu:ident, $maskload:ident, $storeu:ident,
     $maskstore:ident, $stream:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $fmadd:ident, $repeat:ident, $permute:ident, $select:ident) => {
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
            unsafe fn load_repeated<const SPLIT: usize>(from: *const $element) -> Self {
                // SAFETY: the caller vouches for AVX and for `SPLIT` readable elements.
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
                let chosen = const { &every::<$lanes, SPLIT>() }
                    .as_ptr()
                    .wrapping_add(8 - part * (8 / $lanes));
                // SAFETY: a vector proves AVX, and the table has `8 / LANES` parts more for each of the `SPLIT` parts.
                let chosen = unsafe { _mm256_loadu_si256(chosen.cast()) };
                $select(self, spread, chosen)
            }

            #[inline(always)]
            fn blend<const BIT: usize>(self, other: Self) -> Self {
                let chosen = const { &blend_mask::<$lanes, BIT>() }.as_ptr();
                // SAFETY: a vector proves AVX, and the table has the size of a register.
                let chosen = unsafe { _mm256_loadu_si256(chosen.cast()) };
                $select(self, other, chosen)
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
    _mm256_maskstore_ps,
    _mm256_stream_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_div_ps,
    _mm256_fmadd_ps,
    repeat_f32,
    permute_f32,
    select_f32
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
    _mm256_maskstore_pd,
    _mm256_stream_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    _mm256_fmadd_pd,
    repeat_f64,
    permute_f64,
    select_f64
);
