//! The crate matrixmultiply. Its threads are set by MATMUL_NUM_THREADS.

use abi::Suite;

use crate::peer::{self, Functions};
use crate::request::Request;

/// The functions for `$element` around `$gemm`.
macro_rules! functions {
    ($element:ty, $gemm:path) => {
        Functions::<$element>::matmul(|[m, k, n], a, b, c| {
            assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
            let row = |columns: usize| columns as isize;
            let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
            // SAFETY: the slices hold row-major matrices of these shapes, by the assertion, and c is exclusive.
            unsafe { $gemm(m, k, n, 1.0, a, row(k), 1, b, row(n), 1, 0.0, c, row(n), 1) };
            Ok(())
        })
    };
}

pub(super) fn suite(request: &Request) -> Suite {
    let single = functions!(f32, matrixmultiply::sgemm);
    let double = functions!(f64, matrixmultiply::dgemm);
    peer::suite("matrixmultiply", request, &single, &double)
}
