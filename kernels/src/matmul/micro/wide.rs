//! The wide tile: some rows by a few vectors, for most of C.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use super::{BROAD, Beside, Tile};
use crate::Element;
use crate::vector::{Vector, opaque, prefetch};

/// Steps a turn of the loop: a trip count that the branch predictor learns, and few counters to update.
pub(in crate::matmul) const STEPS_A_TURN: usize = 4;

/// Rows of B that are asked for in advance where they are packed: of a wide B each lies in a page of its own, where no prefetcher
/// of the CPU looks.
const AHEAD: usize = 48;

/// Whether the compiler is not told how far apart rows of A are: known, each row's pointer would be made from that of the row before, one
/// addition after the other, which takes longer than the products of a narrow tile.
pub(super) const fn hides_rows<V: Vector, const VECTORS: usize>() -> bool {
    // With two vectors of 512 bits, which come with twice as many registers, too; of others, some would be spilled.
    VECTORS == 1 || VECTORS == 2 && size_of::<V>() == 64
}

/// A tile of `ROWS` rows and `VECTORS` vectors; with `CUT`, the last vector has `last` columns only.
///
/// # Safety
/// The CPU has the instruction set of `V`; the operands are valid for that many rows and columns.
#[inline(always)]
pub(super) unsafe fn tile<V: Vector, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    last: usize,
) {
    // SAFETY: the caller has the instruction set.
    let zero = unsafe { V::splat(V::Element::ZERO) };
    let sums = [[zero; VECTORS]; ROWS];
    if tile.far {
        for i in 0..ROWS {
            prefetch_row::<V, VECTORS>(tile.c.wrapping_add(i * tile.c_row));
        }
    }
    // SAFETY: the caller's promise.
    let sums = unsafe { add_all::<V, ROWS, VECTORS, CUT>(sums, tile, last) };
    // SAFETY: the caller's promise.
    unsafe { finish::<V, ROWS, VECTORS, CUT>(tile, sums, last) };
}

/// So many tiles of whole vectors, one beside the other.
///
/// # Safety
/// As [`tile`], for each.
#[inline(always)]
pub(super) unsafe fn side_by_side<V: Vector, const ROWS: usize, const VECTORS: usize>(
    mut first: Tile<V::Element>,
    tiles: usize,
) {
    for _ in 0..tiles {
        // SAFETY: the caller's promise.
        unsafe { tile::<V, ROWS, VECTORS, false>(&first, V::LANES) };
        first.skip_columns(VECTORS * V::LANES);
    }
}

/// Adds all products of the tile.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn add_all<V: Vector, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    mut sums: [[V; VECTORS]; ROWS],
    tile: &Tile<V::Element>,
    last: usize,
) -> [[V; VECTORS]; ROWS] {
    let mut next = match tile.beside {
        Beside::Ask(next, _) => next,
        _ => std::ptr::null(),
    };
    let mut p = 0;
    while p + STEPS_A_TURN <= tile.depth {
        for step in 0..STEPS_A_TURN {
            // SAFETY: `p + step < depth`.
            unsafe { add_products::<V, ROWS, VECTORS, CUT>(&mut sums, tile, p + step, last) };
        }
        if VECTORS >= BROAD
            && let Beside::Ask(_, stride) = tile.beside
        {
            prefetch_row::<V, VECTORS>(next);
            next = next.wrapping_add(stride);
        }
        p += STEPS_A_TURN;
    }
    while p < tile.depth {
        // SAFETY: `p < depth`.
        unsafe { add_products::<V, ROWS, VECTORS, CUT>(&mut sums, tile, p, last) };
        p += 1;
    }
    sums
}

/// Scales the sums and writes them to C.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn finish<V: Vector, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    mut sums: [[V; VECTORS]; ROWS],
    last: usize,
) {
    // Asked once, for a tile: the branches of 24 vectors take longer than their stores.
    if !tile.is_plain() {
        for (i, sums) in sums.iter_mut().enumerate() {
            let row = tile.c.wrapping_add(i * tile.c_row);
            // SAFETY: row `i` of C, as wide as the tile.
            let old = || unsafe { load_row::<V, VECTORS, CUT>(row, last) };
            *sums = tile.scale(*sums, old);
        }
    }
    for (i, sums) in sums.into_iter().enumerate() {
        // SAFETY: row `i` of C, as wide as the tile.
        unsafe { store_row::<V, VECTORS, CUT>(tile, sums, i, last) };
    }
}

/// Asks for a row, as wide as the tile, of C or B, which will be needed later.
#[inline(always)]
fn prefetch_row<V: Vector, const VECTORS: usize>(row: *const V::Element) {
    for j in 0..=VECTORS {
        // The last line holds the row's end if the row does not begin at the start of a line.
        prefetch(row.wrapping_add((j * V::LANES).min(VECTORS * V::LANES - 1)));
    }
}

/// Adds the products of column `p` of A and row `p` of B.
///
/// # Safety
/// As [`tile`]; `p < depth`.
#[inline(always)]
unsafe fn add_products<V: Vector, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    sums: &mut [[V; VECTORS]; ROWS],
    tile: &Tile<V::Element>,
    p: usize,
    last: usize,
) {
    // SAFETY: the caller's promise.
    let b = unsafe { next_row::<V, VECTORS, CUT>(tile, p, last) };
    let column = tile.a.wrapping_add(p * tile.a_column);
    // Every other row from one of two pointers.
    let mut starts = [column, column.wrapping_add(tile.a_row)];
    if hides_rows::<V, VECTORS>() {
        starts = starts.map(opaque);
    }
    for (i, sums) in sums.iter_mut().enumerate() {
        let row = starts[i % 2].wrapping_add((i - i % 2) * tile.a_row);
        // SAFETY: row `i`, column `p` of A.
        let a = unsafe { row.read() };
        // SAFETY: the caller has the instruction set.
        let a = unsafe { V::splat(a) };
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum = a.mul_add(b, *sum);
        }
    }
}

/// Row `p` of B, of which a copy is left if the tile packs.
///
/// # Safety
/// As [`tile`]; `p < depth`.
#[inline(always)]
unsafe fn next_row<V: Vector, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    p: usize,
    last: usize,
) -> [V; VECTORS] {
    // SAFETY: row `p` of B, as wide as the tile.
    let b: [V; VECTORS] =
        unsafe { load_row::<V, VECTORS, CUT>(tile.b.wrapping_add(p * tile.b_row), last) };
    if let Beside::Pack(to) = tile.beside {
        prefetch_row::<V, VECTORS>(tile.b.wrapping_add((p + AHEAD) * tile.b_row));
        for (j, b) in b.into_iter().enumerate() {
            let to = to.wrapping_add((p * VECTORS + j) * V::LANES);
            // SAFETY: the caller vouches for `depth` rows of whole vectors.
            unsafe { b.store(to) };
        }
    }
    b
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

/// Writes row `i` of C.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn store_row<V: Vector, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    values: [V; VECTORS],
    i: usize,
    last: usize,
) {
    let row = tile.c.wrapping_add(i * tile.c_row);
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
