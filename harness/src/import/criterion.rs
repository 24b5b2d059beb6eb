//! Criterion's folder, `target/criterion`, and the files in it: ns; the samples of a run are those of one process.
//!
//! A file says its numbers alone; the name stands in the `benchmark.json` beside it, or else in the folders around it.

mod search;

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::kind::Kind;
use super::{Error, LAST, entry, field, median_alone, name, ns, process, record};
use crate::record::{self as records, Entry, Environment, Record, Source, Step, Work};

/// How much there may be in a folder.
#[derive(Clone, Copy)]
struct Most {
    folders: usize,
    bytes: usize,
}

/// A hundred times the folders that a large project has, and the bytes of the largest record.
const MOST: Most = Most {
    folders: 100_000,
    bytes: 1 << 30,
};

#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

#[derive(Deserialize)]
struct Identity {
    full_id: String,
    #[serde(default)]
    throughput: Value,
}

/// All benchmarks of a folder, of the run that was saved under this name; in the order of their folders.
pub(super) fn folder(folder: &Path, saved: &str) -> Result<Record, Error> {
    within(MOST, folder, saved)
}

fn within(most: Most, folder: &Path, saved: &str) -> Result<Record, Error> {
    let runs = search::runs(folder, saved, most.folders)?;
    if runs.is_empty() {
        return Err(Error::NoCriterion {
            folder: folder.to_owned(),
            saved: saved.to_owned(),
        });
    }
    let mut bytes_read = 0;
    let mut benchmarks = Vec::with_capacity(runs.len());
    for run in runs {
        let (path, bytes, is_sample) = numbers(&run)?;
        bytes_read += bytes.len();
        if bytes_read > most.bytes {
            return Err(Error::TooLarge {
                folder: folder.to_owned(),
                limit: format!("its files have more than {} bytes", most.bytes),
            });
        }
        let source = Source::new(&bytes, &path);
        benchmarks.push(if is_sample {
            sampled(&source)?
        } else {
            estimated(&source)?
        });
    }
    Ok(of(benchmarks))
}

/// `sample.json`.
pub(super) fn sample(source: &Source<'_>) -> Result<Record, records::Error> {
    Ok(of(vec![sampled(source)?]))
}

/// `estimates.json`: by the samples beside it, where they are.
pub(super) fn estimates(source: &Source<'_>) -> Result<Record, records::Error> {
    let beside = source.path.with_file_name("sample.json");
    let entry = if beside.is_file() {
        sampled(&Source::new(&records::read(&beside)?, &beside))?
    } else {
        estimated(source)?
    };
    Ok(of(vec![entry]))
}

fn of(benchmarks: Vec<Entry>) -> Record {
    record(
        Kind::CriterionSample,
        None,
        Environment::default(),
        benchmarks,
    )
}

/// The file of a run's folder that has its numbers, its bytes, and whether they are samples.
fn numbers(run: &Path) -> Result<(PathBuf, Vec<u8>, bool), records::Error> {
    let sample = run.join("sample.json");
    let is_sample = sample.is_file();
    let path = if is_sample {
        sample
    } else {
        run.join("estimates.json")
    };
    let bytes = records::read(&path)?;
    Ok((path, bytes, is_sample))
}

fn sampled(source: &Source<'_>) -> Result<Entry, records::Error> {
    let sample: Sample = source.read()?;
    if sample.iters.len() != sample.times.len() || sample.iters.is_empty() {
        let message = format!(
            "{} times of {} samples: there must be one for each, and one at least",
            sample.times.len(),
            sample.iters.len()
        );
        return Err(source.wrong(vec![field("times")], message));
    }
    let samples = sample.times.iter().zip(&sample.iters).enumerate();
    let samples = samples.map(|(index, (&time, &iterations))| {
        if !(iterations >= 1.0 && iterations.is_finite()) {
            let place = vec![field("iters"), Step::Index(index)];
            let message = format!("{iterations} is no number of iterations");
            return Err(source.wrong(place, message));
        }
        ns(source, time, 1.0 / iterations, || {
            vec![field("times"), Step::Index(index)]
        })
    });
    let samples = samples.collect::<Result<_, _>>()?;
    let identity = identity(source.path)?;
    let mut entry = entry(Kind::CriterionSample, identity.full_id);
    entry.work = work(&identity.throughput);
    // Their number grows from sample to sample, unless Criterion chose flat sampling.
    let first = sample.iters[0];
    let is_flat = sample.iters.iter().all(|&iterations| iterations == first);
    let each = if is_flat { first as u64 } else { 0 };
    entry.set_processes(vec![process(samples, each)]);
    entry.iterations = sample.iters.iter().sum::<f64>() as u64;
    Ok(entry)
}

fn estimated(source: &Source<'_>) -> Result<Entry, records::Error> {
    let estimates: Estimates = source.read()?;
    let place = || vec![field("median"), field("point_estimate")];
    let ns = ns(source, estimates.median.point_estimate, 1.0, place)?;
    let identity = identity(source.path)?;
    Ok(median_alone(Kind::CriterionEstimates, identity.full_id, ns))
}

/// Who a file is about.
fn identity(path: &Path) -> Result<Identity, records::Error> {
    let beside = path.with_file_name("benchmark.json");
    if beside.is_file() {
        let bytes = records::read(&beside)?;
        let source = Source::new(&bytes, &beside);
        let identity: Identity = source.read()?;
        name(&source, identity.full_id.clone(), || vec![field("full_id")])?;
        return Ok(identity);
    }
    Ok(Identity {
        full_id: named_by_folders(path),
        throughput: Value::Null,
    })
}

/// The folders between `criterion` and the run, or the file's own name where there are none.
fn named_by_folders(path: &Path) -> String {
    let folders = path.parent().into_iter().flat_map(Path::components);
    let mut names: Vec<String> = folders
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect();
    if let Some(place) = names.iter().rposition(|name| name == "criterion") {
        names.drain(..=place);
        names.pop();
    } else if names
        .last()
        .is_some_and(|name| name == LAST || name == "base")
    {
        names.pop();
        names.drain(..names.len().saturating_sub(1));
    } else {
        names.clear();
    }
    if names.is_empty() {
        let stem = path.file_stem().unwrap_or_default();
        return stem.to_string_lossy().into_owned();
    }
    names.join("/")
}

/// What an iteration does, where it says so.
fn work(throughput: &Value) -> Work {
    let count = |name: &str| throughput.get(name)?.as_u64();
    let items = [
        ("Elements", "elements"),
        ("Bytes", "bytes"),
        ("BytesDecimal", "bytes"),
    ];
    let found = items
        .into_iter()
        .find_map(|(name, item)| Some((count(name)?, item)));
    match found {
        Some((items, item)) => Work {
            items,
            item: item.into(),
            ..Work::default()
        },
        None => Work::default(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_name_what_has_no_name() {
        let table = [
            ("target/criterion/plain/new/sample.json", "plain"),
            ("/x/criterion/g/f/10/main/estimates.json", "g/f/10"),
            ("copied/plain/new/sample.json", "plain"),
            ("new/sample.json", "sample"),
            ("elsewhere/mine.json", "mine"),
            ("sample.json", "sample"),
        ];
        for (path, expected) in table {
            assert_eq!(named_by_folders(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_has_limits_and_links_are_not_followed() {
        let home = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            let run = home.path().join(name).join(LAST);
            fs::create_dir_all(&run).unwrap();
            fs::write(run.join("sample.json"), r#"{"iters": [2], "times": [3]}"#).unwrap();
            std::os::unix::fs::symlink(home.path(), home.path().join(name).join("up")).unwrap();
        }
        // The folder itself, a and b; two files of 28 bytes.
        let table = [
            (3, 56, None),
            (2, 56, Some("more than 2 folders")),
            (3, 55, Some("more than 55 bytes")),
        ];
        for (folders, bytes, problem) in table {
            let read = within(Most { folders, bytes }, home.path(), LAST);
            match (read, problem) {
                (Ok(record), None) => assert_eq!(record.benchmarks.len(), 2),
                (Err(error), Some(part)) => {
                    let error = error.to_string();
                    assert!(error.contains(part), "{error}");
                }
                (read, _) => panic!("{folders} folders, {bytes} bytes: {read:?}"),
            }
        }
    }
}
