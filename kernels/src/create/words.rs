//! Registers of 64-bit words, as far as a generator needs them.
#![expect(
    unsafe_code,
    reason = "loads and stores go through pointers, and instruction sets beyond the baseline are unsafe to enter"
)]

use std::arch::x86_64::*;

/// A register full of words. A value of such a type is the proof that this CPU has the instruction set.
pub(super) trait Words: Copy {
    /// Words in a register.
    const LANES: usize;

    /// # Safety
    /// The CPU has this instruction set; `from` is valid for reading `LANES` words.
    unsafe fn load(from: *const u64) -> Self;
    fn add(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// To the left by 17.
    fn shift_17(self) -> Self;
    /// To the left by 23.
    fn rotate_23(self) -> Self;
    /// To the left by 45.
    fn rotate_45(self) -> Self;
}

/// An element that is made of the upper bits of a word or of half a word, from 0 to 1.
pub(super) trait Fraction<V>: Copy + Default {
    /// Puts the bits under the exponent of 1, and takes the 1 away, exactly.
    ///
    /// # Safety
    /// `to` is valid for writing as many elements as have the size of `V`.
    unsafe fn store(words: V, to: *mut Self);
}

macro_rules! words {
    ($vector:ident, $lanes:literal, $load:ident, $add:ident, $xor:ident, $or:ident, $left:ident, $right:ident, $right_32:ident,
     $set_32:ident, $set_64:ident, $as_f32:ident, $as_f64:ident, $sub_f32:ident, $sub_f64:ident,
     $one_f32:ident, $one_f64:ident, $store_f32:ident, $store_f64:ident) => {
        impl Words for $vector {
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn load(from: *const u64) -> Self {
                // SAFETY: the caller vouches for the instruction set and for the memory.
                unsafe { $load(from.cast()) }
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: a register proves its instruction set.
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                // SAFETY: a register proves its instruction set.
                unsafe { $xor(self, other) }
            }

            #[inline(always)]
            fn shift_17(self) -> Self {
                // SAFETY: a register proves its instruction set.
                unsafe { $left::<17>(self) }
            }

            #[inline(always)]
            fn rotate_23(self) -> Self {
                // SAFETY: a register proves its instruction set.
                unsafe { $or($left::<23>(self), $right::<41>(self)) }
            }

            #[inline(always)]
            fn rotate_45(self) -> Self {
                // SAFETY: a register proves its instruction set.
                unsafe { $or($left::<45>(self), $right::<19>(self)) }
            }
        }

        impl Fraction<$vector> for f32 {
            #[inline(always)]
            unsafe fn store(words: $vector, to: *mut f32) {
                // SAFETY: a register proves its instruction set; the caller vouches for the memory.
                unsafe {
                    let bits = $or($right_32::<9>(words), $set_32(0x3f80_0000));
                    $store_f32(to, $sub_f32($as_f32(bits), $one_f32(1.0)));
                }
            }
        }

        impl Fraction<$vector> for f64 {
            #[inline(always)]
            unsafe fn store(words: $vector, to: *mut f64) {
                // SAFETY: a register proves its instruction set; the caller vouches for the memory.
                unsafe {
                    let bits = $or($right::<12>(words), $set_64(0x3ff0_0000_0000_0000));
                    $store_f64(to, $sub_f64($as_f64(bits), $one_f64(1.0)));
                }
            }
        }
    };
}

words!(
    __m128i,
    2,
    _mm_loadu_si128,
    _mm_add_epi64,
    _mm_xor_si128,
    _mm_or_si128,
    _mm_slli_epi64,
    _mm_srli_epi64,
    _mm_srli_epi32,
    _mm_set1_epi32,
    _mm_set1_epi64x,
    _mm_castsi128_ps,
    _mm_castsi128_pd,
    _mm_sub_ps,
    _mm_sub_pd,
    _mm_set1_ps,
    _mm_set1_pd,
    _mm_storeu_ps,
    _mm_storeu_pd
);
words!(
    __m256i,
    4,
    _mm256_loadu_si256,
    _mm256_add_epi64,
    _mm256_xor_si256,
    _mm256_or_si256,
    _mm256_slli_epi64,
    _mm256_srli_epi64,
    _mm256_srli_epi32,
    _mm256_set1_epi32,
    _mm256_set1_epi64x,
    _mm256_castsi256_ps,
    _mm256_castsi256_pd,
    _mm256_sub_ps,
    _mm256_sub_pd,
    _mm256_set1_ps,
    _mm256_set1_pd,
    _mm256_storeu_ps,
    _mm256_storeu_pd
);
words!(
    __m512i,
    8,
    _mm512_loadu_si512,
    _mm512_add_epi64,
    _mm512_xor_si512,
    _mm512_or_si512,
    _mm512_slli_epi64,
    _mm512_srli_epi64,
    _mm512_srli_epi32,
    _mm512_set1_epi32,
    _mm512_set1_epi64,
    _mm512_castsi512_ps,
    _mm512_castsi512_pd,
    _mm512_sub_ps,
    _mm512_sub_pd,
    _mm512_set1_ps,
    _mm512_set1_pd,
    _mm512_storeu_ps,
    _mm512_storeu_pd
);
