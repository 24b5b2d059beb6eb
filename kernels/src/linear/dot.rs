//! Products of rows with rows: sums of a tile stay in registers, lane by lane, and are added up together at the end.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions; loops walk over pointers"
)]

use std::arch::x86_64::{__m256, __m512};
use std::array::from_fn;

use wide::f32x4;

use super::Shape;
use crate::vector::Vector;
use crate::vector::dot::{MOST_SUMS, sums};

/// Terms of a sum that are added in one go: a tile's rows of x, 16 KiB, stay in L1 while rows of W pass by.
const DEPTH: usize = 1024;

/// Rows of W that pass by for each tile's rows of x: 512 KiB of them come from L2, of which that is half on most machines.
const PANEL: usize = 128;

/// Whether the rows of W pass by from the level-2 cache, again and again.
pub(super) fn is_one_panel(shape: Shape) -> bool {
    shape.inputs <= DEPTH && shape.outputs <= PANEL
}

/// The operands of a forward pass: as many elements as the shape demands, each row after the other.
#[derive(Debug)]
pub(super) struct Operands {
    pub(super) x: *const f32,
    pub(super) weights: *const f32,
    pub(super) bias: *const f32,
    pub(super) y: *mut f32,
    pub(super) shape: Shape,
}

/// Computes a forward pass.
///
/// # Safety
/// The machine has the instruction set; every element of the operands is valid, those of y for writing and for nobody else.
pub(super) type Kernel = unsafe fn(&Operands);

/// Sixteen sums hide the latency of two multipliers, with room for the eight vectors that a step loads.
///
/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn avx512(operands: &Operands) {
    // SAFETY: the caller's promise.
    unsafe { forward::<__m512, 4, 4>(operands) }
}

/// Eight sums: of sixteen registers, more would leave too few for what is loaded.
///
/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2(operands: &Operands) {
    // SAFETY: the caller's promise.
    unsafe { forward::<__m256, 4, 2>(operands) }
}

/// # Safety
/// As [`Kernel`].
pub(super) unsafe fn portable(operands: &Operands) {
    // SAFETY: the caller's promise.
    unsafe { forward::<f32x4, 2, 2>(operands) }
}

/// Tiles of `ROWS` rows of x by `COLUMNS` rows of W, a sum for each pair: as many as a vector has lanes.
///
/// # Safety
/// As [`Kernel`], for the vector's instruction set.
#[inline(always)]
unsafe fn forward<V: Vector<Element = f32>, const ROWS: usize, const COLUMNS: usize>(
    operands: &Operands,
) {
    let Shape {
        batch,
        inputs,
        outputs,
    } = operands.shape;
    let passes = inputs.div_ceil(DEPTH).max(1);
    let depth = inputs.div_ceil(passes).next_multiple_of(V::LANES);
    for pass in 0..passes {
        let start = (pass * depth).min(inputs);
        let depth = depth.min(inputs - start);
        for panel in (0..outputs).step_by(PANEL) {
            let columns = panel..outputs.min(panel + PANEL);
            for row in (0..batch).step_by(ROWS) {
                for column in columns.clone().step_by(COLUMNS) {
                    // A tile at the edge takes its last row again and again, and keeps the sums of one.
                    let x = rows(operands.x, row, batch, inputs, start);
                    let weights = rows(operands.weights, column, outputs, inputs, start);
                    // SAFETY: the caller's promise: each pointer is followed by `depth` elements of its row.
                    let sums = unsafe { sums::<V, ROWS, COLUMNS>(x, weights, depth) };
                    // SAFETY: the caller's promise, for a tile that begins within y.
                    unsafe { add_to::<ROWS, COLUMNS>(operands, [row, column], pass == 0, &sums) };
                }
            }
        }
    }
}

/// Adds the sums of a tile, those within y, to what is there, or to the bias at the `first` time.
///
/// # Safety
/// As [`Kernel`]; `row` and `column` lie within y.
#[inline(always)]
unsafe fn add_to<const ROWS: usize, const COLUMNS: usize>(
    operands: &Operands,
    [row, column]: [usize; 2],
    first: bool,
    sums: &[f32; MOST_SUMS],
) {
    let Shape { batch, outputs, .. } = operands.shape;
    let bias = operands.bias.wrapping_add(column);
    for (i, sums) in sums
        .chunks_exact(COLUMNS)
        .take(ROWS.min(batch - row))
        .enumerate()
    {
        let y = operands.y.wrapping_add((row + i) * outputs + column);
        let before: *const f32 = if first { bias } else { y };
        if column + COLUMNS <= outputs {
            let (y, before) = (y.cast::<[f32; COLUMNS]>(), before.cast::<[f32; COLUMNS]>());
            // SAFETY: so many columns lie within y, and within the bias.
            let before = unsafe { before.read_unaligned() };
            let after = from_fn(|j| before[j] + sums[j]);
            // SAFETY: as above, and y belongs to nobody else.
            unsafe { y.write_unaligned(after) };
            continue;
        }
        for (j, sum) in sums.iter().enumerate().take(outputs - column) {
            // SAFETY: the column lies within y, and within the bias.
            let before = unsafe { before.wrapping_add(j).read() };
            // SAFETY: as above, and y belongs to nobody else.
            unsafe { y.wrapping_add(j).write(before + sum) };
        }
    }
}

/// Where the part of a row begins, and of those after it, the last one again and again where there are fewer.
#[inline(always)]
fn rows<const COUNT: usize>(
    matrix: *const f32,
    first: usize,
    rows: usize,
    columns: usize,
    start: usize,
) -> [*const f32; COUNT] {
    let from = matrix.wrapping_add(first * columns + start);
    let left = rows - first;
    if left >= COUNT {
        from_fn(|i| from.wrapping_add(i * columns))
    } else {
        from_fn(|i| from.wrapping_add(i.min(left - 1) * columns))
    }
}
