//! Products of rows with rows: vectors run along the sums, and the lanes of a sum are added up at the end.
#![expect(unsafe_code, reason = "rows are read through pointers")]

use super::{MOST_LANES, Vector, load, opaque, opaque_number};
use crate::Element;

/// Vectors of one row with one that are added up beside each other: two multiply-adds a cycle, of four cycles each.
pub(crate) const WAYS: usize = 8;

/// Sum `i * COLUMNS + j` is that of row `i` of `a` with row `j` of `b`: of `ROOM`, which is whole vectors, the first `ROWS * COLUMNS`.
///
/// # Safety
/// As [`products`].
#[inline(always)]
pub(crate) unsafe fn sums<V: Vector, const ROWS: usize, const COLUMNS: usize, const ROOM: usize>(
    a: [*const V::Element; ROWS],
    b: [*const V::Element; COLUMNS],
    depth: usize,
) -> [V::Element; ROOM] {
    const { assert!(ROWS * COLUMNS <= ROOM && ROWS * COLUMNS <= 4 * V::LANES) };
    const { assert!(ROOM.is_multiple_of(V::LANES)) };
    let products = if ROWS * COLUMNS == 1 {
        // SAFETY: the caller's promise.
        [[unsafe { product(a[0], b[0], depth) }; COLUMNS]; ROWS]
    } else {
        // SAFETY: the caller's promise.
        unsafe { products::<V, ROWS, COLUMNS>(a, b, depth) }
    };
    let mut sums = [V::Element::ZERO; ROOM];
    // Not in a loop: the compiler would keep the products in memory, to index them.
    add_up_from(&products, 0, &mut sums);
    add_up_from(&products, V::LANES, &mut sums);
    add_up_from(&products, 2 * V::LANES, &mut sums);
    add_up_from(&products, 3 * V::LANES, &mut sums);
    sums
}

/// Adds up the lanes of the products from the `start`th on, as many as a vector has lanes.
#[inline(always)]
fn add_up_from<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    products: &[[V; COLUMNS]; ROWS],
    start: usize,
    sums: &mut [V::Element],
) {
    if start >= ROWS * COLUMNS {
        return;
    }
    let count = V::LANES.min(ROWS * COLUMNS - start);
    let mut vectors = [products[0][0]; MOST_LANES];
    for (i, vector) in vectors.iter_mut().enumerate() {
        let sum = start + i;
        *vector = products[(sum / COLUMNS).min(ROWS - 1)][sum % COLUMNS];
    }
    let sum: V = add_up(vectors, count);
    // SAFETY: the part holds a vector.
    unsafe { sum.store(sums[start..start + V::LANES].as_mut_ptr()) };
}

/// Sum `[i][j]` is, lane by lane, that of row `i` of `a` with row `j` of `b`.
///
/// # Safety
/// The machine has the vector's instruction set; each pointer is valid for reading `depth` elements.
#[inline(always)]
unsafe fn products<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    a: [*const V::Element; ROWS],
    b: [*const V::Element; COLUMNS],
    depth: usize,
) -> [[V; COLUMNS]; ROWS] {
    // If the compiler knew how far apart they are, it would move eight pointers on in each step, instead of one index.
    let (mut a, mut b) = (a, b);
    for row in &mut a {
        *row = opaque(*row);
    }
    for row in &mut b {
        *row = opaque(*row);
    }
    // SAFETY: the caller vouches for the instruction set.
    let mut sums = [[unsafe { V::splat(V::Element::ZERO) }; COLUMNS]; ROWS];
    let whole = depth / V::LANES * V::LANES;
    let mut k = 0;
    while k < whole {
        // SAFETY: `k + LANES <= depth`, and the caller vouches for so many elements.
        unsafe { accumulate(&mut sums, a, b, k, V::LANES) };
        // Two steps in one would take more registers than there are, and rows would be found too late.
        k = opaque_number(k + V::LANES);
    }
    if whole < depth {
        // SAFETY: the caller vouches for `depth` elements, and fewer than `LANES` of them are left at `k`, which is `whole`.
        unsafe { accumulate(&mut sums, a, b, k, depth - whole) };
    }
    sums
}

/// The sum, lane by lane, of one row with one, which alone would wait for each addition.
///
/// # Safety
/// As [`products`].
#[inline(always)]
unsafe fn product<V: Vector>(a: *const V::Element, b: *const V::Element, depth: usize) -> V {
    // SAFETY: the caller vouches for the instruction set.
    let mut sums = [unsafe { V::splat(V::Element::ZERO) }; WAYS];
    let turn = WAYS * V::LANES;
    let mut k = 0;
    while depth - k >= turn {
        for (i, sum) in sums.iter_mut().enumerate() {
            let at = k + i * V::LANES;
            // SAFETY: `at + LANES <= depth`, and the caller vouches for so many elements.
            let load = |from: *const V::Element| unsafe { V::load(from.wrapping_add(at)) };
            *sum = load(a).mul_add(load(b), *sum);
        }
        k += turn;
    }
    if k < depth {
        // Less than a turn, of vectors beside each other still.
        for (i, sum) in sums.iter_mut().enumerate() {
            let at = k + i * V::LANES;
            if at + V::LANES <= depth {
                // SAFETY: `at + LANES <= depth`, and the caller vouches for so many elements.
                let load = |from: *const V::Element| unsafe { V::load(from.wrapping_add(at)) };
                *sum = load(a).mul_add(load(b), *sum);
            } else if at < depth {
                // SAFETY: the caller vouches for `depth` elements.
                let load = |from: *const V::Element| unsafe {
                    V::load_head(from.wrapping_add(at), depth - at)
                };
                *sum = load(a).mul_add(load(b), *sum);
            }
        }
    }
    let mut half = WAYS / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] = sums[i].add(sums[i + half]);
        }
        half /= 2;
    }
    sums[0]
}

/// Adds the products of each row of `a` with each of `b`, `count` elements from the `k`th on, which are a vector or less.
///
/// # Safety
/// The machine has the vector's instruction set; each pointer is valid for reading so many elements from there.
// Without closures, which the compiler may leave out of line: there they have not the instruction set.
#[inline(always)]
unsafe fn accumulate<V: Vector, const ROWS: usize, const COLUMNS: usize>(
    sums: &mut [[V; COLUMNS]; ROWS],
    a: [*const V::Element; ROWS],
    b: [*const V::Element; COLUMNS],
    k: usize,
    count: usize,
) {
    // SAFETY: the caller's promise.
    let mut vectors = [unsafe { V::splat(V::Element::ZERO) }; COLUMNS];
    for (j, vector) in vectors.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *vector = unsafe { load(b[j].wrapping_add(k), count) };
    }
    for (i, sums) in sums.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        let a: V = unsafe { load(a[i].wrapping_add(k), count) };
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum = a.mul_add(vectors[j], *sum);
        }
    }
}

/// Lane `i` of the result is the sum of the lanes of vector `i`, for the first `count`, which are no more than a vector has lanes.
#[inline(always)]
fn add_up<V: Vector>(mut vectors: [V; MOST_LANES], count: usize) -> V {
    let left = step::<V, 0>(&mut vectors, count);
    let left = step::<V, 1>(&mut vectors, left);
    let left = step::<V, 2>(&mut vectors, left);
    step::<V, 3>(&mut vectors, left);
    vectors[0]
}

/// A step of adding up the first `count` vectors: two become one, until there is only one.
#[inline(always)]
fn step<V: Vector, const STEP: usize>(vectors: &mut [V; MOST_LANES], count: usize) -> usize {
    if V::LANES >> STEP > 1 {
        for pair in 0..count.div_ceil(2) {
            let second = vectors[(2 * pair + 1).min(count - 1)];
            let [even, odd] = vectors[2 * pair].deinterleave::<STEP>(second);
            vectors[pair] = even.add(odd);
        }
    }
    count.div_ceil(2)
}
