//! The report for a comment or a page, in GitHub's Markdown.

use super::cells::{self, COLUMNS, NUMBERS};
use crate::compare::{Comparison, Row};
use crate::text::visible;

/// How long Markdown may get: comments and summaries have a limit, and whoever passes it posts nothing.
#[derive(Clone, Debug, Default)]
pub struct Limit {
    /// The most characters; `None` is no limit.
    pub characters: Option<usize>,
    /// Where the whole report is, a URL or a path, for readers of one that is not whole.
    pub whole: Option<String>,
}

impl Limit {
    /// A smaller limit leaves no room for a row.
    pub const LEAST: usize = 2000;
}

/// Characters of a cell in a report that is not whole.
const SHORT_CELL: usize = 200;

/// The comparison as Markdown: the answer first, then the tables, the worst first; names stand as code and are inert.
///
/// Where it would pass the limit, the last rows are left out and counted.
pub fn write(comparison: &Comparison, limit: &Limit) -> String {
    let whole = whole(comparison);
    match limit.characters {
        Some(most) if length(&whole) > most => {
            shortened(comparison, most.max(Limit::LEAST), limit.whole.as_deref())
        }
        _ => whole,
    }
}

fn whole(comparison: &Comparison) -> String {
    let mut report = format!("**{}**\n\n", escape(&cells::answer(comparison)));
    if let Some(remedy) = cells::remedy(comparison) {
        report.push_str(&format!("{}\n\n", escape(&remedy)));
    }
    report.extend(warnings(comparison));
    let (improved, others) = cells::split(comparison);
    for (heading, rows) in [("", others), (IMPROVEMENTS, improved)] {
        if !rows.is_empty() {
            report.push_str(heading);
            report.push_str(&head());
            report.extend(rows.into_iter().map(|row| line(row, usize::MAX)));
            report.push('\n');
        }
    }
    if !comparison.rows.is_empty() {
        report.push_str(&format!("{}\n\n", cells::totals(comparison)));
    }
    report.extend(sides(comparison));
    report
}

/// At most `most` characters: the answer, then as many of the worst rows as fit.
fn shortened(comparison: &Comparison, most: usize, link: Option<&str>) -> String {
    let mut report = format!("**{}**\n\n", fitting(&cells::answer(comparison), most / 4));
    if let Some(remedy) = cells::remedy(comparison) {
        report.push_str(&format!("{}\n\n", fitting(&remedy, most / 16)));
    }
    let link = link.map(link_to).filter(|link| length(link) <= most / 8);
    let closing = |left: usize| {
        let place = link.as_ref().map(|link| format!("; {link} has all"));
        format!(
            "{left} more benchmarks are left out here, none of them worse{}\n\n{}\n\n",
            place.unwrap_or_default(),
            cells::totals(comparison)
        )
    };
    let (improved, others) = cells::split(comparison);
    let tables = 2 * length(&head()) + length(IMPROVEMENTS) + 2;
    let mut room = most.saturating_sub(length(&report) + length(&closing(usize::MAX)) + tables);
    // What says where the numbers come from may take a quarter of it.
    let mut small = String::new();
    for piece in warnings(comparison).chain(sides(comparison)) {
        if length(&small) + length(&piece) <= room / 4 {
            small.push_str(&piece);
        }
    }
    room -= length(&small);
    let mut left = comparison.rows.len();
    'tables: for (heading, rows) in [("", others), (IMPROVEMENTS, improved)] {
        for (index, row) in rows.into_iter().enumerate() {
            let line = line(row, SHORT_CELL);
            let Some(rest) = room.checked_sub(length(&line)) else {
                break 'tables;
            };
            if index == 0 {
                report.push_str(heading);
                report.push_str(&head());
            }
            report.push_str(&line);
            (room, left) = (rest, left - 1);
        }
        report.push('\n');
    }
    if !report.ends_with("\n\n") {
        report.push('\n');
    }
    report + &closing(left) + &small
}

const IMPROVEMENTS: &str = "### Improvements\n\n";

fn warnings(comparison: &Comparison) -> impl Iterator<Item = String> {
    let warnings = comparison.warnings.iter();
    warnings.map(|warning| format!("> warning: {}\n\n", escape(warning)))
}

/// Where both sides come from.
fn sides(comparison: &Comparison) -> impl Iterator<Item = String> {
    let sides = [
        ("baseline", &comparison.baseline),
        ("current", &comparison.current),
    ];
    sides.into_iter().filter_map(|(name, side)| {
        let origin = cells::origin(side.as_ref()?);
        Some(format!("- {name}: {}\n", escape(&origin)))
    })
}

/// The head of a table.
fn head() -> String {
    let rules = (0..COLUMNS.len()).map(|index| match NUMBERS.contains(&index) {
        true => "---:",
        false => "---",
    });
    let rules: Vec<&str> = rules.collect();
    format!("| {} |\n| {} |\n", COLUMNS.join(" | "), rules.join(" | "))
}

/// A row of a table, each cell of at most `most` characters and a mark where some are left out.
fn line(row: &Row, most: usize) -> String {
    let mut cells = cells::cells(row).map(|cell| escape(&cut(&cell, most)));
    cells[0] = format!("<code>{}</code>", cells[0]);
    format!("| {} |\n", cells.join(" | "))
}

/// The first characters of a text, and a mark where that is not all.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// As much of a text as has at most `most` characters when it is escaped.
fn fitting(text: &str, most: usize) -> String {
    let mut characters = text.chars().count();
    loop {
        let escaped = escape(&cut(text, characters));
        if length(&escaped) <= most || characters == 0 {
            return escaped;
        }
        characters = characters * 3 / 4;
    }
}

/// A link where it is a URL, else the path as code.
fn link_to(place: &str) -> String {
    if !place.starts_with("https://") && !place.starts_with("http://") {
        return format!("<code>{}</code>", escape(place));
    }
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte);
    let url = place.bytes().fold(String::new(), |url, byte| {
        if harmless(byte) {
            url + char::from(byte).encode_utf8(&mut [0; 4])
        } else {
            url + &format!("%{byte:02X}")
        }
    });
    format!("[the whole report]({url})")
}

fn length(text: &str) -> usize {
    text.chars().count()
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
