//! Copies of parts of B in the order in which the microkernels read them.
#![expect(
    unsafe_code,
    reason = "packing reads a strided matrix and fills workspace memory through pointers"
)]

use std::arch::x86_64::{
    _MM_TRANSPOSE4_PS, _mm_loadu_pd, _mm_loadu_ps, _mm_storeu_pd, _mm_storeu_ps, _mm_unpackhi_pd,
    _mm_unpacklo_pd,
};
use std::array::from_fn;

use super::view::View;
use crate::Element;
use crate::vector::{MOST_LANES, Vector, load_each, prefetch, transpose};

/// Rows that are asked for in advance: of a wide matrix each lies in a page of its own, where no prefetcher of the CPU looks.
pub(super) const ROWS_AHEAD: usize = 48;

/// Vectors of each column that are asked for in advance: as many streams as a vector has lanes are more than the CPU follows by itself.
const AHEAD: usize = 8;

/// Packs a panel whose rows or columns are contiguous for wide tiles: row after row, `width` elements each, whole vectors. In columns beyond
/// the panel is anything.
///
/// # Safety
/// The CPU has the instruction set of `V`; one of the strides is 1; every element of `panel` is valid for reading, and `to` for writing
/// `rows · width` elements.
#[inline(always)]
pub(super) unsafe fn wide<V: Vector>(
    panel: &View<*const V::Element>,
    width: usize,
    to: *mut V::Element,
) {
    if panel.column_stride == 1 {
        // SAFETY: the caller's promise.
        unsafe { rows_of_vectors::<V>(panel, width, to) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { columns_of_vectors::<V>(panel, width, to) };
    }
}

/// # Safety
/// As [`wide`]; `column_stride` is 1.
#[inline(always)]
unsafe fn rows_of_vectors<V: Vector>(
    panel: &View<*const V::Element>,
    width: usize,
    to: *mut V::Element,
) {
    let whole = panel.columns / V::LANES * V::LANES;
    for row in 0..panel.rows {
        let from = panel.data.wrapping_add(row * panel.row_stride);
        let to = to.wrapping_add(row * width);
        for column in (0..panel.columns).step_by(V::LANES) {
            prefetch(from.wrapping_add(ROWS_AHEAD * panel.row_stride + column));
        }
        for column in (0..whole).step_by(V::LANES) {
            // SAFETY: a vector is left.
            let vector = unsafe { V::load(from.wrapping_add(column)) };
            // SAFETY: a vector of a packed row.
            unsafe { vector.store(to.wrapping_add(column)) };
        }
        if whole < panel.columns {
            // SAFETY: so many columns are left.
            let vector = unsafe { V::load_head(from.wrapping_add(whole), panel.columns - whole) };
            // SAFETY: as above.
            unsafe { vector.store(to.wrapping_add(whole)) };
        }
    }
}

/// # Safety
/// As [`wide`]; `row_stride` is 1.
#[inline(always)]
unsafe fn columns_of_vectors<V: Vector>(
    panel: &View<*const V::Element>,
    width: usize,
    to: *mut V::Element,
) {
    for first in (0..panel.columns).step_by(V::LANES) {
        let last = panel.columns - 1 - first;
        let from: [_; MOST_LANES] = from_fn(|column| {
            let column = first + column.min(last);
            panel.data.wrapping_add(column * panel.column_stride)
        });
        let whole = panel.rows / V::LANES * V::LANES;
        for row in (0..whole).step_by(V::LANES) {
            for from in &from[..V::LANES] {
                prefetch(from.wrapping_add(row + AHEAD * V::LANES));
            }
            // SAFETY: a vector is left of each column.
            let block: [V; MOST_LANES] = transpose(unsafe { load_each(at(from, row), V::LANES) });
            for (i, vector) in block.into_iter().enumerate().take(V::LANES) {
                // SAFETY: a vector of a packed row.
                unsafe { vector.store(to.wrapping_add((row + i) * width + first)) };
            }
        }
        if whole < panel.rows {
            let rest = panel.rows - whole;
            // SAFETY: so many rows are left of each column.
            let block: [V; MOST_LANES] = transpose(unsafe { load_each(at(from, whole), rest) });
            for (i, vector) in block.into_iter().enumerate().take(rest) {
                // SAFETY: a vector of a packed row.
                unsafe { vector.store(to.wrapping_add((whole + i) * width + first)) };
            }
        }
    }
}

/// The `row`th element of each column.
#[inline(always)]
fn at<T>(mut columns: [*const T; MOST_LANES], row: usize) -> [*const T; MOST_LANES] {
    for column in &mut columns {
        *column = column.wrapping_add(row);
    }
    columns
}

/// Packs a panel of any matrix for wide tiles: row after row, `width` elements each. In columns beyond the panel is zero.
///
/// # Safety
/// Every element of `panel` is valid for reading, and `to` for writing `rows · width` elements; `width` is not below the panel's.
pub(super) unsafe fn rows<T: Element>(panel: &View<*const T>, width: usize, to: *mut T) {
    for row in 0..panel.rows {
        let from = panel.data.wrapping_add(row * panel.row_stride);
        let to = to.wrapping_add(row * width);
        for column in 0..panel.columns {
            // SAFETY: row and column lie within the panel.
            let value = unsafe { from.wrapping_add(column * panel.column_stride).read() };
            // SAFETY: an element of a packed row.
            unsafe { to.wrapping_add(column).write(value) };
        }
        for column in panel.columns..width {
            // SAFETY: as above.
            unsafe { to.wrapping_add(column).write(T::ZERO) };
        }
    }
}

/// Packs up to four columns for thin tiles: column after column, `depth` elements apart.
///
/// # Safety
/// Every element of `panel` is valid for reading, and `to` for writing `columns · depth` elements.
#[inline(always)]
pub(super) unsafe fn thin<T: Element>(panel: &View<*const T>, depth: usize, to: *mut T) {
    let at = |row: usize, column: usize| {
        panel
            .data
            .wrapping_add(row * panel.row_stride + column * panel.column_stride)
    };
    let to = |row: usize, column: usize| to.wrapping_add(column * depth + row);
    // In vectors, for a product of 100² spends a hundredth of its time here otherwise.
    let blocks = if panel.columns == 4 && panel.column_stride == 1 {
        panel.rows / 4 * 4
    } else {
        0
    };
    for first in (0..blocks).step_by(4) {
        let from = from_fn(|i| at(first + i, 0));
        let to = from_fn(|j| to(first, j));
        // SAFETY: four rows of the panel, and four elements of each packed column.
        unsafe { four_by_four(from, to) };
    }
    for column in 0..panel.columns {
        for row in blocks..panel.rows {
            // SAFETY: row and column lie within the panel.
            let value = unsafe { at(row, column).read() };
            // SAFETY: an element of a packed column.
            unsafe { to(row, column).write(value) };
        }
    }
}

/// Writes four rows of four elements as four columns.
///
/// # Safety
/// Each pointer is valid for four elements.
#[inline(always)]
#[expect(
    clippy::multiple_unsafe_ops_per_block,
    reason = "each needs the same: four elements from each pointer on"
)]
unsafe fn four_by_four<T: Element>(from: [*const T; 4], to: [*mut T; 4]) {
    // SAFETY: the caller's promise; every x86_64 has SSE2, and a float of this size is one of this type.
    unsafe {
        if size_of::<T>() == size_of::<f32>() {
            let [mut a, mut b, mut c, mut d] = from.map(|from| _mm_loadu_ps(from.cast()));
            _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
            for (to, column) in to.into_iter().zip([a, b, c, d]) {
                _mm_storeu_ps(to.cast(), column);
            }
            return;
        }
        for half in [0, 2] {
            let load =
                |row: usize, pair: usize| _mm_loadu_pd(from[half + row].wrapping_add(pair).cast());
            for pair in [0, 2] {
                let (a, b) = (load(0, pair), load(1, pair));
                let to = |column: usize| to[pair + column].wrapping_add(half).cast();
                _mm_storeu_pd(to(0), _mm_unpacklo_pd(a, b));
                _mm_storeu_pd(to(1), _mm_unpackhi_pd(a, b));
            }
        }
    }
}
