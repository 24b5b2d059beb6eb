//! Microkernels: a tile of C that stays in registers while a row of B and a column of A pass by.
//!
//! Generic over the vector; `portable.rs`, `avx2.rs` and `avx512.rs` choose the tile for their
//! registers and instantiate it.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

pub(super) mod avx2;
pub(super) mod avx512;
pub(super) mod portable;

use crate::Element;
use crate::vector::Vector;

/// The operands of a microkernel; strides in elements.
pub(super) struct Tile<T> {
    pub(super) depth: usize,
    pub(super) alpha: T,
    pub(super) beta: T,
    pub(super) a: *const T,
    pub(super) a_row: usize,
    pub(super) a_column: usize,
    pub(super) b: *const T,
    pub(super) b_row: usize,
    pub(super) c: *mut T,
    pub(super) c_row: usize,
}

/// Computes a tile; the second argument is how many columns its last vector has.
type Microkernel<T> = unsafe fn(&Tile<T>, usize);

/// The microkernels of one instruction set.
pub(super) struct Microkernels<T: 'static> {
    /// Rows of the largest tile.
    pub(super) rows: usize,
    /// Elements in a vector.
    pub(super) lanes: usize,
    /// At `[vectors - 1][rows - 1]`: the kernel for whole vectors, and the one whose last vector is cut off.
    pub(super) tiles: &'static [&'static [[Microkernel<T>; 2]]],
}

impl<T: Element> Microkernels<T> {
    /// Columns of the largest tile.
    pub(super) fn width(&self) -> usize {
        self.tiles.len() * self.lanes
    }

    /// Computes a tile of `rows` × `columns`.
    ///
    /// # Safety
    /// The machine has the instruction set; A, B and C are valid for that many rows and columns, C for nobody else.
    pub(super) unsafe fn tile(&self, rows: usize, columns: usize, tile: Tile<T>) {
        let vectors = columns.div_ceil(self.lanes);
        let last = columns - (vectors - 1) * self.lanes;
        let kernel = self.tiles[vectors - 1][rows - 1][usize::from(last < self.lanes)];
        // SAFETY: the caller's promise, and the kernel is that of this size.
        unsafe { kernel(&tile, last) }
    }
}

/// Lists microkernels by rows: `[whole, cut off]` for each.
macro_rules! tiles {
    ($kernel:ident, $vectors:literal, [$($rows:literal),*]) => {
        &[$([$kernel::<$rows, $vectors, false>, $kernel::<$rows, $vectors, true>]),*]
    };
}
use tiles;

/// A tile of `ROWS` rows and `VECTORS` vectors; with `CUT`, the last vector has `last` columns only.
///
/// # Safety
/// The CPU has the instruction set of `V`; the operands are valid for that many rows and columns.
#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    last: usize,
) {
    // SAFETY: the caller has the instruction set.
    let zero = unsafe { V::splat(V::Element::ZERO) };
    let mut sums = [[zero; VECTORS]; ROWS];
    for p in 0..tile.depth {
        // SAFETY: row `p` of B, as wide as the tile.
        let b: [V; VECTORS] =
            unsafe { load_row::<V, VECTORS, CUT>(tile.b.wrapping_add(p * tile.b_row), last) };
        let column = tile.a.wrapping_add(p * tile.a_column);
        for (i, sums) in sums.iter_mut().enumerate() {
            // SAFETY: row `i`, column `p` of A.
            let a = unsafe { column.wrapping_add(i * tile.a_row).read() };
            // SAFETY: the caller has the instruction set.
            let a = unsafe { V::splat(a) };
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = a.mul_add(b, *sum);
            }
        }
    }
    for (i, sums) in sums.into_iter().enumerate() {
        // SAFETY: row `i` of C, as wide as the tile.
        unsafe { store_row::<V, VECTORS, CUT>(tile, sums, i, last) };
    }
}

/// # Safety
/// As [`tile`], for one row.
#[inline(always)]
unsafe fn load_row<V: Vector, const VECTORS: usize, const CUT: bool>(
    from: *const V::Element,
    last: usize,
) -> [V; VECTORS] {
    std::array::from_fn(|j| {
        let from = from.wrapping_add(j * V::LANES);
        if CUT && j + 1 == VECTORS {
            // SAFETY: `last` columns are left.
            unsafe { V::load_head(from, last) }
        } else {
            // SAFETY: a vector is left.
            unsafe { V::load(from) }
        }
    })
}

/// Row `i` of C from its sums.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn store_row<V: Vector, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    sums: [V; VECTORS],
    i: usize,
    last: usize,
) {
    let row = tile.c.wrapping_add(i * tile.c_row);
    // SAFETY: the caller has the instruction set.
    let alpha = unsafe { V::splat(tile.alpha) };
    let mut values = sums.map(|sum| sum.mul(alpha));
    if tile.beta != V::Element::ZERO {
        // SAFETY: the caller has the instruction set.
        let beta = unsafe { V::splat(tile.beta) };
        // SAFETY: row `i` of C, as wide as the tile.
        let old: [V; VECTORS] = unsafe { load_row::<V, VECTORS, CUT>(row, last) };
        for (value, old) in values.iter_mut().zip(old) {
            *value = old.mul_add(beta, *value);
        }
    }
    for (j, value) in values.into_iter().enumerate() {
        let to = row.wrapping_add(j * V::LANES);
        if CUT && j + 1 == VECTORS {
            // SAFETY: `last` columns are left.
            unsafe { value.store_head(to, last) };
        } else {
            // SAFETY: a vector is left.
            unsafe { value.store(to) };
        }
    }
}
