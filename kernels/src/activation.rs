//! Activations, element by element: ReLU, sigmoid, hyperbolic tangent, and their gradients, in f32.
//!
//! NaN stays NaN, and subnormal numbers are kept.
//!
//! # Error
//! ReLU and its gradient are exact, and make -0 to 0. In units in the last place of the exact value, subnormal ones included, over every f32:
//!
//! | | `avx512`, `avx512-256` | `avx2` | `portable` |
//! | --- | --- | --- | --- |
//! | sigmoid | 1.6 | 1.6 | 0.51 |
//! | tanh | 0.75 | 1.3 | 0.51 |
//!
//! `portable` computes them in f64, for it has no fused multiply-add. So are the gradients of both everywhere: within 0.51 of the value of the formula at the f32 output that is passed.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod avx2;
mod avx512;
mod exponential;
mod lanes;
mod loops;
mod smooth;
mod tanh_table;

use crate::Error;
use crate::table::implementations;
use loops::Kernels;

implementations!(
    "activation",
    Kernels,
    halved: loops::HALVED,
    [loops::AVX512, loops::AVX2, loops::PORTABLE]
);

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

/// `out = 1/(1 + e⁻ˣ)`.
///
/// Among numbers below −87, where the result is subnormal or 0, it takes several times as long.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn sigmoid(x: &[f32], out: &mut [f32]) -> Result<(), Error> {
    selected().sigmoid(x, out)
}

/// The gradient by x from the output y of [`sigmoid`] and the gradient by it: `out = grad·y·(1 − y)`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn sigmoid_backward(y: &[f32], grad: &[f32], out: &mut [f32]) -> Result<(), Error> {
    selected().sigmoid_backward(y, grad, out)
}

/// `out = tanh x`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn tanh(x: &[f32], out: &mut [f32]) -> Result<(), Error> {
    selected().tanh(x, out)
}

/// The gradient by x from the output y of [`tanh`] and the gradient by it: `out = grad·(1 − y²)`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn tanh_backward(y: &[f32], grad: &[f32], out: &mut [f32]) -> Result<(), Error> {
    selected().tanh_backward(y, grad, out)
}

impl Implementation {
    /// As [`relu`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn relu(&self, x: &[f32], out: &mut [f32]) -> Result<(), Error> {
        self.check(x.len(), [("out", out.len())])?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.relu)(x, out) };
        Ok(())
    }

    /// As [`relu_backward`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn relu_backward(&self, x: &[f32], grad: &[f32], out: &mut [f32]) -> Result<(), Error> {
        self.check(x.len(), [("grad", grad.len()), ("out", out.len())])?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.relu_backward)(x, grad, out) };
        Ok(())
    }

    /// As [`sigmoid`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn sigmoid(&self, x: &[f32], out: &mut [f32]) -> Result<(), Error> {
        self.check(x.len(), [("out", out.len())])?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.sigmoid)(x, out) };
        Ok(())
    }

    /// As [`sigmoid_backward`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn sigmoid_backward(&self, y: &[f32], grad: &[f32], out: &mut [f32]) -> Result<(), Error> {
        self.check(y.len(), [("grad", grad.len()), ("out", out.len())])?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.sigmoid_backward)(y, grad, out) };
        Ok(())
    }

    /// As [`tanh`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn tanh(&self, x: &[f32], out: &mut [f32]) -> Result<(), Error> {
        self.check(x.len(), [("out", out.len())])?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.tanh)(x, out) };
        Ok(())
    }

    /// As [`tanh_backward`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn tanh_backward(&self, y: &[f32], grad: &[f32], out: &mut [f32]) -> Result<(), Error> {
        self.check(y.len(), [("grad", grad.len()), ("out", out.len())])?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.tanh_backward)(y, grad, out) };
        Ok(())
    }
}
