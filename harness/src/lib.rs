//! How benchmarks on buffers are measured, recorded, compared and judged.
//!
//! The words, used alike in code, records, help and docs:
//!
//! | word | meaning |
//! | --- | --- |
//! | suite | a named group of benchmarks |
//! | benchmark | one measured operation on one input, known by its name |
//! | iteration | one execution of the benchmark's work |
//! | sample | the time of a batch of iterations, in ns per iteration |
//! | process | one launch of the benchmark executable; samples are grouped by it |
//! | summary | numbers derived from samples; never stored without them |
//! | baseline, candidate | the older and the newer side of a comparison |
//! | ratio | candidate time over baseline time; above 1 is slower |
//! | interval | the confidence interval of a ratio |
//! | verdict | improved, unchanged, regressed, inconclusive, new, missing, invalid |
//! | gate | the rule that turns verdicts into an exit code |
//! | implementation | one way to compute an operation |
//!
//! Most people want the program: [`main!`] is `bench` for a crate's own suites. As a library it judges records, whoever measured:
//!
//! ```
//! use std::path::Path;
//!
//! use harness::compare::{Options, Outcome, Policy, Verdict, stored};
//! use harness::record::parse;
//!
//! let record = |ms: f64| {
//!     let text = format!(r#"{{ "version": "1.0", "benchmarks": [{{ "name": "add", "duration_ms": {ms} }}] }}"#);
//!     parse(text.as_bytes(), Path::new("record.json"))
//! };
//! let options = Options {
//!     policy: Policy { threshold_percent: 10.0, allow_missing: false },
//!     allow_host_mismatch: false,
//! };
//! let comparison = stored(&record(2.0)?, &record(2.5)?, &options);
//! assert_eq!(comparison.rows[0].verdict, Verdict::Regressed);
//! assert_eq!(comparison.rows[0].ratio, Some(1.25));
//! assert_eq!(comparison.gate.outcome, Outcome::Fail);
//! # Ok::<(), harness::record::Error>(())
//! ```

pub mod affinity;
pub mod buffers;
pub mod child;
pub mod clock;
pub mod compare;
pub mod history;
pub mod home;
pub mod host;
pub mod import;
pub mod library;
pub mod measure;
pub mod paired;
pub mod probe;
pub mod random;
pub mod record;
pub mod report;
pub mod roofline;
pub mod scaling;
pub mod selection;
pub mod stats;
pub mod text;

pub mod cli;

/// Gives a `[[bench]] harness = false` target the whole command line of `bench`, over the suites of `fn() -> Vec<abi::Suite>`.
///
/// ```no_run
/// use abi::{Benchmark, DType, Suite};
///
/// fn suites() -> Vec<Suite> {
///     let sleep = Benchmark::new(
///         "sleep",
///         DType::F32,
///         |call| {
///             for _ in 0..call.iterations() {
///                 std::thread::sleep(std::time::Duration::from_millis(1));
///             }
///             Ok(())
///         },
///         |_| Ok(()),
///     );
///     vec![Suite::new("example", "One benchmark", vec![sleep])]
/// }
/// harness::main!(suites);
/// ```
#[macro_export]
macro_rules! main {
    ($suites:path) => {
        fn main() -> ::std::process::ExitCode {
            $crate::cli::main(Some($suites))
        }
    };
}
