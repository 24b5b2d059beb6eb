//! One vocabulary for the vector registers of every instruction set.
//!
//! Loops are written once, generic over [`Vector`], and inlined into functions that carry the
//! `target_feature` attribute of their instruction set (`add/avx2.rs` and its siblings); on its own,
//! outside such a function, none of this becomes good code. That goes for closures and for what takes them (`map`, `zip`, `from_fn`):
//! a build without optimisation at link time leaves them out of line, where each instruction is a call.
#![expect(
    unsafe_code,
    reason = "loads and stores go through pointers, and instruction sets beyond the baseline are unsafe to enter"
)]

pub(crate) mod avx2;
pub(crate) mod avx512;
pub(crate) mod dot;
pub(crate) mod portable;

use std::arch::asm;
use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
use std::ptr::without_provenance;

use crate::Element;

/// Asks for the cache line of an address, any address, which will be needed later.
#[inline(always)]
pub(crate) fn prefetch<T>(address: *const T) {
    // SAFETY: every x86_64 has SSE, and a prefetch of any address is harmless.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
}

/// The pointer, of which the compiler does not know how it was made, so that it makes nothing of it.
#[inline(always)]
#[expect(
    clippy::pointers_in_nomem_asm_block,
    reason = "nobody reads what the pointer leads to"
)]
pub(crate) fn opaque<T>(mut pointer: *const T) -> *const T {
    // SAFETY: there is no instruction in it.
    unsafe {
        asm!("/* {0} */", inout(reg) pointer, options(pure, nomem, nostack, preserves_flags));
    }
    pointer
}

/// The number, of which the compiler does not know how it was made.
#[inline(always)]
pub(crate) fn opaque_number(number: usize) -> usize {
    opaque(without_provenance::<u8>(number)).addr()
}

/// Lanes in the widest register of the smallest element.
pub(crate) const MOST_LANES: usize = 16;

/// A register full of elements.
///
/// A value of such a type is the proof that this CPU has the instruction set: the functions that
/// make one from nothing (`splat`, `load`, `load_head`) are unsafe and ask for it, those that take one are safe.
pub(crate) trait Vector: Copy {
    /// What a lane holds.
    type Element: crate::Element;

    /// Lanes in a register.
    const LANES: usize;

    /// The value in every lane.
    ///
    /// # Safety
    /// The CPU has this instruction set.
    unsafe fn splat(value: Self::Element) -> Self;

    /// `LANES` elements from `from`, at any alignment.
    ///
    /// # Safety
    /// The CPU has this instruction set; `from` is valid for reading `LANES` elements.
    unsafe fn load(from: *const Self::Element) -> Self;

    /// The first `count` elements from `from`, zero in the other lanes.
    ///
    /// # Safety
    /// The CPU has this instruction set; `count <= LANES`; `from` is valid for reading `count` elements.
    unsafe fn load_head(from: *const Self::Element, count: usize) -> Self;

    /// All lanes to `to`, at any alignment.
    ///
    /// # Safety
    /// `to` is valid for writing `LANES` elements.
    unsafe fn store(self, to: *mut Self::Element);

    /// As [`store`](Vector::store), 128 bits at a time where a register has 256.
    ///
    /// # Safety
    /// As `store`.
    #[inline(always)]
    unsafe fn store_in_halves(self, to: *mut Self::Element) {
        // SAFETY: the caller's promise.
        unsafe { self.store(to) };
    }

    /// The first `count` lanes to `to`.
    ///
    /// # Safety
    /// `count <= LANES`; `to` is valid for writing `count` elements.
    unsafe fn store_head(self, to: *mut Self::Element, count: usize);

    /// All lanes to `to` past the caches, where the instruction set can.
    ///
    /// # Safety
    /// `to` is valid for writing `LANES` elements and aligned to the register's size. The caller
    /// issues a store fence before others may read.
    unsafe fn stream(self, to: *mut Self::Element);

    /// Deals out pairs of neighbours: the first of each pair to one result, the second to the other; in each, those of `self` come before those
    /// of `other`.
    ///
    /// To transpose, or to add up lanes, takes as many steps as halve the lanes down to one, `STEP` from 0 on. Which lanes a step takes for
    /// neighbours (most begin within 128 bits) is its own affair: only all of them together do the same on every instruction set.
    fn deinterleave<const STEP: usize>(self, other: Self) -> [Self; 2];

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;

    /// `self · factor + addend`, in one rounding where the instruction set has it, in two on the portable path.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
}

/// So many elements, a vector or less.
///
/// # Safety
/// As [`Vector::load_head`].
#[inline(always)]
pub(crate) unsafe fn load<V: Vector>(from: *const V::Element, count: usize) -> V {
    if count == V::LANES {
        // SAFETY: the caller's promise.
        unsafe { V::load(from) }
    } else {
        // SAFETY: the caller's promise.
        unsafe { V::load_head(from, count) }
    }
}

/// So many elements from each pointer, a vector or less.
///
/// # Safety
/// As [`load`], for each.
#[inline(always)]
pub(crate) unsafe fn load_each<V: Vector>(
    from: [*const V::Element; MOST_LANES],
    count: usize,
) -> [V; MOST_LANES] {
    // SAFETY: the caller has the instruction set.
    let mut vectors = [unsafe { V::splat(V::Element::ZERO) }; MOST_LANES];
    for (i, vector) in vectors.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *vector = unsafe { load(from[i], count) };
    }
    vectors
}

/// Lane `j` of vector `i` of the result is lane `i` of vector `j`, for as many vectors as there are lanes.
#[inline(always)]
pub(crate) fn transpose<V: Vector>(vectors: [V; MOST_LANES]) -> [V; MOST_LANES] {
    /// A bit of each lane's number becomes the highest one of its vector's, whose lowest one becomes a bit of the lane's.
    #[inline(always)]
    fn step<V: Vector, const STEP: usize>(vectors: [V; MOST_LANES]) -> [V; MOST_LANES] {
        let mut dealt = vectors;
        if V::LANES >> STEP > 1 {
            for i in 0..V::LANES / 2 {
                let pair = vectors[2 * i].deinterleave::<STEP>(vectors[2 * i + 1]);
                [dealt[i], dealt[i + V::LANES / 2]] = pair;
            }
        }
        dealt
    }
    let vectors = step::<V, 0>(vectors);
    let vectors = step::<V, 1>(vectors);
    let vectors = step::<V, 2>(vectors);
    step::<V, 3>(vectors)
}
