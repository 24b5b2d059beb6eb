//! A shared object behind the ABI, loaded and checked: its suites and benchmarks as owned descriptions, and calls into it.
//!
//! A library is never unloaded: its descriptors and threads may live on. What cannot be checked is whether its pointers are
//! true, so a library is trusted as a program that one runs is.
#![expect(
    unsafe_code,
    reason = "loads a shared object and reads the C descriptors that it returns"
)]

mod call;

use std::path::{Path, PathBuf};

use abi::raw::{self, Text};
use abi::{Buffer, DType, Fill, Role};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::record;

pub use call::{CallError, Expected, State};

/// The most suites, benchmarks of a suite, or buffers of a benchmark that are believed.
const MAX_COUNT: usize = 65_536;
/// The longest text that is believed.
const MAX_TEXT_BYTES: usize = 1 << 20;

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

    /// What a record says of the library: its identity with the SHA-256 of the shared object.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn identify(&self) -> Result<record::Library, Error> {
        let mut identity = self.identity.clone();
        if let Some(path) = &self.path {
            let bytes = std::fs::read(path).map_err(|source| Error::Read {
                path: path.clone(),
                source,
            })?;
            let hash = Sha256::digest(bytes);
            identity.sha256 = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        }
        Ok(identity)
    }
}

fn entry(path: &Path) -> Result<*const raw::Library, Error> {
    // A bare name would be looked for in the system's folders, and the loader's message for a missing file is long.
    let absolute = path.canonicalize().map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
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

/// Reads the build information and suites of a library; `path` is for messages.
fn read(
    path: &Path,
    library: *const raw::Library,
) -> Result<(Map<String, Value>, Vec<Suite>), Error> {
    let invalid = |what: String| Error::Invalid {
        path: path.to_owned(),
        what,
    };
    // SAFETY: the ABI says that what is returned is null or a library that lives as long as the program.
    let Some(library) = (unsafe { library.as_ref() }) else {
        return Err(invalid("it could not describe its suites".into()));
    };
    if library.version != raw::VERSION {
        return Err(Error::Version {
            path: path.to_owned(),
            found: library.version,
        });
    }
    if library.benchmark_size as usize != size_of::<raw::Benchmark>() {
        let what = format!("its descriptors have {} bytes each", library.benchmark_size);
        return Err(invalid(what));
    }
    let build = text(&library.build)
        .and_then(|build| {
            serde_json::from_str::<Map<String, Value>>(&build).map_err(|error| error.to_string())
        })
        .map_err(|error| invalid(format!("its build information: {error}")))?;
    let suites = list(library.suites, library.suites_len)
        .and_then(|suites| suites.iter().map(suite).collect::<Result<Vec<_>, _>>())
        .map_err(invalid)?;
    unique("suite", suites.iter().map(|suite| &suite.name)).map_err(invalid)?;
    unique(
        "benchmark",
        suites
            .iter()
            .flat_map(|suite| suite.benchmarks.iter().map(|benchmark| &benchmark.name)),
    )
    .map_err(invalid)?;
    Ok((build, suites))
}

fn unique<'a>(kind: &str, names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if name.is_empty() {
            return Err(format!("a {kind} has no name"));
        }
        if !seen.insert(name) {
            return Err(format!("two {kind}s are called {name:?}"));
        }
    }
    Ok(())
}

fn suite(raw: &'static raw::Suite) -> Result<Suite, String> {
    let name = text(&raw.name)?;
    let benchmarks = list(raw.benchmarks, raw.benchmarks_len)
        .and_then(|benchmarks| {
            benchmarks
                .iter()
                .map(|benchmark| self::benchmark(raw, benchmark))
                .collect()
        })
        .map_err(|error| format!("suite {name:?}: {error}"))?;
    Ok(Suite {
        name,
        description: text(&raw.description)?,
        hidden: raw.hidden != 0,
        benchmarks,
        raw,
    })
}

fn benchmark(
    suite: &'static raw::Suite,
    raw: &'static raw::Benchmark,
) -> Result<Benchmark, String> {
    let name = text(&raw.name)?;
    described(suite, raw, &name).map_err(|error| format!("benchmark {name:?}: {error}"))
}

fn described(
    suite: &'static raw::Suite,
    raw: &'static raw::Benchmark,
    name: &str,
) -> Result<Benchmark, String> {
    if raw.run.is_none() || raw.reference.is_none() {
        return Err("it has no `run` or no `reference`".into());
    }
    if !(raw.tolerance.is_finite() && raw.tolerance >= 0.0) {
        return Err(format!("its tolerance is {}", raw.tolerance));
    }
    let buffers = list(raw.buffers, raw.buffers_len)?;
    let buffers = buffers.iter().map(buffer).collect::<Result<Vec<_>, _>>()?;
    if raw.fill.is_none() && buffers.iter().any(|buffer| buffer.fill == Fill::Custom) {
        return Err("a buffer has a custom fill, and there is no `fill`".into());
    }
    Ok(Benchmark {
        name: name.to_owned(),
        description: text(&raw.description)?,
        implementation: text(&raw.implementation)?,
        dtype: dtype(raw.dtype)?,
        shape: shape(&raw.shape, raw.rank)?,
        parallel: raw.parallel != 0,
        buffers,
        work: record::Work {
            flops: raw.work.flops,
            bytes_read: raw.work.bytes_read,
            bytes_written: raw.work.bytes_written,
            items: raw.work.items,
            item: text(&raw.work.item)?,
        },
        tolerance: raw.tolerance,
        refill_after: (raw.refill_after > 0).then_some(raw.refill_after),
        raw,
        suite,
    })
}

fn buffer(raw: &'static raw::Buffer) -> Result<Buffer, String> {
    let name = text(&raw.name)?;
    let role = match raw.role {
        0 => Role::Input,
        1 => Role::Output,
        2 => Role::InOut,
        other => return Err(format!("buffer {name:?} has role {other}")),
    };
    let (low, high) = (raw.low, raw.high);
    let fill = match raw.fill {
        0 => Fill::Zeros,
        1 if low.is_finite() && high.is_finite() && low <= high => Fill::Uniform { low, high },
        2 => Fill::Custom,
        other => {
            return Err(format!(
                "buffer {name:?} has fill {other} from {low} to {high}"
            ));
        }
    };
    Ok(Buffer {
        dtype: dtype(raw.dtype)?,
        shape: shape(&raw.shape, raw.rank)?,
        name,
        role,
        fill,
    })
}

fn dtype(number: u32) -> Result<DType, String> {
    let dtype = DType::ALL.get(number as usize).copied();
    dtype.ok_or_else(|| format!("its element type has number {number}"))
}

fn shape(sides: &[usize; raw::MAX_RANK], rank: u32) -> Result<Vec<usize>, String> {
    let shape = sides.get(..rank as usize);
    shape
        .map(<[usize]>::to_vec)
        .ok_or_else(|| format!("it has {rank} dimensions, {} at most", raw::MAX_RANK))
}

fn text(text: &Text) -> Result<String, String> {
    if text.len == 0 {
        return Ok(String::new());
    }
    if text.data.is_null() || text.len > MAX_TEXT_BYTES {
        return Err(format!("a text has {} bytes at {:?}", text.len, text.data));
    }
    // SAFETY: the ABI says that `len` bytes lie at `data`, for as long as the library is loaded, which is for ever.
    let bytes = unsafe { std::slice::from_raw_parts(text.data, text.len) };
    String::from_utf8(bytes.to_vec()).map_err(|_| "a text is not UTF-8".into())
}

fn list<T>(first: *const T, len: usize) -> Result<&'static [T], String> {
    if len == 0 {
        return Ok(&[]);
    }
    if first.is_null() || !first.is_aligned() || len > MAX_COUNT {
        return Err(format!("a list has {len} entries at {first:?}"));
    }
    // SAFETY: the ABI says that `len` entries lie at `first`, for as long as the library is loaded, which is for ever.
    Ok(unsafe { std::slice::from_raw_parts(first, len) })
}
