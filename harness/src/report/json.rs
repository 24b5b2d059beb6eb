//! The report for programs.

use crate::compare::Comparison;
use crate::record::to_json;
use crate::text::escape::{acts, is_legacy_command};

/// The comparison as JSON in which nothing acts on a terminal or a CI system that shows it.
pub fn write(comparison: &Comparison) -> String {
    inert(&to_json(comparison))
}

/// The same JSON, in which what acts on a terminal or a CI system is escaped as JSON escapes it.
pub(super) fn inert(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for (index, character) in json.char_indices() {
        // Outside of strings JSON has none of these but the newline.
        if (acts(character) && character != '\n') || is_legacy_command(&json[index..]) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(character);
        }
    }
    shown
}
