//! Normalisation of images: (x − mean)/std, with given statistics or with those of the array, and from bytes in one pass.
//!
//! # Error
//! With u = 2⁻²⁴, half an epsilon of `f32`:
//! - [`normalise`] multiplies by the reciprocal of std: three roundings, so within 3u of the exact quotient, relatively, where nothing is
//!   subnormal and a difference is not lost to overflow. Where std or its reciprocal is not a normal number, it divides: two roundings.
//! - [`statistics`] are sums and squares of x − x₀ in f64 (x₀ is the first element, or 0 if that is not finite), each difference exact or rounded once in f64: within n·2⁻⁵² of the exact variance,
//!   relatively, where x₀ lies within the data's spread, for any mean, however large.
//! - [`from_bytes`] is byte·scale + shift with scale = 1/(255·std) and shift = −mean/std, both computed in f64 and rounded once:
//!   within 5u of the larger of 255·scale and |shift|, absolutely.
//!
//! NaN and infinities follow IEEE 754: a constant array has std 0, and becomes NaN.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod loops;

use crate::Error;
use crate::table::implementations;
use loops::Kernels;

/// What an array is normalised with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// What becomes 0.
    pub mean: f32,
    /// What becomes 1: the standard deviation of the whole array, with n in the denominator.
    pub std: f32,
}

implementations!(
    "normalise",
    Kernels,
    [loops::AVX512, loops::AVX2, loops::PORTABLE]
);

/// `out = (x − mean)/std`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
///
/// ```
/// use kernels::normalise::{Statistics, normalise};
///
/// let mut out = [0.0; 2];
/// normalise(&[1.0, 4.0], Statistics { mean: 2.0, std: 0.5 }, &mut out)?;
/// assert_eq!(out, [-2.0, 4.0]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn normalise(x: &[f32], with: Statistics, out: &mut [f32]) -> Result<(), Error> {
    selected().normalise(x, with, out)
}

/// Mean and standard deviation of `x`; NaN of nothing.
///
/// ```
/// let statistics = kernels::normalise::statistics(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
/// assert_eq!((statistics.mean, statistics.std), (5.0, 2.0));
/// ```
#[inline]
pub fn statistics(x: &[f32]) -> Statistics {
    let done = selected().statistics(x);
    done.expect("what was selected is supported")
}

/// `out = (x/255 − mean)/std`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn from_bytes(x: &[u8], with: Statistics, out: &mut [f32]) -> Result<(), Error> {
    selected().from_bytes(x, with, out)
}

impl Implementation {
    /// As [`normalise`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn normalise(&self, x: &[f32], with: Statistics, out: &mut [f32]) -> Result<(), Error> {
        self.check(x.len(), [("out", out.len())])?;
        let Statistics { mean, std } = with;
        let reciprocal = 1.0 / std;
        let (kernel, by) = if std.is_normal() && reciprocal.is_normal() {
            (self.kernels.scale, reciprocal)
        } else {
            (self.kernels.divide, std)
        };
        // SAFETY: this machine has the instruction set.
        unsafe { kernel(x, mean, by, out) };
        Ok(())
    }

    /// As [`statistics`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] on a machine that cannot run it.
    pub fn statistics(&self, x: &[f32]) -> Result<Statistics, Error> {
        self.check(0, [])?;
        let first = x.first().copied().filter(|x| x.is_finite());
        let shift = f64::from(first.unwrap_or(0.0));
        let n = x.len() as f64;
        // SAFETY: this machine has the instruction set.
        let [sum, squares] = unsafe { (self.kernels.moments)(x, shift) };
        let variance = (squares - sum * (sum / n)) / n;
        Ok(Statistics {
            mean: (shift + sum / n) as f32,
            // Rounding may leave a little less than nothing; NaN stays.
            std: if variance < 0.0 {
                0.0
            } else {
                variance.sqrt() as f32
            },
        })
    }

    /// As [`from_bytes`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn from_bytes(&self, x: &[u8], with: Statistics, out: &mut [f32]) -> Result<(), Error> {
        self.check(x.len(), [("out", out.len())])?;
        let (mean, std) = (f64::from(with.mean), f64::from(with.std));
        let (scale, shift) = ((1.0 / (255.0 * std)) as f32, (-mean / std) as f32);
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.bytes)(x, scale, shift, out) };
        Ok(())
    }
}
