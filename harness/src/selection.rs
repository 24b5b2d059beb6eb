//! Which benchmarks of the loaded libraries are asked for.

use std::path::PathBuf;

use crate::library::{Benchmark, Library, Source, Suite, Suites};
use crate::record;

/// A benchmark that was selected, with the suite that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Selected<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// The benchmark.
    pub benchmark: &'a Benchmark,
}

/// Why nothing, or not everything that was named, can be selected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such suite.
    #[error("there is no suite '{name}'; there are: {known}")]
    UnknownSuite {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// The filter is no regular expression.
    #[error("--filter {filter:?} is no regular expression: {source}")]
    BadFilter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        source: Box<regex::Error>,
    },
    /// Nothing is left.
    #[error(
        "no benchmark matches --filter {filter:?} in the selected suites (`--list` shows what there is)"
    )]
    NothingMatches {
        /// The filter.
        filter: String,
    },
    /// The libraries hold nothing.
    #[error("the libraries have no benchmarks")]
    Nothing,
}

/// The benchmarks of `libraries` that `selection` asks for, in their order. A hidden suite must be asked for by name.
///
/// # Errors
/// Where a suite is unknown, the filter is no regular expression, or nothing is left.
pub fn select<'a>(
    libraries: &'a [Library],
    selection: &record::Selection,
) -> Result<Vec<Selected<'a>>, Error> {
    let suites: Vec<&Suite> = libraries
        .iter()
        .flat_map(|library| &library.suites)
        .collect();
    if let Some(name) = selection
        .suites
        .iter()
        .find(|name| !suites.iter().any(|suite| suite.name == **name))
    {
        let known: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
        return Err(Error::UnknownSuite {
            name: name.clone(),
            known: known.join(", "),
        });
    }
    let filter = selection.filter.as_deref().unwrap_or_default();
    let pattern = regex::Regex::new(filter).map_err(|source| Error::BadFilter {
        filter: filter.to_owned(),
        source: Box::new(source),
    })?;
    let wanted = |suite: &&Suite| match selection.suites.as_slice() {
        [] => !suite.hidden,
        names => names.contains(&suite.name),
    };
    let selected: Vec<Selected> = suites
        .into_iter()
        .filter(wanted)
        .flat_map(|suite| {
            suite
                .benchmarks
                .iter()
                .map(move |benchmark| Selected { suite, benchmark })
        })
        .filter(|selected| pattern.is_match(&selected.benchmark.name))
        .collect();
    match (selected.is_empty(), filter) {
        (false, _) => Ok(selected),
        (true, "") => Err(Error::Nothing),
        (true, _) => Err(Error::NothingMatches {
            filter: filter.to_owned(),
        }),
    }
}

/// Where libraries come from: those linked in, else the files given, else `libsuites.so` beside this program.
///
/// # Errors
/// Where the program's own place is unknown.
pub fn sources(linked: Option<Suites>, files: &[PathBuf]) -> std::io::Result<Vec<Source>> {
    if let Some(suites) = linked.filter(|_| files.is_empty()) {
        return Ok(vec![Source::Linked(suites)]);
    }
    if !files.is_empty() {
        return Ok(files.iter().cloned().map(Source::File).collect());
    }
    let program = std::env::current_exe()?;
    Ok(vec![Source::File(program.with_file_name("libsuites.so"))])
}

#[cfg(test)]
mod tests {
    use abi::DType;

    use super::*;

    fn suites() -> Vec<abi::Suite> {
        let suite = |name: &str, benchmarks: &[&str], hidden| abi::Suite {
            hidden,
            ..abi::Suite::new(
                name,
                "",
                benchmarks
                    .iter()
                    .map(|name| abi::Benchmark::new(*name, DType::F32, |_| Ok(()), |_| Ok(())))
                    .collect(),
            )
        };
        vec![
            suite("a", &["x_small", "x_large"], false),
            suite("b", &["y_small"], false),
            suite("h", &["z_small"], true),
        ]
    }

    #[test]
    fn suites_and_filters_select() {
        let libraries = [Library::load(&Source::Linked(suites)).unwrap()];
        type Row<'a> = (
            &'a [&'a str],
            Option<&'a str>,
            Result<&'a [&'a str], &'a str>,
        );
        let table: [Row<'_>; 8] = [
            (&[], None, Ok(&["x_small", "x_large", "y_small"])),
            (&["a"], None, Ok(&["x_small", "x_large"])),
            (&["h", "b"], None, Ok(&["y_small", "z_small"])),
            (&[], Some("small$"), Ok(&["x_small", "y_small"])),
            (&["a"], Some("^x_l"), Ok(&["x_large"])),
            (
                &["c"],
                None,
                Err("there is no suite 'c'; there are: a, b, h"),
            ),
            (
                &["a"],
                Some("nope"),
                Err("no benchmark matches --filter \"nope\""),
            ),
            (
                &[],
                Some("("),
                Err("--filter \"(\" is no regular expression"),
            ),
        ];
        for (suites, filter, wanted) in table {
            let selection = record::Selection {
                suites: suites.iter().map(|&name| name.into()).collect(),
                filter: filter.map(Into::into),
                ..record::Selection::default()
            };
            match (select(&libraries, &selection), wanted) {
                (Ok(selected), Ok(wanted)) => {
                    let names: Vec<_> =
                        selected.iter().map(|s| s.benchmark.name.as_str()).collect();
                    assert_eq!(names, wanted, "{selection:?}");
                }
                (Err(error), Err(start)) => {
                    assert!(error.to_string().starts_with(start), "{error}");
                }
                (got, wanted) => panic!("{selection:?}: {got:?} instead of {wanted:?}"),
            }
        }
    }
}
