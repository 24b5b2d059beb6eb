//! JUnit XML: a test case for each benchmark, so that any CI system lists what failed.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::cells;
use crate::compare::{Comparison, Row, Verdict};
use crate::text::visible;

/// The comparison as one suite of tests: what fails the gate is a failure, what could not be judged an error.
pub(super) fn write(comparison: &Comparison) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let outcomes: Vec<Outcome> = comparison.rows.iter().map(Outcome::of).collect();
    let count = |wanted: Outcome| {
        outcomes
            .iter()
            .filter(|outcome| **outcome == wanted)
            .count()
    };
    let numbers = [
        ("name", "benchmarks".to_owned()),
        ("tests", outcomes.len().to_string()),
        ("failures", count(Outcome::Failure).to_string()),
        ("errors", count(Outcome::Error).to_string()),
        ("skipped", count(Outcome::Skipped).to_string()),
    ];
    let numbers = numbers
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| {
            let suite = writer.create_element("testsuite").with_attributes(numbers);
            suite.write_inner_content(|writer| {
                comparison
                    .rows
                    .iter()
                    .zip(&outcomes)
                    .try_for_each(|(row, outcome)| case(writer, row, *outcome))
            })?;
            Ok(())
        });
    written.expect("memory does not refuse");
    String::from_utf8(writer.into_inner()).expect("XML is text") + "\n"
}

/// What a row is to a CI system.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Passed,
    Failure,
    Error,
    Skipped,
}

impl Outcome {
    fn of(row: &Row) -> Outcome {
        match row.verdict {
            Verdict::Regressed if row.severity.is_some() => Outcome::Failure,
            Verdict::Missing => Outcome::Failure,
            Verdict::Invalid | Verdict::Inconclusive => Outcome::Error,
            Verdict::NotRequested => Outcome::Skipped,
            _ => Outcome::Passed,
        }
    }

    fn element(self) -> Option<&'static str> {
        match self {
            Outcome::Passed => None,
            Outcome::Failure => Some("failure"),
            Outcome::Error => Some("error"),
            Outcome::Skipped => Some("skipped"),
        }
    }
}

fn case(writer: &mut Writer<Vec<u8>>, row: &Row, outcome: Outcome) -> std::io::Result<()> {
    // A decimal: the format's schemas know no exponent.
    let seconds = (row.current_ms.unwrap_or(0.0) / 1e3).to_string();
    let (name, suite) = (visible(&row.name), visible(&row.suite));
    let attributes = [
        ("name", name.as_ref()),
        ("classname", suite.as_ref()),
        ("time", seconds.as_str()),
    ];
    let case = writer
        .create_element("testcase")
        .with_attributes(attributes);
    let Some(element) = outcome.element() else {
        case.write_empty()?;
        return Ok(());
    };
    let text = cells::cells(row)[1..].join("  ");
    let text = visible(&text);
    case.write_inner_content(|writer| {
        let message = [("message", text.trim())];
        writer
            .create_element(element)
            .with_attributes(message)
            .write_text_content(BytesText::new(""))?;
        Ok(())
    })?;
    Ok(())
}
