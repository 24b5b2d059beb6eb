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

use crate::Error;
use crate::table::implementations;
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

implementations!(
    "gather",
    unsafe fn(&Set<'_>, &[u32], &mut Batch<'_>),
    [loops::avx512, loops::avx2, loops::portable]
);

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
    /// As [`batch`].
    ///
    /// # Errors
    /// As [`batch`]; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn batch(&self, set: Set<'_>, index: &[u32], mut batch: Batch<'_>) -> Result<(), Error> {
        let (count, rows) = (index.len(), set.labels.len());
        // A set larger than the address space has no slice.
        let elements = |rows: usize| rows.saturating_mul(set.width);
        self.check(elements(rows), [("set", set.rows.len())])?;
        self.check(elements(count), [("batch", batch.rows.len())])?;
        self.check(count, [("labels", batch.labels.len())])?;
        if let Some(&entry) = index.iter().find(|&&entry| entry as usize >= rows) {
            return Err(Error::Index { entry, rows });
        }
        // SAFETY: this machine has the instruction set; each entry is a row, and the lengths fit.
        unsafe { (self.kernels)(&set, index, &mut batch) };
        Ok(())
    }
}
