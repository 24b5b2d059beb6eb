//! `cargo xtask bisect` from outside, in a made-up repository: its commits are built, and a made-up `bench` reads from the shared
//! objects how slow they are.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Answers like `bench compare`, for a benchmark `x`: as slow as the files say, or, where one says 9.99, inconclusive.
const BENCH: &str = r##"
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let time = |flag: &str| -> f64 {
        let place = arguments.iter().position(|argument| argument == flag).unwrap() + 1;
        let bytes = std::fs::read(&arguments[place]).unwrap();
        let mark = bytes.windows(5).position(|word| word == b"TIME=").unwrap() + 5;
        std::str::from_utf8(&bytes[mark..mark + 4]).unwrap().parse().unwrap()
    };
    let (old, new) = (time("--against-lib"), time("--lib"));
    let ratio = new / old;
    let spread = if old == 9.99 || new == 9.99 { 100.0 } else { 1.01 };
    let (low, high) = (ratio / spread, ratio * spread);
    let verdict = if low > 1.0 { "regressed" } else { "inconclusive" };
    println!(
        r#"{{"rows":[{{"name":"x","verdict":"{verdict}","ratio":{ratio},"interval":[{low},{high}],"notes":[]}}]}}"#
    );
}
"##;

/// What each commit's build says of its speed; `None` does not build.
const COMMITS: [(&str, Option<&str>); 7] = [
    ("first", Some("1.00")),
    ("broken", None),
    ("mended", Some("1.00")),
    ("guilty", Some("1.20")),
    ("later", Some("1.20")),
    ("noisy", Some("9.99")),
    ("last", Some("1.50")),
];

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=e@example.org"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The repository, each of whose commits has a tag of its name.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let package = |name: &str, target: &str| {
        format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{target}")
    };
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"harness\", \"kernels/suites\"]\n";
    write(&root.join("Cargo.toml"), workspace);
    write(&root.join(".gitignore"), "/target\n");
    write(&root.join("xtask/Cargo.toml"), "");
    let bench = "[[bin]]\nname = \"bench\"\npath = \"main.rs\"\n";
    write(&root.join("harness/Cargo.toml"), &package("harness", bench));
    write(&root.join("harness/main.rs"), BENCH);
    let shared = "[lib]\ncrate-type = [\"cdylib\"]\n";
    write(
        &root.join("kernels/suites/Cargo.toml"),
        &package("suites", shared),
    );
    git(root, &["init", "--quiet"]);
    for (name, time) in COMMITS {
        let time = time.map_or("no Rust".into(), |time| {
            format!("#[unsafe(no_mangle)]\npub static TIME: [u8; 9] = *b\"TIME={time}\";\n")
        });
        write(
            &root.join("kernels/suites/src/lib.rs"),
            &format!("// {name}\n{time}"),
        );
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "-m", name]);
        git(root, &["tag", name]);
    }
    folder
}

fn bisect(root: &Path, good: &str, bad: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["bisect", "--benchmark", "x", "--format", "json"])
        .args(["--good", good, "--bad", bad])
        .env("CARGO_MANIFEST_DIR", root.join("xtask"))
        .env("CARGO_TARGET_DIR", root.join("target"))
        .current_dir(root)
        .output()
        .unwrap()
}

#[test]
fn the_guilty_commit_is_named_or_none_is() {
    let folder = repository();
    let table: [(&str, &str, i32, &[&str]); 4] = [
        ("first", "later", 0, &["guilty"]),
        ("mended", "guilty", 0, &["guilty"]),
        ("later", "last", 2, &["noisy", "last"]),
        ("first", "guilty", 0, &["guilty"]),
    ];
    for (good, bad, code, suspects) in table {
        let output = bisect(folder.path(), good, bad);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{good} to {bad}: {errors}"
        );
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let subjects = report["suspects"].as_array().unwrap().iter();
        let subjects: Vec<_> = subjects.map(|suspect| &suspect["subject"]).collect();
        assert_eq!(subjects, suspects, "{good} to {bad}: {report}");
        assert_eq!(
            report["guilty"].is_object(),
            code == 0,
            "{good} to {bad}: {report}"
        );
    }
    let table = [
        ("first", "mended", "it is not established that x is slower"),
        ("first", "noisy", "it is not established that x is slower"),
        ("broken", "later", "does not build with this toolchain"),
        ("later", "first", "does not come after"),
        ("nowhere", "later", "names no commit here"),
    ];
    for (good, bad, reason) in table {
        let output = bisect(folder.path(), good, bad);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{good} to {bad}: {errors}");
        assert!(errors.contains(reason), "{good} to {bad}: {errors}");
        assert!(output.stdout.is_empty(), "{good} to {bad}");
    }
}
