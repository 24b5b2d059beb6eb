//! Other people's kernels behind the same door as this project's: a shared object of benchmarks, one suite a candidate.
//!
//! Which operations and shapes there are is read from the environment ([`request`]), for a caller chooses them. Every
//! benchmark is this project's own ([`suites::tensor_ops`]), buffers, work, reference and tolerance included, with the
//! candidate's function in place of this project's ([`peer`]). A library that this machine lacks is a benchmark that fails
//! and says so.
//!
//! The program `peers` loads the shared object, and any other that is named, and measures all in turn (`src/run/`).

mod candidates;
pub mod peer;
pub mod request;

use request::Request;

/// A suite for each candidate, with a benchmark for each case of the request that it has a function for.
fn suites() -> Vec<abi::Suite> {
    let request = Request::from_environment();
    candidates::suites(&request)
}

abi::export!(suites);
