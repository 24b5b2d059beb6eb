//! The loop that every element-wise kernel is, generic over vector and operation.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use std::arch::x86_64::_mm_sfence;

use super::operation::Map;
use crate::vector::Vector;

/// The operands of a kernel: `len` elements each. `out` may be `x` or `y` itself, never a part of them.
pub(crate) struct Args<T> {
    pub(super) alpha: T,
    pub(super) x: *const T,
    pub(super) y: *const T,
    pub(super) out: *mut T,
    pub(super) len: usize,
    /// Store past the caches.
    pub(super) streaming: bool,
}

/// Vectors a turn of the main loop: enough loads in flight, and little left for the tail.
const UNROLL: usize = 4;

/// From this many vectors on the output is aligned first: a store that crosses a line costs two.
const ALIGN_FROM: usize = 8;

/// `out[i] = O(alpha, x[i], y[i])`, by vectors of `V`, and of `R` where fewer elements are left; in halves, as [`Vector::store_in_halves`] says, or whole.
///
/// # Safety
/// The CPU has the instruction sets of `V` and `R`; the pointers of `args` are valid as its type says.
#[inline(always)]
pub(super) unsafe fn run<V, R, O>(args: &Args<V::Element>, in_halves: bool)
where
    V: Vector,
    R: Vector<Element = V::Element>,
    O: Map,
{
    let mut start = 0;
    if args.streaming || args.len >= ALIGN_FROM * V::LANES {
        start = elements_to_alignment::<V>(args.out).min(args.len);
        // SAFETY: `start < LANES`, and at most `len`; the rest is the caller's promise.
        unsafe { head::<R, O>(args, 0, start) };
    }
    if args.streaming {
        // SAFETY: the output is aligned from `start` on, or `start` is `len`; the rest is the caller's promise.
        unsafe { body::<V, R, O, Streaming>(args, start) };
        // Non-temporal stores are ordered with nothing else until here.
        // SAFETY: every x86_64 has SSE.
        unsafe { _mm_sfence() };
    } else if in_halves {
        // SAFETY: the caller's promise.
        unsafe { body::<V, R, O, InHalves>(args, start) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { body::<V, R, O, Whole>(args, start) };
    }
}

/// How a vector of the output is stored.
trait Store {
    /// # Safety
    /// As [`Vector::stream`] for [`Streaming`], as [`Vector::store`] for others.
    unsafe fn store<V: Vector>(vector: V, to: *mut V::Element);
}

struct Whole;
struct InHalves;
struct Streaming;

macro_rules! store {
    ($way:ty, $store:ident) => {
        impl Store for $way {
            #[inline(always)]
            unsafe fn store<V: Vector>(vector: V, to: *mut V::Element) {
                // SAFETY: the caller's promise.
                unsafe { vector.$store(to) };
            }
        }
    };
}

store!(Whole, store);
store!(InHalves, store_in_halves);
store!(Streaming, stream);

/// Elements until `out` is aligned to a register.
#[inline(always)]
fn elements_to_alignment<V: Vector>(out: *mut V::Element) -> usize {
    let beyond = out.addr() / size_of::<V::Element>() % V::LANES;
    (V::LANES - beyond) % V::LANES
}

/// Everything from `start` on.
///
/// # Safety
/// As [`run`]; if `S` is [`Streaming`], `out + start` is aligned to a register.
#[inline(always)]
unsafe fn body<V, R, O, S>(args: &Args<V::Element>, mut start: usize)
where
    V: Vector,
    R: Vector<Element = V::Element>,
    O: Map,
    S: Store,
{
    while args.len - start >= UNROLL * V::LANES {
        // SAFETY: `UNROLL` vectors are left.
        unsafe { step::<V, O, S, UNROLL>(args, start) };
        start += UNROLL * V::LANES;
    }
    while args.len - start >= V::LANES {
        // SAFETY: one vector is left.
        unsafe { step::<V, O, S, 1>(args, start) };
        start += V::LANES;
    }
    // SAFETY: fewer than `LANES` elements are left.
    unsafe { head::<R, O>(args, start, args.len - start) };
}

/// `N` whole vectors at `start`.
///
/// # Safety
/// As [`body`], and `N` vectors are left at `start`.
#[inline(always)]
unsafe fn step<V: Vector, O: Map, S: Store, const N: usize>(args: &Args<V::Element>, start: usize) {
    // SAFETY: the caller has the instruction set.
    let alpha = unsafe { V::splat(args.alpha) };
    let mut results = [alpha; N];
    // All loads come before the first store, so that in place reads old values even if the compiler reorders nothing. (Not in a closure, which the
    // compiler may leave out of line: there it has not the instruction set.)
    for (i, result) in results.iter_mut().enumerate() {
        let at = start + i * V::LANES;
        let x = if O::READS_X {
            // SAFETY: vector `i` of the `N` that are left.
            unsafe { V::load(args.x.wrapping_add(at)) }
        } else {
            alpha
        };
        let y = if O::READS_Y {
            // SAFETY: as above.
            unsafe { V::load(args.y.wrapping_add(at)) }
        } else {
            x
        };
        *result = O::map(alpha, x, y);
    }
    for (i, result) in results.into_iter().enumerate() {
        let to = args.out.wrapping_add(start + i * V::LANES);
        // SAFETY: vector `i` of the `N` that are left, aligned as `start` is.
        unsafe { S::store(result, to) };
    }
}

/// Fewer elements than a vector has.
///
/// # Safety
/// As [`run`]; `count < LANES` elements are left at `start`.
#[inline(always)]
unsafe fn head<V: Vector, O: Map>(args: &Args<V::Element>, start: usize, count: usize) {
    if count == 0 {
        return;
    }
    // SAFETY: the caller has the instruction set.
    let alpha = unsafe { V::splat(args.alpha) };
    let x = if O::READS_X {
        // SAFETY: `count` elements are left.
        unsafe { V::load_head(args.x.wrapping_add(start), count) }
    } else {
        alpha
    };
    let y = if O::READS_Y {
        // SAFETY: as above.
        unsafe { V::load_head(args.y.wrapping_add(start), count) }
    } else {
        x
    };
    // SAFETY: as above.
    unsafe { O::map(alpha, x, y).store_head(args.out.wrapping_add(start), count) };
}
