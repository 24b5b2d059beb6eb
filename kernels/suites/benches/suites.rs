//! `cargo bench -p suites`: the whole command line of `bench`, over these suites.

harness::main!(suites::suites);
