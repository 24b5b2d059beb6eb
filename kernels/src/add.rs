//! Addition and its element-wise kin: subtract, multiply, divide, scale, axpy, and filling with a value.
//!
//! All are one loop (`loops`) around one operation a row of `operation.rs`, instantiated for each
//! instruction set in `portable.rs`, `avx2.rs` and `avx512.rs`. Every implementation rounds each operation
//! once, as IEEE 754 says (axpy rounds twice: product, then sum), so all give the same bits, NaN payloads
//! aside. Subnormal numbers are kept.
//!
//! In place means that the output is the first operand itself: pass it to the function that says so.
//! Partial overlap cannot be expressed, for the output is borrowed exclusively.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod avx2;
mod avx512;
mod halved;
mod loops;
mod operation;
mod parallel;
mod portable;
mod stores;

use crate::table::{Row, Table, require};
use crate::{Element, Error, Isa, cpu};
pub(crate) use loops::Args;
pub use operation::Operation;
pub use stores::{STREAM_FROM_BYTES, Stores};

use operation::{AXPY, FILL, Kernels, SCALE};

/// One way to compute the element-wise operations.
#[derive(Debug)]
pub struct Implementation<T: 'static> {
    name: &'static str,
    isa: Isa,
    kernels: Kernels<T>,
}

pub(crate) static TABLE_F32: Table<Implementation<f32>> = Table::new(
    "add",
    &[
        Implementation {
            name: cpu::HALVED,
            isa: Isa::Avx512,
            kernels: halved::F32,
        },
        Implementation {
            name: "avx512",
            isa: Isa::Avx512,
            kernels: avx512::F32,
        },
        Implementation {
            name: "avx2",
            isa: Isa::Avx2,
            kernels: avx2::F32,
        },
        Implementation {
            name: "portable",
            isa: Isa::Portable,
            kernels: portable::F32,
        },
    ],
);

pub(crate) static TABLE_F64: Table<Implementation<f64>> = Table::new(
    "add",
    &[
        Implementation {
            name: cpu::HALVED,
            isa: Isa::Avx512,
            kernels: halved::F64,
        },
        Implementation {
            name: "avx512",
            isa: Isa::Avx512,
            kernels: avx512::F64,
        },
        Implementation {
            name: "avx2",
            isa: Isa::Avx2,
            kernels: avx2::F64,
        },
        Implementation {
            name: "portable",
            isa: Isa::Portable,
            kernels: portable::F64,
        },
    ],
);

/// Every implementation, best first; the last works everywhere.
pub fn implementations<T: Element>() -> &'static [Implementation<T>] {
    T::add_table().rows()
}

/// The best implementation that this machine supports; chosen at the first call.
#[inline]
pub fn selected<T: Element>() -> &'static Implementation<T> {
    T::add_table().selected()
}

/// The implementation of that name.
///
/// # Errors
/// [`Error::UnknownImplementation`], or [`Error::Unsupported`] if this machine lacks a feature that it needs.
pub fn by_name<T: Element>(name: &str) -> Result<&'static Implementation<T>, Error> {
    T::add_table().by_name(name)
}

/// `out = a + b`, element by element.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
///
/// ```
/// let mut sum = [0.0f32; 3];
/// kernels::add::add(&[1.0, 2.0, 3.0], &[0.5, 0.25, f32::INFINITY], &mut sum)?;
/// assert_eq!(sum, [1.5, 2.25, f32::INFINITY]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn add<T: Element>(a: &[T], b: &[T], out: &mut [T]) -> Result<(), Error> {
    selected().run(a, b, out)
}

/// `out = a - b`, element by element.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn subtract<T: Element>(a: &[T], b: &[T], out: &mut [T]) -> Result<(), Error> {
    selected().binary(Operation::Subtract, a, b, out, Stores::Auto)
}

/// `out = a · b`, element by element.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn multiply<T: Element>(a: &[T], b: &[T], out: &mut [T]) -> Result<(), Error> {
    selected().binary(Operation::Multiply, a, b, out, Stores::Auto)
}

/// `out = a / b`, element by element.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn divide<T: Element>(a: &[T], b: &[T], out: &mut [T]) -> Result<(), Error> {
    selected().binary(Operation::Divide, a, b, out, Stores::Auto)
}

/// `out = alpha · x`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn scale<T: Element>(alpha: T, x: &[T], out: &mut [T]) -> Result<(), Error> {
    selected().scale(alpha, x, out, Stores::Auto)
}

/// `y = alpha · x + y`, the product rounded before the sum.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
///
/// ```
/// let mut y = [1.0, 2.0];
/// kernels::add::axpy(10.0, &[3.0, 4.0], &mut y)?;
/// assert_eq!(y, [31.0, 42.0]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn axpy<T: Element>(alpha: T, x: &[T], y: &mut [T]) -> Result<(), Error> {
    selected().axpy(alpha, x, y)
}

impl<T: Element> Implementation<T> {
    /// Its name, the same for every element type.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The instruction set that it runs on.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Whether this machine can run it.
    pub fn is_supported(&self) -> bool {
        self.isa.is_supported()
    }

    /// `out = a + b`, element by element.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn run(&self, a: &[T], b: &[T], out: &mut [T]) -> Result<(), Error> {
        self.binary(Operation::Add, a, b, out, Stores::Auto)
    }

    /// `out = a ∘ b`, element by element.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    ///
    /// ```
    /// use kernels::add::{Operation, Stores, selected};
    ///
    /// let mut quotient = [0.0; 2];
    /// selected().binary(Operation::Divide, &[1.0, 9.0], &[4.0, 3.0], &mut quotient, Stores::Cached)?;
    /// assert_eq!(quotient, [0.25, 3.0]);
    /// # Ok::<(), kernels::Error>(())
    /// ```
    #[inline]
    pub fn binary(
        &self,
        operation: Operation,
        a: &[T],
        b: &[T],
        out: &mut [T],
        stores: Stores,
    ) -> Result<(), Error> {
        require("add", self.isa)?;
        same_length("b", b, a.len())?;
        same_length("out", out, a.len())?;
        let streaming = stores.streaming::<T>(3, a.len(), 1);
        let args = Args {
            alpha: T::ONE,
            x: a.as_ptr(),
            y: b.as_ptr(),
            out: out.as_mut_ptr(),
            len: a.len(),
            streaming,
        };
        // SAFETY: this machine has the instruction set; the pointers come from slices of `len` elements, and `out` is exclusive.
        unsafe { self.kernels[operation as usize](&args) };
        Ok(())
    }

    /// `a = a ∘ b`, element by element.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    ///
    /// ```
    /// use kernels::add::{Operation, selected};
    ///
    /// let mut a = [1.0, 9.0];
    /// selected().binary_in_place(Operation::Subtract, &mut a, &[4.0, 3.0])?;
    /// assert_eq!(a, [-3.0, 6.0]);
    /// # Ok::<(), kernels::Error>(())
    /// ```
    #[inline]
    pub fn binary_in_place(&self, operation: Operation, a: &mut [T], b: &[T]) -> Result<(), Error> {
        require("add", self.isa)?;
        same_length("b", b, a.len())?;
        let out = a.as_mut_ptr();
        let args = Args {
            alpha: T::ONE,
            x: out,
            y: b.as_ptr(),
            out,
            len: a.len(),
            streaming: false,
        };
        // SAFETY: this machine has the instruction set; `x` is `out` itself, which the kernels allow.
        unsafe { self.kernels[operation as usize](&args) };
        Ok(())
    }

    /// `out = alpha · x`.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn scale(&self, alpha: T, x: &[T], out: &mut [T], stores: Stores) -> Result<(), Error> {
        require("add", self.isa)?;
        same_length("out", out, x.len())?;
        let streaming = stores.streaming::<T>(2, x.len(), 1);
        let args = Args {
            alpha,
            x: x.as_ptr(),
            y: x.as_ptr(),
            out: out.as_mut_ptr(),
            len: x.len(),
            streaming,
        };
        // SAFETY: this machine has the instruction set; the pointers come from slices of `len` elements, and `out` is exclusive.
        unsafe { self.kernels[SCALE](&args) };
        Ok(())
    }

    /// `x = alpha · x`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn scale_in_place(&self, alpha: T, x: &mut [T]) -> Result<(), Error> {
        require("add", self.isa)?;
        let out = x.as_mut_ptr();
        let args = Args {
            alpha,
            x: out,
            y: out,
            out,
            len: x.len(),
            streaming: false,
        };
        // SAFETY: this machine has the instruction set; `x` is `out` itself, which the kernels allow.
        unsafe { self.kernels[SCALE](&args) };
        Ok(())
    }

    /// `y = alpha · x + y`, the product rounded before the sum.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn axpy(&self, alpha: T, x: &[T], y: &mut [T]) -> Result<(), Error> {
        require("add", self.isa)?;
        same_length("y", y, x.len())?;
        let out = y.as_mut_ptr();
        let args = Args {
            alpha,
            x: x.as_ptr(),
            y: out,
            out,
            len: x.len(),
            streaming: false,
        };
        // SAFETY: this machine has the instruction set; `y` is `out` itself, which the kernels allow.
        unsafe { self.kernels[AXPY](&args) };
        Ok(())
    }

    /// `out = value`, in every element.
    ///
    /// # Errors
    /// [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn fill(&self, value: T, out: &mut [T], stores: Stores) -> Result<(), Error> {
        require("add", self.isa)?;
        let to = out.as_mut_ptr();
        let args = Args {
            alpha: value,
            x: to,
            y: to,
            out: to,
            len: out.len(),
            streaming: stores.streaming::<T>(1, out.len(), 1),
        };
        // SAFETY: this machine has the instruction set; `out` has `len` elements and is exclusive, and nothing is read.
        unsafe { self.kernels[FILL](&args) };
        Ok(())
    }
}

impl<T: 'static> Row for Implementation<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needs(&self) -> Isa {
        self.isa
    }
}

#[inline]
fn same_length<T>(operand: &'static str, slice: &[T], expected: usize) -> Result<(), Error> {
    if slice.len() == expected {
        return Ok(());
    }
    Err(Error::Length {
        operand,
        expected,
        actual: slice.len(),
    })
}

#[cfg(test)]
mod tests;
