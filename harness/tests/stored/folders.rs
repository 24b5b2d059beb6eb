//! Folders as people and machines make them: odd names, links in the way, and far too many files.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use harness::record::{load, write};

use crate::support::{Home, record, stderr};

const RESULT: &str = "results/2026-11-25T01-45-30.123Z_results.json";

#[test]
fn any_path_will_do() {
    let names: [&[u8]; 7] = [
        b"with space",
        b"qu'o\"te",
        b"new\nline",
        b"-dash",
        b"$HOME;*?",
        "emoji \u{1f680} \u{202e}left".as_bytes(),
        b"not \xff utf-8",
    ];
    for name in names {
        let home = Home::new();
        let folder = home.path("").join(OsStr::from_bytes(name));
        fs::create_dir_all(folder.join("results")).unwrap();
        fs::create_dir_all(folder.join("baselines")).unwrap();
        write(&record(&[("a", 1.0)]), &folder.join(RESULT)).unwrap();
        let bench = |arguments: &[&OsStr]| {
            assert_cmd::Command::new(env!("CARGO_BIN_EXE_bench"))
                .args(arguments)
                .env("BENCH_HOME", &folder)
                .current_dir("/")
                .assert()
        };
        let words = |words: &[&'static str]| -> Vec<&OsStr> {
            words.iter().map(|word| OsStr::new(*word)).collect()
        };
        bench(&words(&["baseline-update"])).code(0);
        bench(&words(&["compare"])).code(0);
        let missing = folder.join("missing.json");
        let arguments = [words(&["compare", "--current"]), vec![missing.as_os_str()]].concat();
        let error = stderr(&bench(&arguments).code(2));
        assert!(error.contains("missing.json"), "{name:?}: {error}");
    }
}

#[test]
fn a_link_in_the_way_is_replaced_and_not_followed() {
    let home = Home::new();
    let precious = home.text("precious", "not to be touched");
    let baseline = home.path("baselines/baseline_results.json");
    home.write(RESULT, &record(&[("a", 1.0)]));
    symlink(&precious, &baseline).unwrap();
    // What it leads to is no baseline; it is kept and said.
    home.bench(&["baseline-update"]).code(0);
    assert_eq!(fs::read(&precious).unwrap(), b"not to be touched");
    assert_eq!(load(&baseline).unwrap(), record(&[("a", 1.0)]));

    let output = home.path("output.md");
    symlink(&precious, &output).unwrap();
    home.bench(&["compare", "--format", "markdown", "--output", "output.md"])
        .code(0);
    assert_eq!(fs::read(&precious).unwrap(), b"not to be touched");
    assert!(fs::read_to_string(&output).unwrap().contains("unchanged"));
}

#[test]
fn the_newest_of_a_hundred_thousand_files_is_found() {
    let home = Home::new();
    for file in 0..100_000 {
        home.text(&format!("results/{file:06}.tmp"), "");
    }
    home.write(
        "results/2026-11-24T01-45-30.123Z_results.json",
        &record(&[("old", 1.0)]),
    );
    home.write(RESULT, &record(&[("a", 1.0)]));
    home.bench(&["baseline-update"]).code(0);
    let baseline = load(&home.path("baselines/baseline_results.json")).unwrap();
    assert_eq!(baseline.benchmarks[0].name, "a");
}
