//! Every writer on a disk that is full: an error that names the file, and what was there stays as it was.

use std::path::Path;

use crate::namespace;
use crate::support::{Home, record};

/// Mounts a small disk at the folder $1, which only this process sees, with the old file $2 on it; fills it, and runs the rest
/// of its arguments. What must not have happened to the disk is told by an exit code of its own.
const SCRIPT: &str = r#"
folder=$1 file=$2; shift 2
mount -t tmpfs -o size=32k none "$folder" && cp old "$folder/$file" || exit 90
head -c 1M /dev/zero > "$folder/fill" 2>/dev/null
"$@"; code=$?
cmp old "$folder/$file" || exit 91
[ -z "$(find "$folder" -name '*.tmp')" ] || exit 92
exit $code
"#;

#[test]
fn every_writer_names_what_it_could_not_write() {
    let home = Home::new();
    let old = record(&[("a", 1.0)]);
    home.write("old", &old);
    home.write("a.json", &old);
    home.write("b.json", &record(&[("b", 1.0)]));
    std::fs::create_dir(home.path("full")).unwrap();
    let bench = env!("CARGO_BIN_EXE_bench");
    let library = Path::new(bench).with_file_name("examples/libfixture.so");
    let library = library.to_str().unwrap();
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stored/samples");
    let hyperfine = format!("{samples}/hyperfine.json");
    let run = ["run", "--quick", "--exact", "copy", "--lib", library];
    let out = ["--output", "full/out"];
    let full = ("full", "out");
    let table: [(_, Vec<&str>, &str); 9] = [
        (full, [&run[..], &out].concat(), "full/out"),
        (("results", "old"), run.to_vec(), "results"),
        (
            full,
            [&["merge", "a.json", "b.json"], &out[..]].concat(),
            "full/out",
        ),
        (
            full,
            [&["import", &hyperfine], &out[..]].concat(),
            "full/out",
        ),
        (
            full,
            [&["export", "a.json", "--format", "csv"], &out[..]].concat(),
            "full/out",
        ),
        (full, [&["report", "a.json"], &out[..]].concat(), "full/out"),
        (
            full,
            [
                &["compare", "--baseline", "a.json", "--current", "a.json"],
                &out[..],
            ]
            .concat(),
            "full/out",
        ),
        (
            ("baselines", "baseline_results.json"),
            vec![
                "baseline-update",
                "--from",
                "b.json",
                "--accept-regression",
                "a test",
            ],
            "baselines",
        ),
        // Its index only saves time.
        (
            ("results", "old_results.json"),
            vec!["history", "--host", "0123456789ab"],
            "",
        ),
    ];
    for ((folder, file), arguments, named) in table {
        let all = [&[folder, file, bench], &arguments[..]].concat();
        let Some(output) = namespace::run(&home.path(""), SCRIPT, &all) else {
            return;
        };
        let stderr = String::from_utf8_lossy(&output.stderr);
        let wanted = if named.is_empty() { 0 } else { 2 };
        assert_eq!(
            output.status.code(),
            Some(wanted),
            "{arguments:?}: {stderr}"
        );
        let told = stderr.contains("No space left") && stderr.contains(named);
        assert!(told || named.is_empty(), "{arguments:?}: {stderr}");
    }
}
