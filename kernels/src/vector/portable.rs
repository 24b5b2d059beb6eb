//! 128-bit vectors of the `wide` crate: what every x86_64 has.

use std::arch::x86_64::{__m128, _mm_shuffle_ps};
use std::mem::transmute;

use wide::{f32x4, f64x2};

use super::Vector;

/// [`Vector::deinterleave`]. Lane by lane, the compiler would take the detour through memory.
#[inline(always)]
fn deinterleave_f32(a: f32x4, b: f32x4) -> [f32x4; 2] {
    // SAFETY: the types differ in name only.
    let [a, b]: [__m128; 2] = unsafe { transmute([a, b]) };
    // SAFETY: every x86_64 has SSE.
    let even = unsafe { _mm_shuffle_ps::<0b10_00_10_00>(a, b) };
    // SAFETY: as above.
    let odd = unsafe { _mm_shuffle_ps::<0b11_01_11_01>(a, b) };
    // SAFETY: as the first.
    unsafe { transmute([even, odd]) }
}

#[inline(always)]
fn deinterleave_f64(a: f64x2, b: f64x2) -> [f64x2; 2] {
    let (a, b) = (a.to_array(), b.to_array());
    [f64x2::new([a[0], b[0]]), f64x2::new([a[1], b[1]])]
}

macro_rules! portable_vector {
    ($vector:ident, $element:ty, $lanes:literal, $deinterleave:ident) => {
        impl Vector for $vector {
            type Element = $element;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn splat(value: $element) -> Self {
                Self::splat(value)
            }

            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                // SAFETY: the caller vouches for `LANES` readable elements.
                Self::new(unsafe { from.cast::<[$element; $lanes]>().read_unaligned() })
            }

            #[inline(always)]
            unsafe fn load_head(from: *const $element, count: usize) -> Self {
                let mut lanes = [0.0; $lanes];
                for (lane, value) in lanes.iter_mut().enumerate().take(count) {
                    // SAFETY: the caller vouches for `count` readable elements, and `lane < count`.
                    *value = unsafe { from.wrapping_add(lane).read_unaligned() };
                }
                Self::new(lanes)
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                // SAFETY: the caller vouches for `LANES` writable elements.
                unsafe {
                    to.cast::<[$element; $lanes]>()
                        .write_unaligned(self.to_array())
                }
            }

            #[inline(always)]
            unsafe fn store_head(self, to: *mut $element, count: usize) {
                for (lane, value) in self.to_array().into_iter().enumerate().take(count) {
                    // SAFETY: the caller vouches for `count` writable elements, and `lane < count`.
                    unsafe { to.wrapping_add(lane).write_unaligned(value) }
                }
            }

            #[inline(always)]
            unsafe fn stream(self, to: *mut $element) {
                // `wide` has no such store: an ordinary one is right, only slower.
                // SAFETY: the caller vouches for `LANES` writable elements.
                unsafe { Vector::store(self, to) }
            }

            #[inline(always)]
            fn deinterleave<const STEP: usize>(self, other: Self) -> [Self; 2] {
                $deinterleave(self, other)
            }

            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self + other
            }

            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                self - other
            }

            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                self * other
            }

            #[inline(always)]
            fn div(self, other: Self) -> Self {
                self / other
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                // Not `f64::mul_add`: without FMA that is a software routine, 18 times slower.
                self * factor + addend
            }
        }
    };
}

portable_vector!(f32x4, f32, 4, deinterleave_f32);
portable_vector!(f64x2, f64, 2, deinterleave_f64);
