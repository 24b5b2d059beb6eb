//! `cargo xtask new-suite` from outside: in a made-up workspace with one hidden suite, the skeleton builds, runs and is correct.

use std::path::Path;
use std::process::{Command, Output};

const LIST: &str = "\
//! | suite | file |
//! | --- | --- |
//! | `ceilings` | `ceilings.rs` |

mod ceilings;

/// Every suite.
pub fn suites() -> Vec<abi::Suite> {
    vec![
        ceilings::suite(),
    ]
}

abi::export!(suites);
";

const CEILINGS: &str = "\
pub(crate) fn suite() -> abi::Suite {
    abi::Suite { hidden: true, ..abi::Suite::new(\"ceilings\", \"\", Vec::new()) }
}
";

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn new_suite(root: &Path, name: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["new-suite", name])
        .env("CARGO_MANIFEST_DIR", root.join("xtask"))
        .output()
        .unwrap()
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[test]
fn a_skeleton_builds_and_runs_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (root, source) = (
        folder.path(),
        Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
    );
    std::fs::create_dir(root.join("xtask")).unwrap();
    let suites = root.join("kernels/suites");
    let manifest = format!(
        "[workspace]\n[package]\nname = \"suites\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
         [dependencies]\nabi = {{ path = {:?} }}\n",
        source.join("harness/abi")
    );
    write(&suites.join("Cargo.toml"), &manifest);
    write(&suites.join("src/lib.rs"), LIST);
    write(&suites.join("src/ceilings.rs"), CEILINGS);

    let output = new_suite(root, "image-filters");
    assert!(output.status.success(), "{output:?}");
    let sorted = std::fs::read_to_string(suites.join("src/lib.rs")).unwrap();
    assert!(
        sorted.contains("mod ceilings;\nmod image_filters;\n"),
        "{sorted}"
    );
    succeed(
        Command::new("rustfmt")
            .args(["--check", "--edition", "2024"])
            .arg(suites.join("src/image_filters.rs")),
    );

    let target = root.join("target");
    let deny = ("RUSTFLAGS", "-D warnings");
    let build = ["build", "--quiet", "--offline", "--manifest-path"];
    succeed(
        cargo()
            .args(build)
            .arg(suites.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            .env(deny.0, deny.1),
    );
    // Beside this program, and nothing to do where all tests are run.
    let built = Path::new(env!("CARGO_BIN_EXE_xtask")).parent().unwrap();
    succeed(
        cargo()
            .args(build)
            .arg(source.join("Cargo.toml"))
            .args(["--package", "harness", "--target-dir"])
            .arg(built.parent().unwrap()),
    );
    let record = root.join("record.json");
    let library = target.join("debug/libsuites.so");
    succeed(
        Command::new(built.join("bench"))
            .args(["run", "--quick", "--suite", "image-filters", "--lib"])
            .arg(library)
            .arg("--output")
            .arg(&record),
    );
    let record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(record).unwrap()).unwrap();
    let benchmark = &record["benchmarks"][0];
    assert_eq!(benchmark["name"], "image_filters_double_small");
    assert_eq!(
        (&benchmark["status"], &benchmark["work"]["items"]),
        (&"ok".into(), &1000.into())
    );
}

#[test]
fn taken_and_bad_names_are_refused_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("xtask")).unwrap();
    let source = root.join("kernels/suites/src");
    write(&source.join("lib.rs"), LIST);
    write(&source.join("ceilings.rs"), CEILINGS);
    write(&source.join("other.rs"), "\"inner-name\"");
    write(&source.join("pool/mod.rs"), "");
    let table = [
        ("ceilings", "kernels/suites/src/ceilings.rs exists"),
        ("pool", "kernels/suites/src/pool exists"),
        ("inner-name", "other.rs has \"inner-name\" already"),
        ("Bad_Name", "\"Bad_Name\" is no name for a suite"),
        ("loop", "\"loop\" is a word of Rust's"),
    ];
    for (name, reason) in table {
        let output = new_suite(root, name);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {errors}");
        assert!(errors.contains(reason), "{name}: {errors}");
    }
    assert_eq!(
        std::fs::read_to_string(source.join("lib.rs")).unwrap(),
        LIST
    );
    assert_eq!(std::fs::read_dir(source).unwrap().count(), 4);
}
