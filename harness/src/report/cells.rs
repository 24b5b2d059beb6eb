//! What the tables of every format say of a row, as plain text that has yet to be escaped.

use crate::compare::{Comparison, Outcome, Row, Side, Verdict};
use crate::text::units;

/// The columns of a table of rows. All but the first and the last two are numbers.
pub(super) const COLUMNS: [&str; 8] = [
    "benchmark",
    "baseline",
    "current",
    "change",
    "interval",
    "detects",
    "verdict",
    "notes",
];

/// Which columns hold numbers.
pub(super) const NUMBERS: std::ops::Range<usize> = 1..6;

/// The cells of a row, one for each of [`COLUMNS`].
pub(super) fn cells(row: &Row) -> [String; 8] {
    let time = |ms: Option<f64>| ms.map(units::duration).unwrap_or_default();
    let interval = row.interval.map(|interval| {
        let [low, high] = [interval.low, interval.high].map(units::change);
        format!("{} to {high}", low.trim_end_matches(" %"))
    });
    let detects = row
        .detectable_percent
        .map(|percent| units::percent(percent).replace('+', ""));
    [
        row.name.clone(),
        time(row.baseline_ms),
        time(row.current_ms),
        row.ratio.map(units::change).unwrap_or_default(),
        interval.unwrap_or_default(),
        detects.unwrap_or_default(),
        verdict(row),
        notes(row),
    ]
}

fn verdict(row: &Row) -> String {
    match row.severity {
        Some(severity) => format!("{}, {}", row.verdict.word(), severity.word()),
        None => row.verdict.word().to_owned(),
    }
}

fn notes(row: &Row) -> String {
    let measured = row.pairs.zip(row.seconds);
    let measured = measured.map(|(pairs, seconds)| format!("{pairs} pairs in {seconds:.1} s"));
    let notes = row.notes.iter().cloned();
    notes
        .chain(measured)
        .chain(row.stopped.clone())
        .collect::<Vec<_>>()
        .join("; ")
}

/// How much a row needs a look, in the words of SARIF and of workflow commands; nothing where all is well.
pub(super) fn level(row: &Row) -> Option<&'static str> {
    match row.verdict {
        Verdict::Regressed if row.severity.is_some() => Some("error"),
        Verdict::Missing | Verdict::Invalid => Some("error"),
        Verdict::Regressed | Verdict::Inconclusive => Some("warning"),
        _ => None,
    }
}

/// How many rows have which verdict: `1 regressed, 7 unchanged`.
pub(super) fn totals(comparison: &Comparison) -> String {
    let counts = Verdict::ALL
        .into_iter()
        .filter_map(|verdict| match comparison.count(verdict) {
            0 => None,
            count => Some(format!("{count} {}", verdict.word())),
        });
    counts.collect::<Vec<_>>().join(", ")
}

/// The answer in a line.
pub(super) fn answer(comparison: &Comparison) -> String {
    format!(
        "{}: {}",
        comparison.gate.outcome.word(),
        comparison.gate.reason
    )
}

/// Where a side comes from: file, time, commit and host, as far as they are known.
pub(super) fn origin(side: &Side) -> String {
    let commit = side
        .git_commit
        .as_deref()
        .map(|commit| format!("commit {}", head(commit, 12)));
    let host = Some(&side.host).filter(|host| !host.is_empty());
    let parts = [
        Some(side.file.clone()).filter(|file| !file.is_empty()),
        side.timestamp.map(|timestamp| format!("{timestamp:.0}")),
        commit,
        host.map(|host| format!("host {host}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The first characters of a word.
fn head(word: &str, most: usize) -> String {
    word.chars().take(most).collect()
}

/// The remedy in a line, where there is one.
pub(super) fn remedy(comparison: &Comparison) -> Option<String> {
    let purpose = match comparison.gate.outcome {
        Outcome::CannotJudge => "to record a baseline for this host",
        _ => "next",
    };
    comparison
        .remedy
        .as_ref()
        .map(|command| format!("{purpose}: {command}"))
}

/// Rows that improved, and all others, the worst first: so a reader sees what matters, and what has no room matters least.
pub(super) fn split(comparison: &Comparison) -> (Vec<&Row>, Vec<&Row>) {
    let mut rows: Vec<&Row> = comparison.rows.iter().collect();
    // A stable sort: what is equally bad stays in the order of the suites.
    rows.sort_by(|a, b| {
        let ratio = |row: &Row| {
            row.ratio
                .filter(|_| is_ordered_by_ratio(row))
                .unwrap_or(1.0)
        };
        let severity = b.severity.cmp(&a.severity);
        let verdict = rank(a.verdict).cmp(&rank(b.verdict));
        verdict.then(severity).then(ratio(b).total_cmp(&ratio(a)))
    });
    rows.into_iter()
        .partition(|row| row.verdict == Verdict::Improved)
}

fn is_ordered_by_ratio(row: &Row) -> bool {
    use Verdict::{Improved, Inconclusive, Regressed};
    matches!(row.verdict, Regressed | Inconclusive | Improved)
}

/// The place of a verdict in a table: what needs a look comes first.
fn rank(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Regressed => 0,
        Verdict::Missing => 1,
        Verdict::Invalid => 2,
        Verdict::Inconclusive => 3,
        Verdict::Improved => 4,
        Verdict::Unchanged => 5,
        Verdict::New => 6,
        Verdict::NotRequested => 7,
    }
}
