//! From what processes measured to rows, and their printing.

use peers::request::{Op, Request};
use serde::Serialize;

use super::candidate::CEILING;
use super::{Failure, Measured};

/// This project among the candidates; others of its kernels have names that begin so.
pub const OWN: &str = "kernels";

/// One candidate on one case.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    op: &'static str,
    shape: Vec<usize>,
    dtype: &'static str,
    threads: usize,
    candidate: String,
    /// Over processes, of the median over rounds; none where it was not measured.
    median_ns: Option<f64>,
    /// GFLOP/s of a product, GB/s of all else.
    rate: Option<f64>,
    rate_unit: &'static str,
    /// In the same unit, measured in the same run.
    ceiling: Option<f64>,
    percent_of_ceiling: Option<f64>,
    /// Time over that of the fastest candidate that is not this project's.
    ratio_to_best_peer: Option<f64>,
    /// Why it was not measured.
    note: Option<String>,
    #[serde(skip)]
    wrong: bool,
}

impl Row {
    /// Whether it is a row of `candidate`.
    pub fn is_of(&self, candidate: &str) -> bool {
        self.candidate == candidate
    }

    /// Whether its result was not that of the reference.
    pub fn wrong(&self) -> bool {
        self.wrong
    }
}

/// A row for each case and candidate, fastest first in each case.
pub fn rows(request: &Request, measured: &[Measured]) -> Vec<Row> {
    (0..request.cases.len())
        .flat_map(|case| rows_of(request, measured, case))
        .collect()
}

fn rows_of(request: &Request, measured: &[Measured], index: usize) -> Vec<Row> {
    let case = &request.cases[index];
    let unit = if case.op.is_product() {
        "GFLOP/s"
    } else {
        "GB/s"
    };
    let mut names: Vec<&str> = Vec::new();
    for one in measured.iter().filter(|one| one.case == index) {
        if !names.contains(&one.candidate.as_str()) {
            names.push(&one.candidate);
        }
    }
    let mut rows = Vec::new();
    let mut ceiling = None;
    for name in names {
        let launches: Vec<&Measured> = measured
            .iter()
            .filter(|one| one.case == index && one.candidate == name)
            .collect();
        let median_ns = median_over_processes(&launches);
        let work = if case.op.is_product() {
            launches[0].flops
        } else {
            launches[0].bytes
        };
        let rate = median_ns.map(|ns| work as f64 / ns);
        if name.starts_with(CEILING) {
            ceiling = [rate, ceiling].into_iter().flatten().max_by(f64::total_cmp);
            continue;
        }
        let failure = launches.iter().find_map(|one| one.failure.as_ref());
        rows.push(Row {
            op: case.op.name(),
            shape: case.shape.clone(),
            dtype: case.dtype.name(),
            threads: request.threads,
            candidate: name.to_owned(),
            median_ns: if failure.is_none() { median_ns } else { None },
            rate: if failure.is_none() { rate } else { None },
            rate_unit: unit,
            ceiling: None,
            percent_of_ceiling: None,
            ratio_to_best_peer: None,
            note: failure.map(|failure| match failure {
                Failure::Absent(why) | Failure::Wrong(why) => why.clone(),
            }),
            wrong: matches!(failure, Some(Failure::Wrong(_))),
        });
    }
    let best_peer = rows
        .iter()
        .filter(|row| !row.candidate.starts_with(OWN))
        .filter_map(|row| row.median_ns)
        .min_by(f64::total_cmp);
    for row in &mut rows {
        row.ceiling = ceiling;
        row.percent_of_ceiling = row
            .rate
            .zip(ceiling)
            .map(|(rate, ceiling)| 100.0 * rate / ceiling);
        row.ratio_to_best_peer = row.median_ns.zip(best_peer).map(|(own, best)| own / best);
    }
    let order = |row: &Row| row.median_ns.unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| order(a).total_cmp(&order(b)));
    rows
}

/// The median over processes of the median of each; none where nobody measured.
fn median_over_processes(launches: &[&Measured]) -> Option<f64> {
    let medians = launches
        .iter()
        .filter_map(|launch| median(&launch.samples_ns))
        .collect::<Vec<_>>();
    median(&medians)
}

/// The middle value, or the mean of the two in the middle; none of nothing.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len() % 2 == 1 {
        upper
    } else {
        (sorted[middle - 1] + upper) / 2.0
    })
}

/// A table a case, for a terminal.
pub fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for case in cases(rows) {
        text += &format!("{}\n", title(&case[0]));
        for row in case {
            let [candidate, time, rate, percent, ratio] = cells(row);
            text += &match &row.note {
                Some(note) => format!("  {candidate:<16}{note}\n"),
                None => format!(
                    "  {candidate:<16}{time:>11}  {rate:>15}  {percent:>7} of ceiling  {ratio:>6} of best peer\n"
                ),
            };
        }
        text.push('\n');
    }
    text + &summary(rows)
}

/// A table a case, for a document.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::new();
    for case in cases(rows) {
        text += &format!("### {}\n\n", title(&case[0]));
        text += "| candidate | time | rate | of ceiling | of best peer |\n| --- | --- | --- | --- | --- |\n";
        for row in case {
            let [candidate, time, rate, percent, ratio] = cells(row);
            text += &match &row.note {
                Some(note) => format!("| {candidate} | {} | | | |\n", note.replace('|', "\\|")),
                None => format!("| {candidate} | {time} | {rate} | {percent} | {ratio} |\n"),
            };
        }
        text.push('\n');
    }
    text + &summary(rows)
}

/// Runs of rows of one case.
fn cases(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| (a.op, &a.shape, a.dtype) == (b.op, &b.shape, b.dtype))
}

fn shape(row: &Row) -> String {
    let sides: Vec<_> = row.shape.iter().map(usize::to_string).collect();
    sides.join("×")
}

fn title(row: &Row) -> String {
    let ceiling = row.ceiling.map_or(String::new(), |ceiling| {
        format!(": ceiling {ceiling:.1} {}", row.rate_unit)
    });
    let threads = if row.threads == 1 {
        "1 thread".to_owned()
    } else {
        format!("{} threads", row.threads)
    };
    format!(
        "{} {} {}, {threads}{ceiling}",
        row.op,
        shape(row),
        row.dtype
    )
}

fn cells(row: &Row) -> [String; 5] {
    let cell =
        |value: Option<f64>, print: &dyn Fn(f64) -> String| value.map_or(String::new(), print);
    [
        row.candidate.clone(),
        cell(row.median_ns, &time),
        cell(row.rate, &|rate| format!("{rate:.1} {}", row.rate_unit)),
        cell(row.percent_of_ceiling, &|percent| format!("{percent:.1} %")),
        cell(row.ratio_to_best_peer, &|ratio| format!("{ratio:.3}")),
    ]
}

fn time(ns: f64) -> String {
    match ns {
        ..1e3 => format!("{ns:.1} ns"),
        ..1e6 => format!("{:.2} µs", ns / 1e3),
        _ => format!("{:.3} ms", ns / 1e6),
    }
}

/// This project's candidates against the best peer over all cases of each operation; empty where they were not measured beside one.
fn summary(rows: &[Row]) -> String {
    let mut text = String::new();
    for op in Op::ALL {
        let mut own: Vec<(&Row, f64)> = rows
            .iter()
            .filter(|row| row.candidate.starts_with(OWN) && row.op == op.name())
            .filter_map(|row| Some((row, row.ratio_to_best_peer?)))
            .collect();
        own.sort_by(|(a, _), (b, _)| a.candidate.cmp(&b.candidate));
        for own in own.chunk_by(|(a, _), (b, _)| a.candidate == b.candidate) {
            let Some((row, worst)) = own.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
                continue;
            };
            let mean = own.iter().map(|(_, ratio)| ratio.ln()).sum::<f64>() / own.len() as f64;
            text += &format!(
                "{}: {} takes {:.3} of the best peer's time in the geometric mean of {} cases, {worst:.3} in the worst, {} {}\n",
                op.name(),
                row.candidate,
                mean.exp(),
                own.len(),
                shape(row),
                row.dtype,
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use peers::request::{Case, Type};

    use super::*;

    fn measured(candidate: &str, samples_ns: &[f64], failure: Option<Failure>) -> Measured {
        Measured {
            case: 0,
            candidate: candidate.into(),
            flops: 2_000_000,
            bytes: 240_000,
            samples_ns: samples_ns.to_vec(),
            failure,
        }
    }

    fn example() -> Vec<Row> {
        let request = Request {
            cases: vec![Case::square(Op::Matmul, Type::F64, 100)],
            threads: 1,
        };
        let absent = Some(Failure::Absent("not here".into()));
        let all = [
            measured("ceiling-avx2", &[10_000.0], None),
            measured("ceiling-avx512", &[5_000.0], None),
            measured("kernels", &[9_000.0, 10_000.0, 90_000.0], None),
            measured("kernels", &[8_000.0], None),
            measured("kernels", &[6_000.0, 9_000.0], None),
            measured("kernels-packed", &[4_000.0], None),
            measured("slow", &[40_000.0], None),
            measured("fast", &[16_000.0], None),
            measured("mkl", &[], absent),
        ];
        rows(&request, &all)
    }

    #[test]
    fn rows_are_worked_by_hand() {
        let table = [
            ("kernels-packed", Some(4_000.0), Some(125.0), Some(0.25)),
            ("kernels", Some(8_000.0), Some(62.5), Some(0.5)),
            ("fast", Some(16_000.0), Some(31.25), Some(1.0)),
            ("slow", Some(40_000.0), Some(12.5), Some(2.5)),
            ("mkl", None, None, None),
        ];
        let rows = example();
        assert_eq!(rows.len(), table.len());
        for (row, (candidate, median_ns, percent, ratio)) in rows.iter().zip(table) {
            assert_eq!(row.candidate, candidate);
            assert_eq!(row.median_ns, median_ns, "{candidate}");
            assert_eq!(row.percent_of_ceiling, percent, "{candidate}");
            assert_eq!(row.ratio_to_best_peer, ratio, "{candidate}");
            assert_eq!(row.ceiling, Some(400.0), "{candidate}");
        }
        assert_eq!(rows[4].note.as_deref(), Some("not here"));
        let line = |candidate: &str, ratio: &str| {
            format!(
                "matmul: {candidate} takes {ratio} of the best peer's time in the geometric mean of 1 cases, {ratio} in the worst, {} {}\n",
                shape(&rows[0]),
                rows[0].dtype
            )
        };
        let expected = line("kernels", "0.500") + &line("kernels-packed", "0.250");
        assert_eq!(summary(&rows), expected);
    }

    #[test]
    fn medians() {
        let table: [(&[f64], Option<f64>); 4] = [
            (&[], None),
            (&[3.0], Some(3.0)),
            (&[4.0, 1.0], Some(2.5)),
            (&[9.0, 1.0, 2.0], Some(2.0)),
        ];
        for (values, expected) in table {
            assert_eq!(median(values), expected, "{values:?}");
        }
    }

    #[test]
    fn an_absent_peer_says_so_in_every_format() {
        let rows = example();
        assert!(text(&rows).contains("mkl             not here"));
        assert!(markdown(&rows).contains("| mkl | not here |"));
        let json = serde_json::to_value(&rows).unwrap();
        assert_eq!(json[4]["median_ns"], serde_json::Value::Null);
        assert_eq!(json[1]["candidate"], "kernels");
    }
}
