//! The oracle: three loops, sums in double precision whatever the element type. Slow and obvious.
#![expect(unsafe_code, reason = "a problem holds pointers")]

use super::problem::{Memory, Problem};
use crate::Element;

/// # Safety
/// As [`Problem::solve`].
pub(super) unsafe fn run<T: Element>(problem: &Problem<T>, _: Memory<'_, T>) {
    let Problem {
        shape,
        alpha,
        beta,
        a,
        b,
        c,
        ..
    } = problem;
    for i in 0..shape.m {
        for j in 0..shape.n {
            let mut sum = 0.0;
            for p in 0..shape.k {
                // SAFETY: row `i` and column `p` lie within A.
                let a = unsafe {
                    a.data
                        .wrapping_add(i * a.row_stride + p * a.column_stride)
                        .read()
                };
                // SAFETY: row `p` and column `j` lie within B.
                let b = unsafe {
                    b.data
                        .wrapping_add(p * b.row_stride + j * b.column_stride)
                        .read()
                };
                sum += a.to_f64() * b.to_f64();
            }
            let c = c.data.wrapping_add(i * c.row_stride + j);
            let mut value = alpha.to_f64() * sum;
            if *beta != T::ZERO {
                // SAFETY: row `i` and column `j` lie within C.
                value += beta.to_f64() * unsafe { c.read() }.to_f64();
            }
            // SAFETY: row `i` and column `j` lie within C.
            unsafe { c.write(T::from_f64(value)) };
        }
    }
}
