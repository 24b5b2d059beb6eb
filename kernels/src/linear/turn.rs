//! The result of a layer from its sums, which lie output by output: turned to lie row by row, with the bias added.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions; blocks are read and written through pointers"
)]

use std::arch::x86_64::{__m256, __m512};
use std::array::from_fn;

use wide::f32x4;

use crate::vector::{MOST_LANES, Vector, load_each, transpose};

/// `y = sumsᵀ + bias`: as many columns as the bias has elements, at least one, of rows that lie `row_stride` apart.
///
/// # Safety
/// The machine has the instruction set; the number of sums is a multiple of the bias's, and y has so many rows.
pub(super) type Kernel = unsafe fn(sums: &[f32], bias: &[f32], y: &mut [f32], row_stride: usize);

/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn avx512(sums: &[f32], bias: &[f32], y: &mut [f32], row_stride: usize) {
    // SAFETY: the caller's promise.
    unsafe { turn::<__m512>(sums, bias, y, row_stride) }
}

/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2(sums: &[f32], bias: &[f32], y: &mut [f32], row_stride: usize) {
    // SAFETY: the caller's promise.
    unsafe { turn::<__m256>(sums, bias, y, row_stride) }
}

/// # Safety
/// As [`Kernel`].
pub(super) unsafe fn portable(sums: &[f32], bias: &[f32], y: &mut [f32], row_stride: usize) {
    // SAFETY: the caller's promise.
    unsafe { turn::<f32x4>(sums, bias, y, row_stride) }
}

/// Block by block of as many rows and columns as a vector has lanes.
///
/// # Safety
/// As [`Kernel`], for the vector's instruction set.
#[inline(always)]
unsafe fn turn<V: Vector<Element = f32>>(
    sums: &[f32],
    bias: &[f32],
    y: &mut [f32],
    row_stride: usize,
) {
    let outputs = bias.len();
    let batch = sums.len() / outputs;
    let (sums, y) = (sums.as_ptr(), y.as_mut_ptr());
    for column in (0..outputs).step_by(V::LANES) {
        let columns = V::LANES.min(outputs - column);
        // SAFETY: so many elements of the bias are left.
        let bias = unsafe { V::load_head(bias.as_ptr().wrapping_add(column), columns) };
        for row in (0..batch).step_by(V::LANES) {
            let rows = V::LANES.min(batch - row);
            // Beyond the last column, that one again.
            let from: [_; MOST_LANES] = from_fn(|j| {
                let output = column + j.min(columns - 1);
                sums.wrapping_add(output * batch + row)
            });
            // SAFETY: so many rows are left of each output.
            let block: [V; MOST_LANES] = transpose(unsafe { load_each(from, rows) });
            for (i, sums) in block.into_iter().enumerate().take(rows) {
                let to = y.wrapping_add((row + i) * row_stride + column);
                // SAFETY: so many columns are left of that row.
                unsafe { sums.add(bias).store_head(to, columns) };
            }
        }
    }
}
