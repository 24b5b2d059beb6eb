//! The program `bench`: measures the suites of shared objects and judges the difference.

fn main() -> std::process::ExitCode {
    harness::cli::main(None)
}
