//! The candidates, one module each (or one for a family): to add one, add its line here.

mod blas;
mod ceiling;
mod faer;
mod found;
mod gemm;
mod kernels;
mod loops;
mod matrixmultiply;
mod nalgebra;
mod ndarray;
mod shims;

use abi::Suite;

use crate::request::Request;

/// The suites of all, the ceiling first.
pub(crate) fn suites(request: &Request) -> Vec<Suite> {
    let mut suites = vec![ceiling::suite(request), kernels::suite(request)];
    suites.extend([
        faer::suite(request),
        gemm::suite(request),
        matrixmultiply::suite(request),
        ndarray::suite(request),
        nalgebra::suite(request),
    ]);
    suites.extend(loops::suites(request));
    suites.extend(shims::suites(request));
    suites.extend(blas::suites(request));
    suites
}
