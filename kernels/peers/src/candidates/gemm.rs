//! The crate gemm.

use abi::Suite;
use gemm::Parallelism;

use crate::peer::{self, Functions};
use crate::request::Request;

pub(super) fn suite(request: &Request) -> Suite {
    let parallelism = match request.threads {
        1 => Parallelism::None,
        threads => Parallelism::Rayon(threads),
    };
    peer::suite(
        "gemm",
        request,
        &functions([0.0_f32, 1.0], parallelism),
        &functions([0.0_f64, 1.0], parallelism),
    )
}

fn functions<T: Copy + Send + Sync + 'static>(
    [zero, one]: [T; 2],
    parallelism: Parallelism,
) -> Functions<T> {
    Functions::matmul(move |[m, k, n], a, b, c| {
        assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
        let row = |columns: usize| columns as isize;
        // SAFETY: the slices hold row-major matrices of these shapes, by the assertion, and c is exclusive.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                c.as_mut_ptr(),
                1,
                row(n),
                false,
                a.as_ptr(),
                1,
                row(k),
                b.as_ptr(),
                1,
                row(n),
                zero,
                one,
                false,
                false,
                false,
                parallelism,
            );
        }
        Ok(())
    })
}
