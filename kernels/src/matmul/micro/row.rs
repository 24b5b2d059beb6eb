//! A row by a matrix, each element of which is used once: all that counts is how fast it arrives.
//!
//! C is gone through again and again, and takes up the products of a few rows of B each time, which are as many streams. Tiles would leave
//! each row after a few vectors, and wait for their few sums. (A row by 4000² takes 0.77 of the time of eight rows of tiles, by 1000² 0.88.)
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use crate::Element;
use crate::matmul::Shape;
use crate::matmul::blocked::far_bytes;
use crate::matmul::problem::Problem;
use crate::vector::{Vector, opaque, prefetch};

/// Bytes of each row of B that are asked for in advance where they come from memory: a twentieth faster, for the CPU's prefetchers do not go from
/// page to page. From a cache it is slower.
const AHEAD_BYTES: usize = 256;

/// Rows of B a turn.
const STREAMS: usize = 8;

/// Whether a row by a B of so many rows and columns is better computed so. Of few columns, each step would wait for the one before; by few rows, tiles
/// write C once only, and those of 512 bits wait less.
pub(in crate::matmul) const fn is_long<V: Vector>(rows: usize, columns: usize) -> bool {
    let few = if size_of::<V>() < 64 { 16 } else { 200 };
    rows >= few && columns > 3 * V::LANES
}

/// `C = A·B`, or `C += A·B` if β is not 0.
///
/// # Safety
/// The CPU has the instruction set of `V`; C has one row, α is 1, β is 0 or 1, and rows of B are contiguous; every element of the operands is valid,
/// those of C for writing and for nobody else.
#[inline(always)]
pub(super) unsafe fn product<V: Vector>(problem: &Problem<V::Element>) {
    let Problem { a, b, c, .. } = problem;
    let Shape { k, n, .. } = problem.shape;
    if problem.beta == V::Element::ZERO {
        // SAFETY: a row of C; all bytes zero are the number zero.
        unsafe { c.data.write_bytes(0, n) };
    }
    let mut row = Row {
        a: a.data,
        a_column: a.column_stride,
        b: b.data,
        b_row: b.row_stride,
        c: c.data,
        columns: n,
    };
    let is_far = k * n * size_of::<V::Element>() > far_bytes();
    for _ in 0..k / STREAMS {
        if is_far {
            // SAFETY: so many rows are left; the rest is the caller's promise.
            unsafe { row.add::<V, STREAMS, true>() };
        } else {
            // SAFETY: as above.
            unsafe { row.add::<V, STREAMS, false>() };
        }
    }
    for _ in 0..k % STREAMS {
        // SAFETY: as above.
        unsafe { row.add::<V, 1, false>() };
    }
}

/// A row of C, and what it is made of.
struct Row<T> {
    a: *const T,
    a_column: usize,
    b: *const T,
    b_row: usize,
    c: *mut T,
    columns: usize,
}

impl<T: Element> Row<T> {
    /// Adds the products of the next `ROWS` rows of B, which are skipped then, and asks for what comes next in them.
    ///
    /// # Safety
    /// As [`product`]; so many rows are left.
    #[inline(always)]
    unsafe fn add<V: Vector<Element = T>, const ROWS: usize, const ASK: bool>(&mut self) {
        // SAFETY: the caller has the instruction set.
        let mut factors = [unsafe { V::splat(T::ZERO) }; ROWS];
        let mut rows = [self.b; ROWS];
        for (i, (factor, row)) in factors.iter_mut().zip(&mut rows).enumerate() {
            // SAFETY: an element of A.
            let value = unsafe { self.a.wrapping_add(i * self.a_column).read() };
            // SAFETY: the caller has the instruction set.
            *factor = unsafe { V::splat(value) };
            // Else the compiler would move each row's pointer on in each step, instead of one index.
            *row = opaque(self.b.wrapping_add(i * self.b_row));
        }
        let whole = self.columns / V::LANES * V::LANES;
        for column in (0..whole).step_by(V::LANES) {
            let c = self.c.wrapping_add(column);
            // SAFETY: a vector is left of C.
            let mut sum = unsafe { V::load(c) };
            for (i, factor) in factors.into_iter().enumerate() {
                let row = rows[i];
                if ASK {
                    prefetch(row.wrapping_add(column).wrapping_byte_add(AHEAD_BYTES));
                }
                // SAFETY: a vector is left of each row of B.
                sum = unsafe { V::load(row.wrapping_add(column)) }.mul_add(factor, sum);
            }
            // SAFETY: as above.
            unsafe { sum.store(c) };
        }
        if whole < self.columns {
            let (c, rest) = (self.c.wrapping_add(whole), self.columns - whole);
            // SAFETY: so many elements are left of C.
            let mut sum = unsafe { V::load_head(c, rest) };
            for (i, factor) in factors.into_iter().enumerate() {
                // SAFETY: so many elements are left of each row of B.
                let vector = unsafe { V::load_head(rows[i].wrapping_add(whole), rest) };
                sum = vector.mul_add(factor, sum);
            }
            // SAFETY: as above.
            unsafe { sum.store_head(c, rest) };
        }
        self.a = self.a.wrapping_add(ROWS * self.a_column);
        self.b = self.b.wrapping_add(ROWS * self.b_row);
    }
}
