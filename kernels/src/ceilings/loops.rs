//! The loops, generic over vector, and their instances for each instruction set.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m256, __m256d, __m512, __m512d, _mm_sfence};

use wide::{f32x4, f64x2};

use crate::vector::Vector;
use crate::{Element, Isa};

/// Sums in flight: two units, each with a latency of at most five cycles, need ten; with factor and addend, fourteen fit in sixteen registers.
pub(super) const REGISTERS: usize = 12;

/// Vectors a turn of the triad: enough loads in flight.
const UNROLL: usize = 4;

/// The operands of a triad: `len` elements each.
pub(super) struct Triad<T> {
    pub(super) alpha: T,
    pub(super) x: *const T,
    pub(super) y: *const T,
    pub(super) out: *mut T,
    pub(super) len: usize,
    pub(super) streaming: bool,
}

/// The loops of one instruction set.
pub struct Loops<T> {
    pub(super) multiply_add: unsafe fn(usize, T, T, *mut T),
    pub(super) triad: unsafe fn(&Triad<T>),
}

/// An element type that has the loops: `f32` and `f64`.
pub trait Ceiling: Element {
    #[doc(hidden)]
    fn loops(isa: Isa) -> Loops<Self>;
}

/// `steps` times `sum = sum · factor + addend`, from 0.
///
/// # Safety
/// The CPU has the instruction set of `V`; `sums` is valid for writing [`REGISTERS`] registers.
#[inline(always)]
unsafe fn multiply_add<V: Vector>(
    steps: usize,
    factor: V::Element,
    addend: V::Element,
    sums: *mut V::Element,
) {
    // SAFETY: the caller has the instruction set.
    let factor = unsafe { V::splat(factor) };
    // SAFETY: as above.
    let addend = unsafe { V::splat(addend) };
    // SAFETY: as above.
    let zero = unsafe { V::splat(V::Element::ZERO) };
    let mut registers = [zero; REGISTERS];
    for _ in 0..steps {
        for register in &mut registers {
            *register = register.mul_add(factor, addend);
        }
    }
    for (i, register) in registers.into_iter().enumerate() {
        // SAFETY: register `i` of the room for REGISTERS.
        unsafe { register.store(sums.wrapping_add(i * V::LANES)) };
    }
}

/// `out = x + alpha · y`.
///
/// # Safety
/// The CPU has the instruction set of `V`; the pointers of `triad` are valid for `len` elements, and `out` is exclusive.
#[inline(always)]
unsafe fn triad<V: Vector>(triad: &Triad<V::Element>) {
    let before = triad.out.addr() / size_of::<V::Element>() % V::LANES;
    let start = ((V::LANES - before) % V::LANES).min(triad.len);
    // An emulator reads even what a mask of nothing leaves out, and an empty slice lies nowhere.
    if start > 0 {
        // SAFETY: fewer than a vector's elements, and no more than there are.
        unsafe { part::<V>(triad, 0, start) };
    }
    if triad.streaming {
        // SAFETY: the caller's promise; `out` is aligned from `start` on, or nothing is left.
        unsafe { body::<V, true>(triad, start) };
        // SAFETY: every x86_64 has SSE.
        unsafe { _mm_sfence() };
    } else {
        // SAFETY: the caller's promise.
        unsafe { body::<V, false>(triad, start) };
    }
}

/// Everything from `start` on.
///
/// # Safety
/// As [`triad`]; with `STREAM`, `out + start` is aligned to a register.
#[inline(always)]
unsafe fn body<V: Vector, const STREAM: bool>(triad: &Triad<V::Element>, mut start: usize) {
    // SAFETY: the caller has the instruction set.
    let alpha = unsafe { V::splat(triad.alpha) };
    while triad.len - start >= UNROLL * V::LANES {
        for i in 0..UNROLL {
            let at = start + i * V::LANES;
            // SAFETY: vector `i` of the UNROLL that are left.
            let x = unsafe { V::load(triad.x.wrapping_add(at)) };
            // SAFETY: as above.
            let y = unsafe { V::load(triad.y.wrapping_add(at)) };
            let out = y.mul_add(alpha, x);
            if STREAM {
                // SAFETY: as above, aligned as `start` is; the fence follows.
                unsafe { out.stream(triad.out.wrapping_add(at)) };
            } else {
                // SAFETY: as above.
                unsafe { out.store(triad.out.wrapping_add(at)) };
            }
        }
        start += UNROLL * V::LANES;
    }
    while start < triad.len {
        let count = V::LANES.min(triad.len - start);
        // SAFETY: `count` elements are left, at most a vector's.
        unsafe { part::<V>(triad, start, count) };
        start += count;
    }
}

/// `count` elements, at most a vector's.
///
/// # Safety
/// As [`triad`]; `count` elements are left at `start`.
#[inline(always)]
unsafe fn part<V: Vector>(triad: &Triad<V::Element>, start: usize, count: usize) {
    // SAFETY: the caller has the instruction set.
    let alpha = unsafe { V::splat(triad.alpha) };
    // SAFETY: `count` elements are left.
    let x = unsafe { V::load_head(triad.x.wrapping_add(start), count) };
    // SAFETY: as above.
    let y = unsafe { V::load_head(triad.y.wrapping_add(start), count) };
    // SAFETY: as above.
    unsafe {
        y.mul_add(alpha, x)
            .store_head(triad.out.wrapping_add(start), count)
    };
}

/// The two loops for one vector type, compiled for its instruction set.
macro_rules! loops {
    ($element:ty, $vector:ty $(, $features:literal)?) => {{
        /// # Safety
        /// As [`multiply_add`] for this vector.
        $(#[target_feature(enable = $features)])?
        unsafe fn multiply_adds(steps: usize, factor: $element, addend: $element, sums: *mut $element) {
            // SAFETY: the caller's promise.
            unsafe { multiply_add::<$vector>(steps, factor, addend, sums) }
        }
        /// # Safety
        /// As [`triad`] for this vector.
        $(#[target_feature(enable = $features)])?
        unsafe fn triads(operands: &Triad<$element>) {
            // SAFETY: the caller's promise.
            unsafe { triad::<$vector>(operands) }
        }
        Loops { multiply_add: multiply_adds, triad: triads }
    }};
}

impl Ceiling for f32 {
    fn loops(isa: Isa) -> Loops<f32> {
        match isa {
            Isa::Portable => loops!(f32, f32x4),
            Isa::Avx2 => loops!(f32, __m256, "avx2,fma"),
            Isa::Avx512 => loops!(f32, __m512, "avx512f,avx512vl,avx512dq,avx512bw"),
        }
    }
}

impl Ceiling for f64 {
    fn loops(isa: Isa) -> Loops<f64> {
        match isa {
            Isa::Portable => loops!(f64, f64x2),
            Isa::Avx2 => loops!(f64, __m256d, "avx2,fma"),
            Isa::Avx512 => loops!(f64, __m512d, "avx512f,avx512vl,avx512dq,avx512bw"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{multiply_add, multiply_add_lanes, triad};
    use super::Ceiling;
    use crate::add::Stores;
    use crate::{Error, Isa};

    fn each_isa(check: impl Fn(Isa)) {
        Isa::ALL
            .into_iter()
            .filter(|isa| isa.is_supported())
            .for_each(check);
    }

    fn sums_reach_two<T: Ceiling>() {
        each_isa(|isa| {
            let mut sums = vec![T::ZERO; multiply_add_lanes::<T>(isa)];
            multiply_add(isa, 100, T::from_f64(0.5), T::ONE, &mut sums).unwrap();
            assert!(
                sums.iter().all(|sum| sum.to_f64() == 2.0),
                "{isa} {}: {sums:?}",
                T::DTYPE
            );
        });
    }

    #[test]
    fn every_sum_is_computed() {
        sums_reach_two::<f32>();
        sums_reach_two::<f64>();
    }

    fn triads<T: Ceiling>(stores: Stores) {
        each_isa(|isa| {
            for len in [0, 1, 7, 8, 9, 31, 64, 65, 257] {
                for offset in [0, 1, 3] {
                    let x: Vec<T> = (0..len + offset).map(|i| T::from_f64(i as f64)).collect();
                    let mut out = vec![T::from_f64(-1.0); len + offset];
                    triad(
                        isa,
                        T::from_f64(3.0),
                        &x[offset..],
                        &x[..len],
                        &mut out[offset..],
                        stores,
                    )
                    .unwrap();
                    for (i, out) in out.iter().enumerate() {
                        let expected = if i < offset {
                            -1.0
                        } else {
                            i as f64 + 3.0 * (i - offset) as f64
                        };
                        assert_eq!(
                            out.to_f64(),
                            expected,
                            "{isa} {} {stores:?} {len} +{offset}: {i}",
                            T::DTYPE
                        );
                    }
                }
            }
        });
    }

    #[test]
    fn the_triad_covers_every_element_and_no_other() {
        for stores in [Stores::Auto, Stores::Cached, Stores::Streaming] {
            triads::<f32>(stores);
            triads::<f64>(stores);
        }
    }

    #[test]
    fn lengths_are_checked() {
        let refused = triad(
            Isa::Portable,
            1.0,
            &[1.0, 2.0],
            &[1.0],
            &mut [0.0, 0.0],
            Stores::Cached,
        );
        assert_eq!(
            refused,
            Err(Error::Length {
                operand: "y",
                expected: 2,
                actual: 1
            })
        );
        let refused = multiply_add(Isa::Portable, 1, 1.0f32, 1.0, &mut []);
        assert!(
            matches!(
                refused,
                Err(Error::Length {
                    operand: "sums",
                    ..
                })
            ),
            "{refused:?}"
        );
    }
}
