//! A product whose operands have been checked against each other.
#![expect(
    unsafe_code,
    reason = "implementations take pointers, for tiles of C are not slices"
)]

use super::view::View;
use super::{MatMut, MatRef, Scaling, Shape, Workspace};
use crate::{Element, Error};

/// Computes a product.
pub(super) type Run<T> = unsafe fn(&Problem<T>, Memory<'_, T>);

/// A workspace of the caller, or none, which stands for one of this thread.
pub(super) type Memory<'a, T> = Option<&'a mut Workspace<T>>;

/// Runs `use_it` on the caller's workspace or this thread's.
#[inline]
pub(super) fn with_memory<T: Element>(
    memory: Memory<'_, T>,
    use_it: impl FnOnce(&mut Workspace<T>),
) {
    match memory {
        Some(workspace) => use_it(workspace),
        None => T::with_workspace(use_it),
    }
}

/// `C = α·A·B + β·C` as pointers, shapes and strides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem<T> {
    pub(super) shape: Shape,
    pub(super) alpha: T,
    pub(super) beta: T,
    pub(super) a: View<*const T>,
    pub(super) b: View<*const T>,
    pub(super) c: View<*mut T>,
    /// Whether C is out of the caches' reach, so that it pays to ask for it early.
    pub(super) far: bool,
}

impl<T: Element> Problem<T> {
    /// `C = A·B` for matrices without gaps.
    #[inline]
    pub(super) fn contiguous(a: *const T, b: *const T, c: *mut T, shape: Shape) -> Self {
        let Shape { m, k, n } = shape;
        Problem {
            shape,
            alpha: T::ONE,
            beta: T::ZERO,
            a: View::contiguous(a, m, k),
            b: View::contiguous(b, k, n),
            c: View::contiguous(c, m, n),
            far: false,
        }
    }

    /// Matrices that were checked when they were made, against each other.
    #[inline]
    pub(super) fn new(
        scaling: Scaling<T>,
        a: &MatRef<'_, T>,
        b: &MatRef<'_, T>,
        c: &MatMut<'_, T>,
    ) -> Result<Self, Error> {
        let shape = Shape {
            m: a.rows(),
            k: a.columns(),
            n: b.columns(),
        };
        expect_shape("b", (b.rows(), b.columns()), (shape.k, shape.n))?;
        expect_shape("c", (c.rows(), c.columns()), (shape.m, shape.n))?;
        Ok(Problem {
            shape,
            alpha: scaling.alpha,
            beta: scaling.beta,
            a: a.view,
            b: b.view,
            c: c.view,
            far: false,
        })
    }

    /// Whether it is `A·B` of matrices without gaps.
    #[inline]
    pub(super) fn is_contiguous(&self) -> bool {
        self.alpha == T::ONE
            && self.beta == T::ZERO
            && self.a.is_contiguous()
            && self.b.is_contiguous()
            && self.c.is_contiguous()
    }

    /// As [`Problem::solve`], for matrices without gaps.
    ///
    /// # Safety
    /// As [`Problem::solve`].
    #[inline(never)]
    pub(super) unsafe fn solve_contiguous(
        run: Run<T>,
        a: *const T,
        b: *const T,
        c: *mut T,
        shape: Shape,
    ) {
        // SAFETY: the caller's promise.
        unsafe { Problem::contiguous(a, b, c, shape).solve(run, None) }
    }

    /// Answers what needs no product, and hands the rest to `run`.
    ///
    /// # Safety
    /// The machine has what `run` needs; every element of the operands is valid, those of C for writing and for nobody else.
    #[inline]
    pub(super) unsafe fn solve(&self, run: Run<T>, memory: Memory<'_, T>) {
        let Shape { m, k, n } = self.shape;
        if m == 0 || n == 0 {
            return;
        }
        if k == 0 {
            // SAFETY: the caller's promise.
            return unsafe { self.scale_c() };
        }
        // SAFETY: the caller's promise.
        unsafe { run(self, memory) }
    }

    /// `C = β·C`, without reading C if β is 0.
    ///
    /// # Safety
    /// Every element of C is valid for writing, and for nobody else.
    pub(super) unsafe fn scale_c(&self) {
        for row in 0..self.shape.m {
            for column in 0..self.shape.n {
                let c = self.c.data.wrapping_add(row * self.c.row_stride + column);
                let value = if self.beta == T::ZERO {
                    T::ZERO
                } else {
                    // SAFETY: row and column lie within C.
                    self.beta * unsafe { c.read() }
                };
                // SAFETY: as above.
                unsafe { c.write(value) };
            }
        }
    }
}

/// An error unless an operand has the shape that the others ask for.
pub(super) fn expect_shape(
    operand: &'static str,
    actual: (usize, usize),
    expected: (usize, usize),
) -> Result<(), Error> {
    if actual == expected {
        return Ok(());
    }
    let ((rows, columns), (expected_rows, expected_columns)) = (actual, expected);
    Err(Error::Shape {
        operand,
        rows,
        columns,
        expected_rows,
        expected_columns,
    })
}
