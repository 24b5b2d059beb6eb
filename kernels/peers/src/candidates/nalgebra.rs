//! The crate nalgebra, which has no threads. Its matrices are column-major, so Cᵀ = Bᵀ·Aᵀ is what it computes.

use abi::Suite;
use nalgebra::{DMatrixView, DMatrixViewMut, DVectorView, DVectorViewMut, RealField};

use crate::peer::{self, Functions};
use crate::request::Request;

pub(super) fn suite(request: &Request) -> Suite {
    peer::suite(
        "nalgebra",
        request,
        &functions::<f32>(),
        &functions::<f64>(),
    )
}

fn functions<T: RealField + Copy>() -> Functions<T> {
    Functions::<T>::matmul(|[m, k, n], a, b, c| {
        let a = DMatrixView::from_slice(a, k, m);
        let b = DMatrixView::from_slice(b, n, k);
        DMatrixViewMut::from_slice(c, n, m).gemm(T::one(), &b, &a, T::zero());
        Ok(())
    })
    .and_add(|a, b, sum| {
        let len = sum.len();
        let b = DVectorView::from_slice(b, len);
        DVectorView::from_slice(a, len).add_to(&b, &mut DVectorViewMut::from_slice(sum, len));
        Ok(())
    })
}
