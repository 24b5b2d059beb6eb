//! Where a field stands in a JSON text, for errors alone: the reader itself keeps no places.
//!
//! The text may be malformed or cut off: what was open where it ends is what is meant.

use super::validate::{self, Step};

/// The line, from 1, on which the value at `path` begins; where it is absent, that of the nearest object around it.
pub(super) fn line_of(text: &[u8], path: &[Step]) -> usize {
    let (mut deepest, mut found) = (0, 0);
    walk(text, |position, open| {
        let depth = open.len();
        if depth > deepest && depth <= path.len() && open == &path[..depth] {
            (deepest, found) = (depth, position);
        }
        deepest != path.len()
    });
    1 + text[..found].iter().filter(|&&byte| byte == b'\n').count()
}

/// The field that a reader was at when it stopped at this line and column, both from 1, with this message.
pub(super) fn field_at(text: &[u8], line: usize, column: usize, message: &str) -> String {
    let start: usize = text
        .split_inclusive(|&byte| byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let stop = start + column.saturating_sub(1);
    let mut path = walk(&text[..stop.min(text.len())], |_, _| true);
    // A missing or doubled field is noticed in its object, after some other field.
    for beginning in ["missing field `", "duplicate field `"] {
        if let Some(rest) = message.strip_prefix(beginning) {
            path.pop();
            let name = rest.split('`').next().unwrap_or_default();
            path.push(Step::Key(name.to_owned()));
        }
    }
    path.truncate(MOST_STEPS);
    validate::field(&path)
}

/// Steps of a path that are named: more than any record has, and few enough for a line.
const MOST_STEPS: usize = 16;

/// Calls `visit` with the position and path of every place at which the path changes, until it says to stop; returns the last path.
fn walk(text: &[u8], mut visit: impl FnMut(usize, &[Step]) -> bool) -> Vec<Step> {
    let mut open: Vec<Step> = Vec::new();
    // A string that has ended: a key, where a colon follows.
    let mut string = None;
    let mut position = 0;
    while let Some(&byte) = text.get(position) {
        position += 1;
        match byte {
            b'"' => {
                let length = string_length(&text[position..]);
                string = Some(position..position + length);
                position += length + 1;
                continue;
            }
            b'{' => open.push(Step::Key(String::new())),
            b'[' => open.push(Step::Index(0)),
            b'}' | b']' => {
                open.pop();
            }
            b':' => {
                if let (Some(Step::Key(key)), Some(range)) = (open.last_mut(), string.take()) {
                    *key = String::from_utf8_lossy(&text[range]).into_owned();
                }
            }
            b',' => {
                if let Some(Step::Index(index)) = open.last_mut() {
                    *index += 1;
                }
            }
            _ => continue,
        }
        let space = text[position..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace());
        if !visit(position + space.count(), &open) {
            break;
        }
    }
    open
}

/// Bytes of a string up to its closing quote, or to the end of the text.
fn string_length(text: &[u8]) -> usize {
    let mut escaped = false;
    text.iter()
        .position(|&byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        })
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
"a": 1,
"b": [
{ "c": 2 },
{
"d\"": { "e": "x,]:\\" },
"f":
  [4, 5]
}
]
}
"#;

    fn path(steps: &[&str]) -> Vec<Step> {
        let step = |step: &&str| match step.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Key(step.to_string()),
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn the_line_of_a_value_or_of_what_is_around_it() {
        let table: [(&[&str], usize); 13] = [
            (&[], 1),
            (&["a"], 2),
            (&["b"], 3),
            (&["b", "0"], 4),
            (&["b", "0", "c"], 4),
            (&["b", "0", "absent"], 4),
            (&["b", "1"], 5),
            (&["b", "1", "absent"], 5),
            // Where the value stands on a line of its own, that line.
            (&["b", "1", "f"], 8),
            (&["b", "1", "f", "1"], 8),
            (&["b", "2"], 3),
            (&["absent"], 1),
            (&["absent", "c"], 1),
        ];
        for (steps, line) in table {
            assert_eq!(line_of(TEXT.as_bytes(), &path(steps)), line, "{steps:?}");
        }
    }

    #[test]
    fn the_field_at_a_place() {
        // line, column, message, field
        let table = [
            (0, 0, "", ""),
            (1, 1, "", ""),
            (2, 4, "", ""),
            (2, 5, "", "a"),
            (3, 6, "", "b"),
            (3, 7, "", "b[0]"),
            (4, 8, "", "b[0].c"),
            (5, 1, "", "b[1]"),
            (6, 17, "", r#"b[1].d\".e"#),
            (6, 24, "", r#"b[1].d\".e"#),
            (6, 25, "", r#"b[1].d\""#),
            (8, 5, "", "b[1].f[0]"),
            (8, 6, "", "b[1].f[1]"),
            (99, 1, "", ""),
            (8, 9, "missing field `x`, at the end", "b[1].x"),
            (7, 5, "duplicate field `d`", "b[1].d"),
            (7, 5, "some field `d`", "b[1].f"),
        ];
        for (line, column, message, field) in table {
            let found = field_at(TEXT.as_bytes(), line, column, message);
            assert_eq!(found, field, "line {line}, column {column}, {message:?}");
        }
    }

    #[test]
    fn a_text_that_is_cut_off() {
        for (text, field) in [
            ("", ""),
            ("{", ""),
            (r#"{"a"#, ""),
            (r#"{"a":"#, "a"),
            (r#"{"a": "b:"#, "a"),
            (r#"{"a": [{}, "#, "a[1]"),
            ("]}", ""),
            (&"[".repeat(16), &"[0]".repeat(16)),
            // What only a hostile file has, is cut short.
            (&"[".repeat(100_000), &"[0]".repeat(16)),
        ] {
            let found = field_at(text.as_bytes(), 1, 1 + text.len(), "");
            assert_eq!(found, field, "{text}");
        }
    }
}
