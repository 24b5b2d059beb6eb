//! The thin tile: a few last columns of C, no more than half a vector.
//!
//! In a wide tile they would waste most of their vector. Here vectors run along the sums instead: each column of B is packed into a
//! row, A's rows are read where they lie, and the lanes of a sum are added up at the end. (To hold several columns in a
//! vector, and repeat what is loaded of A, saves the adding up and costs more: such loads keep the multipliers' ports busy.)
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use std::array::from_fn;

use super::Tile;
use crate::Element;
use crate::cpu::{level_1_bytes, level_2_bytes};
use crate::matmul::blocked::far_bytes;
use crate::vector::Vector;
use crate::vector::dot::{WAYS, asks_for_next, sums};

/// The most sums of a tile.
const MOST_SUMS: usize = 16;

/// `COLUMNS` columns of `rows` rows, `ROWS` at a time, those left over one by one; `b_row` is the distance between packed columns.
///
/// # Safety
/// The CPU has the instruction set of `V`; `a_column` is 1; the operands are valid for that many rows and columns.
#[inline(always)]
pub(super) unsafe fn tile<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    mut tile: Tile<V::Element>,
    rows: usize,
) {
    let one_by_one = asks_for_next::<ROWS, COLUMNS>() && is_stream::<V>(&tile, rows, ROWS);
    let tiles = if one_by_one { 0 } else { rows / ROWS };
    for _ in 0..tiles {
        // SAFETY: the caller's promise.
        unsafe { tile_of::<V, ROWS, COLUMNS>(&tile) };
        tile.skip_rows(ROWS);
    }
    for _ in 0..rows - tiles * ROWS {
        // SAFETY: the caller's promise.
        unsafe { tile_of::<V, 1, COLUMNS>(&tile) };
        tile.skip_rows(1);
    }
}

/// Whether rows are better read one by one, as one stream, which the CPU foresees: those that are too long for two tiles of them to stay in the level-1
/// cache, and those of a matrix that comes from the level-3 cache. (1000² in single precision takes 0.87 of the time. From the level-2 cache rows in
/// tiles are as fast or faster, from memory much the same; and of short ones each would wait for its sums.)
#[inline(always)]
fn is_stream<V: Vector>(tile: &Tile<V::Element>, rows: usize, rows_of_tile: usize) -> bool {
    let bytes = |elements: usize| elements * size_of::<V::Element>();
    let is_far = || (2 * level_2_bytes()..=far_bytes()).contains(&bytes(rows * tile.a_row));
    bytes((2 * rows_of_tile + 1) * tile.depth) > level_1_bytes()
        || tile.depth >= WAYS * V::LANES && is_far()
}

/// `COLUMNS` columns of `ROWS` rows.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn tile_of<V: Vector, const ROWS: usize, const COLUMNS: usize>(tile: &Tile<V::Element>) {
    let a = from_fn(|i| tile.a.wrapping_add(i * tile.a_row));
    let b = from_fn(|j| tile.b.wrapping_add(j * tile.b_row));
    let row = |i: usize| tile.c.wrapping_add(i * tile.c_row);
    // SAFETY: the caller's promise.
    let mut values = unsafe { sums::<V, ROWS, COLUMNS, MOST_SUMS>(a, b, tile.depth) };
    if !tile.is_plain() {
        let mut old = [V::Element::ZERO; MOST_SUMS];
        if tile.beta != V::Element::ZERO {
            for i in 0..ROWS {
                // SAFETY: `COLUMNS` elements of a row of C.
                unsafe { row(i).copy_to_nonoverlapping(&raw mut old[i * COLUMNS], COLUMNS) };
            }
        }
        let vectors = values
            .chunks_exact_mut(V::LANES)
            .zip(old.chunks_exact(V::LANES));
        for (values, old) in vectors {
            // SAFETY: both hold a vector.
            let load = |from: &[V::Element]| unsafe { V::load(from.as_ptr()) };
            let scaled = tile.scale(load(values), || load(old));
            // SAFETY: as above.
            unsafe { scaled.store(values.as_mut_ptr()) };
        }
    }
    for i in 0..ROWS {
        // SAFETY: `COLUMNS` elements of a row of C.
        unsafe { row(i).copy_from_nonoverlapping(&raw const values[i * COLUMNS], COLUMNS) };
    }
}
