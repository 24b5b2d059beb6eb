//! Libraries with the C interface of BLAS, looked for when the shared object is loaded: OpenBLAS, BLIS, MKL.
//!
//! Their threads are set by the environment that the program gives its children.

use std::env;
use std::ffi::c_int;
use std::path::PathBuf;

use abi::Suite;
use libloading::Library;

use crate::peer::{self, Functions};
use crate::request::Request;

/// A family of files, any of which is the library; where none is there, `package` brings one.
struct Blas {
    name: &'static str,
    /// Names that the system's loader knows, or paths below a folder of [`Blas::folders`].
    files: &'static [&'static str],
    /// Before the names of all functions.
    prefix: &'static str,
    package: &'static str,
}

/// Where `xtask peers --install` puts what the system's package manager lacks.
const TOOLS: &str = "PEERS_TOOLS";

/// `cblas_?gemm`.
type Gemm<T> = unsafe extern "C" fn(
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    c_int,
    T,
    *const T,
    c_int,
    *const T,
    c_int,
    T,
    *mut T,
    c_int,
);

/// `CblasRowMajor` and `CblasNoTrans`.
const ROW_MAJOR: c_int = 101;
const NO_TRANSPOSE: c_int = 111;

const LIBRARIES: [Blas; 4] = [
    Blas {
        name: "openblas",
        files: &[
            "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
            "libopenblas.so.0",
        ],
        prefix: "",
        package: "Debian's libopenblas0-pthread",
    },
    Blas {
        name: "openblas-pypi",
        files: &["scipy_openblas32/lib/libscipy_openblas.so"],
        prefix: "scipy_",
        package: "PyPI's scipy-openblas32",
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
    },
    Blas {
        name: "mkl",
        files: &["libmkl_rt.so.3", "libmkl_rt.so.2"],
        prefix: "",
        package: "PyPI's mkl",
    },
];

/// A suite for each library; one that is not here fails, and says so.
pub(super) fn suites(request: &Request) -> Vec<Suite> {
    LIBRARIES.iter().map(|blas| blas.suite(request)).collect()
}

impl Blas {
    fn suite(&self, request: &Request) -> Suite {
        let library = self.open();
        let single = functions(self.symbol::<f32>(&library, "cblas_sgemm"), 1.0, 0.0);
        let double = functions(self.symbol::<f64>(&library, "cblas_dgemm"), 1.0, 0.0);
        peer::suite(self.name, request, &single, &double)
    }

    /// The first of its files that loads. It is never unloaded: its threads live on.
    fn open(&self) -> Result<&'static Library, String> {
        let folders: Vec<PathBuf> = env::var_os(TOOLS)
            .map(|folders| env::split_paths(&folders).collect())
            .unwrap_or_default();
        let paths = self.files.iter().flat_map(|file| {
            let inside = folders.iter().map(move |folder| folder.join(file));
            inside
                .filter(|path| path.exists())
                .chain([PathBuf::from(file)])
        });
        for path in paths {
            // SAFETY: loading runs the library's initialisers, as it does for whoever uses it.
            if let Ok(library) = unsafe { Library::new(path) } {
                return Ok(Box::leak(Box::new(library)));
            }
        }
        Err(format!(
            "not on this machine: {} brings it (peers --install)",
            self.package
        ))
    }

    fn symbol<T: 'static>(
        &self,
        library: &Result<&'static Library, String>,
        name: &str,
    ) -> Result<Gemm<T>, String> {
        let name = format!("{}{name}", self.prefix);
        let library = library.as_ref().map_err(String::clone)?;
        // SAFETY: the interface gives functions of these names this type, with 32-bit integers.
        let symbol = unsafe { library.get::<Gemm<T>>(&name) };
        symbol
            .map(|symbol| *symbol)
            .map_err(|_| format!("has no {name}"))
    }
}

fn functions<T: Copy + Send + Sync + 'static>(
    gemm: Result<Gemm<T>, String>,
    one: T,
    zero: T,
) -> Functions<T> {
    Functions::matmul(move |shape, a, b, c| {
        let gemm = gemm.as_ref().map_err(String::clone)?;
        let [m, k, n] = shape;
        assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
        let [m, k, n] = shape.map(|side| side as c_int);
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        // SAFETY: the slices hold row-major matrices of these shapes, by the assertion, and c is exclusive.
        unsafe {
            gemm(
                ROW_MAJOR,
                NO_TRANSPOSE,
                NO_TRANSPOSE,
                m,
                n,
                k,
                one,
                a,
                k,
                b,
                n,
                zero,
                c,
                n,
            )
        };
        Ok(())
    })
}
