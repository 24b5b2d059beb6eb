//! Microkernels: a tile of C that stays in registers while rows of B and columns of A pass by.
//!
//! Generic over the vector; `portable.rs`, `avx2.rs` and `avx512.rs` choose the tile for their
//! registers and instantiate it.

pub(super) mod avx2;
pub(super) mod avx512;
pub(super) mod portable;
mod row;
mod thin;
mod wide;

pub(super) use row::is_long;
pub(super) use wide::STEPS_A_TURN;

use std::hint::black_box;

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
    beside: Beside<T>,
}

/// What a tile does with B, or for it, beside reading its rows.
enum Beside<T> {
    Nothing,
    /// It leaves a copy, as whole vectors, row after row.
    Pack(*mut T),
    /// It asks for other rows in advance, which lie so far apart.
    Ask(*const T, usize),
}

impl<T> Beside<T> {
    /// Asks for the rows of B from `next` on, or, if that is null, for `c` again and again.
    #[inline(always)]
    fn ask(problem: &Problem<T>, next: *const T, c: *const T) -> Beside<T> {
        // What is there already costs less to ask for than a branch.
        if next.is_null() {
            Beside::Ask(c, 0)
        } else {
            Beside::Ask(next, problem.b.row_stride)
        }
    }
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
        beside: Beside<T>,
    ) -> Tile<T> {
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
            beside,
        }
    }

    /// A tile, so many vectors wide, of a product of matrices without gaps, `A·B`.
    #[inline(always)]
    fn contiguous<V: Vector, const VECTORS: usize>(
        a: *const T,
        b: *const T,
        c: *mut T,
        k: usize,
        n: usize,
    ) -> Tile<T> {
        Tile {
            depth: k,
            alpha: T::ONE,
            beta: T::ZERO,
            a,
            a_row: k,
            // If the compiler knew it and the rows, it would load what several steps need of A at once, and spill it.
            a_column: if wide::hides_rows::<V, VECTORS>() {
                1
            } else {
                black_box(1)
            },
            b,
            b_row: n,
            c,
            c_row: n,
            far: false,
            beside: Beside::Nothing,
        }
    }

    /// Goes on to the columns of B and C that come after so many.
    #[inline(always)]
    fn skip_columns(&mut self, columns: usize) {
        self.b = self.b.wrapping_add(columns);
        self.c = self.c.wrapping_add(columns);
    }

    /// Whether the sums are the result: α is 1 and β is 0.
    #[inline(always)]
    fn is_plain(&self) -> bool {
        self.alpha == T::ONE && self.beta == T::ZERO
    }

    /// α·A·B + β·C from a vector of sums; `old` reads C, and is asked only if β is not 0.
    #[inline(always)]
    fn scale<V: Vector<Element = T>>(&self, sums: V, old: impl FnOnce() -> V) -> V {
        // SAFETY: the sums prove the instruction set.
        let alpha = unsafe { V::splat(self.alpha) };
        let scaled = sums.mul(alpha);
        if self.beta == T::ZERO {
            return scaled;
        }
        // SAFETY: as above.
        let beta = unsafe { V::splat(self.beta) };
        old().mul_add(beta, scaled)
    }
}

/// Computes a tile of a problem: from where its parts of A and B are, B's row stride, where its part of C is, where to leave a copy of B or
/// what to ask for in advance, as [`Wide`] says, and how many columns the last vector of a wide tile has, or how many rows a thin one.
pub(super) type Microkernel<T> =
    unsafe fn(&Problem<T>, *const T, *const T, usize, *mut T, *mut T, usize);

/// Computes a tile of a product of matrices without gaps, `A·B`: from where its parts of A, of B and of C are, k, n, and how many columns its
/// last vector has. No more than what registers hold: what small products take is the time to hand them over.
pub(super) type Contiguous<T> = unsafe fn(*const T, *const T, *mut T, usize, usize, usize);

/// Vectors of a broad tile. Small products are made of narrower ones, which neither ask for rows in advance nor count.
pub(super) const BROAD: usize = 3;

/// The microkernels of a wide tile of one size, each for whole vectors, and for a last vector that is cut off.
pub(super) struct Wide<T> {
    /// For matrices without gaps.
    pub(super) contiguous: [Contiguous<T>; 2],
    /// Likewise, several tiles of whole vectors beside each other: the last argument says how many. Only [`BROAD`] ones of
    /// [`is_packing_size`] have it, for which it saves more than counting costs.
    pub(super) side_by_side: Option<Contiguous<T>>,
    /// Asks for every row of the operand B in advance, from a pointer on, if it is not null.
    pub(super) any: [Microkernel<T>; 2],
    /// Leaves a copy of B at a pointer, row after row, and is for whole vectors. A tile of one vector has none, nor has too small a one: [`is_packing_size`].
    pub(super) packing: Option<Microkernel<T>>,
}

/// Whether there are packing tiles of so many rows, where the widest tile has `most`.
pub(super) const fn is_packing_size(rows: usize, most: usize) -> bool {
    rows + 1 >= most
}

/// The microkernels of an instruction set for one element type.
pub(super) trait Microkernels {
    type Vector: Vector<Element = Self::Element>;
    type Element: crate::Element;

    /// Rows of the widest tile.
    const ROWS: usize;

    /// Wide tiles at `[vectors - 1][rows - 1]`. Narrower ones have as many rows or more.
    const WIDE: &'static [&'static [Wide<Self::Element>]];

    /// Tiles of one vector half as wide, by rows, if the instruction set has such: a C as narrow needs no vector that is cut off.
    const HALF: Option<&'static [Wide<Self::Element>]> = None;

    /// Packs a panel of a B whose rows or columns are contiguous for wide tiles, each row so many elements wide: [`wide`](super::pack::wide).
    const PACK: unsafe fn(&View<*const Self::Element>, usize, *mut Self::Element);

    /// Computes a row by a matrix, of which [`is_long`] says where that is better.
    const ROW: unsafe fn(&Problem<Self::Element>);

    /// Thin tiles at `[columns - 1]`, whose second argument is the number of rows.
    const THIN: &'static [Microkernel<Self::Element>];
}

/// The wide tiles as broad as all of C, by rows, and the columns of their last vector, if there are such.
#[inline(always)]
pub(super) fn only_panel<M: Microkernels>(
    n: usize,
) -> Option<(&'static [Wide<M::Element>], usize)> {
    let before_last = n.div_ceil(M::Vector::LANES).wrapping_sub(1);
    let tiles = M::WIDE.get(before_last)?;
    Some((tiles, n - before_last * M::Vector::LANES))
}

/// Lists wide microkernels by rows.
macro_rules! wide_tiles {
    ($tiles:ident, $vectors:literal, [$($rows:literal),*]) => {
        &[$($tiles::<$rows, $vectors>(Self::ROWS)),*]
    };
}
use wide_tiles;

/// The microkernels of one vector, as functions of an instruction set.
macro_rules! microkernels {
    ($(#[$features:meta])? $vector:ty, $element:ty, $tiles:ident, $row:ident, $thin:ident, $pack:ident) => {
        const fn $tiles<const ROWS: usize, const VECTORS: usize>(most: usize) -> Wide<$element> {
            /// # Safety
            /// As [`wide::tile`] for this instruction set.
            $(#[$features])?
            unsafe fn contiguous<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
                a: *const $element,
                b: *const $element,
                c: *mut $element,
                k: usize,
                n: usize,
                last: usize,
            ) {
                let tile = Tile::contiguous::<$vector, VECTORS>(a, b, c, k, n);
                // SAFETY: the caller's promise.
                unsafe { wide::tile::<$vector, ROWS, VECTORS, CUT>(&tile, last) }
            }

            /// # Safety
            /// As [`wide::tile`] for this instruction set, for each tile.
            $(#[$features])?
            unsafe fn side_by_side<const ROWS: usize, const VECTORS: usize>(
                a: *const $element,
                b: *const $element,
                c: *mut $element,
                k: usize,
                n: usize,
                tiles: usize,
            ) {
                let tile = Tile::contiguous::<$vector, VECTORS>(a, b, c, k, n);
                // SAFETY: the caller's promise.
                unsafe { wide::side_by_side::<$vector, ROWS, VECTORS>(tile, tiles) }
            }

            /// # Safety
            /// As [`wide::tile`] for this instruction set.
            $(#[$features])?
            unsafe fn any<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
                problem: &Problem<$element>,
                a: *const $element,
                b: *const $element,
                b_row: usize,
                c: *mut $element,
                next: *mut $element,
                last: usize,
            ) {
                let tile = Tile::new(problem, a, b, b_row, c, Beside::ask(problem, next, c));
                // SAFETY: the caller's promise.
                unsafe { wide::tile::<$vector, ROWS, VECTORS, CUT>(&tile, last) }
            }

            /// # Safety
            /// As [`wide::tile`] for this instruction set.
            $(#[$features])?
            unsafe fn packing<const ROWS: usize, const VECTORS: usize>(
                problem: &Problem<$element>,
                a: *const $element,
                b: *const $element,
                b_row: usize,
                c: *mut $element,
                to: *mut $element,
                last: usize,
            ) {
                let tile = Tile::new(problem, a, b, b_row, c, Beside::Pack(to));
                // SAFETY: the caller's promise.
                unsafe { wide::tile::<$vector, ROWS, VECTORS, false>(&tile, last) }
            }

            Wide {
                contiguous: [contiguous::<ROWS, VECTORS, false>, contiguous::<ROWS, VECTORS, true>],
                side_by_side: if VECTORS >= BROAD && is_packing_size(ROWS, most) {
                    Some(side_by_side::<ROWS, VECTORS>)
                } else {
                    None
                },
                any: [any::<ROWS, VECTORS, false>, any::<ROWS, VECTORS, true>],
                packing: if VECTORS > 1 && is_packing_size(ROWS, most) {
                    Some(packing::<ROWS, VECTORS>)
                } else {
                    None
                },
            }
        }

        /// # Safety
        /// As [`row::product`] for this instruction set.
        $(#[$features])?
        unsafe fn $row(problem: &Problem<$element>) {
            // SAFETY: the caller's promise.
            unsafe { row::product::<$vector>(problem) }
        }

        /// # Safety
        /// As [`thin::tile`] for this instruction set.
        $(#[$features])?
        unsafe fn $thin<const ROWS: usize, const COLUMNS: usize>(
            problem: &Problem<$element>,
            a: *const $element,
            b: *const $element,
            b_row: usize,
            c: *mut $element,
            _: *mut $element,
            rows: usize,
        ) {
            let tile = Tile::new(problem, a, b, b_row, c, Beside::Nothing);
            // SAFETY: the caller's promise.
            unsafe { thin::tile::<$vector, ROWS, COLUMNS>(tile, rows) }
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
