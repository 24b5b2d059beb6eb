//! The reports in HTML: what they say, that they are well formed, and that nothing in a record acts on them.

use harness::record::{Entry, Record};
use scraper::Html;

use crate::markup::{faults, select, texts};
use crate::support::{Home, entry, failed, record, slowed, stderr, stdout};

/// Names that mean something in HTML, in CSS, in an attribute, or on a screen.
pub(crate) const HOSTILE: [&str; 12] = [
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' onfocus='alert(1)' autofocus x='",
    "</title></svg></table></style></body>",
    "<!-- comment",
    "&lt;b&gt; &amp; &#x3c;",
    "javascript:alert(1)//\u{0}\u{1b}[31m",
    "line\none\u{2028}two\u{202e}right to left",
    "\u{fffe}\u{fdd0}{{ 7 * 7 }} url(http://x.example/)",
    "größe 🚀 日本",
    "::error::x",
];

fn hostile() -> Record {
    let mut record = record(&[]);
    record.benchmarks = HOSTILE.map(|name| entry(name, 1.5, 0.01)).to_vec();
    record
        .benchmarks
        .push(failed("<b>broken</b>", "<i>why</i>\u{1b}[2J"));
    for entry in &mut record.benchmarks {
        let name = entry.name.clone();
        entry.suite = "<u>suite</u>".into();
        entry.description.clone_from(&name);
        entry.implementation.clone_from(&name);
        entry.dtype.clone_from(&name);
        entry.work.item = name;
    }
    let environment = &mut record.environment;
    let texts = [
        &mut environment.os,
        &mut environment.cpu,
        &mut environment.rust_version,
        &mut environment.isa,
    ];
    for (text, name) in texts.into_iter().zip(HOSTILE) {
        *text = name.into();
    }
    environment.git_commit = Some(HOSTILE[0].into());
    record
}

/// Runs `bench report ARGUMENTS` and reads the file that it names.
pub(crate) fn page(home: &Home, arguments: &[&str]) -> String {
    let arguments = [&["report"], arguments].concat();
    let answer = stdout(&home.bench(&arguments).code(0));
    let file = answer.lines().last().unwrap();
    std::fs::read_to_string(home.path(file)).unwrap()
}

/// Records that have little, and what their page says.
fn odd() -> [(&'static str, Record, &'static str); 6] {
    let with = |benchmarks: Vec<Entry>| Record {
        benchmarks,
        ..record(&[])
    };
    let mut one_sample = entry("one", 1.0, 0.0);
    one_sample.processes.truncate(1);
    one_sample.processes[0].samples_ns.truncate(1);
    let processes = std::mem::take(&mut one_sample.processes);
    one_sample.set_processes(processes);
    let mut bare = entry("bare", 1.0, 0.01);
    bare.work = Default::default();
    bare.set_processes(bare.processes.clone());
    let mut partial = record(&[("some", 1.0)]);
    partial.metadata.quick = true;
    partial.metadata.partial = Some("the budget of 1 s is spent".into());
    [
        ("no benchmark", with(vec![]), "holds no benchmark"),
        (
            "failed ones alone",
            with(vec![failed("a", "it crashed"), failed("b", "")]),
            "it crashed",
        ),
        (
            "one sample",
            with(vec![one_sample]),
            "1 sample of 1 process",
        ),
        ("no work", with(vec![bare]), "bare"),
        ("partial", partial, "the budget of 1 s is spent"),
        ("hostile names", hostile(), "<img src=x onerror=alert(1)>"),
    ]
}

#[test]
fn odd_records_make_whole_pages() {
    for (what, record, says) in odd() {
        let home = Home::new();
        home.write("results/x.json", &record);
        let page = page(&home, &[]);
        assert_eq!(faults(&page), [""; 0], "{what}");
        let text = texts(&page, "body").concat();
        assert!(text.contains(says), "{what}: {text}");
        for not in ["NaN", "inf"] {
            let words = text.split(|c: char| !c.is_alphanumeric());
            assert!(
                !words.into_iter().any(|word| word == not),
                "{what}: {not} in {text}"
            );
        }
        home.write("a.json", &record);
        let compared = page_of_comparison(&home, "a.json", "results/x.json");
        assert_eq!(faults(&compared), [""; 0], "{what}, compared");
    }
}

fn page_of_comparison(home: &Home, baseline: &str, current: &str) -> String {
    page(home, &["--compare", baseline, current])
}

#[test]
fn names_are_shown_as_they_are() {
    let home = Home::new();
    home.write("results/x.json", &hostile());
    let names = texts(&page(&home, &[]), "tbody th .name, tbody th a.name");
    let wanted = HOSTILE.map(|name| harness::text::visible(name).into_owned());
    for name in wanted {
        assert!(names.contains(&name), "{name:?} is not among {names:#?}");
    }
}

#[test]
fn a_page_of_a_record() {
    let home = Home::new();
    let mut run = record(&[("add", 0.01), ("matmul", 2.0), ("matmul_threads", 1.1)]);
    run.benchmarks[2].threads = 2;
    run.benchmarks[2].suite = "tensor-ops-threads".into();
    run.benchmarks.push(failed("broken", "a wrong result"));
    home.write("results/x.json", &run);
    let page = page(&home, &[]);
    assert_eq!(faults(&page), [""; 0]);
    assert!(
        home.path("results/x.html").exists(),
        "it lies beside the record"
    );
    let headings = texts(&page, "h2");
    assert_eq!(
        headings,
        [
            "Failed",
            "Against the ceilings of this host",
            "Results",
            "Thread scaling",
            "Samples by process"
        ]
    );
    let captions = texts(&page, "#results ~ .scroll caption");
    assert_eq!(captions, ["tensor-ops", "tensor-ops-threads"]);
    assert_eq!(
        texts(&page, ".badges li"),
        ["4 benchmarks", "1 failed", "0 noisy"]
    );
    let note = texts(&page, ".note").concat();
    assert!(note.contains("bench run --suite ceilings"), "{note}");
    let plots = texts(&page, "svg[role=img] > title");
    assert_eq!(plots.len(), 2 + 3, "{plots:?}");
    let desc = texts(&page, "#s1-d").concat();
    assert!(
        desc.starts_with("200 samples of 10 processes, time 2.00"),
        "{desc}"
    );
    let dots = Html::parse_document(&page);
    let drawn: usize = select(&dots, "details path.dots")
        .iter()
        .map(|path| path.attr("d").unwrap().matches("h0").count())
        .sum();
    let bars: usize = select(&dots, "details path.bar")
        .iter()
        .map(|path| path.attr("d").unwrap().matches("v50").count())
        .sum();
    assert_eq!(drawn + bars, 3 * 200, "every sample is drawn once");
    let scaling = texts(&page, "#threads ~ .scroll tbody td");
    assert_eq!(scaling[1..3].join(" "), "2 1.100 ms", "{scaling:?}");
    assert!(scaling[3].starts_with("1.8"), "{scaling:?}");
}

/// A run of the suite `ceilings` and of a benchmark that reaches half of one.
pub(crate) fn with_ceilings() -> (Record, Record) {
    let mut ceilings = record(&[
        ("ceiling_multiply_add", 0.001),
        ("ceiling_triad_l1", 0.0006),
        ("ceiling_triad_dram", 30.0),
    ]);
    for (entry, (memory_mb, flops, bytes)) in ceilings.benchmarks.iter_mut().zip([
        (0.001, 200_000, 0),
        (0.024, 2000, 120_000),
        (200.0, 2000, 600_000_000),
    ]) {
        entry.suite = "ceilings".into();
        entry.memory_mb = memory_mb;
        (
            entry.work.flops,
            entry.work.bytes_read,
            entry.work.bytes_written,
        ) = (flops, bytes, 0);
        entry.set_processes(entry.processes.clone());
    }
    let mut run = record(&[("add", 0.0012)]);
    run.benchmarks[0].memory_mb = 0.012;
    (ceilings, run)
}

#[test]
fn ceilings_come_from_the_same_host() {
    let (mut ceilings, run) = with_ceilings();
    let home = Home::new();
    home.write("results/ceilings.json", &ceilings);
    home.write("run.json", &run);
    let found = page(&home, &["run.json"]);
    assert_eq!(faults(&found), [""; 0]);
    assert!(
        texts(&found, "footer")
            .concat()
            .contains("run.json and results/ceilings.json"),
        "{:?}",
        texts(&found, "footer")
    );
    assert_eq!(texts(&found, "#results ~ .scroll .share"), ["50 %"]);
    assert_eq!(
        texts(&found, "#roof ~ .scroll tbody th"),
        [
            "ceiling_multiply_add",
            "ceiling_triad_l1",
            "ceiling_triad_dram"
        ]
    );
    let names = texts(&found, ".roof-names text").concat();
    assert!(
        names.contains("f32 200 GFLOP/s") && names.contains("l1 200 GB/s"),
        "{names}"
    );
    // Another host's say nothing.
    ceilings.environment.host = "another".into();
    home.write("results/ceilings.json", &ceilings);
    assert_eq!(texts(&page(&home, &["run.json"]), ".share"), [""; 0]);
    // Its own are taken first.
    let mut both = run;
    both.benchmarks.extend(ceilings.benchmarks);
    home.write("both.json", &both);
    let own = page(&home, &["both.json"]);
    assert_eq!(texts(&own, "#results ~ .scroll .share"), ["50 %"]);
    assert_eq!(texts(&own, "footer code"), ["both.json"]);
}

#[test]
fn a_page_of_a_comparison() {
    let home = Home::new();
    let baseline = record(&[
        ("slower", 0.0182),
        ("faster", 1.5),
        ("same", 37.1),
        ("gone", 1.0),
    ]);
    let mut current = record(&[
        ("slower", 0.0182 * 1.15),
        ("faster", 1.2),
        ("same", 37.1),
        ("fresh", 2.0),
    ]);
    current.benchmarks.push(failed("broken", "why"));
    home.write("a.json", &baseline);
    home.write("b.json", &current);
    let page = page_of_comparison(&home, "a.json", "b.json");
    assert_eq!(faults(&page), [""; 0]);
    assert!(home.path("results/b_against_a.html").exists());
    let answer = texts(&page, ".answer").concat();
    assert!(
        answer.contains("fail: 1 benchmark regressed by more than 10 %: slower"),
        "{answer}"
    );
    assert_eq!(
        texts(&page, "#changes ~ .scroll tbody th"),
        ["slower", "gone", "broken", "same", "fresh", "faster"]
    );
    let verdicts = texts(&page, "td.verdict");
    assert_eq!(
        verdicts,
        [
            "▲ regressed, minor",
            "− missing",
            "! invalid",
            "= unchanged",
            "+ new",
            "▼ improved"
        ]
    );
    let html = Html::parse_document(&page);
    assert_eq!(
        select(&html, ".forest-cell .span").len(),
        3,
        "a line for each interval"
    );
    assert_eq!(
        select(&html, ".forest-cell .arrow").len(),
        1,
        "a gain of a fifth lies at the end of the axis"
    );
    assert_eq!(
        texts(&page, "#samples ~ details summary"),
        ["slower", "faster"]
    );
    // The same without the samples, for whatever `compare` can judge.
    let plain = stdout(&home.compare_as("html", &[]).code(1));
    assert_eq!(faults(&plain), [""; 0]);
    assert_eq!(texts(&plain, "td.verdict"), verdicts);
    assert_eq!(texts(&plain, "h2"), ["Changes"]);
}

#[test]
fn a_page_of_a_comparison_is_judged_by_the_threshold_that_is_told() {
    let home = Home::new();
    home.write("a.json", &record(&[("slower", 1.0)]));
    home.write("b.json", &record(&[("slower", 1.06)]));
    for (threshold, answer) in [(None, "pass"), (Some("5"), "fail"), (Some("6.5 %"), "pass")] {
        let more = threshold.map(|percent| ["--threshold", percent]);
        let more = more.as_ref().map_or(&[][..], |more| &more[..]);
        let page = page(&home, &[&["--compare", "a.json", "b.json"], more].concat());
        let told = texts(&page, ".answer").concat();
        assert!(told.contains(answer), "{threshold:?}: {told}");
        let percent = threshold.map_or("10 %", |percent| percent.trim_end_matches(" %"));
        let facts = texts(&page, ".facts.wide dd").concat();
        assert!(facts.contains(percent), "{threshold:?}: {facts}");
    }
}

#[test]
fn a_page_of_a_comparison_has_the_thread_scaling_of_both_sides() {
    let home = Home::new();
    let side = |threads: u32, ms: f64, names: [&str; 4]| {
        let times = [4.0, ms, 3.0, 1.0];
        let benchmarks: Vec<_> = names.into_iter().zip(times).collect();
        let mut side = record(&benchmarks);
        side.benchmarks[1].threads = threads;
        side.benchmarks[3].threads = threads;
        side
    };
    home.write(
        "a.json",
        &side(2, 2.0, ["add", "add_threads", "other", "x"]),
    );
    home.write(
        "b.json",
        &side(4, 1.25, ["add", "add_threads", "mul", "mul_threads"]),
    );
    let page = page_of_comparison(&home, "a.json", "b.json");
    assert_eq!(faults(&page), [""; 0]);
    let table = "#threads ~ .scroll tbody";
    assert_eq!(texts(&page, &format!("{table} th")), ["add", "mul"]);
    assert_eq!(
        texts(&page, &format!("{table} td")),
        [
            "2.00 × on 2",
            "3.20 × on 4",
            "80 %",
            "",
            "3.00 × on 4",
            "75 %"
        ]
    );
}

#[test]
fn a_page_of_the_history() {
    let home = Home::new();
    for hour in 0..30 {
        let ms = if hour < 18 { 1.0 } else { 1.2 };
        let mut run = record(&[("<i>slower", ms), ("same", 3.0)]);
        run.timestamp += jiff::SignedDuration::from_hours(hour);
        run.environment.git_commit = Some(format!("{hour:040x}"));
        home.write(&format!("results/run-{hour:02}_results.json"), &run);
    }
    let host = ["--history", "--host", "0123456789ab"];
    let page_of_all = page(&home, &host);
    assert_eq!(faults(&page_of_all), [""; 0]);
    assert_eq!(
        texts(&page_of_all, "h2"),
        ["Overview", "Where the level changed", "Without a change"]
    );
    assert_eq!(
        texts(&page_of_all, ".badges li"),
        ["2 benchmarks", "30 runs", "1 change in 1"]
    );
    let changes = texts(&page_of_all, ".changes > li");
    assert!(changes[0].starts_with("+20.0 % from 1.000 ms to 1.200 ms, between 2026-11-25T18:45:30Z and 2026-11-25T19:45:30Z0000000..0000000"), "{changes:?}");
    let html = Html::parse_document(&page_of_all);
    assert_eq!(select(&html, ".change line").len(), 1);
    assert_eq!(select(&html, ".level line").len(), 2);
    let one = page(
        &home,
        &[
            &host[..],
            &[
                "--benchmark",
                "^same$",
                "--since",
                "2026-11-26",
                "--output",
                "y.html",
            ],
        ]
        .concat(),
    );
    assert_eq!(
        texts(&one, ".badges li"),
        ["1 benchmark", "7 runs", "0 changes in 0"]
    );
}

#[test]
fn large_records_stay_usable() {
    let home = Home::new();
    let model = entry("model", 1.0, 0.01);
    let mut large = record(&[]);
    large.benchmarks = (0..5000)
        .map(|index| Entry {
            name: format!("benchmark_{index}_with_a_long_name"),
            ..model.clone()
        })
        .collect();
    home.write("a.json", &large);
    home.text("b.json", slowed(&large, 1.3));
    let page = page(&home, &["a.json"]);
    // A parser of 20 MB takes a minute without optimisation.
    let count = |page: &str, what: &str| page.matches(what).count();
    assert!(page.len() < 20_000_000, "{} bytes", page.len());
    assert!(page.contains("more than 150000 samples"));
    assert_eq!(count(&page, "<details"), 5000);
    assert_eq!(
        count(&page, "<details open"),
        0,
        "the browser lays out what is opened"
    );
    let compared = page_of_comparison(&home, "a.json", "b.json");
    assert!(compared.len() < 20_000_000, "{} bytes", compared.len());
    assert_eq!(count(&compared, "class=\"forest-cell\""), 5000);
    assert_eq!(count(&compared, "<details"), 60);
    assert!(compared.contains("4940 more are left out"));
}

#[test]
fn what_cannot_be_reported_is_said() {
    let home = Home::new();
    home.write("a.json", &record(&[("a", 1.0)]));
    home.text("bad.json", "{ no record");
    let table: [(&[&str], &str); 9] = [
        (&[], "results"),
        (&["a.json", "--threshold", "5"], "--compare"),
        (
            &["--compare", "a.json", "a.json", "--threshold", "-1"],
            "percentage",
        ),
        (&["none.json"], "none.json"),
        (&["bad.json"], "bad.json"),
        (&["--compare", "a.json"], "BASELINE"),
        (&["--compare", "nobody", "a.json"], "nobody"),
        (&["a.json", "--host", "x"], "--history"),
        (&["a.json", "--output", "missing/x.html"], "--output"),
    ];
    for (arguments, says) in table {
        let error = stderr(&home.bench(&[&["report"], arguments].concat()).code(2));
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
    let error = stderr(&home.bench(&["report", "--history", "--host", "x"]).code(2));
    assert!(error.contains("no full run of host x"), "{error}");
}
