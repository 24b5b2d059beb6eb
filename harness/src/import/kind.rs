//! Which tool wrote a file, by the fields of its outermost object.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

/// What a file of another tool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    CriterionSample,
    CriterionEstimates,
    GoogleBenchmark,
    Hyperfine,
    PytestBenchmark,
}

impl Kind {
    /// The tool, as its users write it.
    pub(super) fn tool(self) -> &'static str {
        match self {
            Kind::CriterionSample | Kind::CriterionEstimates => "Criterion",
            Kind::GoogleBenchmark => "Google Benchmark",
            Kind::Hyperfine => "hyperfine",
            Kind::PytestBenchmark => "pytest-benchmark",
        }
    }

    /// The kind that a field gives away.
    fn of(key: &str) -> Option<Kind> {
        Some(match key {
            "iters" | "times" | "sampling_mode" => Kind::CriterionSample,
            "mean" | "median" | "median_abs_dev" | "slope" | "std_dev" => Kind::CriterionEstimates,
            "context" => Kind::GoogleBenchmark,
            "results" => Kind::Hyperfine,
            "commit_info" | "machine_info" => Kind::PytestBenchmark,
            _ => return None,
        })
    }
}

/// What a text is; `None` where it is a record, or nothing says what it is.
///
/// Reading stops at the first field that tells, which in a record is the first of all.
pub(super) fn of(text: &[u8]) -> Option<Kind> {
    struct Fields<'a>(&'a mut Option<Kind>);

    impl<'de> Visitor<'de> for Fields<'_> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                *self.0 = Kind::of(&key);
                let ours = ["environment", "timestamp", "metadata"].contains(&key.as_str());
                if self.0.is_some() || ours {
                    break;
                }
                if key != "version" {
                    map.next_value::<IgnoredAny>()?;
                } else if is_ours(&map.next_value::<serde_json::Value>()?) {
                    break;
                }
            }
            Ok(())
        }
    }

    let mut kind = None;
    // What stops it is a field that tells, or an error that the reader of a record finds again and names.
    let _ = serde_json::Deserializer::from_slice(text).deserialize_map(Fields(&mut kind));
    kind
}

/// Whether a version is one of a record: other tools write theirs too.
fn is_ours(version: &serde_json::Value) -> bool {
    let version = version.as_str().unwrap_or_default();
    version.starts_with("1.") || version.starts_with("2.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_tells() {
        let table = [
            (r#"{"version": "2.0.0", "context": 1}"#, None),
            (r#"{"benchmarks": [], "version": "1.0.0"}"#, None),
            (
                r#"{"benchmarks": [], "environment": {}, "context": {}}"#,
                None,
            ),
            (
                r#"{"context": {"a": [1, {}]}, "benchmarks": []}"#,
                Some(Kind::GoogleBenchmark),
            ),
            (
                r#"{"benchmarks": [], "context": {}}"#,
                Some(Kind::GoogleBenchmark),
            ),
            (
                r#"{"benchmarks": [], "commit_info": {}}"#,
                Some(Kind::PytestBenchmark),
            ),
            (
                r#"{"version": "4.0.0", "machine_info": {}}"#,
                Some(Kind::PytestBenchmark),
            ),
            (r#"{"results": []}"#, Some(Kind::Hyperfine)),
            (r#"{"sampling_mode": "Flat"}"#, Some(Kind::CriterionSample)),
            (r#"{"times": [1"#, Some(Kind::CriterionSample)),
            (r#"{"mean": {}}"#, Some(Kind::CriterionEstimates)),
            (r#"{"group_id": ""}"#, None),
            ("", None),
            ("[]", None),
            (r#"{"version": {"context": 1}, "other": 2}"#, None),
            (r#"{"benchmarks": NaN, "context": 1}"#, None),
        ];
        for (text, expected) in table {
            assert_eq!(of(text.as_bytes()), expected, "{text}");
        }
    }
}
