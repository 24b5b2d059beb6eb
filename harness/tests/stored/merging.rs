//! Records of parts, joined.

use harness::record::{Record, load};

use crate::support::{Home, failed, legacy, record, row, stderr, stdout};

/// The record of a shard, begun in this minute, with `names` of `chosen`.
fn shard(minute: i8, shard: &str, names: &[&str]) -> Record {
    let benchmarks: Vec<(&str, f64)> = names.iter().map(|&name| (name, 1.0)).collect();
    let mut record = record(&benchmarks);
    record.timestamp = format!("2026-11-25T01:{minute:02}:00Z").parse().unwrap();
    record.metadata.selection.shard = Some(shard.into());
    record.metadata.selection.chosen = ["a", "b", "c", "d", "e"].map(Into::into).into();
    record.metadata.elapsed_ms = 1000.0;
    // The files of earlier parts lie in the tree.
    record.environment.git_dirty = Some(minute > 1);
    record
}

/// Which of `a` to `e` belong to shard `part` of three.
fn names(part: usize) -> Vec<&'static str> {
    let chosen = ["a", "b", "c", "d", "e"];
    let shard: harness::record::Shard = format!("{part}/3").parse().unwrap();
    let owned = chosen.map(String::from);
    let here = shard.names(&owned);
    chosen
        .into_iter()
        .filter(|name| here.contains(name))
        .collect()
}

/// A folder with the three shards in `results/`.
fn home() -> Home {
    let home = Home::new();
    for part in [1, 2, 3] {
        let record = shard(part as i8, &format!("{part}/3"), &names(part));
        home.write(&file(part), &record);
    }
    home
}

fn file(part: usize) -> String {
    format!("results/2026-11-25T01-0{part}-00.000Z_results.json")
}

fn merge(home: &Home, files: &[&str], more: &[&str], code: i32) -> assert_cmd::assert::Assert {
    home.bench(&[&["merge"], files, more].concat()).code(code)
}

#[test]
fn what_is_merged_is_a_record_like_any_other() {
    let home = home();
    // In whatever order the files are given.
    let files = [file(3), file(1), file(2)];
    let files = files.each_ref().map(String::as_str);
    let assert = merge(&home, &files, &[], 0);
    let output = stdout(&assert);
    let path = output.lines().last().unwrap();
    let merged = load(&home.path(path)).unwrap();
    let order: Vec<&str> = merged
        .benchmarks
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(order, ["a", "b", "c", "d", "e"]);
    assert_eq!(merged.metadata.selection, record(&[]).metadata.selection);
    assert_eq!(merged.metadata.partial, None);
    assert_eq!(merged.metadata.elapsed_ms, 3000.0);
    assert_eq!(merged.environment.git_dirty, Some(true));

    // baseline-update and compare take it, for it is the newest.
    home.bench(&["baseline-update"]).code(0);
    let json = home.bench(&["compare", "--format", "json"]).code(0);
    let json: serde_json::Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(json["current"]["file"], path);
    assert_eq!(json["rows"].as_array().unwrap().len(), 5);
    // A shard alone is held against the whole: what others measure was not requested.
    let part = ["compare", "--format", "json", "--current", files[0]];
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&home.bench(&part).code(0))).unwrap();
    for name in names(1) {
        assert_eq!(row(&json, name)["verdict"], "not_requested");
    }
    // The history has one run of each, not two.
    let host = ["history", "--format", "json", "--host", "0123456789ab"];
    let series: serde_json::Value =
        serde_json::from_str(&stdout(&home.bench(&host).code(0))).unwrap();
    for series in series.as_array().unwrap() {
        assert_eq!(series["points"].as_array().unwrap().len(), 1, "{series:#}");
    }
}

#[test]
fn a_gone_benchmark_is_missing_in_every_shard() {
    let home = home();
    home.write(
        "a.json",
        &record(&[("a", 1.0), ("b", 1.0), ("c", 1.0), ("gone", 1.0)]),
    );
    for part in [1, 2, 3] {
        let shard = file(part);
        let arguments = [
            "compare",
            "--baseline",
            "a.json",
            "--format",
            "json",
            "--current",
            &shard,
        ];
        let json = stdout(&home.bench(&arguments).code(1));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(row(&json, "gone")["verdict"], "missing", "{json:#}");
    }
}

#[test]
fn what_lacks_is_said() {
    let home = home();
    let (one, two) = (file(1), file(2));
    let assert = merge(&home, &[&one, &two], &["--output", "some.json"], 2);
    let lacking = names(3);
    let reason = format!(
        "{} of 5 benchmarks are in a shard that was not merged, {} for one",
        lacking.len(),
        lacking[0]
    );
    assert!(stderr(&assert).contains(&reason), "{}", stderr(&assert));
    let merged = load(&home.path("some.json")).unwrap();
    assert_eq!(merged.metadata.partial.as_deref(), Some(reason.as_str()));
    let assert = home
        .bench(&["baseline-update", "--from", "some.json"])
        .code(2);
    assert!(
        stderr(&assert).contains("it is partial"),
        "{}",
        stderr(&assert)
    );
    // A shard alone is no baseline either.
    let assert = home.bench(&["baseline-update", "--from", &one]).code(2);
    assert!(
        stderr(&assert)
            .contains("it is shard 1/3 alone; join all of them with `bench merge FILES…`")
    );
    // What failed or was cut short in a part, is in the whole too.
    let mut cut = shard(3, "3/3", &names(3)[1..]);
    cut.benchmarks.push(failed(names(3)[0], "no such luck"));
    cut.metadata.partial = Some("interrupted".into());
    home.write("cut.json", &cut);
    merge(
        &home,
        &[&one, &two, "cut.json"],
        &["--output", "some.json"],
        2,
    );
    let merged = load(&home.path("some.json")).unwrap();
    assert_eq!(
        merged.metadata.partial.as_deref(),
        Some("cut.json: interrupted")
    );
    assert_eq!(merged.benchmarks.len(), 5);
}

#[test]
fn suites_are_merged_and_empty_shards_too() {
    let home = Home::new();
    let of = |suite: &str, names: &[(&str, f64)]| {
        let mut record = record(names);
        record.metadata.selection.suites = vec![suite.into()];
        record.metadata.selection.filter = Some(".".into());
        record
    };
    let library = |file: &str| harness::record::Library {
        file: file.into(),
        ..Default::default()
    };
    let (mut one, mut two) = (
        of("tensor-ops", &[("a", 1.0), ("b", 2.0)]),
        of("data-loading", &[("c", 3.0)]),
    );
    one.metadata.libraries = vec![library("ours.so")];
    two.metadata.libraries = vec![library("ours.so"), library("theirs.so")];
    home.write("one.json", &one);
    home.write("two.json", &two);
    home.write("none.json", &shard(1, "9/9", &[]));
    merge(
        &home,
        &["one.json", "two.json"],
        &["--output", "both.json"],
        0,
    );
    let both = load(&home.path("both.json")).unwrap();
    assert_eq!(
        both.metadata.selection.suites,
        ["tensor-ops", "data-loading"]
    );
    assert_eq!(both.metadata.selection.filter.as_deref(), Some("."));
    assert_eq!(both.benchmarks.len(), 3);
    assert_eq!(both.metadata.libraries, two.metadata.libraries);
    assert_eq!(both.metadata.merged, [one.timestamp, two.timestamp]);
    // Alone, it is a merge of one.
    merge(&home, &["one.json"], &["--output", "same.json"], 0);
    assert_eq!(
        load(&home.path("same.json")).unwrap().benchmarks,
        one.benchmarks
    );
    // All of an empty shard's choice is elsewhere.
    let assert = merge(&home, &["none.json"], &["--output", "some.json"], 2);
    assert!(
        stderr(&assert).contains("5 of 5 benchmarks are in a shard that was not merged, a for one")
    );
}

#[test]
fn what_is_no_part_of_one_measurement_is_refused() {
    let home = Home::new();
    let changed = |name: &str, change: fn(&mut Record)| {
        let mut record = record(&[("b", 1.0)]);
        change(&mut record);
        home.write(name, &record);
    };
    let library = |sha256: &str| harness::record::Library {
        file: "libsuites.so".into(),
        sha256: sha256.into(),
        ..Default::default()
    };
    let mut first = record(&[("a", 1.0)]);
    first.metadata.libraries = vec![library("abc")];
    home.write("a.json", &first);
    changed("host.json", |record| record.environment.host = "f00".into());
    changed("cpu.json", |record| {
        record.environment.cpu = "Another".into();
        record.environment.host = "f00".into();
    });
    changed("isa.json", |record| {
        record.environment.isa = "avx512".into()
    });
    changed("commit.json", |record| {
        record.environment.git_commit = Some("abc".into())
    });
    changed("quick.json", |record| record.metadata.quick = true);
    changed("seed.json", |record| record.metadata.seed = 7);
    changed("filter.json", |record| {
        record.metadata.selection.filter = Some("^b".into())
    });
    changed("same.json", |record| record.benchmarks[0].name = "a".into());
    changed("unknown.json", |record| record.environment.host.clear());
    let mut other = record(&[("b", 1.0)]);
    other.metadata.libraries = vec![library("def")];
    home.write("build.json", &other);
    home.text("old.json", legacy(&[("b", 1.0, "")]));
    home.text("broken.json", "{");
    let table = [
        (
            "host.json",
            "a.json and host.json are not parts of one measurement: host 0123456789ab against f00; merge records of one host",
        ),
        ("cpu.json", "CPU A CPU against Another"),
        ("isa.json", "instruction set avx2 against avx512"),
        ("commit.json", "commit none against abc"),
        ("quick.json", "--quick false against true"),
        ("seed.json", "--seed 0 against 7"),
        ("filter.json", "--filter none against ^b"),
        ("build.json", "SHA-256 of libsuites.so abc against def"),
        (
            "same.json",
            "a.json and same.json both have a: merge records that share no benchmark",
        ),
        ("a.json", "a.json and a.json both have a"),
        (
            "unknown.json",
            "unknown.json does not say on which host it was measured",
        ),
        ("old.json", "old.json does not say on which host"),
        ("broken.json", "broken.json, line 1"),
        ("missing.json", "cannot read missing.json"),
    ];
    for (file, message) in table {
        let assert = merge(&home, &["a.json", file], &["--output", "out.json"], 2);
        let error = stderr(&assert);
        assert!(error.contains(message), "{file}: {error}");
        assert!(!home.path("out.json").exists(), "{file}");
    }
}
