//! IDX, the format of MNIST's files: bytes in a few dimensions, mapped into memory and read a batch at a time.
//!
//! A file is two zero bytes, the type of its elements (8 for bytes, the only one that is read here), the number of dimensions, then each dimension
//! and all elements, the last dimension running fastest; numbers are 32 bits, big-endian (LeCun, Cortes and Burges, "The MNIST database").
//! A file must hold exactly as many elements as it says.

mod map;

use std::path::{Path, PathBuf};

use crate::normalise::{Statistics, selected};
pub use map::Mapped;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is shorter than its header.
    #[error("{0} bytes are too few for the header of an IDX file: is it whole?")]
    Truncated(usize),
    /// It does not begin with two zero bytes.
    #[error("it begins with {0:#06x} where an IDX file has 0x0000: is it compressed?")]
    Magic(u16),
    /// Its elements are no bytes.
    #[error("its elements have type {0:#04x}; only bytes (0x08) can be read")]
    Type(u8),
    /// It has none or too many dimensions.
    #[error("it has {0} dimensions; 1 to {most} can be read", most = MOST_DIMENSIONS)]
    Dimensions(u8),
    /// Its size is not what its dimensions say.
    #[error(
        "its dimensions {dimensions:?} ask for {expected} bytes of elements, and it holds {actual}"
    )]
    Size {
        /// As the header says.
        dimensions: Vec<u32>,
        /// Their product, which may exceed any address space.
        expected: u128,
        /// Bytes after the header.
        actual: usize,
    },
    /// The file cannot be opened or mapped.
    #[error("cannot map {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A batch does not fit.
    #[error(transparent)]
    Batch(#[from] crate::Error),
}

/// The most dimensions that are read: MNIST's files have 1 and 3, those of its kin up to 4.
pub const MOST_DIMENSIONS: u8 = 4;

/// The type of bytes.
const BYTES: u8 = 8;

/// An array of bytes in an IDX file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idx<'a> {
    dimensions: Vec<u32>,
    elements: &'a [u8],
    row: usize,
}

impl<'a> Idx<'a> {
    /// Reads the header of a whole file.
    ///
    /// # Errors
    /// Where the file is none of bytes, or its size is not what its header says. Nothing is allocated that the file's size does not bound.
    ///
    /// ```
    /// let file = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
    /// let idx = kernels::idx::Idx::parse(&file)?;
    /// assert_eq!((idx.rows(), idx.row_len()), (2, 3));
    /// assert_eq!(idx.row(1), Some(&[4, 5, 6][..]));
    /// # Ok::<(), kernels::idx::Error>(())
    /// ```
    pub fn parse(file: &'a [u8]) -> Result<Idx<'a>, Error> {
        let truncated = || Error::Truncated(file.len());
        let (magic, rest) = file.split_first_chunk::<4>().ok_or_else(truncated)?;
        let [zero, zero_too, element, rank] = *magic;
        if (zero, zero_too) != (0, 0) {
            return Err(Error::Magic(u16::from_be_bytes([zero, zero_too])));
        }
        if element != BYTES {
            return Err(Error::Type(element));
        }
        if !(1..=MOST_DIMENSIONS).contains(&rank) {
            return Err(Error::Dimensions(rank));
        }
        let (sides, elements) = rest
            .split_at_checked(4 * usize::from(rank))
            .ok_or_else(truncated)?;
        let sides = sides.as_chunks::<4>().0;
        let dimensions: Vec<u32> = sides.iter().map(|side| u32::from_be_bytes(*side)).collect();
        // Four dimensions of 32 bits fit.
        let expected: u128 = dimensions.iter().map(|side| u128::from(*side)).product();
        if expected != elements.len() as u128 {
            return Err(Error::Size {
                dimensions,
                expected,
                actual: elements.len(),
            });
        }
        let rows = dimensions[0] as usize;
        Ok(Idx {
            // Without rows, or with rows of nothing, there is no element.
            row: elements.len().checked_div(rows).unwrap_or(0),
            dimensions,
            elements,
        })
    }

    /// As in the header: rows first.
    pub fn dimensions(&self) -> &[u32] {
        &self.dimensions
    }

    /// The first dimension: images, or labels.
    pub fn rows(&self) -> usize {
        self.dimensions[0] as usize
    }

    /// Elements of a row: the product of all dimensions but the first.
    pub fn row_len(&self) -> usize {
        self.row
    }

    /// The elements of row `index`, if there is one.
    pub fn row(&self, index: usize) -> Option<&'a [u8]> {
        if index >= self.rows() {
            return None;
        }
        Some(&self.elements[index * self.row..][..self.row])
    }

    /// Row i of `out` is row `index[i]`, each byte made a number from 0 to 1 and normalised.
    ///
    /// # Errors
    /// [`Error::Batch`] if `out` has another length than as many rows, or an entry is no row.
    pub fn batch(&self, index: &[u32], with: Statistics, out: &mut [f32]) -> Result<(), Error> {
        let expected = index.len().saturating_mul(self.row);
        if out.len() != expected {
            let actual = out.len();
            let operand = "out";
            return Err(crate::Error::Length {
                operand,
                expected,
                actual,
            }
            .into());
        }
        self.check(index)?;
        if self.row == 0 {
            return Ok(());
        }
        for (entry, out) in index.iter().zip(out.chunks_exact_mut(self.row)) {
            let row = &self.elements[*entry as usize * self.row..][..self.row];
            selected().from_bytes(row, with, out)?;
        }
        Ok(())
    }

    /// `out[i]` is the first element of row `index[i]`: the label, in a file of labels.
    ///
    /// # Errors
    /// [`Error::Batch`] if `out` has another length than `index`, or an entry is no row, or rows are empty.
    pub fn labels(&self, index: &[u32], out: &mut [i64]) -> Result<(), Error> {
        if out.len() != index.len() {
            return Err(crate::Error::Length {
                operand: "out",
                expected: index.len(),
                actual: out.len(),
            }
            .into());
        }
        self.check(index)?;
        for (entry, out) in index.iter().zip(out) {
            let element = self.elements.get(*entry as usize * self.row);
            let missing = crate::Error::Index {
                entry: *entry,
                rows: 0,
            };
            *out = i64::from(*element.ok_or(missing)?);
        }
        Ok(())
    }

    fn check(&self, index: &[u32]) -> Result<(), crate::Error> {
        let rows = self.rows();
        match index.iter().find(|entry| **entry as usize >= rows) {
            Some(&entry) => Err(crate::Error::Index { entry, rows }),
            None => Ok(()),
        }
    }
}

impl Mapped {
    /// The array in the file.
    ///
    /// # Errors
    /// As [`Idx::parse`].
    pub fn idx(&self) -> Result<Idx<'_>, Error> {
        Idx::parse(self.bytes())
    }

    /// Maps the file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be opened or mapped.
    pub fn open(path: &Path) -> Result<Mapped, Error> {
        Mapped::map(path).map_err(|source| Error::Io {
            path: path.to_owned(),
            source,
        })
    }
}
