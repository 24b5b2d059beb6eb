//! Whatever the index of the history holds, the history is read, and the record that is there is in it.
#![no_main]

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::SystemTime;

use harness::history;

const RECORD: &str = r#"{"version":"1.0","timestamp":"2026-01-01T00:00:00Z","environment":{},"benchmarks":[{"name":"a","duration_ms":1.0}],"metadata":{}}"#;

/// A folder with one record, whose size and time a hostile index can know.
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    std::env::set_current_dir(folder.path()).unwrap();
    fs::write("a.json", RECORD).unwrap();
    let file = File::options().write(true).open("a.json").unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    folder
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    LazyLock::force(&FOLDER);
    fs::write(".history.json", bytes).unwrap();
    let sessions = history::read(&[PathBuf::from(".")]).sessions;
    assert!(sessions.len() <= 1, "one file, {} sessions", sessions.len());
    let series = history::series(&sessions);
    assert!(sessions.len() == 1 || series.is_empty());
});
