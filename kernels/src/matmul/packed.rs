//! A right operand in the order in which the microkernels read it, packed once for many products.
#![expect(
    unsafe_code,
    reason = "packed blocks are filled and read through pointers"
)]

use super::micro::Microkernels;
use super::problem::{Problem, expect_shape};
use super::view::View;
use super::workspace::Pages;
use super::{Implementation, MatMut, MatRef, Scaling, Shape, blocked, pack};
use crate::table::require;
use crate::{Element, Error};

/// A matrix B, packed for the products `C = α·A·B + β·C` with many A: those take the same time whether B was transposed or not, and none of
/// it to pack.
///
/// [`pack`](super::pack()) makes it, or [`Implementation::pack`], for that implementation. It is a copy of B, which takes as many bytes but for those that fill
/// up the last vector of a row.
#[derive(Debug)]
pub struct Packed<T: Element> {
    implementation: &'static Implementation<T>,
    data: Pages<T>,
    k: usize,
    n: usize,
    /// Columns, filled up to whole vectors.
    width: usize,
    /// How to multiply by blocks; none where row lies after row.
    by_blocks: Option<Run<T>>,
}

/// An implementation's own way to pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Functions<T> {
    /// Columns, filled up to whole vectors.
    width: fn(usize) -> usize,
    /// Packs a B row after row.
    rows: Rows<T>,
    /// Packs a B that has elements, block after block.
    blocks: unsafe fn(&View<*const T>, *mut T),
    /// Multiplies by those.
    run: Run<T>,
}

/// Packs row after row, each filled up to so many columns.
type Rows<T> = unsafe fn(&View<*const T>, usize, *mut T);

/// Computes a product that has elements, of a B that is packed in blocks; that of the problem is not read.
type Run<T> = unsafe fn(&Problem<T>, *const T);

impl<T: Element> Functions<T> {
    /// Those of a blocked product.
    pub(super) const fn blocked<M: Microkernels<Element = T>>() -> Self {
        Functions {
            width: blocked::packed_width::<M>,
            rows: blocked::pack_panel::<M>,
            blocks: blocked::pack_blocks::<M>,
            run: blocked::run_packed::<M>,
        }
    }
}

impl<T: Element> Implementation<T> {
    /// Packs B for many products with it.
    ///
    /// # Errors
    /// [`Error::Unsupported`] on a machine that cannot run it.
    pub fn pack(&'static self, b: MatRef<'_, T>) -> Result<Packed<T>, Error> {
        require("matmul", self.needs)?;
        let (k, n) = (b.rows(), b.columns());
        let functions = self.packed.filter(|_| k > 0 && n > 0);
        // What fits into memory fits there some times more: nothing overflows.
        let width = functions.map_or(n, |functions| (functions.width)(n));
        let mut data = Pages::new(k * width);
        let to = data.as_mut_ptr();
        let by_blocks = functions.filter(|_| !blocked::is_small::<T>(k, width));
        if let Some(functions) = by_blocks {
            // SAFETY: the machine has what the implementation needs; there is room for all columns.
            unsafe { (functions.blocks)(&b.view, to) };
        } else if n > 0 {
            let rows = functions.map_or(pack::rows::<T> as Rows<T>, |functions| functions.rows);
            // SAFETY: as above.
            unsafe { rows(&b.view, width, to) };
        }
        Ok(Packed {
            implementation: self,
            data,
            k,
            n,
            width,
            by_blocks: by_blocks.map(|functions| functions.run),
        })
    }
}

impl<T: Element> Packed<T> {
    /// Number of rows of B.
    pub fn rows(&self) -> usize {
        self.k
    }

    /// Number of columns of B.
    pub fn columns(&self) -> usize {
        self.n
    }

    /// `c = alpha · a · b + beta · c`, on the caller's thread.
    ///
    /// # Errors
    /// [`Error::Shape`] if the matrices do not fit each other.
    ///
    /// ```
    /// use kernels::matmul::{MatMut, MatRef, Scaling, pack};
    ///
    /// let identity = pack(MatRef::new(&[1.0, 0.0, 0.0, 1.0], 2, 2)?)?;
    /// let mut c = [f32::NAN; 2];
    /// identity.gemm(Scaling::PRODUCT, MatRef::new(&[3.0, 4.0], 1, 2)?, MatMut::new(&mut c, 1, 2)?)?;
    /// assert_eq!(c, [3.0, 4.0]);
    /// # Ok::<(), kernels::Error>(())
    /// ```
    pub fn gemm(
        &self,
        scaling: Scaling<T>,
        a: MatRef<'_, T>,
        c: MatMut<'_, T>,
    ) -> Result<(), Error> {
        let (m, k, n) = (a.rows(), self.k, self.n);
        expect_shape("a", (m, a.columns()), (m, k))?;
        expect_shape("c", (c.rows(), c.columns()), (m, n))?;
        let problem = Problem {
            shape: Shape { m, k, n },
            alpha: scaling.alpha,
            beta: scaling.beta,
            a: a.view,
            b: View {
                row_stride: self.width,
                ..View::contiguous(self.data.as_ptr(), k, n)
            },
            c: c.view,
            far: false,
        };
        match self.by_blocks {
            Some(run) if m > 0 => {
                // SAFETY: the machine has what the implementation needs, which has packed B; A and C were checked when they were made.
                unsafe { run(&problem, self.data.as_ptr()) };
            }
            // SAFETY: as above.
            _ => unsafe { self.implementation.solve(&problem, None) },
        }
        Ok(())
    }
}
