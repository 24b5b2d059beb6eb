//! Assembly of a batch: rows of a set, and their labels, in the order of an index; and an index in random order.
//!
//! The next row is prefetched while one is copied: where the set is larger than the caches, the rows of a shuffled index lie where no
//! hardware looks ahead.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod loops;
mod shuffle;

use crate::table::{Row, Table, require};
use crate::{Error, Isa};
pub use shuffle::shuffled;

/// A set of labelled rows.
#[derive(Debug, Clone, Copy)]
pub struct Set<'a> {
    /// The rows, one after the other.
    pub rows: &'a [f32],
    /// Elements of a row.
    pub width: usize,
    /// A label for each row.
    pub labels: &'a [i64],
}

/// Room for a batch.
#[derive(Debug)]
pub struct Batch<'a> {
    /// As many rows as the index has entries, of the set's width.
    pub rows: &'a mut [f32],
    /// A label for each.
    pub labels: &'a mut [i64],
}

/// One way to assemble a batch.
#[derive(Debug)]
pub struct Implementation {
    name: &'static str,
    isa: Isa,
    kernel: unsafe fn(&Set<'_>, &[u32], &mut Batch<'_>),
}

static TABLE: Table<Implementation> = Table::new(
    "gather",
    &[
        Implementation {
            name: "avx512",
            isa: Isa::Avx512,
            kernel: loops::avx512,
        },
        Implementation {
            name: "avx2",
            isa: Isa::Avx2,
            kernel: loops::avx2,
        },
        Implementation {
            name: "portable",
            isa: Isa::Portable,
            kernel: loops::portable,
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

/// Row i of `batch` is row `index[i]` of `set`, and so is its label.
///
/// # Errors
/// [`Error::Length`] if lengths do not fit each other; [`Error::Index`] if an entry is no row of the set.
///
/// ```
/// use kernels::gather::{Batch, Set, batch};
///
/// let set = Set { rows: &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], width: 2, labels: &[10, 20, 30] };
/// let (mut rows, mut labels) = ([0.0; 4], [0; 2]);
/// batch(set, &[2, 0], Batch { rows: &mut rows, labels: &mut labels })?;
/// assert_eq!((rows, labels), ([5.0, 6.0, 1.0, 2.0], [30, 10]));
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn batch(set: Set<'_>, index: &[u32], batch: Batch<'_>) -> Result<(), Error> {
    selected().batch(set, index, batch)
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

    /// As [`batch`].
    ///
    /// # Errors
    /// As [`batch`]; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn batch(&self, set: Set<'_>, index: &[u32], mut batch: Batch<'_>) -> Result<(), Error> {
        require("gather", self.isa)?;
        let (count, rows) = (index.len(), set.labels.len());
        // A set larger than the address space has no slice.
        let elements = |rows: usize| rows.saturating_mul(set.width);
        let lengths = [
            ("set", set.rows.len(), elements(rows)),
            ("batch", batch.rows.len(), elements(count)),
            ("labels", batch.labels.len(), count),
        ];
        for (operand, actual, expected) in lengths {
            if actual != expected {
                return Err(Error::Length {
                    operand,
                    expected,
                    actual,
                });
            }
        }
        if let Some(&entry) = index.iter().find(|&&entry| entry as usize >= rows) {
            return Err(Error::Index { entry, rows });
        }
        // SAFETY: this machine has the instruction set; each entry is a row, and the lengths fit.
        unsafe { (self.kernel)(&set, index, &mut batch) };
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
