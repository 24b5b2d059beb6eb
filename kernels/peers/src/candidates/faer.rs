//! The crate faer.

use std::ops::Add;

use abi::Suite;
use faer::linalg::matmul::matmul;
use faer::traits::ComplexField;
use faer::{Accum, MatMut, MatRef, Par};

use crate::peer::{self, Functions};
use crate::request::Request;

pub(super) fn suite(request: &Request) -> Suite {
    let par = match request.threads {
        1 => Par::Seq,
        threads => Par::rayon(threads),
    };
    peer::suite(
        "faer",
        request,
        &functions(1.0_f32, par),
        &functions(1.0_f64, par),
    )
}

fn functions<T: ComplexField + Copy + Add<Output = T> + 'static>(one: T, par: Par) -> Functions<T> {
    Functions::matmul(move |[m, k, n], a, b, c| {
        matmul(
            MatMut::from_row_major_slice_mut(c, m, n),
            Accum::Replace,
            MatRef::from_row_major_slice(a, m, k),
            MatRef::from_row_major_slice(b, k, n),
            one,
            par,
        );
        Ok(())
    })
    .and_add(|a, b, sum| {
        let columns = sum.len();
        faer::zip!(
            MatMut::from_row_major_slice_mut(sum, 1, columns),
            MatRef::from_row_major_slice(a, 1, columns),
            MatRef::from_row_major_slice(b, 1, columns)
        )
        .for_each(|faer::unzip!(sum, a, b)| *sum = *a + *b);
        Ok(())
    })
}
