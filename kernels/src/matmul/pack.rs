//! Copies a block of B into panels that the microkernel reads in one sweep.
#![expect(
    unsafe_code,
    reason = "packing reads a strided matrix and fills workspace memory through pointers"
)]

use super::view::View;
use crate::Element;

/// Copies `block` into panels of `width` columns: panel after panel, in each row after row.
/// The last panel keeps that row length; its columns beyond the block are left as they are.
///
/// # Safety
/// Every element of `block` is valid for reading; `to` is valid for writing `rows · columns` elements, the columns
/// rounded up to a multiple of `width`, and does not overlap it.
pub(super) unsafe fn panels<T: Element>(block: &View<*const T>, width: usize, to: *mut T) {
    for (panel, first) in (0..block.columns).step_by(width).enumerate() {
        let columns = width.min(block.columns - first);
        for row in 0..block.rows {
            let from = block
                .data
                .wrapping_add(row * block.row_stride + first * block.column_stride);
            let to = to.wrapping_add((panel * block.rows + row) * width);
            // SAFETY: `columns` elements are left in this row of the block, and the panel has `width` of them.
            unsafe { copy_row(from, block.column_stride, to, columns) };
        }
    }
}

/// # Safety
/// `count` elements are valid for reading, `stride` apart, and for writing at `to`.
unsafe fn copy_row<T: Element>(from: *const T, stride: usize, to: *mut T, count: usize) {
    if stride == 1 {
        // SAFETY: the caller's promise; workspace and operands are different allocations.
        return unsafe { std::ptr::copy_nonoverlapping(from, to, count) };
    }
    for column in 0..count {
        // SAFETY: `column < count`.
        let value = unsafe { from.wrapping_add(column * stride).read() };
        // SAFETY: `column < count`.
        unsafe { to.wrapping_add(column).write(value) };
    }
}
