//! NaN and Infinity, which other tools write as bare words and JSON has not: where a number is needed, null is an error as good.

use std::borrow::Cow;

/// The text with null for each such word outside of strings; lines stay where they are.
pub(super) fn without(text: &[u8]) -> Cow<'_, [u8]> {
    const WORDS: [&[u8]; 4] = [b"-Infinity", b"Infinity", b"-NaN", b"NaN"];
    let found = |word: &[u8]| text.windows(word.len()).any(|part| part == word);
    if !found(b"NaN") && !found(b"Infinity") {
        return Cow::Borrowed(text);
    }
    let mut clean = Vec::with_capacity(text.len());
    let (mut rest, mut quoted) = (text, false);
    while let Some(&byte) = rest.first() {
        let word = WORDS
            .into_iter()
            .find(|word| !quoted && rest.starts_with(word));
        let (taken, written) = match (word, byte) {
            (Some(word), _) => (word.len(), &b"null"[..]),
            (None, b'\\') if quoted => (rest.len().min(2), &rest[..rest.len().min(2)]),
            _ => (1, &rest[..1]),
        };
        quoted ^= byte == b'"';
        clean.extend_from_slice(written);
        rest = &rest[taken..];
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_numbers_are_null_outside_of_strings() {
        let table = [
            (r#"{"a": 1}"#, r#"{"a": 1}"#),
            (r#"{"a": NaN, "b": -Infinity}"#, r#"{"a": null, "b": null}"#),
            (r#"["NaN", "\"NaN", Infinity]"#, r#"["NaN", "\"NaN", null]"#),
            (r#"["\\", NaN]"#, r#"["\\", null]"#),
            (r#"["NaN\"#, r#"["NaN\"#),
        ];
        for (text, expected) in table {
            let clean = without(text.as_bytes());
            assert_eq!(String::from_utf8_lossy(&clean), expected, "{text}");
        }
    }
}
