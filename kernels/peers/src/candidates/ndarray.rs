//! The crate ndarray. The threads of its product are those of matrixmultiply, and those of its addition rayon's.

use abi::Suite;
use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, LinalgScalar, Zip};

use crate::peer::{self, Functions};
use crate::request::Request;

pub(super) fn suite(request: &Request) -> Suite {
    let parallel = request.threads > 1;
    peer::suite(
        "ndarray",
        request,
        &functions::<f32>(parallel),
        &functions::<f64>(parallel),
    )
}

fn functions<T: LinalgScalar + Send + Sync>(parallel: bool) -> Functions<T> {
    Functions::<T>::matmul(|[m, k, n], a, b, c| {
        let refused = |error: ndarray::ShapeError| error.to_string();
        let a = ArrayView2::from_shape((m, k), a).map_err(refused)?;
        let b = ArrayView2::from_shape((k, n), b).map_err(refused)?;
        let mut c = ArrayViewMut2::from_shape((m, n), c).map_err(refused)?;
        general_mat_mul(T::one(), &a, &b, T::zero(), &mut c);
        Ok(())
    })
    .and_add(move |a, b, sum| {
        let zip = Zip::from(ArrayViewMut1::from(sum))
            .and(ArrayView1::from(a))
            .and(ArrayView1::from(b));
        if parallel {
            zip.par_for_each(|sum, &a, &b| *sum = a + b);
        } else {
            zip.for_each(|sum, &a, &b| *sum = a + b);
        }
        Ok(())
    })
}
