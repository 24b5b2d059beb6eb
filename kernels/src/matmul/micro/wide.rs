//! The wide tile: some rows by a few vectors, for most of C.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use super::{BROAD, Beside, Tile};
use crate::Element;
use crate::matmul::pack::ROWS_AHEAD;
use crate::vector::{Vector, opaque, opaque_number, prefetch};

/// Steps a turn of the loop: a trip count that the branch predictor learns, and few counters to update.
pub(in crate::matmul) const STEPS_A_TURN: usize = 4;

/// The last steps of a tile, which go row by row of C and write each vector when its last product has been added. On a Zen 4 a store of 512 bits keeps
/// its unit busy for two cycles: 24 of them take as long as two steps, and cost nothing beside their products, where they follow at once. In one piece
/// after all products they would cost a cycle each: a hundredth of a product of 100², a tenth of an update of rank 8.
const STEPS_BY_ROWS: usize = 2;

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
    // It takes registers for two rows of B; and who packs writes more than C.
    let may_split = size_of::<V>() == 64 && !matches!(tile.beside, Beside::Pack(_));
    // Of a sum that is multiplied by α, the last product is not the last operation.
    let splits = may_split && tile.alpha == V::Element::ONE && tile.depth >= STEPS_BY_ROWS;
    // If the compiler knew that they go with α, it would make a copy of the loop for each.
    let depth = opaque_number(tile.depth - if splits { STEPS_BY_ROWS } else { 0 });
    // SAFETY: the caller's promise.
    let mut sums = unsafe { add_all::<V, ROWS, VECTORS, CUT>(sums, tile, depth, last) };
    // Each asked once, for a tile: the branches of 24 vectors take longer than their stores.
    if tile.alpha != V::Element::ONE {
        // SAFETY: the caller has the instruction set.
        let alpha = unsafe { V::splat(tile.alpha) };
        for sums in &mut sums {
            for sum in sums {
                *sum = sum.mul(alpha);
            }
        }
    }
    if tile.beta != V::Element::ZERO {
        // SAFETY: the caller has the instruction set.
        let beta = unsafe { V::splat(tile.beta) };
        for (i, sums) in sums.iter_mut().enumerate() {
            let row = tile.c.wrapping_add(i * tile.c_row);
            // SAFETY: row `i` of C, as wide as the tile.
            let old = unsafe { load_row::<V, VECTORS, CUT>(row, last) };
            for (j, sum) in sums.iter_mut().enumerate() {
                *sum = old[j].mul_add(beta, *sum);
            }
        }
    }
    if may_split && depth < tile.depth {
        // SAFETY: the caller's promise.
        return unsafe { finish_by_rows::<V, ROWS, VECTORS, CUT>(tile, sums, last) };
    }
    for (i, sums) in sums.into_iter().enumerate() {
        for (j, sum) in sums.into_iter().enumerate() {
            // SAFETY: vector `j` of row `i` of C.
            unsafe { store::<V, VECTORS, CUT>(tile, sum, (i, j), last) };
        }
    }
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

/// Adds the first `depth` products of each sum.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn add_all<V: Vector, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    mut sums: [[V; VECTORS]; ROWS],
    tile: &Tile<V::Element>,
    depth: usize,
    last: usize,
) -> [[V; VECTORS]; ROWS] {
    let mut next = match tile.beside {
        Beside::Ask(next, _) => next,
        _ => std::ptr::null(),
    };
    let mut p = 0;
    while p + STEPS_A_TURN <= depth {
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
    while p < depth {
        // SAFETY: `p < depth`.
        unsafe { add_products::<V, ROWS, VECTORS, CUT>(&mut sums, tile, p, last) };
        p += 1;
    }
    sums
}

/// Takes the last steps row by row, and writes each vector at once.
///
/// # Safety
/// As [`tile`], which has so many steps.
#[inline(always)]
unsafe fn finish_by_rows<V: Vector, const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    mut sums: [[V; VECTORS]; ROWS],
    last: usize,
) {
    let p = tile.depth - STEPS_BY_ROWS;
    // SAFETY: the caller's promise.
    let b = unsafe { next_row::<V, VECTORS, CUT>(tile, p, last) };
    // SAFETY: the caller's promise.
    let last_b = unsafe { next_row::<V, VECTORS, CUT>(tile, p + 1, last) };
    let column = tile.a.wrapping_add(p * tile.a_column);
    for (i, sums) in sums.iter_mut().enumerate() {
        let row = column.wrapping_add(i * tile.a_row);
        // SAFETY: row `i`, column `p` of A.
        let a = unsafe { splat_of::<V>(row) };
        // SAFETY: row `i`, the last column of A.
        let last_a = unsafe { splat_of::<V>(row.wrapping_add(tile.a_column)) };
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum = a.mul_add(b[j], *sum);
        }
        for (j, sum) in sums.iter().enumerate() {
            let sum = last_a.mul_add(last_b[j], *sum);
            // SAFETY: vector `j` of row `i` of C.
            unsafe { store::<V, VECTORS, CUT>(tile, sum, (i, j), last) };
        }
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
        starts = [opaque(starts[0]), opaque(starts[1])];
    }
    for (i, sums) in sums.iter_mut().enumerate() {
        let row = starts[i % 2].wrapping_add((i - i % 2) * tile.a_row);
        // SAFETY: row `i`, column `p` of A.
        let a = unsafe { splat_of::<V>(row) };
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum = a.mul_add(b[j], *sum);
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
        prefetch_row::<V, VECTORS>(tile.b.wrapping_add((p + ROWS_AHEAD) * tile.b_row));
        for (j, b) in b.into_iter().enumerate() {
            let to = to.wrapping_add((p * VECTORS + j) * V::LANES);
            // SAFETY: the caller vouches for `depth` rows of whole vectors.
            unsafe { b.store(to) };
        }
    }
    b
}

/// A vector of an element of A.
///
/// # Safety
/// As [`tile`]; `a` is an element of A.
#[inline(always)]
unsafe fn splat_of<V: Vector>(a: *const V::Element) -> V {
    // SAFETY: the caller's promise.
    let a = unsafe { a.read() };
    // SAFETY: the caller has the instruction set.
    unsafe { V::splat(a) }
}

/// # Safety
/// As [`tile`], for one row.
#[inline(always)]
unsafe fn load_row<V: Vector, const VECTORS: usize, const CUT: bool>(
    from: *const V::Element,
    last: usize,
) -> [V; VECTORS] {
    // SAFETY: the caller has the instruction set.
    let mut vectors = [unsafe { V::splat(V::Element::ZERO) }; VECTORS];
    for (j, vector) in vectors.iter_mut().enumerate() {
        let from = from.wrapping_add(j * V::LANES);
        *vector = if CUT && j + 1 == VECTORS {
            // SAFETY: `last` columns are left.
            unsafe { V::load_head(from, last) }
        } else {
            // SAFETY: a vector is left.
            unsafe { V::load(from) }
        };
    }
    vectors
}

/// Writes vector `j` of row `i` of C.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn store<V: Vector, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<V::Element>,
    value: V,
    (i, j): (usize, usize),
    last: usize,
) {
    let to = tile.c.wrapping_add(i * tile.c_row + j * V::LANES);
    if CUT && j + 1 == VECTORS {
        // SAFETY: `last` columns are left.
        unsafe { value.store_head(to, last) };
    } else {
        // SAFETY: a vector is left.
        unsafe { value.store(to) };
    }
}
