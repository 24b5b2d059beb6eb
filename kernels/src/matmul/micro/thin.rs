//! The thin tile: a few last columns of C, no more than half a vector.
//!
//! In a wide tile they would waste most of their vector. Here a vector holds `SPLIT` consecutive
//! terms of the sum for each of `LANES / SPLIT` columns: B is packed so, A's row is loaded `SPLIT`
//! elements at a time and repeated, and the parts are added up at the end.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use super::Tile;
use crate::Element;
use crate::matmul::view::View;
use crate::vector::{MOST_LANES, Vector};

/// A tile of `ROWS` rows and `columns` columns, with B packed for it and A's rows contiguous.
///
/// # Safety
/// The CPU has the instruction set of `V`; `columns · SPLIT <= LANES`; `a_column` is 1; the operands are valid for
/// that many rows and columns.
#[inline(always)]
pub(super) unsafe fn tile<V: Vector, const ROWS: usize, const SPLIT: usize>(
    tile: &Tile<V::Element>,
    columns: usize,
) {
    // SAFETY: the caller has the instruction set.
    let zero = unsafe { V::splat(V::Element::ZERO) };
    // Two sums a row, in turn: with one, each product would wait for the one before it.
    let (mut sums, mut others) = ([zero; ROWS], [zero; ROWS]);
    let whole = tile.depth / SPLIT;
    for q in (0..whole / 2 * 2).step_by(2) {
        // SAFETY: `q < whole`.
        unsafe { add_products::<V, ROWS, SPLIT>(&mut sums, tile, q) };
        // SAFETY: `q + 1 < whole`.
        unsafe { add_products::<V, ROWS, SPLIT>(&mut others, tile, q + 1) };
    }
    if !whole.is_multiple_of(2) {
        // SAFETY: `whole - 1 < whole`.
        unsafe { add_products::<V, ROWS, SPLIT>(&mut sums, tile, whole - 1) };
    }
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum = sum.add(other);
    }
    let rest = tile.depth % SPLIT;
    if rest > 0 {
        // SAFETY: the vector of the last rows of B, filled up with zeros.
        let b = unsafe { V::load(tile.b.wrapping_add(whole * V::LANES)) };
        for (i, sum) in sums.iter_mut().enumerate() {
            let mut last = [V::Element::ZERO; SPLIT];
            for (p, value) in last.iter_mut().enumerate().take(rest) {
                // SAFETY: one of the `rest` last elements of row `i` of A.
                *value = unsafe {
                    tile.a
                        .wrapping_add(i * tile.a_row + whole * SPLIT + p)
                        .read()
                };
            }
            // SAFETY: the array has `SPLIT` elements.
            let a = unsafe { V::load_repeated::<SPLIT>(last.as_ptr()) };
            *sum = a.mul_add(b, *sum);
        }
    }
    for (i, sum) in sums.into_iter().enumerate() {
        // SAFETY: row `i` of C, as wide as the tile.
        unsafe { store_row(tile, sum_parts::<V, SPLIT>(sum), i, columns) };
    }
}

/// Adds the products of vector `q` of the packed B.
///
/// # Safety
/// As [`tile`]; vector `q` stands for `SPLIT` rows of B.
#[inline(always)]
unsafe fn add_products<V: Vector, const ROWS: usize, const SPLIT: usize>(
    sums: &mut [V; ROWS],
    tile: &Tile<V::Element>,
    q: usize,
) {
    // SAFETY: vector `q` of the packed B.
    let b = unsafe { V::load(tile.b.wrapping_add(q * V::LANES)) };
    for (i, sum) in sums.iter_mut().enumerate() {
        let a = tile.a.wrapping_add(i * tile.a_row + q * SPLIT);
        // SAFETY: `SPLIT` elements of row `i` of A.
        let a = unsafe { V::load_repeated::<SPLIT>(a) };
        *sum = a.mul_add(b, *sum);
    }
}

/// One sum for each column, in the first lanes.
#[inline(always)]
fn sum_parts<V: Vector, const SPLIT: usize>(mut parts: V) -> V {
    parts = parts.add(parts.swap::<1>());
    if SPLIT >= 4 {
        parts = parts.add(parts.swap::<2>());
    }
    if SPLIT >= 8 {
        parts = parts.add(parts.swap::<4>());
    }
    if SPLIT >= 16 {
        parts = parts.add(parts.swap::<8>());
    }
    parts.every::<SPLIT>()
}

/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn store_row<V: Vector>(tile: &Tile<V::Element>, mut value: V, i: usize, columns: usize) {
    let row = tile.c.wrapping_add(i * tile.c_row);
    // SAFETY: the caller has the instruction set.
    value = value.mul(unsafe { V::splat(tile.alpha) });
    if tile.beta != V::Element::ZERO {
        // SAFETY: the caller has the instruction set.
        let beta = unsafe { V::splat(tile.beta) };
        // SAFETY: `columns` elements of row `i`.
        value = unsafe { V::load_head(row, columns) }.mul_add(beta, value);
    }
    // SAFETY: `columns` elements of row `i`.
    unsafe { value.store_head(row, columns) };
}

/// Packs a panel for thin tiles: vector `q` holds rows `q · SPLIT ..` of each column, column after column. Rows and
/// columns beyond the panel are zero.
///
/// # Safety
/// The CPU has the instruction set of `V`; `columns · SPLIT <= LANES`; every element of `panel` is valid for reading,
/// `to` for writing a vector for each `SPLIT` rows begun.
#[inline(always)]
pub(super) unsafe fn pack<V: Vector, const SPLIT: usize>(
    panel: &View<*const V::Element>,
    to: *mut V::Element,
) {
    for (q, first) in (0..panel.rows).step_by(SPLIT).enumerate() {
        // SAFETY: the caller has the instruction set.
        let mut packed = unsafe { V::splat(V::Element::ZERO) };
        for part in 0..SPLIT.min(panel.rows - first) {
            let row = panel.data.wrapping_add((first + part) * panel.row_stride);
            // SAFETY: a row of the panel.
            let row = unsafe { load_strided::<V>(row, panel.column_stride, panel.columns) };
            packed = packed.interleave::<SPLIT>(row, part);
        }
        // SAFETY: vector `q` of the packed panel.
        unsafe { packed.store(to.wrapping_add(q * V::LANES)) };
    }
}

/// The first lanes of a vector from elements `stride` apart, zero in the others.
///
/// # Safety
/// The CPU has the instruction set; `count <= LANES` elements are valid for reading.
#[inline(always)]
unsafe fn load_strided<V: Vector>(from: *const V::Element, stride: usize, count: usize) -> V {
    if stride == 1 {
        // SAFETY: the caller's promise.
        return unsafe { V::load_head(from, count) };
    }
    let mut lanes = [V::Element::ZERO; MOST_LANES];
    for (lane, value) in lanes.iter_mut().enumerate().take(count) {
        // SAFETY: one of the `count` elements.
        *value = unsafe { from.wrapping_add(lane * stride).read() };
    }
    // SAFETY: the array has at least `LANES` elements.
    unsafe { V::load(lanes.as_ptr()) }
}
