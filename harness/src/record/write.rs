//! Writing a record.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::{Error, Record, files, parse};

/// Writes a record to `path`, replacing what is there.
///
/// # Errors
/// A record that [`load`](super::load) would refuse (a number that is not finite, a name twice), or what the system refuses.
pub fn write(record: &Record, path: &Path) -> Result<(), Error> {
    let json = checked_json(record, path)?;
    files::replace(path, json.as_bytes()).map_err(|source| Error::Write {
        path: path.to_owned(),
        source,
    })
}

/// The text of a record, which has been read back: JSON has no NaN, and a reader refuses more than that.
pub(super) fn checked_json(record: &Record, path: &Path) -> Result<String, Error> {
    let json = to_json(record);
    match parse(json.as_bytes(), path) {
        Ok(_) => Ok(json),
        Err(problem) => Err(Error::Unwritable {
            path: path.to_owned(),
            problem: Box::new(problem),
        }),
    }
}

/// The JSON of a value, indented, but with the numbers of a list on one line, and with a newline at the end.
///
/// # Panics
/// Where the value has a map whose keys are not strings.
pub fn to_json(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let layout = Layout::default();
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, layout))
        .expect("keys are strings, and memory does not refuse");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// One entry of an object on a line; lists of plain values on one line, others with one element on a line.
#[derive(Default)]
struct Layout {
    /// For each open list or object, whether what it holds stands on lines of its own.
    broken: Vec<bool>,
    /// Whether the next value is an element of a list.
    element: bool,
}

impl Layout {
    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        if std::mem::take(&mut self.element) {
            if let Some(list) = self.broken.last_mut() {
                *list = true;
            }
            self.new_line(writer)?;
        }
        self.broken.push(false);
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        if self.broken.pop() == Some(true) {
            self.new_line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn new_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        (0..self.broken.len()).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for Layout {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.element = false;
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.element = true;
        if first {
            Ok(())
        } else {
            writer.write_all(b",")
        }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if let Some(object) = self.broken.last_mut() {
            *object = true;
        }
        if !first {
            writer.write_all(b",")?;
        }
        self.new_line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn numbers_share_a_line() {
        let value = json!({ "a": [1.5, 2, 3], "b": [], "c": {}, "d": [[1], { "e": "x" }], "f": ["g", "h"] });
        let expected = concat!(
            "{\n  \"a\": [1.5,2,3],\n  \"b\": [],\n  \"c\": {},\n",
            "  \"d\": [\n    [1],\n    {\n      \"e\": \"x\"\n    }\n  ],\n",
            "  \"f\": [\"g\",\"h\"]\n}\n"
        );
        let text = to_json(&value);
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
