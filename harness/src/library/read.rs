//! From the C descriptors of a library to owned descriptions, with every check that is possible.

use std::path::Path;

use abi::raw::{self, Text};
use abi::{Buffer, DType, Fill, Role};
use serde_json::{Map, Value};

use super::{Benchmark, Error, Suite};
use crate::record;

/// The most suites, benchmarks of a suite, or buffers of a benchmark that are believed.
const MAX_COUNT: usize = 65_536;
/// The longest text that is believed.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// Reads the build information and suites of a library; `path` is for messages.
pub(super) fn read(
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
