//! Libraries with the C interface of BLAS: OpenBLAS, BLIS, MKL.
//!
//! Their threads are set by the environment that the program gives its children.

use std::ffi::c_int;

use abi::Suite;

use super::found::Found;
use crate::peer::{self, Functions};
use crate::request::Request;

/// A library, and what brings it.
struct Blas {
    name: &'static str,
    /// As in [`Found::open`].
    files: &'static [&'static str],
    /// Before the names of all functions.
    prefix: &'static str,
    package: &'static str,
    /// Whether it also has `v?Add`.
    adds: bool,
}

const LIBRARIES: [Blas; 4] = [
    Blas {
        name: "openblas",
        files: &[
            "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
            "libopenblas.so.0",
        ],
        prefix: "",
        package: "Debian's libopenblas0-pthread",
        adds: false,
    },
    Blas {
        name: "openblas-pypi",
        files: &["scipy_openblas32/lib/libscipy_openblas.so"],
        prefix: "scipy_",
        package: "PyPI's scipy-openblas32",
        adds: false,
    },
    Blas {
        name: "blis",
        files: &[
            "/usr/lib/x86_64-linux-gnu/blis-pthread/libblis.so.4",
            "/usr/lib/x86_64-linux-gnu/blis-openmp/libblis.so.4",
            "libblis.so.4",
        ],
        prefix: "",
        package: "Debian's libblis4-openmp",
        adds: false,
    },
    // Last, for it loads others where all can see them.
    Blas {
        name: "mkl",
        files: &["libmkl_rt.so.3", "libmkl_rt.so.2"],
        prefix: "",
        package: "PyPI's mkl",
        adds: true,
    },
];

/// `cblas_?gemm`: layout, transpositions, m, n, k, alpha, A, its row stride, B, its row stride, beta, C, its row stride.
#[rustfmt::skip]
type Gemm<T> = unsafe extern "C" fn(
    c_int, c_int, c_int, c_int, c_int, c_int, T, *const T, c_int, *const T, c_int, T, *mut T, c_int,
);

/// `v?Add`: len, a, b, out.
type Add<T> = unsafe extern "C" fn(c_int, *const T, *const T, *mut T);

/// `CblasRowMajor` and `CblasNoTrans`.
const ROW_MAJOR: c_int = 101;
const NO_TRANSPOSE: c_int = 111;

/// A suite for each library; one that is not here fails, and says so.
pub(super) fn suites(request: &Request) -> Vec<Suite> {
    LIBRARIES.iter().map(|blas| blas.suite(request)).collect()
}

impl Blas {
    fn suite(&self, request: &Request) -> Suite {
        let library = Found::open(self.files, self.package);
        let single = self.functions::<f32>(&library, ["cblas_sgemm", "vsAdd"], [0.0, 1.0]);
        let double = self.functions::<f64>(&library, ["cblas_dgemm", "vdAdd"], [0.0, 1.0]);
        peer::suite(self.name, request, &single, &double)
    }

    fn functions<T: Copy + Send + Sync + 'static>(
        &self,
        library: &Found,
        [gemm, add]: [&str; 2],
        [zero, one]: [T; 2],
    ) -> Functions<T> {
        // SAFETY: the interface gives `cblas_?gemm` this type, with 32-bit integers.
        let gemm = unsafe { library.function::<Gemm<T>>(&format!("{}{gemm}", self.prefix)) };
        let functions = Functions::matmul(move |shape, a, b, c| {
            let gemm = gemm.as_ref().map_err(String::clone)?;
            multiply(*gemm, shape, [zero, one], a, b, c);
            Ok(())
        });
        if !self.adds {
            return functions;
        }
        // SAFETY: MKL gives `v?Add` this type, with 32-bit integers.
        let add = unsafe { library.function::<Add<T>>(add) };
        functions.and_add(move |a, b, sum| {
            let add = add.as_ref().map_err(String::clone)?;
            assert!(a.len() == sum.len() && b.len() == sum.len());
            // SAFETY: three slices of one length, and the last is exclusive.
            unsafe { add(sum.len() as c_int, a.as_ptr(), b.as_ptr(), sum.as_mut_ptr()) };
            Ok(())
        })
    }
}

#[rustfmt::skip]
fn multiply<T>(gemm: Gemm<T>, shape: [usize; 3], [zero, one]: [T; 2], a: &[T], b: &[T], c: &mut [T]) {
    let [m, k, n] = shape;
    assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
    let [m, k, n] = shape.map(|side| side as c_int);
    let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
    // SAFETY: the slices hold row-major matrices of these shapes, by the assertion, and c is exclusive.
    unsafe { gemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, one, a, k, b, n, zero, c, n) };
}
