//! Compiles the shims: what it lacks headers or a compiler for becomes a row that says so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A source, what it becomes, and how.
struct Shim {
    source: &'static str,
    object: &'static str,
    compiler: &'static str,
    arguments: &'static [&'static str],
}

const SHIMS: [Shim; 5] = [
    Shim {
        source: "eigen.cpp",
        object: "libpeer_eigen_avx2.so",
        compiler: "g++",
        arguments: &["-mavx2", "-mfma", "-fopenmp", "-I/usr/include/eigen3"],
    },
    Shim {
        source: "eigen.cpp",
        object: "libpeer_eigen_avx512.so",
        compiler: "g++",
        arguments: &[
            "-march=x86-64-v4",
            "-mprefer-vector-width=512",
            "-fopenmp",
            "-I/usr/include/eigen3",
        ],
    },
    Shim {
        source: "libxsmm.c",
        object: "libpeer_libxsmm.so",
        compiler: "gcc",
        arguments: &["-lxsmm", "-lxsmmnoblas", "-lpthread", "-ldl", "-lm"],
    },
    Shim {
        source: "onednn.cpp",
        object: "libpeer_onednn.so",
        compiler: "g++",
        // From PyPI, in the environment beside the folder of the objects.
        arguments: &[
            "-Itarget/venv/include",
            "-Ltarget/venv/lib",
            "-ldnnl",
            "-Wl,-rpath,$ORIGIN/../venv/lib",
        ],
    },
    Shim {
        source: "sleef.c",
        object: "libpeer_sleef.so",
        compiler: "gcc",
        arguments: &["-march=x86-64-v4", "-lsleef", "-lm"],
    },
];

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the objects are.
pub fn folder() -> PathBuf {
    package().join("target/shims")
}

/// Compiles what is not there yet, or is older than its source; a failure leaves it out.
///
/// # Errors
/// Where the folder cannot be made.
pub fn compile() -> anyhow::Result<()> {
    std::fs::create_dir_all(folder())?;
    for shim in &SHIMS {
        let source = package().join("shims").join(shim.source);
        let object = folder().join(shim.object);
        if !is_newer(&object, &source) {
            let partial = object.with_extension("partial");
            // Without a compiler or its headers, the row says what brings them.
            let done = Command::new(shim.compiler)
                .current_dir(package())
                .args(["-O3", "-DNDEBUG", "-shared", "-fPIC", "-o"])
                .args([&partial, &source])
                .args(shim.arguments)
                .stderr(Stdio::null())
                .status();
            if done.is_ok_and(|status| status.success()) {
                std::fs::rename(partial, object)?;
            }
        }
    }
    Ok(())
}

fn is_newer(object: &Path, source: &Path) -> bool {
    let time = |path: &Path| {
        path.metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    time(object)
        .zip(time(source))
        .is_some_and(|(object, source)| object >= source)
}
