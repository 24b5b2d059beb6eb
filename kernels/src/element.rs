//! The element types that the kernels are written for.

use std::fmt::{Debug, Display};
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::table::Tables;

/// An element type: `f32` or `f64`. Sealed, for each kernel is written for these two.
pub trait Element:
    Copy
    + Default
    + PartialEq
    + PartialOrd
    + Debug
    + Display
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Tables
    + 'static
{
    /// The type's name in records and tables: `"f32"` or `"f64"`.
    const DTYPE: &'static str;
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The distance from 1 to the next larger number: twice the largest relative error of one rounding.
    const EPSILON: f64;

    /// This number in double precision, exact.
    fn to_f64(self) -> f64;

    /// The nearest number of this type, ties to even; out of range gives an infinity.
    fn from_f64(value: f64) -> Self;
}

impl Element for f32 {
    const DTYPE: &'static str = "f32";
    const ZERO: f32 = 0.0;
    const ONE: f32 = 1.0;
    const EPSILON: f64 = f32::EPSILON as f64;

    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn from_f64(value: f64) -> f32 {
        value as f32
    }
}

impl Element for f64 {
    const DTYPE: &'static str = "f64";
    const ZERO: f64 = 0.0;
    const ONE: f64 = 1.0;
    const EPSILON: f64 = f64::EPSILON;

    #[inline]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline]
    fn from_f64(value: f64) -> f64 {
        value
    }
}
