//! Copies of parts of B in the order in which the microkernels read them.
#![expect(
    unsafe_code,
    reason = "packing reads a strided matrix and fills workspace memory through pointers"
)]

use super::view::View;
use crate::Element;

/// Packs a panel for wide tiles: row after row, `width` elements each. Columns beyond the panel are left as they are.
///
/// # Safety
/// Every element of `panel` is valid for reading, and `to` for writing `rows · width` elements.
pub(super) unsafe fn wide<T: Element>(panel: &View<*const T>, width: usize, to: *mut T) {
    for column in 0..panel.columns {
        for row in 0..panel.rows {
            let from = panel
                .data
                .wrapping_add(row * panel.row_stride + column * panel.column_stride);
            // SAFETY: row and column lie within the panel.
            let value = unsafe { from.read() };
            // SAFETY: as above.
            unsafe { to.wrapping_add(row * width + column).write(value) };
        }
    }
}
