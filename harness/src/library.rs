//! A shared object behind the ABI, loaded and checked: its suites and benchmarks as owned descriptions, and calls into it.
//!
//! A library is never unloaded: its descriptors and threads may live on. What cannot be checked is whether its pointers are
//! true, so a library is trusted as a program that one runs is.
//!
//! One iteration on buffers filled from a seed, held against the reference:
//!
//! ```
//! use abi::{Benchmark, Buffer, DType, Suite};
//! use harness::buffers::Buffers;
//! use harness::library::{Library, Source};
//!
//! fn suites() -> Vec<Suite> {
//!     let copy = Benchmark {
//!         buffers: vec![Buffer::input("x", DType::F64, &[8]), Buffer::output("y", DType::F64, &[8])],
//!         ..Benchmark::new(
//!             "copy",
//!             DType::F64,
//!             |call| {
//!                 let (x, y) = (call.take::<f64>(0)?, call.take::<f64>(1)?);
//!                 (0..call.iterations()).for_each(|_| y.copy_from_slice(x));
//!                 Ok(())
//!             },
//!             |call| {
//!                 call.expected(1)?.copy_from_slice(call.take::<f64>(0)?);
//!                 Ok(())
//!             },
//!         )
//!     };
//!     vec![Suite::new("example", "One benchmark", vec![copy])]
//! }
//!
//! let library = Library::load(&Source::Linked(suites))?;
//! let benchmark = &library.suites[0].benchmarks[0];
//! let mut buffers = Buffers::new(&benchmark.buffers, |_| 0)?;
//! let state = benchmark.setup(1)?;
//! state.fill(&mut buffers)?;
//! let expected = state.reference(&mut buffers)?;
//! buffers.spoil_outputs();
//! state.run(&mut buffers, 1)?;
//! buffers.check(&expected, benchmark.tolerance)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![expect(
    unsafe_code,
    reason = "loads a shared object and reads the C descriptors that it returns"
)]

mod call;
mod image;
mod read;

use std::fs::File;
use std::path::{Path, PathBuf};

use abi::raw;
use abi::{Buffer, DType};
use sha2::{Digest, Sha256};

use crate::record;

pub use call::{CallError, Expected, State};
pub(crate) use image::loaded_bytes;
use read::read;

/// Why a library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("could not read {path}: {source}")]
    Read {
        /// The shared object.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no shared object that can be loaded here.
    #[error("could not load {path}: {source}")]
    Load {
        /// The shared object.
        path: PathBuf,
        /// What the loader said.
        source: libloading::Error,
    },
    /// It has no benchmarks.
    #[error(
        "{path} exports no `{}`: it is no library of benchmarks (make one with abi::export!)",
        raw::SYMBOL
    )]
    NoSymbol {
        /// The shared object.
        path: PathBuf,
    },
    /// It speaks another version of the ABI.
    #[error(
        "{path} has version {found} of the ABI, this program has {}: build both from one source",
        raw::VERSION
    )]
    Version {
        /// The shared object.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// A descriptor cannot be right.
    #[error("{path}: {what}")]
    Invalid {
        /// The shared object.
        path: PathBuf,
        /// What is wrong, of which suite or benchmark.
        what: String,
    },
}

impl Error {
    /// [`Error::Read`] for `path`.
    pub(crate) fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        |source| Error::Read {
            path: path.to_owned(),
            source,
        }
    }
}

/// The suites of a program that links them.
pub type Suites = fn() -> Vec<abi::Suite>;

/// Where a library comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A shared object.
    File(PathBuf),
    /// Linked into this program.
    Linked(Suites),
}

/// A loaded library.
#[derive(Debug)]
pub struct Library {
    /// File name and build information, without the hash, which takes time: [`Library::identify`] has it.
    pub identity: record::Library,
    /// The shared object; nothing where it is linked in.
    pub path: Option<PathBuf>,
    /// Its suites, in its order.
    pub suites: Vec<Suite>,
}

/// A suite of a loaded library.
#[derive(Debug)]
pub struct Suite {
    /// Unique in its library.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Left out unless it is asked for by name.
    pub hidden: bool,
    /// Its benchmarks, in its order.
    pub benchmarks: Vec<Benchmark>,
    raw: &'static raw::Suite,
}

/// A benchmark of a loaded library.
#[derive(Debug)]
pub struct Benchmark {
    /// Unique in its library.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Which implementation runs on this CPU; may be empty.
    pub implementation: String,
    /// The type of element that the operation is about.
    pub dtype: DType,
    /// The dimensions of the problem.
    pub shape: Vec<usize>,
    /// Whether it uses the suite's pool.
    pub parallel: bool,
    /// The declared buffers.
    pub buffers: Vec<Buffer>,
    /// The work of one iteration.
    pub work: record::Work,
    /// The largest error of an element, as a share of the largest magnitude in its expected buffer.
    pub tolerance: f64,
    /// Iterations after which in-out buffers are filled anew.
    pub refill_after: Option<u64>,
    raw: &'static raw::Benchmark,
    suite: &'static raw::Suite,
}

impl Library {
    /// Loads a library, for the rest of the program's life, and checks what can be checked of it.
    ///
    /// # Errors
    /// Where the file cannot be read or loaded, is no library of benchmarks, has another version, or describes what cannot be.
    pub fn load(source: &Source) -> Result<Library, Error> {
        match source {
            Source::File(path) => {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let (build, suites) = read(path, entry(path)?)?;
                let file = file.into_owned();
                Ok(Library {
                    identity: record::Library {
                        file,
                        build,
                        ..record::Library::default()
                    },
                    path: Some(path.clone()),
                    suites,
                })
            }
            Source::Linked(suites) => {
                let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
                let library = abi::library(name, version, *suites);
                let (build, suites) = read(Path::new("the linked suites"), library)?;
                Ok(Library {
                    identity: record::Library {
                        build,
                        ..record::Library::default()
                    },
                    path: None,
                    suites,
                })
            }
        }
    }

    /// Whether both are one object in memory, as two loads of one file are.
    pub(crate) fn is_one_with(&self, other: &Library) -> bool {
        let place = |library: &Library| {
            library
                .suites
                .first()
                .map(|suite| std::ptr::from_ref(suite.raw))
        };
        place(self) == place(other)
    }

    /// What a record says of the library: its identity with the SHA-256 of the shared object.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn identify(&self) -> Result<record::Library, Error> {
        let mut identity = self.identity.clone();
        if let Some(path) = &self.path {
            let bytes = std::fs::read(path).map_err(Error::unreadable(path))?;
            let hash = Sha256::digest(bytes);
            identity.sha256 = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        }
        Ok(identity)
    }
}

/// Checks descriptors in memory as [`Library::load`] does a shared object's, for the fuzz target that makes hostile ones.
///
/// # Errors
/// As [`Library::load`].
///
/// # Safety
/// As many entries and bytes as a list or a text says lie where it says, unless it is null, misaligned or longer than is believed.
#[doc(hidden)]
pub unsafe fn check(library: *const raw::Library) -> Result<(), Error> {
    read(Path::new("the descriptors"), library).map(|_| ())
}

fn entry(path: &Path) -> Result<*const raw::Library, Error> {
    // The loader's message for a missing file is long, and it would look for a bare name in the system's folders. Links stay as
    // they are: where one of /proc/self/fd leads has no name.
    File::open(path)
        .and_then(|mut file| loaded_bytes(&mut file))
        .map_err(Error::unreadable(path))?;
    let absolute = std::path::absolute(path).map_err(Error::unreadable(path))?;
    // SAFETY: loading runs the object's initialisers, which the person who named the file trusts.
    let object = unsafe { libloading::Library::new(absolute) }.map_err(|source| Error::Load {
        path: path.to_owned(),
        source,
    })?;
    let object = Box::leak(Box::new(object));
    // SAFETY: the ABI gives this symbol this type.
    let entry = unsafe { object.get::<raw::Entry>(raw::SYMBOL.as_bytes()) };
    let entry = entry.map_err(|_| Error::NoSymbol {
        path: path.to_owned(),
    })?;
    // SAFETY: the ABI lets the function be called at any time, with no arguments.
    Ok(unsafe { entry() })
}
