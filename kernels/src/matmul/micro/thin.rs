//! The thin tile: a few last columns of C, no more than half a vector.
//!
//! In a wide tile they would waste most of their vector. Here vectors run along the sums instead: each column of B is packed into a
//! row, A's rows are read where they lie, and the lanes of a sum are added up at the end. (To hold several columns in a
//! vector, and repeat what is loaded of A, saves the adding up and costs more: such loads keep the multipliers' ports busy.)
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use super::Tile;
use crate::Element;
use crate::cpu::level_2_bytes;
use crate::matmul::blocked::far_bytes;
use crate::vector::dot::{WAYS, sums};
use crate::vector::{Vector, opaque};

/// The most sums of a tile.
const MOST_SUMS: usize = 16;

/// `COLUMNS` columns of `rows` rows, `ROWS` at a time where they are near, those left over one by one; `b_row` is the distance between packed columns.
///
/// # Safety
/// The CPU has the instruction set of `V`; `a_column` is 1; the operands are valid for that many rows and columns.
#[inline(always)]
pub(super) unsafe fn tile<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    mut tile: Tile<V::Element>,
    rows: usize,
) {
    let origin = if COLUMNS == 1 {
        Origin::of::<V>(&tile, rows)
    } else {
        Origin::Near
    };
    let left = match origin {
        // SAFETY: the caller's promise.
        Origin::Near => unsafe { tiles::<V, ROWS, COLUMNS>(&mut tile, rows) },
        Origin::Level3 => rows,
        // SAFETY: the caller's promise, of one column.
        Origin::Memory => unsafe { tiles::<V, STREAMS, 1>(&mut tile, rows) },
    };
    // SAFETY: the caller's promise.
    unsafe { tiles::<V, 1, COLUMNS>(&mut tile, left) };
}

/// From where the rows of A come that meet a single column, which does little with them.
enum Origin {
    /// From the level-1 or level-2 cache.
    Near,
    /// One by one, as one stream, which the CPU foresees: 1000² by a vector takes 0.87 of the time. Not short ones, each of which would wait for its sum,
    /// and not by vectors of 128 bits, for each of which two would be loaded.
    Level3,
    /// As many streams: those of long rows take 0.6 of the time of one.
    Memory,
}

/// Rows that come from memory together.
const STREAMS: usize = 8;

impl Origin {
    #[inline(always)]
    fn of<V: Vector>(tile: &Tile<V::Element>, rows: usize) -> Origin {
        // A single row lies as far from the next as its owner likes.
        let bytes = rows
            .saturating_mul(tile.a_row)
            .saturating_mul(size_of::<V::Element>());
        let is_long = tile.depth >= WAYS * V::LANES && size_of::<V>() > 16;
        if bytes > far_bytes() {
            Origin::Memory
        } else if is_long && bytes >= 2 * level_2_bytes() {
            Origin::Level3
        } else {
            Origin::Near
        }
    }
}

/// `COLUMNS` columns of so many rows, `ROWS` at a time, which are skipped then; how many are left.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn tiles<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    tile: &mut Tile<V::Element>,
    mut rows: usize,
) -> usize {
    let (mut a, mut c) = (tile.a, tile.c);
    while rows >= ROWS {
        // SAFETY: the caller's promise.
        (a, c) = unsafe { tile_of::<V, ROWS, COLUMNS>(tile, a, c) };
        rows -= ROWS;
    }
    (tile.a, tile.c) = (a, c);
    rows
}

/// `COLUMNS` columns of `ROWS` rows, which are skipped then.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn tile_of<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    tile: &Tile<V::Element>,
    a: *const V::Element,
    c: *mut V::Element,
) -> (*const V::Element, *mut V::Element) {
    let (a, next_a) = rows::<_, ROWS>(a, tile.a_row);
    let mut b = [tile.b; COLUMNS];
    for (j, b) in b.iter_mut().enumerate() {
        *b = b.wrapping_add(j * tile.b_row);
    }
    // SAFETY: the caller's promise.
    let mut values = unsafe { sums::<V, ROWS, COLUMNS, MOST_SUMS>(a, b, tile.depth) };
    let (c, next_c) = rows::<_, ROWS>(c, tile.c_row);
    if !tile.is_plain() {
        let mut old = [V::Element::ZERO; MOST_SUMS];
        if tile.beta != V::Element::ZERO {
            for (i, c) in c.into_iter().enumerate() {
                // SAFETY: `COLUMNS` elements of a row of C.
                unsafe { c.copy_to_nonoverlapping(&raw mut old[i * COLUMNS], COLUMNS) };
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
    for (i, c) in c.into_iter().enumerate() {
        // SAFETY: `COLUMNS` elements of a row of C.
        unsafe {
            c.cast_mut()
                .copy_from_nonoverlapping(&raw const values[i * COLUMNS], COLUMNS)
        };
    }
    (next_a, next_c.cast_mut())
}

/// So many rows, and what follows them. Each is found from the one before: the compiler would multiply the distance, and keep the products on the
/// stack, from where they come too late for the loads of the next tile to begin in time.
#[inline(always)]
fn rows<T, const ROWS: usize>(first: *const T, distance: usize) -> ([*const T; ROWS], *const T) {
    let (mut rows, mut next) = ([first; ROWS], first);
    for row in &mut rows {
        *row = next;
        next = opaque(next.wrapping_add(distance));
    }
    (rows, next)
}
