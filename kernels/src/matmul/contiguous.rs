//! `C = A·B` of matrices without gaps. What a small product takes is the time to hand it over, so here nobody asks for strides and
//! factors, and what is handed over fits into registers.
#![expect(unsafe_code, reason = "tiles of C are written through pointers")]

use std::ptr::null_mut;

use super::Shape;
use super::blocked::{
    self, Columns, IN_PLACE_DEPTH, far_bytes, is_all_thin, is_read_in_place, is_streamed, rows_of,
    thin_columns,
};
use super::even::Even;
use super::micro::{BROAD, Microkernels, Wide, is_long, only_panel};
use super::problem::Problem;
use crate::Element;
use crate::vector::Vector;

/// Rows of B that lie a multiple of so many bytes apart compete for few sets of the level-1 cache, where a panel of them does not stay: then it is A's
/// rows that are read again and again, by all panels.
const COMPETING_BYTES: usize = 512;

/// A C of so many bytes does not stay in the level-1 cache: it is written faster by whole rows, if tiles beside each other are computed in one go. (An
/// update of rank 8 gains a twentieth, a product of whole matrices nothing.)
const NEAR_BYTES: usize = 96 << 10;

/// Vectors of a row of A from which a single column is thin: it is read where it lies.
const DEEP_VECTORS: usize = 2;

/// Bytes of a single column that stay in the level-1 cache while pieces of rows as long pass by.
const COLUMN_BYTES: usize = 8 << 10;

/// An implementation's own way.
#[derive(Debug)]
pub(super) struct Functions<T> {
    /// Computes a product: from A, B, C, m, k and n.
    pub(super) run: unsafe fn(*const T, *const T, *mut T, usize, usize, usize),
    /// Whether part of B is packed, into memory of this thread.
    pub(super) needs_memory: fn(Shape) -> bool,
}

impl<T: Element> Functions<T> {
    pub(super) const fn of<M: Microkernels<Element = T>>() -> Self {
        Functions {
            run: run::<M>,
            needs_memory: |shape| {
                !is_read_in_place::<M>(shape) || Columns::new::<M>(shape, true).thin > 0
            },
        }
    }
}

/// Computes a product of one tile or one panel of tiles, or hands it on.
///
/// # Safety
/// The machine has the instruction set of `M`; the matrices have so many elements, those of C for writing and for nobody else.
pub(super) unsafe fn run<M: Microkernels>(
    a: *const M::Element,
    b: *const M::Element,
    c: *mut M::Element,
    m: usize,
    k: usize,
    n: usize,
) {
    if n == M::Vector::LANES / 2
        && let Some(tile) = M::HALF.and_then(|half| half.get(m.wrapping_sub(1)))
    {
        // SAFETY: the caller's promise; the kernel is that of the tile's size, on part of the instruction set.
        return unsafe { (tile.contiguous[0])(a, b, c, k, n, n) };
    }
    if n == 1 && k >= DEEP_VECTORS * M::Vector::LANES {
        // SAFETY: the caller's promise; the one column is a row of its own transpose, as thin tiles read it.
        return unsafe { one_column::<M>(a, b, c, m, k) };
    }
    if let Some((tiles, last)) = only_panel::<M>(n) {
        if let Some(tile) = tiles.get(m.wrapping_sub(1))
            && !is_all_thin::<M>(Shape { m, k, n })
        {
            let kernel = tile.contiguous[usize::from(last < M::Vector::LANES)];
            // SAFETY: the caller's promise; the kernel is that of the tile's size.
            return unsafe { kernel(a, b, c, k, n, last) };
        }
        // So few columns may make thin tiles, which need memory.
        let few = last * 2 <= M::Vector::LANES;
        if !few && is_read_in_place::<M>(Shape { m, k, n }) {
            // SAFETY: the caller's promise; the tiles are as broad as C.
            return unsafe { one_panel::<M>(tiles, last, a, b, c, m, k, n) };
        }
    }
    if m == 1 && is_long::<M::Vector>(k, n) {
        // SAFETY: the caller's promise.
        return unsafe { one_row::<M>(a, b, c, k, n) };
    }
    // SAFETY: the caller's promise.
    unsafe { tiles_of::<M>(a, b, c, m, k, n) }
}

/// A row by a matrix.
///
/// # Safety
/// As [`run`].
#[inline(never)]
unsafe fn one_row<M: Microkernels>(
    a: *const M::Element,
    b: *const M::Element,
    c: *mut M::Element,
    k: usize,
    n: usize,
) {
    let problem = Problem::contiguous(a, b, c, Shape { m: 1, k, n });
    // SAFETY: the caller's promise.
    unsafe { (M::ROW)(&problem) }
}

/// A matrix by a column.
///
/// # Safety
/// As [`run`].
#[inline(never)]
unsafe fn one_column<M: Microkernels>(
    a: *const M::Element,
    b: *const M::Element,
    c: *mut M::Element,
    m: usize,
    k: usize,
) {
    let mut problem = Problem::contiguous(a, b, c, Shape { m, k, n: 1 });
    // From memory, rows in pieces would be no streams.
    let depth = if m * k * size_of::<M::Element>() > far_bytes() {
        k
    } else {
        COLUMN_BYTES / size_of::<M::Element>()
    };
    for start in (0..k).step_by(depth) {
        problem.shape.k = depth.min(k - start);
        let (a, b) = (a.wrapping_add(start), b.wrapping_add(start));
        // SAFETY: the caller's promise.
        unsafe { (M::THIN[0])(&problem, a, b, k, c, null_mut(), m) };
        problem.beta = M::Element::ONE;
    }
}

/// The panel that is all of C, and has so many columns in its last vector.
///
/// # Safety
/// As [`run`]; the tiles are as broad as C.
// Inlined, it would make `run` save more registers, and products of one tile take longer.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "most of it stays in registers")]
unsafe fn one_panel<M: Microkernels>(
    tiles: &[Wide<M::Element>],
    last: usize,
    a: *const M::Element,
    b: *const M::Element,
    c: *mut M::Element,
    m: usize,
    k: usize,
    n: usize,
) {
    let rows = Even::new(m, tiles.len());
    // SAFETY: the caller's promise.
    unsafe { down::<M>(tiles, &rows, last, a, b, c, k, n) }
}

/// Tile by tile down a panel, at whose first column `b` and `c` begin.
///
/// # Safety
/// As [`run`]; the tiles are as broad as the panel.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "nothing is handed over: it is inlined"
)]
unsafe fn down<M: Microkernels>(
    tiles: &[Wide<M::Element>],
    rows: &Even,
    last: usize,
    mut a: *const M::Element,
    b: *const M::Element,
    mut c: *mut M::Element,
    k: usize,
    n: usize,
) {
    for tile in 0..rows.parts {
        let size = rows.size(tile);
        let kernel = tiles[size - 1].contiguous[usize::from(last < M::Vector::LANES)];
        // SAFETY: the tile lies within the product, and its kernel is that of its size.
        unsafe { kernel(a, b, c, k, n, last) };
        (a, c) = (a.wrapping_add(size * k), c.wrapping_add(size * n));
    }
}

/// Tile by tile, if B is read in place and in one piece; by [`blocked`] if not.
///
/// # Safety
/// As [`run`].
#[inline(never)]
unsafe fn tiles_of<M: Microkernels>(
    a: *const M::Element,
    b: *const M::Element,
    c: *mut M::Element,
    m: usize,
    k: usize,
    n: usize,
) {
    if m == 0 || n == 0 {
        // Any number of rows or columns without an element.
        return;
    }
    let shape = Shape { m, k, n };
    let columns = Columns::new::<M>(shape, true);
    let in_one_piece = is_read_in_place::<M>(shape) && !is_streamed::<M>(shape);
    if columns.thin > 0 && k > IN_PLACE_DEPTH || !in_one_piece {
        // SAFETY: the caller's promise.
        return unsafe { Problem::solve_contiguous(blocked::run::<M>, a, b, c, shape) };
    }
    let rows = rows_of::<M>(m, &columns);
    let competing = n.is_multiple_of(COMPETING_BYTES / size_of::<M::Element>());
    let far = columns.panels.size(0) >= BROAD && m * n * size_of::<M::Element>() > NEAR_BYTES;
    if competing || far {
        // SAFETY: the caller's promise.
        unsafe { by_rows::<M>(&columns, &rows, a, b, c, k, n) };
    } else {
        for panel in 0..columns.panels.parts {
            let (column, vectors, last) = columns.panel::<M>(panel);
            let (b, c) = (b.wrapping_add(column), c.wrapping_add(column));
            // SAFETY: the panel lies within the product, and the tiles are as broad.
            unsafe { down::<M>(M::WIDE[vectors - 1], &rows, last, a, b, c, k, n) };
        }
    }
    if columns.thin > 0 {
        // SAFETY: the caller's promise.
        unsafe { thin_columns::<M>(&Problem::contiguous(a, b, c, shape), &columns) };
    }
}

/// The wide panels by a tile's rows, then by the next one's.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn by_rows<M: Microkernels>(
    columns: &Columns,
    rows: &Even,
    a: *const M::Element,
    b: *const M::Element,
    c: *mut M::Element,
    k: usize,
    n: usize,
) {
    for tile in 0..rows.parts {
        let (row, size) = (rows.start(tile), rows.size(tile));
        let (a, c) = (a.wrapping_add(row * k), c.wrapping_add(row * n));
        let mut panel = 0;
        while panel < columns.panels.parts {
            let (column, vectors, last) = columns.panel::<M>(panel);
            let tile = &M::WIDE[vectors - 1][size - 1];
            let (b, c) = (b.wrapping_add(column), c.wrapping_add(column));
            let cut = last < M::Vector::LANES;
            let (kernel, tiles, argument) = match tile.side_by_side {
                Some(several) if !cut => {
                    let tiles = columns.alike::<M>(panel);
                    (several, tiles, tiles)
                }
                _ => (tile.contiguous[usize::from(cut)], 1, last),
            };
            // SAFETY: the tiles lie within the product, and the kernel is that of their size.
            unsafe { kernel(a, b, c, k, n, argument) };
            panel += tiles;
        }
    }
}
