//! What a run was asked to measure, as a question about a benchmark.

use std::collections::HashSet;

use regex::Regex;

use super::{Selection, Shard};

/// Answers whether a benchmark belongs to a [`Selection`].
#[derive(Debug)]
pub struct Selector<'a> {
    suites: &'a [String],
    filter: Option<Regex>,
    /// What was chosen and belongs to other shards.
    elsewhere: HashSet<&'a str>,
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
        let shard: Option<Shard> = selection.shard.as_deref().map(str::parse).transpose()?;
        let elsewhere = shard.map(|shard| {
            let here = shard.names(&selection.chosen);
            let chosen = selection.chosen.iter().map(String::as_str);
            chosen.filter(|name| !here.contains(name)).collect()
        });
        Ok(Selector {
            suites: &selection.suites,
            filter: selection.filter.as_deref().map(filter).transpose()?,
            elsewhere: elsewhere.unwrap_or_default(),
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
            && !self.elsewhere.contains(name)
    }
}

fn filter(pattern: &str) -> Result<Regex, SelectionError> {
    Regex::new(pattern).map_err(|error| {
        // The message of the crate draws the place under the pattern: its last line is the reason.
        let text = error.to_string();
        SelectionError::Filter(text.lines().last().unwrap_or_default().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(suites: &[&str], filter: Option<&str>, shard: Option<&str>) -> Selection {
        Selection {
            suites: suites.iter().map(|&suite| suite.into()).collect(),
            filter: filter.map(Into::into),
            shard: shard.map(Into::into),
            chosen: ["tensor_add", "tensor_sub"].map(Into::into).into(),
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
    fn what_belongs_to_another_shard() {
        for name in ["tensor_add", "tensor_sub"] {
            let parts = ["1/3", "2/3", "3/3"].map(|part| selection(&[], None, Some(part)));
            let found = parts
                .iter()
                .filter(|part| Selector::new(part).unwrap().selects("s", name));
            assert_eq!(found.count(), 1, "{name}");
        }
        // A benchmark that was not there to choose is missing everywhere.
        let one = selection(&[], None, Some("1/3"));
        assert!(Selector::new(&one).unwrap().selects("s", "gone"));
    }

    #[test]
    fn malformed() {
        let shard = selection(&[], None, Some("4/3"));
        assert_eq!(Selector::new(&shard).unwrap_err().field(), "shard");
        let error = selection(&[], Some("a("), None);
        assert_eq!(Selector::new(&error).unwrap_err().field(), "filter");
    }
}
