//! `cargo bench`.

#[path = "../examples/suites.rs"]
mod suites;

harness::main!(suites::suites);
