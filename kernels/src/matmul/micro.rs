//! Microkernels: a tile of C that stays in registers while rows of B and columns of A pass by.
//!
//! Generic over the vector; `portable.rs`, `avx2.rs` and `avx512.rs` choose the tile for their
//! registers and instantiate it.

pub(super) mod avx2;
pub(super) mod avx512;
pub(super) mod portable;
mod thin;
mod wide;

pub(super) use wide::STEPS_A_TURN;

use super::problem::Problem;
use super::view::View;
use crate::vector::Vector;

/// The operands of a microkernel; strides in elements. A copy, of which the compiler knows that writing C does not change it.
struct Tile<T> {
    depth: usize,
    alpha: T,
    beta: T,
    a: *const T,
    a_row: usize,
    a_column: usize,
    b: *const T,
    b_row: usize,
    c: *mut T,
    c_row: usize,
    far: bool,
    pack: *mut T,
    next: *const T,
    next_stride: usize,
}

#[expect(
    unsafe_code,
    reason = "vectors are made of α and β, which asks for their instruction set"
)]
impl<T: crate::Element> Tile<T> {
    #[inline(always)]
    fn new(
        problem: &Problem<T>,
        a: *const T,
        b: *const T,
        b_row: usize,
        c: *mut T,
        pack: *mut T,
        next: *const T,
    ) -> Tile<T> {
        // Asking for what is there already costs less than asking whether to.
        let (next, next_stride) = if next.is_null() {
            (c.cast_const(), 0)
        } else {
            (next, problem.b.row_stride)
        };
        Tile {
            depth: problem.shape.k,
            alpha: problem.alpha,
            beta: problem.beta,
            a,
            a_row: problem.a.row_stride,
            a_column: problem.a.column_stride,
            b,
            b_row,
            c,
            c_row: problem.c.row_stride,
            far: problem.far,
            pack,
            next,
            next_stride,
        }
    }

    /// Whether the sums are the result: α is 1 and β is 0.
    #[inline(always)]
    fn is_plain(&self) -> bool {
        self.alpha == T::ONE && self.beta == T::ZERO
    }

    /// α·A·B + β·C from the sums; `old` reads C, and is asked only if β is not 0.
    #[inline(always)]
    fn scale<V: Vector<Element = T>, const COUNT: usize>(
        &self,
        sums: [V; COUNT],
        old: impl FnOnce() -> [V; COUNT],
    ) -> [V; COUNT] {
        // SAFETY: the sums prove the instruction set.
        let alpha = unsafe { V::splat(self.alpha) };
        let mut values = sums.map(|sum| sum.mul(alpha));
        if self.beta != T::ZERO {
            // SAFETY: as above.
            let beta = unsafe { V::splat(self.beta) };
            for (value, old) in values.iter_mut().zip(old()) {
                *value = old.mul_add(beta, *value);
            }
        }
        values
    }
}

/// Computes a tile of a problem: from where its parts of A and B are, B's row stride, where its part of C is, where to leave a copy of
/// B, as whole vectors, row after row, or null, from which row of the operand B on to ask for every row in advance, or null, and how many
/// columns the last vector of a wide tile has, or how many rows a thin one.
///
/// All of it in registers, or as the caller of a product wrote it: what small products take is the time to hand them over.
pub(super) type Microkernel<T> =
    unsafe fn(&Problem<T>, *const T, *const T, usize, *mut T, *mut T, *const T, usize);

/// The microkernels of an instruction set for one element type.
pub(super) trait Microkernels {
    type Vector: Vector<Element = Self::Element>;
    type Element: crate::Element;

    /// Rows of the widest tile.
    const ROWS: usize;

    /// Wide tiles at `[vectors - 1][rows - 1]`: for whole vectors, and with a last vector that is cut off. Narrower ones have as many
    /// rows or more.
    const WIDE: &'static [&'static [[Microkernel<Self::Element>; 2]]];

    /// Packs a panel of a transposed B for wide tiles, each row so many elements wide: [`wide`](super::pack::wide).
    const PACK: unsafe fn(&View<*const Self::Element>, usize, *mut Self::Element);

    /// Thin tiles at `[columns - 1]`, whose second argument is the number of rows.
    const THIN: &'static [Microkernel<Self::Element>];
}

/// Lists wide microkernels by rows: `[whole, cut off]` for each.
macro_rules! wide_tiles {
    ($wide:ident, $vectors:literal, [$($rows:literal),*]) => {
        &[$([$wide::<$rows, $vectors, false>, $wide::<$rows, $vectors, true>],)*]
    };
}
use wide_tiles;

/// The microkernels of one vector, as functions of an instruction set.
macro_rules! microkernels {
    ($(#[$features:meta])? $vector:ty, $element:ty, $wide:ident, $thin:ident, $pack:ident) => {
        /// # Safety
        /// As [`wide::tile`] for this instruction set.
        $(#[$features])?
        #[expect(clippy::too_many_arguments, reason = "as `Microkernel`")]
        unsafe fn $wide<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
            problem: &Problem<$element>,
            a: *const $element,
            b: *const $element,
            b_row: usize,
            c: *mut $element,
            pack: *mut $element,
            next: *const $element,
            last: usize,
        ) {
            let tile = Tile::new(problem, a, b, b_row, c, pack, next);
            // SAFETY: the caller's promise.
            unsafe { wide::tile::<$vector, ROWS, VECTORS, CUT>(&tile, last) }
        }

        /// # Safety
        /// As [`thin::tile`] for this instruction set.
        $(#[$features])?
        #[expect(clippy::too_many_arguments, reason = "as `Microkernel`")]
        unsafe fn $thin<const ROWS: usize, const COLUMNS: usize>(
            problem: &Problem<$element>,
            a: *const $element,
            b: *const $element,
            b_row: usize,
            c: *mut $element,
            pack: *mut $element,
            next: *const $element,
            rows: usize,
        ) {
            let tile = Tile::new(problem, a, b, b_row, c, pack, next);
            // SAFETY: the caller's promise.
            unsafe { thin::tile::<$vector, ROWS, COLUMNS>(&tile, rows) }
        }

        /// # Safety
        /// As [`pack::wide`] for this instruction set.
        $(#[$features])?
        unsafe fn $pack(panel: &View<*const $element>, width: usize, to: *mut $element) {
            // SAFETY: the caller's promise.
            unsafe { pack::wide::<$vector>(panel, width, to) }
        }
    };
}
use microkernels;
