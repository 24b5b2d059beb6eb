//! Products of rows with rows: sums of a tile stay in registers, lane by lane, and are added up together at the end.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions; loops walk over pointers"
)]

use std::arch::x86_64::{__m256, __m512};
use std::array::from_fn;
use std::ops::Range;

use wide::f32x4;

use super::Shape;
use crate::vector::Vector;
use crate::vector::dot::sums;

/// Terms of a sum that are added in one go: a tile's rows of x, 24 KiB at most, stay in L1 while rows of W pass by.
const DEPTH: usize = 1024;

/// Room for the sums of a tile, in whole vectors.
const MOST_SUMS: usize = 32;

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

/// Of 32 registers, 24 for sums: the more rows of x a tile has, the fewer times W passes by.
///
/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn avx512(operands: &Operands) {
    // SAFETY: the caller's promise.
    unsafe { forward::<__m512, 6, 4, 4>(operands) }
}

/// Of 16 registers, 12 for sums: two hold rows of W, one a row of x.
///
/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2(operands: &Operands) {
    // SAFETY: the caller's promise.
    unsafe { forward::<__m256, 6, 4, 2>(operands) }
}

/// # Safety
/// As [`Kernel`].
pub(super) unsafe fn portable(operands: &Operands) {
    // SAFETY: the caller's promise.
    unsafe { forward::<f32x4, 2, 2, 2>(operands) }
}

/// Tiles of `ROWS` rows of x by `COLUMNS` rows of W, and some of `FEWER` rows at the end, where they leave less undone.
///
/// # Safety
/// As [`Kernel`], for the vector's instruction set.
#[inline(always)]
unsafe fn forward<
    V: Vector<Element = f32>,
    const ROWS: usize,
    const FEWER: usize,
    const COLUMNS: usize,
>(
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
        let terms = start..inputs.min(start + depth);
        for panel in (0..outputs).step_by(PANEL) {
            let columns = panel..outputs.min(panel + PANEL);
            let mut row = 0;
            while row < batch {
                let left = batch - row;
                if left > 2 * FEWER || (left > FEWER && left <= ROWS) {
                    // SAFETY: the caller's promise.
                    unsafe { tiles::<V, ROWS, COLUMNS>(operands, row, &columns, &terms) };
                    row += ROWS;
                } else {
                    // SAFETY: the caller's promise.
                    unsafe { tiles::<V, FEWER, COLUMNS>(operands, row, &columns, &terms) };
                    row += FEWER;
                }
            }
        }
    }
}

/// Adds the products of `ROWS` rows of x, of some `terms`, with the rows of W that are `columns` of y.
///
/// # Safety
/// As [`Kernel`], for the vector's instruction set; `row`, `columns` and `terms` lie within the operands.
#[inline(always)]
unsafe fn tiles<V: Vector<Element = f32>, const ROWS: usize, const COLUMNS: usize>(
    operands: &Operands,
    row: usize,
    columns: &Range<usize>,
    terms: &Range<usize>,
) {
    let Shape {
        batch,
        inputs,
        outputs,
    } = operands.shape;
    for column in columns.clone().step_by(COLUMNS) {
        // A tile at the edge takes its last row again and again, and keeps the sums of one.
        let x = rows(operands.x, row, batch, inputs, terms.start);
        let weights = rows(operands.weights, column, outputs, inputs, terms.start);
        // SAFETY: the caller's promise: each pointer is followed by so many elements of its row.
        let sums = unsafe { sums::<V, ROWS, COLUMNS, MOST_SUMS>(x, weights, terms.len()) };
        // SAFETY: the caller's promise, for a tile that begins within y.
        unsafe { add_to::<ROWS, COLUMNS>(operands, [row, column], terms.start == 0, &sums) };
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
    let y = operands.y.wrapping_add(row * outputs + column);
    // The bias is the same for each row.
    let (before, row_stride) = if first {
        (operands.bias.wrapping_add(column), 0)
    } else {
        (y.cast_const(), outputs)
    };
    if row + ROWS <= batch && column + COLUMNS <= outputs {
        for (i, sums) in sums.chunks_exact(COLUMNS).enumerate().take(ROWS) {
            let before = before.wrapping_add(i * row_stride).cast::<[f32; COLUMNS]>();
            // SAFETY: so many columns lie within y, and within the bias.
            let before = unsafe { before.read_unaligned() };
            let y = y.wrapping_add(i * outputs).cast::<[f32; COLUMNS]>();
            // SAFETY: as above, and y belongs to nobody else.
            unsafe { y.write_unaligned(from_fn(|j| before[j] + sums[j])) };
        }
        return;
    }
    for (i, sums) in sums
        .chunks_exact(COLUMNS)
        .enumerate()
        .take(ROWS.min(batch - row))
    {
        for (j, sum) in sums.iter().enumerate().take(outputs - column) {
            // SAFETY: row and column lie within y, the column within the bias.
            let before = unsafe { before.wrapping_add(i * row_stride + j).read() };
            // SAFETY: as above, and y belongs to nobody else.
            unsafe { y.wrapping_add(i * outputs + j).write(before + sum) };
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
