//! The report for a comment or a page, in GitHub's Markdown.

use super::cells::{self, COLUMNS, NUMBERS};
use crate::compare::{Comparison, Row};
use crate::text::visible;

/// The comparison as Markdown: the answer first, then the tables; names stand as code and are inert.
pub fn write(comparison: &Comparison) -> String {
    let mut report = format!("**{}**\n\n", escape(&cells::answer(comparison)));
    if let Some(remedy) = cells::remedy(comparison) {
        report.push_str(&format!("{}\n\n", escape(&remedy)));
    }
    for warning in &comparison.warnings {
        report.push_str(&format!("> warning: {}\n\n", escape(warning)));
    }
    let (improved, others) = cells::split(comparison);
    if !others.is_empty() {
        report.push_str(&table(&others));
    }
    if !improved.is_empty() {
        report.push_str("### Improvements\n\n");
        report.push_str(&table(&improved));
    }
    if !comparison.rows.is_empty() {
        report.push_str(&format!("{}\n\n", cells::totals(comparison)));
    }
    for (name, side) in [
        ("baseline", &comparison.baseline),
        ("current", &comparison.current),
    ] {
        if let Some(side) = side {
            report.push_str(&format!("- {name}: {}\n", escape(&cells::origin(side))));
        }
    }
    report
}

fn table(rows: &[&Row]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rules: Vec<String> = (0..COLUMNS.len())
        .map(|index| {
            if NUMBERS.contains(&index) {
                "---:"
            } else {
                "---"
            }
            .to_owned()
        })
        .collect();
    let mut table = line(&COLUMNS.map(str::to_owned));
    table.push_str(&line(&rules));
    for row in rows {
        let mut cells = cells::cells(row).map(|cell| escape(&cell));
        cells[0] = format!("<code>{}</code>", cells[0]);
        table.push_str(&line(&cells));
    }
    table.push('\n');
    table
}

/// `text` with everything that Markdown or HTML would obey written as an entity; `|` becomes `\|`.
pub fn escape(text: &str) -> String {
    let shown = visible(text);
    let characters: Vec<char> = shown.chars().collect();
    let mut escaped = String::with_capacity(shown.len());
    for (index, &character) in characters.iter().enumerate() {
        let inside_word = |offset: usize| {
            characters
                .get(offset)
                .is_some_and(|character| character.is_alphanumeric())
        };
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '|' => escaped.push_str("\\|"),
            // Within a word it does nothing, and names are easier to read and to find.
            '_' if index > 0 && inside_word(index - 1) && inside_word(index + 1) => {
                escaped.push('_')
            }
            // A colon makes a link only before slashes.
            ':' if characters.get(index + 1) != Some(&'/') => escaped.push(':'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '~' | '#' | '@' | '$' | ':' => {
                escaped.push_str(&format!("&#{};", u32::from(character)));
            }
            _ => escaped.push(character),
        }
    }
    escaped.replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let table = [
            ("tensor_add_small_f64", "tensor_add_small_f64"),
            ("a::b/c-d (3)", "a::b/c-d (3)"),
            ("a|b", "a\\|b"),
            ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"),
            ("[x](y) ![z]", "&#91;x&#93;(y) &#33;&#91;z&#93;"),
            ("`*_~#", "&#96;&#42;&#95;&#126;&#35;"),
            ("@someone #1", "&#64;someone &#35;1"),
            ("http://x.y www.z", "http&#58;//x.y www&#46;z"),
            ("a\nb", "a&#92;nb"),
            ("::error::x", "&#92;u{3a}:error::x"),
            ("\u{1b}[1m", "&#92;u{1b}&#91;1m"),
            ("größe 🚀", "größe 🚀"),
        ];
        for (text, expected) in table {
            assert_eq!(escape(text), expected, "{text:?}");
        }
    }
}
