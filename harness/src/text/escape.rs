//! Names are data: what a terminal, a bidirectional layout or a CI system would obey is shown instead.

use std::borrow::Cow;

/// `text` on one line, with everything that acts rather than shows written as `\u{…}`, or `\n`, `\r`, `\t`.
///
/// That is: control characters (terminal escapes begin with one), bidirectional marks and overrides, line and paragraph
/// separators, invisible characters, code points that are no characters, and the beginnings of workflow commands (`::` first, `##[` and `##vso[` anywhere).
pub fn visible(text: &str) -> Cow<'_, str> {
    let blank = text.len() - text.trim_start().len();
    let command = text[blank..].starts_with("::").then_some(blank);
    if command.is_none() && !text.contains(acts) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for (index, character) in text.char_indices() {
        if acts(character) {
            shown.extend(character.escape_default());
        } else if command == Some(index) || is_legacy_command(&text[index..]) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character does something instead of showing something.
pub(crate) fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || is_noncharacter(character)
}

/// Whether a code point is none of a character and never will be: HTML and XML have no place for it.
fn is_noncharacter(character: char) -> bool {
    let code = u32::from(character);
    (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe
}

/// Whether `text` begins with a command as older runners know it.
pub(crate) fn is_legacy_command(text: &str) -> bool {
    text.starts_with("##[") || text.starts_with("##vso[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown() {
        let table = [
            ("tensor_add_small", "tensor_add_small"),
            ("a::b", "a::b"),
            ("größe/日本 🚀", "größe/日本 🚀"),
            ("שלום", "שלום"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\u{0}"),
            ("\u{9b}2J\u{7f}", "\\u{9b}2J\\u{7f}"),
            (
                "a\u{202e}b\u{2066}c\u{200f}",
                "a\\u{202e}b\\u{2066}c\\u{200f}",
            ),
            (
                "a\u{2028}b\u{200b}c\u{feff}",
                "a\\u{2028}b\\u{200b}c\\u{feff}",
            ),
            (
                "a\u{fffe}b\u{fdd0}c\u{10ffff}",
                "a\\u{fffe}b\\u{fdd0}c\\u{10ffff}",
            ),
            ("::error::x", "\\u{3a}:error::x"),
            ("  ::set-output name=a::b", "  \\u{3a}:set-output name=a::b"),
            ("x ##[error]y", "x \\u{23}#[error]y"),
            ("###[error]", "#\\u{23}#[error]"),
            ("##vso[task]", "\\u{23}#vso[task]"),
            ("## title", "## title"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(visible(text), expected, "{text:?}");
        }
    }
}
