//! Results of other tools are refused, or become a record.
#![no_main]

use std::path::Path;

use harness::import;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // A folder that is not there: Criterion's files have neighbours.
    let path = Path::new("/nowhere/at/all/fuzzed.json");
    if let Err(error) = import::parse(bytes, path) {
        assert!(error.to_string().contains("nowhere"), "{error}");
    }
});
