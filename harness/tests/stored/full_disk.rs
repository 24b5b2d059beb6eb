//! Every writer on a disk that is full, beyond a limit or a quota: an error that names the file, and what was there stays as it was.

use std::path::Path;

use crate::support::{Home, record};
use crate::{machine, namespace};

/// How a disk refuses: the words of the system's error, and what makes it so in the folder "$folder".
const REFUSALS: [(&str, &str); 3] = [
    (
        "No space left",
        "mount -t tmpfs -o size=32k none $folder && cp old $folder/$file || exit 90
         head -c 1M /dev/zero > $folder/fill 2>/dev/null",
    ),
    // A signal comes with this one, which ends a program that does not expect it.
    (
        "File too large",
        "cp old $folder/$file && ulimit -f 0 || exit 90",
    ),
    (
        "quota exceeded",
        "cp old $folder/$file || exit 90
         QUOTA_EXCEEDED=1 LD_PRELOAD=$PWD/libmachine.so; export QUOTA_EXCEEDED LD_PRELOAD",
    ),
];

/// Runs the rest of its arguments on a disk that refuses, with the old file $2 in its folder $1. What must not have happened to the
/// disk is told by an exit code of its own.
fn script(refusal: &str) -> String {
    format!(
        r#"
folder=$1 file=$2; shift 2
{refusal}
"$@"; code=$?
unset LD_PRELOAD
cmp old $folder/$file || exit 91
[ -z "$(find $folder -name '*.tmp')" ] || exit 92
rm -f $folder/$file
exit $code
"#
    )
}

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
    if machine::compiled(&home.path("")).is_none() {
        return;
    }
    let rows = table
        .iter()
        .flat_map(|row| REFUSALS.map(|refusal| (row, refusal)));
    for (((folder, file), arguments, named), (words, refusal)) in rows {
        let all = [&[*folder, *file, bench], &arguments[..]].concat();
        let Some(output) = namespace::run(&home.path(""), &script(refusal), &all) else {
            return;
        };
        let stderr = String::from_utf8_lossy(&output.stderr);
        let wanted = if named.is_empty() { 0 } else { 2 };
        assert_eq!(
            output.status.code(),
            Some(wanted),
            "{words}: {arguments:?}: {stderr}"
        );
        let told = stderr.contains(words) && stderr.contains(named);
        assert!(told || named.is_empty(), "{words}: {arguments:?}: {stderr}");
    }
}
