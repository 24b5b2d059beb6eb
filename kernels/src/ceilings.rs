//! What this machine can do at most: multiply-adds in registers, and the triad through memory.
//!
//! Nothing is computed here that anyone needs. The loops are the yardstick that the kernels are held against: their
//! time, which others take, gives the floating-point rate and the bandwidth that no kernel on one core exceeds.

#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

mod loops;

use crate::add::Stores;
use crate::table::require;
use crate::{Error, Isa};
pub use loops::Ceiling;
use loops::{REGISTERS, Triad};

/// How many sums [`multiply_add`] keeps: as many registers of `isa` as keep its units busy, times their lanes.
pub fn multiply_add_lanes<T: Ceiling>(isa: Isa) -> usize {
    REGISTERS * isa.vector_bits() / 8 / size_of::<T>()
}

/// `steps` times `sum = sum · factor + addend`, from 0, in registers; two roundings on the portable path, one elsewhere.
///
/// # Errors
/// [`Error::Length`] if there are not [`multiply_add_lanes`] sums; [`Error::Unsupported`] on a machine without `isa`.
///
/// ```
/// use kernels::{Isa, ceilings};
///
/// let isa = Isa::widest();
/// let mut sums = vec![0.0f32; ceilings::multiply_add_lanes::<f32>(isa)];
/// ceilings::multiply_add(isa, 3, 0.5, 1.0, &mut sums)?;
/// assert!(sums.iter().all(|sum| *sum == 1.75));
/// # Ok::<(), kernels::Error>(())
/// ```
pub fn multiply_add<T: Ceiling>(
    isa: Isa,
    steps: usize,
    factor: T,
    addend: T,
    sums: &mut [T],
) -> Result<(), Error> {
    require("multiply_add", isa)?;
    same_length("sums", sums, multiply_add_lanes::<T>(isa))?;
    let kernel = T::loops(isa).multiply_add;
    // SAFETY: this machine has the instruction set, and `sums` has REGISTERS registers of it.
    unsafe { kernel(steps, factor, addend, sums.as_mut_ptr()) };
    Ok(())
}

/// `out = x + alpha · y`, with stores as told ([`Stores::Auto`] means [`Stores::Cached`]); two reads and a write an element.
///
/// # Errors
/// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine without `isa`.
///
/// ```
/// use kernels::add::Stores;
///
/// let mut out = [0.0; 2];
/// kernels::ceilings::triad(kernels::Isa::widest(), 3.0, &[1.0, 2.0], &[10.0, 20.0], &mut out, Stores::Cached)?;
/// assert_eq!(out, [31.0, 62.0]);
/// # Ok::<(), kernels::Error>(())
/// ```
pub fn triad<T: Ceiling>(
    isa: Isa,
    alpha: T,
    x: &[T],
    y: &[T],
    out: &mut [T],
    stores: Stores,
) -> Result<(), Error> {
    require("triad", isa)?;
    same_length("y", y, x.len())?;
    same_length("out", out, x.len())?;
    let kernel = T::loops(isa).triad;
    let streaming = stores == Stores::Streaming;
    let triad = Triad {
        alpha,
        x: x.as_ptr(),
        y: y.as_ptr(),
        out: out.as_mut_ptr(),
        len: x.len(),
        streaming,
    };
    // SAFETY: this machine has the instruction set; the pointers come from slices of `len` elements, and `out` is exclusive.
    unsafe { kernel(&triad) };
    Ok(())
}

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
