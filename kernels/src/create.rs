//! Filling an array: with zeros, with ones, with any value, or with random numbers from a seed.
//!
//! # The stream
//! [`uniform`] gives the same numbers on every instruction set and any number of threads, for they are a function of seed
//! and position alone. Elements are counted in blocks of [`BLOCK`]. A block has eight generators xoshiro256++ (Blackman and Vigna 2021,
//! "Scrambled linear pseudorandom number generators"), 256 bytes of state in all, which take turns: the j-th word of a block is
//! word j div 8 of generator j mod 8. Word w of the state of generator g is the (4g + w + 1)-th number of SplitMix64 (Steele, Lea and Flood 2014)
//! from the state `mix(mix(seed) + block)`, where mix is SplitMix64's finaliser, as the authors recommend it for seeding.
//!
//! A word gives one `f64`, its upper 52 bits as a fraction, or two `f32`, the upper 23 bits of its lower half and then those of its
//! upper half. So numbers are multiples of 2⁻⁵² or 2⁻²³ from 0 to 1, 1 excluded. Not for cryptography.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod avx2;
mod avx512;
mod blocks;
mod portable;
mod words;

use crate::add::{Stores, selected as elementwise};
use crate::share::share_by;
use crate::table::{Row, Table, require};
use crate::{Element, Error, Isa, Pool};

/// Elements of a block of the stream of [`uniform`], which has generators of its own: threads start at any.
pub const BLOCK: usize = 1 << 14;

/// Fills whole blocks of `out`, the first of which has that number; the last may be cut short.
type Kernel<T> = unsafe fn(seed: u64, first_block: usize, out: &mut [T]);

/// One way to fill with random numbers; all give the same.
#[derive(Debug)]
pub struct Implementation<T: 'static> {
    name: &'static str,
    isa: Isa,
    kernel: Kernel<T>,
}

macro_rules! table {
    ($kernel:ident) => {
        Table::new(
            "uniform",
            &[
                Implementation {
                    name: "avx512",
                    isa: Isa::Avx512,
                    kernel: avx512::$kernel,
                },
                Implementation {
                    name: "avx2",
                    isa: Isa::Avx2,
                    kernel: avx2::$kernel,
                },
                Implementation {
                    name: "portable",
                    isa: Isa::Portable,
                    kernel: portable::$kernel,
                },
            ],
        )
    };
}

pub(crate) static TABLE_F32: Table<Implementation<f32>> = table!(uniform_f32);
pub(crate) static TABLE_F64: Table<Implementation<f64>> = table!(uniform_f64);

/// Every implementation of [`uniform`], best first; the last works everywhere.
pub fn implementations<T: Element>() -> &'static [Implementation<T>] {
    T::uniform_table().rows()
}

/// The best implementation that this machine supports; chosen at the first call.
#[inline]
pub fn selected<T: Element>() -> &'static Implementation<T> {
    T::uniform_table().selected()
}

/// The implementation of that name.
///
/// # Errors
/// [`Error::UnknownImplementation`], or [`Error::Unsupported`] if this machine lacks a feature that it needs.
pub fn by_name<T: Element>(name: &str) -> Result<&'static Implementation<T>, Error> {
    T::uniform_table().by_name(name)
}

/// `out = 0`.
#[inline]
pub fn zeros<T: Element>(out: &mut [T]) {
    fill(T::ZERO, out);
}

/// `out = 1`.
#[inline]
pub fn ones<T: Element>(out: &mut [T]) {
    fill(T::ONE, out);
}

/// `out = value`, past the caches from 48 MiB on ([`STREAM_FROM_BYTES`](crate::add::STREAM_FROM_BYTES)).
#[inline]
pub fn fill<T: Element>(value: T, out: &mut [T]) {
    let done = elementwise().fill(value, out, Stores::Auto);
    done.expect("what was selected is supported");
}

/// Random numbers, uniform from 0 to 1 (excluded), a function of `seed` and position alone.
///
/// ```
/// let mut all = vec![0.0f32; 1000];
/// kernels::create::uniform(7, &mut all);
/// assert!(all.iter().all(|x| (0.0..1.0).contains(x)));
/// let mut first = [0.0f32; 3];
/// kernels::create::uniform(7, &mut first);
/// assert_eq!(first, all[..3]);
/// ```
#[inline]
pub fn uniform<T: Element>(seed: u64, out: &mut [T]) {
    let done = selected().uniform(seed, out);
    done.expect("what was selected is supported");
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

    /// As [`uniform`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] on a machine that cannot run it.
    pub fn uniform(&self, seed: u64, out: &mut [T]) -> Result<(), Error> {
        require("uniform", self.isa)?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernel)(seed, 0, out) };
        Ok(())
    }

    /// As [`uniform`], on the threads of `pool` if the output is large enough ([`SHARE_FROM_BYTES`](crate::SHARE_FROM_BYTES)).
    ///
    /// # Errors
    /// [`Error::Unsupported`] on a machine that cannot run it.
    pub fn uniform_parallel(&self, seed: u64, out: &mut [T], pool: &Pool) -> Result<(), Error> {
        require("uniform", self.isa)?;
        let bytes = size_of_val(out);
        share_by(pool, out, bytes, BLOCK, |start, out| {
            // SAFETY: this machine has the instruction set.
            unsafe { (self.kernel)(seed, start / BLOCK, out) };
        });
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
