//! A record is refused, or it is what is read back after it was written.
#![no_main]

use std::path::Path;

use harness::record;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = Path::new("fuzzed.json");
    match record::parse(bytes, path) {
        Err(error) => assert!(error.to_string().contains("fuzzed.json"), "{error}"),
        Ok(record) if record.is_legacy() => {}
        Ok(record) => {
            let again = record::parse(record::to_json(&record).as_bytes(), path);
            assert_eq!(again.unwrap(), record);
        }
    }
});
