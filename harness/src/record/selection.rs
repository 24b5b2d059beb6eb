//! What a run was asked to measure, as a question about a benchmark.

use regex::Regex;

use super::Selection;

/// Answers whether a benchmark belongs to a [`Selection`].
#[derive(Debug)]
pub struct Selector<'a> {
    suites: &'a [String],
    filter: Option<Regex>,
    /// Part and number of parts, from 1.
    shard: Option<(u32, u32)>,
}

/// Why a selection selects nothing.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// The filter is not a regular expression.
    #[error("the filter is not a regular expression: {0}")]
    Filter(String),
    /// The shard is not a part of a whole.
    #[error("{0:?} is not a shard: write i/n with 1 ≤ i ≤ n, for instance 2/3")]
    Shard(String),
}

impl SelectionError {
    /// The field that is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            SelectionError::Filter(_) => "filter",
            SelectionError::Shard(_) => "shard",
        }
    }
}

impl<'a> Selector<'a> {
    /// Reads a selection.
    ///
    /// # Errors
    /// Where its filter or its shard is malformed.
    pub fn new(selection: &'a Selection) -> Result<Self, SelectionError> {
        Ok(Selector {
            suites: &selection.suites,
            filter: selection.filter.as_deref().map(filter).transpose()?,
            shard: selection.shard.as_deref().map(shard).transpose()?,
        })
    }

    /// Whether the benchmark `name` of `suite` belongs to it. An empty suite is unknown and belongs to each.
    pub fn selects(&self, suite: &str, name: &str) -> bool {
        let suite_fits = self.suites.is_empty()
            || suite.is_empty()
            || self.suites.iter().any(|one| one == suite);
        suite_fits
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.is_match(name))
            && self
                .shard
                .is_none_or(|(part, parts)| part_of(name, parts) == part)
    }
}

fn filter(pattern: &str) -> Result<Regex, SelectionError> {
    Regex::new(pattern).map_err(|error| {
        // The message of the crate draws the place under the pattern: its last line is the reason.
        let text = error.to_string();
        SelectionError::Filter(text.lines().last().unwrap_or_default().to_owned())
    })
}

fn shard(text: &str) -> Result<(u32, u32), SelectionError> {
    let numbers = text
        .split_once('/')
        .and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    match numbers {
        Some((part, parts)) if 1 <= part && part <= parts => Ok((part, parts)),
        _ => Err(SelectionError::Shard(text.to_owned())),
    }
}

/// The part, from 1, that a benchmark falls into: by its name alone (FNV-1a), so that a new benchmark moves no other.
fn part_of(name: &str, parts: u32) -> u32 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash % u64::from(parts)) as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(suites: &[&str], filter: Option<&str>, shard: Option<&str>) -> Selection {
        Selection {
            suites: suites.iter().map(|&suite| suite.into()).collect(),
            filter: filter.map(Into::into),
            shard: shard.map(Into::into),
        }
    }

    #[test]
    fn what_is_selected() {
        let table = [
            (selection(&[], None, None), true),
            (selection(&["tensor-ops"], None, None), true),
            (selection(&["other", "tensor-ops"], None, None), true),
            (selection(&["other"], None, None), false),
            (selection(&[], Some("add"), None), true),
            (selection(&[], Some("^add"), None), false),
            (selection(&["other"], Some("add"), None), false),
            (selection(&[], None, Some("1/1")), true),
        ];
        for (selection, expected) in table {
            let found = Selector::new(&selection)
                .unwrap()
                .selects("tensor-ops", "tensor_add");
            assert_eq!(found, expected, "{selection:?}");
        }
        let other = selection(&["other"], None, None);
        assert!(Selector::new(&other).unwrap().selects("", "of an old file"));
    }

    #[test]
    fn every_benchmark_is_in_one_shard() {
        for name in ["a", "b", "tensor_add_small", "größe", ""] {
            let parts = ["1/3", "2/3", "3/3"].map(|part| selection(&[], None, Some(part)));
            let found = parts
                .iter()
                .filter(|part| Selector::new(part).unwrap().selects("s", name));
            assert_eq!(found.count(), 1, "{name:?}");
        }
    }

    #[test]
    fn malformed() {
        for shard in [
            "",
            "1",
            "0/3",
            "4/3",
            "1/0",
            "-1/2",
            "1/2/3",
            "a/b",
            "1/99999999999",
        ] {
            let selection = selection(&[], None, Some(shard));
            assert_eq!(
                Selector::new(&selection).unwrap_err().field(),
                "shard",
                "{shard:?}"
            );
        }
        let error = selection(&[], Some("a("), None);
        assert_eq!(Selector::new(&error).unwrap_err().field(), "filter");
    }
}
