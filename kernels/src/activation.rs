//! Activations, element by element: ReLU and its gradient, in f32.
//!
//! Exact, and the same bits in every implementation. NaN stays NaN, -0 becomes 0, and subnormal numbers are kept.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod loops;

use crate::table::{Row, Table, require};
use crate::{Error, Isa};
use loops::Kernels;

/// One way to compute the activations.
#[derive(Debug)]
pub struct Implementation {
    name: &'static str,
    isa: Isa,
    kernels: Kernels,
}

static TABLE: Table<Implementation> = Table::new(
    "activation",
    &[
        Implementation {
            name: "avx512",
            isa: Isa::Avx512,
            kernels: loops::AVX512,
        },
        Implementation {
            name: "avx2",
            isa: Isa::Avx2,
            kernels: loops::AVX2,
        },
        Implementation {
            name: "portable",
            isa: Isa::Portable,
            kernels: loops::PORTABLE,
        },
    ],
);

/// Every implementation, best first; the last works everywhere.
pub fn implementations() -> &'static [Implementation] {
    TABLE.rows()
}

/// The best implementation that this machine supports; chosen at the first call.
#[inline]
pub fn selected() -> &'static Implementation {
    TABLE.selected()
}

/// The implementation of that name.
///
/// # Errors
/// [`Error::UnknownImplementation`], or [`Error::Unsupported`] if this machine lacks a feature that it needs.
pub fn by_name(name: &str) -> Result<&'static Implementation, Error> {
    TABLE.by_name(name)
}

/// `out = max(x, 0)`, and NaN where x is.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
///
/// ```
/// let mut out = [9.0; 3];
/// kernels::activation::relu(&[-1.0, 0.0, 2.5], &mut out)?;
/// assert_eq!(out, [0.0, 0.0, 2.5]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn relu(x: &[f32], out: &mut [f32]) -> Result<(), Error> {
    selected().relu(x, out)
}

/// The gradient by x from that by the output of [`relu`]: `out = grad` where x is positive, and 0 where it is not, at 0 itself too.
///
/// Where x is NaN the gradient passes.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn relu_backward(x: &[f32], grad: &[f32], out: &mut [f32]) -> Result<(), Error> {
    selected().relu_backward(x, grad, out)
}

impl Implementation {
    /// Its name.
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

    /// As [`relu`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn relu(&self, x: &[f32], out: &mut [f32]) -> Result<(), Error> {
        require("activation", self.isa)?;
        same_length("out", out.len(), x.len())?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.relu)(x, out) };
        Ok(())
    }

    /// As [`relu_backward`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn relu_backward(&self, x: &[f32], grad: &[f32], out: &mut [f32]) -> Result<(), Error> {
        require("activation", self.isa)?;
        same_length("grad", grad.len(), x.len())?;
        same_length("out", out.len(), x.len())?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.relu_backward)(x, grad, out) };
        Ok(())
    }
}

impl Row for Implementation {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needs(&self) -> Isa {
        self.isa
    }
}

fn same_length(operand: &'static str, actual: usize, expected: usize) -> Result<(), Error> {
    if actual == expected {
        return Ok(());
    }
    Err(Error::Length {
        operand,
        expected,
        actual,
    })
}
