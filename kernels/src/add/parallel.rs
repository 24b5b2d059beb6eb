//! Element-wise operations on the threads of a pool.

use super::{Implementation, Operation, Stores, same_length};
use crate::share::share;
use crate::table::require;
use crate::{Element, Error, Pool};

impl<T: Element> Implementation<T> {
    /// As [`Implementation::binary`], on the threads of `pool` if the operands are large enough
    /// ([`SHARE_FROM_BYTES`](crate::SHARE_FROM_BYTES)). The result is the same, bit for bit.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    ///
    /// ```
    /// use kernels::{Pool, add::{Operation, Stores, selected}};
    ///
    /// let (a, b, pool) = (vec![3.0; 100_000], vec![4.0; 100_000], Pool::new(2)?);
    /// let mut product = vec![0.0; 100_000];
    /// selected().binary_parallel(Operation::Multiply, &a, &b, &mut product, Stores::Auto, &pool)?;
    /// assert!(product.iter().all(|x| *x == 12.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn binary_parallel(
        &self,
        operation: Operation,
        a: &[T],
        b: &[T],
        out: &mut [T],
        stores: Stores,
        pool: &Pool,
    ) -> Result<(), Error> {
        require("add", self.isa())?;
        same_length("b", b, a.len())?;
        same_length("out", out, a.len())?;
        let stores = stores.settled::<T>(3, a.len(), pool.threads());
        share(pool, out, 3 * size_of_val(a), |start, out| {
            let (a, b) = (&a[start..][..out.len()], &b[start..][..out.len()]);
            let done = self.binary(operation, a, b, out, stores);
            done.expect("parts are as long as each other");
        });
        Ok(())
    }

    /// As [`Implementation::fill`], on the threads of `pool` if the output is large enough
    /// ([`SHARE_FROM_BYTES`](crate::SHARE_FROM_BYTES)).
    ///
    /// # Errors
    /// [`Error::Unsupported`] on a machine that cannot run it.
    pub fn fill_parallel(
        &self,
        value: T,
        out: &mut [T],
        stores: Stores,
        pool: &Pool,
    ) -> Result<(), Error> {
        require("add", self.isa())?;
        let stores = stores.settled::<T>(1, out.len(), pool.threads());
        let bytes = size_of_val(out);
        share(pool, out, bytes, |_, out| {
            let done = self.fill(value, out, stores);
            done.expect("supported, as was asked above");
        });
        Ok(())
    }
}
