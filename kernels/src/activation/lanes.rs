//! Registers of f32 by groups, and functions of one number on them.
#![expect(
    unsafe_code,
    reason = "vectors are made from nothing, and slices are read and written by registers"
)]

use super::loops;
use crate::vector::{MOST_LANES, Vector};

/// Lanes of f32: a register, or several, whose operations then take turns, so that none waits for the result of the one before.
///
/// A value of such a type is the proof that this CPU has the instruction set.
pub(super) trait Lanes: Copy {
    /// Lanes in a register.
    const LANES: usize;

    /// The value in every lane.
    ///
    /// # Safety
    /// The CPU has this instruction set.
    unsafe fn splat(value: f32) -> Self;

    /// The first numbers of `table`, one a lane, in each register.
    ///
    /// # Safety
    /// The CPU has this instruction set.
    unsafe fn load(table: &[f32; MOST_LANES]) -> Self;

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;

    /// `self · factor + addend`, in one rounding.
    fn mul_add(self, factor: Self, addend: Self) -> Self;

    /// The smaller one; `other` where either is NaN.
    fn min(self, other: Self) -> Self;

    /// The greater one; `other` where either is NaN.
    fn max(self, other: Self) -> Self;

    /// Whether any lane is less than that of `other`.
    fn any_less(self, other: Self) -> bool;

    /// Each lane is that of the register whose number stands in the lowest bits of the lane of `numbers`.
    fn pick(self, numbers: Self) -> Self;

    /// The bits of `steps`, as integers, added to those of `self`, [`fraction`](super::exponential::fraction) places higher.
    fn raise(self, steps: Self) -> Self;

    /// 1/(`self` + `lost`), rounded, where `lost` is what `self` lost to rounding.
    fn reciprocal(self, lost: Self) -> Self;
}

/// Implements it for a register: by two intrinsics, and by a module's functions of the methods' names, which have the instruction set.
macro_rules! lanes {
    (fn $method:ident($($other:ident),*) -> $result:ty, $function:ident) => {
        #[inline(always)]
        fn $method(self, $($other: Self),*) -> $result {
            // SAFETY: a vector proves the instruction set, and its functions are entered with all of it.
            unsafe { $function(self, $($other),*) }
        }
    };
    (Vector, $method:ident($($other:ident),*)) => {
        #[inline(always)]
        fn $method(self, $($other: Self),*) -> Self {
            Vector::$method(self, $($other),*)
        }
    };
    ($vector:ty, $min:ident, $max:ident) => {
        impl Lanes for $vector {
            const LANES: usize = <Self as Vector>::LANES;

            #[inline(always)]
            unsafe fn splat(value: f32) -> Self {
                // SAFETY: the caller's promise.
                unsafe { Vector::splat(value) }
            }

            #[inline(always)]
            unsafe fn load(table: &[f32; MOST_LANES]) -> Self {
                // SAFETY: the caller's promise, and the array has the size of the widest register.
                unsafe { Vector::load(table.as_ptr()) }
            }

            lanes!(Vector, add(other));
            lanes!(Vector, sub(other));
            lanes!(Vector, mul(other));
            lanes!(Vector, mul_add(factor, addend));
            lanes!(fn min(other) -> Self, $min);
            lanes!(fn max(other) -> Self, $max);
            lanes!(fn any_less(other) -> bool, any_less);
            lanes!(fn pick(numbers) -> Self, pick);
            lanes!(fn raise(steps) -> Self, raise);
            lanes!(fn reciprocal(lost) -> Self, reciprocal);
        }
    };
}
pub(super) use lanes;

/// Calls each register's own; not by closures, which would not be inlined, and nor would what they call.
macro_rules! of_each {
    ($method:ident($($other:ident),*)) => {
        #[inline(always)]
        fn $method(mut self, $($other: Self),*) -> Self {
            for i in 0..N {
                self[i] = self[i].$method($($other[i]),*);
            }
            self
        }
    };
}

impl<V: Lanes, const N: usize> Lanes for [V; N] {
    const LANES: usize = V::LANES;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller's promise.
        [unsafe { V::splat(value) }; N]
    }

    #[inline(always)]
    unsafe fn load(table: &[f32; MOST_LANES]) -> Self {
        // SAFETY: the caller's promise.
        [unsafe { V::load(table) }; N]
    }

    #[inline(always)]
    fn any_less(self, other: Self) -> bool {
        let mut any = false;
        for i in 0..N {
            any |= self[i].any_less(other[i]);
        }
        any
    }

    of_each!(add(other));
    of_each!(sub(other));
    of_each!(mul(other));
    of_each!(mul_add(factor, addend));
    of_each!(min(other));
    of_each!(max(other));
    of_each!(pick(numbers));
    of_each!(raise(steps));
    of_each!(reciprocal(lost));
}

/// A function of one number, on lanes of them, with what it needs in registers.
pub(super) trait Function<V> {
    /// # Safety
    /// The CPU has this instruction set.
    unsafe fn new() -> Self;

    fn of(&self, x: V) -> V;

    /// What to use instead if any lane is out of range.
    #[inline(always)]
    fn otherwise(&self, _x: V) -> Option<fn(f32) -> f32> {
        None
    }
}

/// Applies a function to every element: by groups of vectors, and what is left by single ones.
///
/// # Safety
/// The CPU has this instruction set; slices are of one length.
#[inline(always)]
pub(super) unsafe fn map<V, Group, Single, const GROUP: usize>(x: &[f32], out: &mut [f32])
where
    V: Vector<Element = f32>,
    Group: Function<[V; GROUP]>,
    Single: Function<[V; 1]>,
{
    let size = GROUP * V::LANES;
    let (groups, rest) = x.split_at(x.len() / size * size);
    let (out_groups, out_rest) = out.split_at_mut(groups.len());
    // SAFETY: the caller's promise.
    let function = unsafe { Group::new() };
    // SAFETY: the caller's promise.
    let zero = unsafe { V::splat(0.0) };
    for (x, out) in groups
        .chunks_exact(size)
        .zip(out_groups.chunks_exact_mut(size))
    {
        let mut group = [zero; GROUP];
        for (i, vector) in group.iter_mut().enumerate() {
            // SAFETY: the part has the size of a group.
            *vector = unsafe { V::load(x[i * V::LANES..].as_ptr()) };
        }
        if let Some(otherwise) = function.otherwise(group) {
            each(otherwise, x, out);
            continue;
        }
        for (i, vector) in function.of(group).into_iter().enumerate() {
            // SAFETY: as above.
            unsafe { vector.store(out[i * V::LANES..].as_mut_ptr()) };
        }
    }
    // SAFETY: the caller's promise.
    let function = unsafe { Single::new() };
    for (x, out) in rest.chunks(V::LANES).zip(out_rest.chunks_mut(V::LANES)) {
        // SAFETY: the part has so many numbers, and no more than a register.
        let vector = [unsafe { V::load_head(x.as_ptr(), x.len()) }];
        if let Some(otherwise) = function.otherwise(vector) {
            each(otherwise, x, out);
            continue;
        }
        let [vector] = function.of(vector);
        // SAFETY: as above.
        unsafe { vector.store_head(out.as_mut_ptr(), out.len()) };
    }
}

/// For numbers that are rare, element by element.
#[cold]
fn each(function: fn(f32) -> f32, x: &[f32], out: &mut [f32]) {
    loops::map(x, out, function);
}
