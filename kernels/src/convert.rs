//! Conversion between `f32` and the two 16-bit formats, IEEE 754 binary16 (`f16`) and bfloat16 (`bf16`), which are held as their bits.
//!
//! To 16 bits is rounded to the nearest number, ties to even; what is too large becomes an infinity, subnormal numbers are kept on both
//! sides. NaN stays NaN and becomes quiet, with its sign and the upper bits of its payload. From 16 bits is exact. So all
//! implementations give the same bits.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod avx2;
mod avx512;
mod portable;
mod scalar;

use crate::share::share;
use crate::table::{Row, Table, require};
use crate::{Error, Isa, Pool};

/// A 16-bit format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// IEEE 754 binary16: 5 bits of exponent, 10 of fraction.
    F16,
    /// bfloat16: the upper half of an `f32`, 8 bits of exponent and 7 of fraction.
    Bf16,
}

/// The kernels of one format; both slices have the same length.
#[derive(Debug)]
struct Kernels {
    narrow: unsafe fn(&[f32], &mut [u16]),
    widen: unsafe fn(&[u16], &mut [f32]),
}

/// One way to convert.
#[derive(Debug)]
pub struct Implementation {
    name: &'static str,
    isa: Isa,
    f16: Kernels,
    bf16: Kernels,
}

/// The kernels of a module.
macro_rules! row {
    ($module:ident, $isa:ident) => {
        Implementation {
            name: stringify!($module),
            isa: Isa::$isa,
            f16: Kernels {
                narrow: $module::f32_to_f16,
                widen: $module::f16_to_f32,
            },
            bf16: Kernels {
                narrow: $module::f32_to_bf16,
                widen: $module::bf16_to_f32,
            },
        }
    };
}

static TABLE: Table<Implementation> = Table::new(
    "convert",
    &[
        row!(avx512, Avx512),
        row!(avx2, Avx2),
        row!(portable, Portable),
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

/// `out = x`, rounded to `format`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
///
/// ```
/// use kernels::convert::{Format, narrow, widen};
///
/// let mut halves = [0; 3];
/// narrow(Format::F16, &[1.0, -2.0, 1e6], &mut halves)?;
/// assert_eq!(halves, [0x3c00, 0xc000, 0x7c00]);
/// let mut singles = [0.0; 3];
/// widen(Format::F16, &halves, &mut singles)?;
/// assert_eq!(singles, [1.0, -2.0, f32::INFINITY]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn narrow(format: Format, x: &[f32], out: &mut [u16]) -> Result<(), Error> {
    selected().narrow(format, x, out)
}

/// `out = x`, of which the bits are those of `format`.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
#[inline]
pub fn widen(format: Format, x: &[u16], out: &mut [f32]) -> Result<(), Error> {
    selected().widen(format, x, out)
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

    /// As [`narrow`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn narrow(&self, format: Format, x: &[f32], out: &mut [u16]) -> Result<(), Error> {
        self.check(x.len(), out.len())?;
        // SAFETY: this machine has the instruction set, and the slices are of one length.
        unsafe { (self.kernels(format).narrow)(x, out) };
        Ok(())
    }

    /// As [`widen`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn widen(&self, format: Format, x: &[u16], out: &mut [f32]) -> Result<(), Error> {
        self.check(x.len(), out.len())?;
        // SAFETY: this machine has the instruction set, and the slices are of one length.
        unsafe { (self.kernels(format).widen)(x, out) };
        Ok(())
    }

    /// As [`narrow`], on the threads of `pool` if there is enough to do ([`SHARE_FROM_BYTES`](crate::SHARE_FROM_BYTES)).
    ///
    /// # Errors
    /// As [`Implementation::narrow`].
    pub fn narrow_parallel(
        &self,
        format: Format,
        x: &[f32],
        out: &mut [u16],
        pool: &Pool,
    ) -> Result<(), Error> {
        self.check(x.len(), out.len())?;
        let bytes = size_of_val(x) + size_of_val(out);
        share(pool, out, bytes, |start, out| {
            let x = &x[start..][..out.len()];
            // SAFETY: this machine has the instruction set, and the slices are of one length.
            unsafe { (self.kernels(format).narrow)(x, out) };
        });
        Ok(())
    }

    /// As [`widen`], on the threads of `pool` if there is enough to do ([`SHARE_FROM_BYTES`](crate::SHARE_FROM_BYTES)).
    ///
    /// # Errors
    /// As [`Implementation::widen`].
    pub fn widen_parallel(
        &self,
        format: Format,
        x: &[u16],
        out: &mut [f32],
        pool: &Pool,
    ) -> Result<(), Error> {
        self.check(x.len(), out.len())?;
        let bytes = size_of_val(x) + size_of_val(out);
        share(pool, out, bytes, |start, out| {
            let x = &x[start..][..out.len()];
            // SAFETY: this machine has the instruction set, and the slices are of one length.
            unsafe { (self.kernels(format).widen)(x, out) };
        });
        Ok(())
    }

    fn kernels(&self, format: Format) -> &Kernels {
        match format {
            Format::F16 => &self.f16,
            Format::Bf16 => &self.bf16,
        }
    }

    #[inline]
    fn check(&self, expected: usize, actual: usize) -> Result<(), Error> {
        require("convert", self.isa)?;
        if expected == actual {
            return Ok(());
        }
        Err(Error::Length {
            operand: "out",
            expected,
            actual,
        })
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
