//! Matrices as the product sees them: slices with a shape and a row stride, checked when they are made.

use std::marker::PhantomData;

use crate::{Element, Error};

/// The shape of a product: `a` is `m`×`k`, `b` is `k`×`n`, `c` is `m`×`n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Rows of `a` and `c`.
    pub m: usize,
    /// Columns of `a`, rows of `b`: the length of the sums.
    pub k: usize,
    /// Columns of `b` and `c`.
    pub n: usize,
}

impl Shape {
    /// A product of two `n`×`n` matrices.
    pub const fn square(n: usize) -> Shape {
        Shape { m: n, k: n, n }
    }

    /// An error unless slices are matrices of this shape, without gaps.
    #[inline]
    pub(super) fn check<T>(self, a: &[T], b: &[T], c: &[T]) -> Result<(), Error> {
        exact_length("a", a.len(), self.m, self.k)?;
        exact_length("b", b.len(), self.k, self.n)?;
        exact_length("c", c.len(), self.m, self.n)
    }
}

/// A matrix to read: row-major with any row stride, or the transpose of one.
#[derive(Debug, Clone, Copy)]
pub struct MatRef<'a, T> {
    pub(super) view: View<*const T>,
    data: PhantomData<&'a [T]>,
}

#[expect(
    unsafe_code,
    reason = "a pointer field hides that this is a borrowed slice"
)]
// SAFETY: it is a shared borrow of a slice of `T`.
unsafe impl<T: Sync> Send for MatRef<'_, T> {}
#[expect(
    unsafe_code,
    reason = "a pointer field hides that this is a borrowed slice"
)]
// SAFETY: as above.
unsafe impl<T: Sync> Sync for MatRef<'_, T> {}

/// A row-major matrix to write, with any row stride.
#[derive(Debug)]
pub struct MatMut<'a, T> {
    pub(super) view: View<*mut T>,
    data: PhantomData<&'a mut [T]>,
}

/// Pointer, shape and strides in elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<P> {
    pub(super) data: P,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

impl<P> View<P> {
    /// Whether rows lie one after the other, and so do their elements.
    #[inline]
    pub(super) fn is_contiguous(&self) -> bool {
        self.column_stride == 1 && (self.row_stride == self.columns || self.rows == 1)
    }

    /// Rows that lie one after the other.
    #[inline]
    pub(super) fn contiguous(data: P, rows: usize, columns: usize) -> View<P> {
        View {
            data,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }
}

impl<T> View<*const T> {
    /// So many rows and columns of it, from the first ones on.
    #[inline(always)]
    pub(super) fn part(&self, row: usize, rows: usize, column: usize, columns: usize) -> Self {
        let start = row * self.row_stride + column * self.column_stride;
        View {
            data: self.data.wrapping_add(start),
            rows,
            columns,
            ..*self
        }
    }
}

impl<'a, T: Element> MatRef<'a, T> {
    /// A `rows`×`columns` matrix whose rows lie one after the other.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or [`Error::Length`] if the slice has not exactly `rows · columns` elements.
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Result<Self, Error> {
        exact_length("matrix", data.len(), rows, columns)?;
        Self::with_row_stride(data, rows, columns, columns)
    }

    /// A `rows`×`columns` matrix whose rows start `row_stride` elements apart.
    ///
    /// # Errors
    /// [`Error::Stride`] if rows overlap, [`Error::TooLarge`], or [`Error::Length`] if the slice ends before the last row does.
    ///
    /// ```
    /// use kernels::matmul::MatRef;
    ///
    /// let data = [1.0, 2.0, -1.0, 3.0, 4.0];
    /// let matrix = MatRef::with_row_stride(&data, 2, 2, 3)?;
    /// assert_eq!((matrix.rows(), matrix.columns()), (2, 2));
    /// assert!(MatRef::with_row_stride(&data, 3, 2, 3).is_err());
    /// # Ok::<(), kernels::Error>(())
    /// ```
    pub fn with_row_stride(
        data: &'a [T],
        rows: usize,
        columns: usize,
        row_stride: usize,
    ) -> Result<Self, Error> {
        let row_stride = checked_stride("matrix", data.len(), rows, columns, row_stride)?;
        let view = View {
            data: data.as_ptr(),
            rows,
            columns,
            row_stride,
            column_stride: 1,
        };
        Ok(MatRef {
            view,
            data: PhantomData,
        })
    }

    /// Its transpose, without moving an element.
    #[must_use]
    pub fn transposed(self) -> Self {
        let View {
            data,
            rows,
            columns,
            row_stride,
            column_stride,
        } = self.view;
        let view = View {
            data,
            rows: columns,
            columns: rows,
            row_stride: column_stride,
            column_stride: row_stride,
        };
        MatRef {
            view,
            data: PhantomData,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.view.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.view.columns
    }
}

impl<'a, T: Element> MatMut<'a, T> {
    /// A `rows`×`columns` matrix whose rows lie one after the other.
    ///
    /// # Errors
    /// As [`MatRef::new`].
    pub fn new(data: &'a mut [T], rows: usize, columns: usize) -> Result<Self, Error> {
        exact_length("c", data.len(), rows, columns)?;
        Self::with_row_stride(data, rows, columns, columns)
    }

    /// A `rows`×`columns` matrix whose rows start `row_stride` elements apart; what lies between them is never touched.
    ///
    /// # Errors
    /// As [`MatRef::with_row_stride`].
    pub fn with_row_stride(
        data: &'a mut [T],
        rows: usize,
        columns: usize,
        row_stride: usize,
    ) -> Result<Self, Error> {
        let row_stride = checked_stride("c", data.len(), rows, columns, row_stride)?;
        let view = View {
            data: data.as_mut_ptr(),
            rows,
            columns,
            row_stride,
            column_stride: 1,
        };
        Ok(MatMut {
            view,
            data: PhantomData,
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.view.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.view.columns
    }
}

/// An error unless the slice has `rows · columns` elements.
#[inline]
fn exact_length(
    operand: &'static str,
    actual: usize,
    rows: usize,
    columns: usize,
) -> Result<(), Error> {
    let too_large = Error::TooLarge {
        rows,
        columns,
        row_stride: columns,
    };
    let expected = rows.checked_mul(columns).ok_or(too_large)?;
    if actual == expected {
        return Ok(());
    }
    Err(Error::Length {
        operand,
        expected,
        actual,
    })
}

/// The stride, or an error unless every row lies inside the slice, apart from the others. Where there is no second row to lead
/// to, any stride will do, and becomes that of a packed matrix.
fn checked_stride(
    operand: &'static str,
    actual: usize,
    rows: usize,
    columns: usize,
    row_stride: usize,
) -> Result<usize, Error> {
    if row_stride < columns {
        return Err(Error::Stride {
            row_stride,
            columns,
        });
    }
    if rows == 0 || columns == 0 {
        return Ok(columns);
    }
    let last_row = (rows - 1).checked_mul(row_stride);
    let end = last_row.and_then(|start| start.checked_add(columns));
    let expected = end.ok_or(Error::TooLarge {
        rows,
        columns,
        row_stride,
    })?;
    if actual >= expected {
        return Ok(if rows > 1 { row_stride } else { columns });
    }
    Err(Error::Length {
        operand,
        expected,
        actual,
    })
}
