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
#[macro_export]
macro_rules! main {
    ($suites:path) => {
        fn main() -> ::std::process::ExitCode {
            $crate::cli::main(Some($suites))
        }
    };
}
