//! A JSON text and the file that it came from: errors name the file, the line and the field.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::validate::{self, Problem, Step};
use super::{Error, locate};

/// The text of a file.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Without a byte order mark.
    pub(crate) text: &'a [u8],
    pub(crate) path: &'a Path,
}

impl<'a> Source<'a> {
    pub(crate) fn new(bytes: &'a [u8], path: &'a Path) -> Self {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Source { text, path }
    }

    /// Reads it as one value.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(self.text).map_err(|error| self.unreadable(&error))
    }

    /// The error of a field that says something impossible.
    pub(crate) fn wrong(&self, path: Vec<Step>, message: impl Into<String>) -> Error {
        self.problem(Problem {
            path,
            message: message.into(),
        })
    }

    pub(super) fn problem(&self, problem: Problem) -> Error {
        let line = locate::line_of(self.text, &problem.path);
        self.invalid(line, validate::field(&problem.path), problem.message)
    }

    pub(super) fn unreadable(&self, error: &serde_json::Error) -> Error {
        let field = locate::field_at(self.text, error.line(), error.column(), &error.to_string());
        self.invalid(error.line().max(1), field, remark(error))
    }

    fn invalid(&self, line: usize, field: String, message: String) -> Error {
        Error::Invalid {
            path: self.path.to_owned(),
            line,
            field,
            message,
        }
    }
}

/// What serde says, without the place, which is said apart.
fn remark(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let remark = text.strip_suffix(&place).unwrap_or(&text);
    match error.classify() {
        serde_json::error::Category::Syntax => format!("not JSON: {remark}"),
        serde_json::error::Category::Eof => format!("the file ends too early: {remark}"),
        _ => remark.to_owned(),
    }
}
