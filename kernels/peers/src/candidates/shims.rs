//! Libraries of headers, each behind a few functions of C that the program compiles from `shims/` where it can.

use std::ffi::{c_int, c_long};

use abi::Suite;

use super::found::Found;
use crate::peer::{self, Functions};
use crate::request::Request;

/// `peer_?gemm`: m, k, n, a, b, c; not 0 where it does not do this shape.
type Gemm<T> = unsafe extern "C" fn(c_int, c_int, c_int, *const T, *const T, *mut T) -> c_int;

/// `peer_?add`: len, a, b, out.
type Add<T> = unsafe extern "C" fn(c_long, *const T, *const T, *mut T) -> c_int;

/// A suite for each shim; one that could not be compiled fails, and says so.
pub(super) fn suites(request: &Request) -> [Suite; 3] {
    let eigen = |name, file| {
        let library = Found::open(&[file], "Debian's libeigen3-dev, beside g++,");
        let single = adding(multiplying(&library, "peer_sgemm"), &library, "peer_sadd");
        let double = adding(multiplying(&library, "peer_dgemm"), &library, "peer_dadd");
        peer::suite(name, request, &single, &double)
    };
    let libxsmm = Found::open(&["libpeer_libxsmm.so"], "Debian's libxsmm-dev, beside gcc,");
    let single = multiplying::<f32>(&libxsmm, "peer_sgemm");
    let double = multiplying::<f64>(&libxsmm, "peer_dgemm");
    [
        eigen("eigen-avx2", "libpeer_eigen_avx2.so"),
        eigen("eigen-avx512", "libpeer_eigen_avx512.so"),
        peer::suite("libxsmm", request, &single, &double),
    ]
}

fn multiplying<T: 'static>(library: &Found, name: &str) -> Functions<T> {
    // SAFETY: the shims define functions of this name so, for the `T` that its letter says.
    let gemm = unsafe { library.function::<Gemm<T>>(name) };
    Functions::matmul(move |shape, a, b, c| {
        let gemm = gemm.as_ref().map_err(String::clone)?;
        let [m, k, n] = shape;
        assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
        let [m, k, n] = shape.map(|side| side as c_int);
        // SAFETY: the slices hold row-major matrices of these shapes, by the assertion, and c is exclusive.
        match unsafe { gemm(m, k, n, a.as_ptr(), b.as_ptr(), c.as_mut_ptr()) } {
            0 => Ok(()),
            1 => Err("not made for products of this size".into()),
            _ => Err("cannot compile a kernel for this machine".into()),
        }
    })
}

fn adding<T: 'static>(functions: Functions<T>, library: &Found, name: &str) -> Functions<T> {
    // SAFETY: the shims define functions of this name so, for the `T` that its letter says.
    let add = unsafe { library.function::<Add<T>>(name) };
    functions.and_add(move |a, b, sum| {
        let add = add.as_ref().map_err(String::clone)?;
        assert!(a.len() == sum.len() && b.len() == sum.len());
        // SAFETY: three slices of one length, and the last is exclusive.
        unsafe {
            add(
                sum.len() as c_long,
                a.as_ptr(),
                b.as_ptr(),
                sum.as_mut_ptr(),
            )
        };
        Ok(())
    })
}
