//! The product of the faer crate, on one thread.
#![expect(unsafe_code, reason = "a problem holds pointers")]

use ::faer::linalg::matmul::matmul;
use ::faer::traits::ComplexField;
use ::faer::{Accum, MatMut, MatRef, Par};

use super::problem::{Memory, Problem};
use crate::{Element, Isa};

/// # Safety
/// As [`Problem::solve`].
pub(super) unsafe fn run<T: Element + ComplexField>(problem: &Problem<T>, _: Memory<'_, T>) {
    let Problem { a, b, c, .. } = problem;
    let accumulate = if problem.beta == T::ZERO {
        Accum::Replace
    } else {
        Accum::Add
    };
    if problem.beta != T::ZERO && problem.beta != T::ONE {
        // SAFETY: the caller's promise.
        unsafe { problem.scale_c() };
    }
    let stride =
        |stride: usize| isize::try_from(stride).expect("a slice is no longer than isize::MAX");
    // SAFETY: the caller vouches for every element of A.
    let a = unsafe {
        MatRef::from_raw_parts(
            a.data,
            a.rows,
            a.columns,
            stride(a.row_stride),
            stride(a.column_stride),
        )
    };
    // SAFETY: the caller vouches for every element of B.
    let b = unsafe {
        MatRef::from_raw_parts(
            b.data,
            b.rows,
            b.columns,
            stride(b.row_stride),
            stride(b.column_stride),
        )
    };
    // SAFETY: the caller vouches for every element of C, and that nobody else has it.
    let c =
        unsafe { MatMut::from_raw_parts_mut(c.data, c.rows, c.columns, stride(c.row_stride), 1) };
    matmul(c, accumulate, a, b, problem.alpha, Par::Seq);
    clean_upper_halves();
}

/// faer leaves the upper halves of the vector registers in use, which slows SSE code that follows 2.8 times.
fn clean_upper_halves() {
    if Isa::Avx2.is_supported() {
        // SAFETY: the machine has AVX.
        unsafe { std::arch::x86_64::_mm256_zeroupper() }
    }
}
