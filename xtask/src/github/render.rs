//! A comparison as Markdown and as annotations. What it says may come from a fork's code, so nothing of it is taken as text
//! but what is known to be harmless.

use std::fmt::Write as _;

use serde_json::Value;

/// Verdicts in the order of the table: what needs to be looked at first.
const VERDICTS: [&str; 8] = [
    "regressed",
    "missing",
    "invalid",
    "inconclusive",
    "improved",
    "new",
    "unchanged",
    "not requested",
];

/// One row, of which only plain characters and finite numbers are left.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    verdict: &'static str,
    severity: &'static str,
    percent: Option<f64>,
    interval: Option<[f64; 2]>,
}

/// One suite's comparison.
#[derive(Debug)]
pub(super) struct Comparison {
    pub(super) suite: String,
    gate: &'static str,
    reason: String,
    rows: Vec<Row>,
}

impl Comparison {
    /// From the JSON of `compare`; a job that left none has failed.
    pub(super) fn new(suite: &str, json: &Value) -> Comparison {
        let rows = json["rows"].as_array().into_iter().flatten();
        let mut rows: Vec<Row> = rows.map(Row::new).collect();
        let rank = |row: &Row| VERDICTS.iter().position(|verdict| *verdict == row.verdict);
        rows.sort_by(|a, b| {
            let percent = |row: &Row| row.percent.unwrap_or(0.0);
            rank(a)
                .cmp(&rank(b))
                .then(percent(b).total_cmp(&percent(a)))
        });
        Comparison {
            suite: plain(suite),
            gate: known(json["gate"].as_str(), &["pass", "fail", "cannot_judge"]),
            reason: plain_reason(json["reason"].as_str().unwrap_or_default()),
            rows,
        }
    }

    /// Lines for GitHub's log, which shows them beside the change.
    pub(super) fn annotations(&self) -> String {
        let unjudged = match self.gate {
            "pass" | "fail" => String::new(),
            _ => {
                let colon = if self.reason.is_empty() { "" } else { ": " };
                let reason = self.reason.replace('%', "%25");
                let (suite, outcome) = (&self.suite, self.outcome().replace('*', ""));
                format!("::error title={suite}::{outcome}{colon}{reason}\n")
            }
        };
        self.rows.iter().fold(unjudged, |mut text, row| {
            let level = match row.verdict {
                "regressed" if !row.severity.is_empty() => "error",
                "missing" | "invalid" => "error",
                "regressed" | "inconclusive" => "warning",
                _ => return text,
            };
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "::{level} title={} {}::{} {}",
                self.suite,
                row.verdict,
                row.name,
                row.change()
            );
            text
        })
    }

    fn heading(&self) -> String {
        let reason = match (self.gate, self.reason.as_str()) {
            ("cannot_judge", reason) if !reason.is_empty() => format!("`{reason}`\n\n"),
            _ => String::new(),
        };
        format!("### {}: {}\n\n{reason}", self.suite, self.outcome())
    }

    /// The rows in at most `limit` characters, those of benchmarks that are as they were folded up; and how many are left out.
    fn tables(&self, limit: usize) -> (String, usize) {
        const HEAD: &str =
            "| benchmark | change | interval | verdict |\n| --- | --- | --- | --- |\n";
        let quiet = |row: &Row| ["unchanged", "not requested"].contains(&row.verdict);
        let first = self.rows.iter().position(quiet);
        let (loud, quiet) = self.rows.split_at(first.unwrap_or(self.rows.len()));
        let summary = format!(
            "<details><summary>{} as they were</summary>\n\n",
            quiet.len()
        );
        let (mut text, mut left) = (String::new(), self.rows.len());
        for (rows, opening, closing) in [(loud, "", "\n"), (quiet, &summary, "\n</details>\n\n")] {
            let mut table = format!("{opening}{HEAD}");
            let mut room = limit.saturating_sub(length(&text) + length(&table) + length(closing));
            let lines = rows.iter().map(Row::markdown).map_while(|line| {
                room = room.checked_sub(length(&line))?;
                Some(line)
            });
            let lines: Vec<String> = lines.collect();
            left -= lines.len();
            if !lines.is_empty() {
                table.extend(lines.iter().map(String::as_str));
                text += &(table + closing);
            }
            if lines.len() < rows.len() {
                break;
            }
        }
        (text, left)
    }

    fn outcome(&self) -> &'static str {
        match self.gate {
            "pass" => "the gate passes",
            "fail" => "the gate **fails**",
            "cannot_judge" => "the gate **could not judge**",
            _ => "**failed** before it could be judged",
        }
    }
}

impl Row {
    fn new(json: &Value) -> Row {
        let finite = |value: &Value| value.as_f64().filter(|number| number.is_finite());
        let percent = |ratio: f64| 100.0 * (ratio - 1.0);
        let ends = [finite(&json["interval"][0]), finite(&json["interval"][1])];
        Row {
            name: plain(json["name"].as_str().unwrap_or("?")),
            verdict: known(json["verdict"].as_str(), &VERDICTS),
            severity: known(
                json["severity"].as_str(),
                &["minor", "moderate", "severe", ""],
            ),
            percent: finite(&json["ratio"]).map(percent),
            interval: ends[0]
                .zip(ends[1])
                .map(|(low, high)| [percent(low), percent(high)]),
        }
    }

    fn change(&self) -> String {
        self.percent
            .map_or("–".into(), |percent| format!("{percent:+.2} %"))
    }

    fn markdown(&self) -> String {
        let interval = self.interval.map_or(String::new(), |[low, high]| {
            format!("{low:+.2} to {high:+.2} %")
        });
        format!(
            "| `{}` | {} | {interval} | {} {} |\n",
            self.name,
            self.change(),
            self.verdict,
            self.severity
        )
    }
}

/// All comparisons in at most `limit` characters; rows that do not fit are counted, with a link to where all are.
pub(super) fn markdown(comparisons: &[Comparison], link: &str, limit: usize) -> String {
    // What follows a suite's rows, at the longest.
    let tail =
        |left: usize| format!("{left} more rows are in the artifacts of [this run]({link}).\n\n");
    let headings: Vec<String> = comparisons.iter().map(Comparison::heading).collect();
    let fixed = |heading: &String| length(heading) + length(&tail(usize::MAX));
    let mut room = limit.saturating_sub(headings.iter().map(fixed).sum());
    let mut text = String::new();
    for (index, (comparison, heading)) in comparisons.iter().zip(&headings).enumerate() {
        text += heading;
        // What one suite does not need is for the others.
        let share = room / (comparisons.len() - index);
        let (tables, left) = comparison.tables(share);
        room -= length(&tables);
        text += &tables;
        if left > 0 {
            text += &tail(left);
        }
    }
    text
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The one of `words` that `text` is; the last of them, or nothing known, where it is none.
fn known(text: Option<&str>, words: &[&'static str]) -> &'static str {
    let found = words.iter().find(|word| Some(**word) == text);
    found.copied().unwrap_or("")
}

/// At most 300 characters of which every one is harmless as code in Markdown, and where `%` is escaped in workflow commands.
fn plain_reason(reason: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_-./,:;()'+=% ".contains(c);
    let characters = reason.trim().chars().take(300);
    characters
        .map(|c| if harmless(c) { c } else { '?' })
        .collect()
}

/// At most 80 characters of which every one is harmless in Markdown, HTML and workflow commands.
fn plain(name: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_-./ ".contains(c);
    name.chars()
        .take(80)
        .map(|c| if harmless(c) { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(name: &str, verdict: &str, severity: Option<&str>, ratio: f64) -> Value {
        json!({ "name": name, "verdict": verdict, "severity": severity, "ratio": ratio, "interval": [ratio - 0.01, ratio + 0.01] })
    }

    #[test]
    fn the_worst_comes_first_and_is_annotated() {
        let rows = [
            row("same", "unchanged", None, 1.0),
            row("slow", "regressed", Some("minor"), 1.15),
            row("slower", "regressed", Some("severe"), 1.9),
            row("a little", "regressed", None, 1.02),
        ];
        let comparison = Comparison::new("tensor-ops", &json!({ "gate": "fail", "rows": rows }));
        let text = markdown(&[comparison], "https://example.org", 10_000);
        let folded =
            "| regressed  |\n\n<details><summary>1 as they were</summary>\n\n| benchmark |";
        assert!(
            text.contains(folded) && text.ends_with("\n</details>\n\n"),
            "{text}"
        );
        let places: Vec<_> = ["slower", "`slow`", "a little", "same"]
            .map(|name| text.find(name))
            .to_vec();
        assert!(places.is_sorted() && places[0].is_some(), "{text}");
        assert!(
            text.starts_with("### tensor-ops: the gate **fails**"),
            "{text}"
        );
        assert!(
            text.contains("| `slow` | +15.00 % | +14.00 to +16.00 % | regressed minor |"),
            "{text}"
        );
        let comparison = Comparison::new("tensor-ops", &json!({ "gate": "fail", "rows": rows }));
        assert_eq!(
            comparison.annotations(),
            "::error title=tensor-ops regressed::slower +90.00 %\n\
             ::error title=tensor-ops regressed::slow +15.00 %\n\
             ::warning title=tensor-ops regressed::a little +2.00 %\n"
        );
    }

    #[test]
    fn hostile_words_are_inert() {
        for name in [
            "<img src=x>",
            "@everyone",
            "a|b",
            "`code`",
            "[link](https://evil)",
            "a\n::error::x",
            "\u{202e}x",
            "%0A::error",
        ] {
            let rows = [
                json!({ "name": name, "verdict": name, "severity": name, "ratio": name, "interval": name }),
            ];
            let comparison =
                Comparison::new(name, &json!({ "gate": name, "rows": rows, "reason": name }));
            let told = comparison.annotations();
            assert_eq!(told.lines().count(), 1, "{name}: {told}");
            assert!(!told.contains("%0A"), "{name}: {told}");
            let text = markdown(&[comparison], "", 10_000);
            let inside = text.replace("this run]()", "");
            assert!(
                !["<", "@", "](", "\u{202e}", "%0A"]
                    .iter()
                    .any(|bad| inside.contains(bad)),
                "{name}: {text}"
            );
            assert_eq!(text.lines().count(), 6, "{name}: {text}");
        }
    }

    #[test]
    fn a_comparison_without_an_answer_says_why() {
        let table = [
            (
                json!([1, 2]),
                "### x: **failed** before it could be judged\n\n",
                "::error title=x::failed before it could be judged\n",
            ),
            (
                json!({ "gate": "cannot_judge", "reason": "cargo `failed`: 5 %\n@you", "rows": [] }),
                "### x: the gate **could not judge**\n\n`cargo ?failed?: 5 %??you`\n\n",
                "::error title=x::the gate could not judge: cargo ?failed?: 5 %25??you\n",
            ),
            (
                json!({ "gate": "pass", "reason": "all is well", "rows": [] }),
                "### x: the gate passes\n\n",
                "",
            ),
        ];
        for (json, text, annotations) in table {
            let comparison = Comparison::new("x", &json);
            assert_eq!(comparison.annotations(), annotations, "{json}");
            assert_eq!(markdown(&[comparison], "", 10_000), text, "{json}");
        }
    }

    #[test]
    fn five_thousand_rows_fit() {
        let rows: Vec<Value> = (0..5000)
            .map(|i| row(&format!("benchmark number {i}"), "unchanged", None, 1.0))
            .chain([row("the one", "regressed", Some("minor"), 1.2)])
            .collect();
        let json = json!({ "gate": "fail", "rows": rows });
        for limit in [65_000, 1 << 20, 2_000] {
            let comparisons = ["tensor-ops", "model-training", "data-loading"]
                .map(|suite| Comparison::new(suite, &json));
            let text = markdown(&comparisons, "https://example.org/run", limit);
            assert!(
                text.chars().count() <= limit,
                "{limit}: {}",
                text.chars().count()
            );
            assert!(text.contains("the one"), "{limit}");
            assert!(
                limit > 1_000_000 || text.contains("more rows are in the artifacts"),
                "{limit}"
            );
            assert!(text.contains("data-loading"), "{limit}");
        }
    }
}
