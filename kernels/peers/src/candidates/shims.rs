//! Libraries of headers, and such whose own interface is large, each behind a few functions of C that the program compiles from
//! `shims/` where it can.

use std::ffi::{c_int, c_long};
use std::ptr::{null, null_mut};
use std::sync::Arc;

use abi::Suite;

use super::found::Found;
use crate::peer::{self, Functions};
use crate::request::{Op, Request};

/// `peer_?gemm`: m, k, n, a, b, c; not 0 where it does not do this shape.
type Gemm<T> = unsafe extern "C" fn(c_int, c_int, c_int, *const T, *const T, *mut T) -> c_int;

/// `peer_?add`: len, a, b, out.
type Add<T> = unsafe extern "C" fn(c_long, *const T, *const T, *mut T) -> c_int;

/// Any other operation: its shape, and the buffers of this project's benchmark for it, those that are only read and those that are
/// written; not 0 where the library cannot.
type Other = unsafe extern "C" fn(*const c_long, *const *const f32, *const *mut f32) -> c_int;

/// The most buffers of an operation that are read, or written, and the most sides of its shape.
const MOST: usize = 4;

/// A suite for each shim; one that could not be compiled fails, and says so.
pub(super) fn suites(request: &Request) -> [Suite; 5] {
    let has_avx512 = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
    let open = |needs_avx512: bool, file, package| {
        if needs_avx512 && !has_avx512 {
            return Found::none("this CPU has no AVX-512");
        }
        Found::open(&[file], package)
    };
    let eigen = |name, file, needs_avx512| {
        let library = open(needs_avx512, file, "Debian's libeigen3-dev, beside g++,");
        let single = adding(multiplying(&library, "peer_sgemm"), &library, "peer_sadd");
        let double = adding(multiplying(&library, "peer_dgemm"), &library, "peer_dadd");
        peer::suite(name, request, &single, &double)
    };
    let libxsmm = Found::open(&["libpeer_libxsmm.so"], "Debian's libxsmm-dev, beside gcc,");
    let onednn = Found::open(
        &["libpeer_onednn.so"],
        "PyPI's onednn-cpu-gomp and onednn-devel-cpu-gomp, beside g++,",
    );
    let of_onednn = [
        Op::LinearForward,
        Op::LinearBackward,
        Op::Relu,
        Op::Sigmoid,
        Op::Tanh,
    ];
    let sleef = open(
        true,
        "libpeer_sleef.so",
        "Debian's libsleef-dev, beside gcc,",
    );
    let single = multiplying::<f32>(&libxsmm, "peer_sgemm");
    let double = multiplying::<f64>(&libxsmm, "peer_dgemm");
    [
        eigen("eigen-avx2", "libpeer_eigen_avx2.so", false),
        eigen("eigen-avx512", "libpeer_eigen_avx512.so", true),
        peer::suite("libxsmm", request, &single, &double),
        others("onednn", request, &onednn, &of_onednn),
        others("sleef", request, &sleef, &[Op::Sigmoid, Op::Tanh]),
    ]
}

/// The suite of a library whose shim has a function `peer_…` for each of `ops`.
fn others(name: &str, request: &Request, library: &Found, ops: &[Op]) -> Suite {
    let function = |&op: &Op| {
        let name = format!("peer_{}", op.name().replace('-', "_"));
        // SAFETY: the shims define functions of these names so.
        let run = unsafe { library.function::<Other>(&name) };
        let function: peer::Other<f32> = Arc::new(move |shape, read, written| {
            let run = run.as_ref().map_err(String::clone)?;
            let (mut sides, mut from, mut to) = ([0; MOST], [null(); MOST], [null_mut(); MOST]);
            for (side, &length) in sides.iter_mut().zip(shape) {
                *side = length as c_long;
            }
            for (from, read) in from.iter_mut().zip(read) {
                *from = read.as_ptr();
            }
            for (to, written) in to.iter_mut().zip(written) {
                *to = written.as_mut_ptr();
            }
            // SAFETY: the buffers are those of this project's benchmark for the shape, which the shims know.
            match unsafe { run(sides.as_ptr(), from.as_ptr(), to.as_ptr()) } {
                0 => Ok(()),
                _ => Err("has no kernel for this machine".into()),
            }
        });
        (op, function)
    };
    let single = Functions {
        others: ops.iter().map(function).collect(),
        ..Functions::default()
    };
    peer::suite(name, request, &single, &Functions::default())
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
