//! The reports in HTML as a browser shows them: on a screen, in the dark, on a phone, on paper, by keyboard and to a screen reader.
//!
//! Pictures are kept in cargo's folder for the files of tests, `target/tmp`, for people to look at.

use std::path::{Path, PathBuf};

use harness::record::{Entry, Record};
use serde_json::{Value, json};

use crate::chromium::{Browser, View};
use crate::pages::{HOSTILE, page, with_ceilings};
use crate::support::{Home, entry, failed, record};

const VIEWS: [View; 5] = [
    View {
        name: "light",
        width: 1280,
        scheme: "light",
        media: "screen",
    },
    View {
        name: "dark",
        width: 1280,
        scheme: "dark",
        media: "screen",
    },
    View {
        name: "phone",
        width: 390,
        scheme: "light",
        media: "screen",
    },
    // The narrowest that pages must fit without scrolling sideways (WCAG 2.2, 1.4.10).
    View {
        name: "narrow",
        width: 320,
        scheme: "dark",
        media: "screen",
    },
    // A4 less its margins at 96 pixels an inch.
    View {
        name: "paper",
        width: 695,
        scheme: "dark",
        media: "print",
    },
];

/// A record with something of everything.
fn full() -> Record {
    let (ceilings, mut run) = with_ceilings();
    for index in 0..14 {
        let ms = 0.002 * f64::from(1 + index);
        run.benchmarks.push(entry(
            &format!("matmul_with_a_long_name_{index}"),
            ms,
            0.002 * f64::from(1 + index),
        ));
    }
    let mut threads = entry("add_threads", 0.0007, 0.01);
    threads.threads = 2;
    threads.suite = "tensor-ops-threads".into();
    run.benchmarks.push(threads);
    run.benchmarks
        .push(failed("broken", "element 17 is 3.5 instead of 3.25"));
    run.benchmarks.extend(HOSTILE.map(|name| Entry {
        suite: name.into(),
        ..entry(name, 1.5, 0.01)
    }));
    run.benchmarks.push(entry(&"n".repeat(5000), 1.0, 0.01));
    run.benchmarks.extend(ceilings.benchmarks);
    run
}

/// The pages of all kinds, by name.
fn pages() -> (Home, [(&'static str, PathBuf); 4]) {
    let home = Home::new();
    let run = full();
    let mut later = run.clone();
    later.timestamp += jiff::SignedDuration::from_hours(1);
    for (index, entry) in later
        .benchmarks
        .iter_mut()
        .enumerate()
        .filter(|(index, entry)| index % 3 == 0 && !entry.processes.is_empty())
    {
        for sample in entry
            .processes
            .iter_mut()
            .flat_map(|process| &mut process.samples_ns)
        {
            *sample *= if index % 2 == 0 { 1.15 } else { 0.7 };
        }
        entry.set_processes(entry.processes.clone());
    }
    later.benchmarks.pop();
    home.write("a.json", &run);
    home.write("b.json", &later);
    // Fast benchmarks alone: the slopes of slow memory begin below what is drawn.
    let (ceilings, mut fast) = with_ceilings();
    fast.benchmarks.extend(ceilings.benchmarks);
    home.write("fast.json", &fast);
    for hour in 0..30 {
        let ms = if hour < 18 { 1.0 } else { 1.2 };
        let mut run = record(&[("<i>slower", ms), ("same", 3.0)]);
        run.timestamp += jiff::SignedDuration::from_hours(24 * hour);
        run.environment.git_commit = Some(format!("{:08x}{hour:032x}", hour * 77_777_777));
        home.write(&format!("results/run-{hour:02}_results.json"), &run);
    }
    let make = |file: &str, arguments: &[&str]| {
        page(&home, &[arguments, &["--output", file]].concat());
        home.path(file).canonicalize().unwrap()
    };
    let pages = [
        ("record", make("record.html", &["a.json"])),
        (
            "comparison",
            make("comparison.html", &["--compare", "a.json", "b.json"]),
        ),
        ("fast", make("fast.html", &["fast.json"])),
        (
            "history",
            make("history.html", &["--history", "--host", "0123456789ab"]),
        ),
    ];
    (home, pages)
}

#[test]
fn pages_are_readable_everywhere() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (_home, pages) = pages();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (what, file) in &pages {
        for view in VIEWS {
            let place = format!("{what}, {}", view.name);
            let complaints = browser.open(file, view);
            assert_eq!(complaints, [""; 0], "{place}");
            browser.picture(&folder.join(format!("report-{what}-{}.png", view.name)));
            let faults = browser.evaluate(READABLE);
            assert_eq!(faults, json!([]), "{place}");
            let background = browser.evaluate("getComputedStyle(document.body).backgroundColor");
            let dark = view.scheme == "dark" && view.media == "screen";
            assert_eq!(
                background == "rgb(255, 255, 255)",
                !dark,
                "{place}: {background}"
            );
            assert_ne!(browser.evaluate("document.title"), "owned", "{place}");
        }
        browser.call("Emulation.setEmulatedMedia", json!({ "media": "" }));
        let pdf = browser.print(&folder.join(format!("report-{what}.pdf")));
        // What every PDF begins with, in base64.
        assert!(pdf.starts_with("JVBERi"), "{what}");
    }
}

/// What is wrong with how a page is laid out: wider than the screen, cut off on paper, too faint, too small, or one text on another.
const READABLE: &str = r#"(() => {
    const faults = [];
    const named = element => element.tagName + '.' + (element.getAttribute('class') ?? '') + ' "' + element.textContent.slice(0, 40) + '"';
    const root = document.documentElement;
    if (root.scrollWidth > innerWidth) {
        const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll'));
        faults.push(`${root.scrollWidth} pixels wide, because of ${wide.slice(0, 3).map(named)}`);
    }
    const print = matchMedia('print').matches;
    if (print) {
        for (const part of document.querySelectorAll('.scroll')) {
            const table = part.firstElementChild;
            if (table.getBoundingClientRect().right > innerWidth + 1) faults.push('cut off on paper: ' + named(table));
        }
    }
    const parse = color => color.match(/[\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        for (let e = element; e; e = e.parentElement) {
            const color = parse(getComputedStyle(e).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
        }
        return [255, 255, 255];
    };
    const texts = [...document.body.querySelectorAll('*')].filter(e => e.checkVisibility()
        && !['TITLE', 'DESC', 'STYLE'].includes(e.tagName.toUpperCase())
        && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()));
    if (texts.length < 20) faults.push('hardly any text: ' + texts.length);
    for (const element of texts) {
        const style = getComputedStyle(element);
        const color = element instanceof SVGElement ? style.fill : style.color;
        const [a, b] = [luminance(parse(color)), luminance(behind(element))].sort((a, b) => b - a);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)}: ${named(element)}`);
        const size = parseFloat(style.fontSize);
        if (size < (print ? 8 : 11)) faults.push(`${size} pixels: ${named(element)}`);
    }
    for (const name of document.querySelectorAll('.roof-names text')) {
        const [inner, outer] = [name, name.closest('.drawing')].map(e => e.getBoundingClientRect());
        const below = inner.bottom > outer.bottom + 1 || inner.top < outer.top - 6;
        if (inner.width && (below || inner.right > outer.right + 1 || inner.left < outer.left - 1)) faults.push(`${named(name)} stands beyond its plot`);
    }
    for (const group of document.querySelectorAll('.x-axis, .y-axis, .axis, .roof-names')) {
        const boxes = [...group.children].filter(e => e.checkVisibility()).map(e => [e, e.getBoundingClientRect()]).filter(([, b]) => b.width);
        for (const [i, [e, a]] of boxes.entries()) for (const [f, b] of boxes.slice(i + 1)) {
            if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2)
                faults.push(`${named(e)} lies on ${named(f)}`);
        }
    }
    return faults.slice(0, 8);
})()"#;

#[test]
fn the_check_of_readability_finds_what_is_wrong() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let home = Home::new();
    let table = [
        ("<p style='width:2000px'>wide</p>", "pixels wide"),
        ("<p style='color:#888'>faint</p>", "contrast 3.54"),
        ("<p style='font-size:9px'>small</p>", "9 pixels"),
        (
            "<div class=axis><span style='position:absolute;left:0'>one text</span><span style='position:absolute;left:9px'>another</span></div>",
            "lies on",
        ),
        ("", "hardly any text: 1"),
    ];
    for (body, says) in table {
        let fill = if body.is_empty() {
            ""
        } else {
            &"<p>text</p>".repeat(20)
        };
        let file = home.text(
            "x.html",
            format!("<!DOCTYPE html><title>t</title><h1>h</h1>{fill}{body}"),
        );
        assert_eq!(browser.open(&file, VIEWS[0]), [""; 0]);
        let faults = browser.evaluate(READABLE).to_string();
        assert!(faults.contains(says), "{says}: {faults}");
    }
    let file = home.text(
        "x.html",
        "<!DOCTYPE html><script>console.log(1); fetch('http://localhost:1/')</script>",
    );
    assert!(
        browser.open(&file, VIEWS[0]).len() >= 2,
        "a page that runs and fetches is noticed"
    );
}

#[test]
fn keyboard_and_screen_reader_reach_everything() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (_home, pages) = pages();
    for (what, file) in &pages {
        browser.open(file, VIEWS[0]);
        browser.press("Tab");
        let first = browser.evaluate("document.activeElement.textContent + document.activeElement.getBoundingClientRect().left");
        assert_eq!(first, "Skip to the content8", "{what}");
        browser.press("Enter");
        assert_eq!(browser.evaluate("location.hash"), "#content", "{what}");
        // What is focused shows it.
        for _ in 0..6 {
            browser.press("Tab");
            let shows = browser
                .evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2");
            assert_eq!(
                shows,
                true,
                "{what}: {}",
                browser.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            );
        }
        let tree = browser.call("Accessibility.getFullAXTree", json!({}));
        let nodes = tree["nodes"].as_array().unwrap();
        let role = |role: &str| -> Vec<&Value> {
            nodes
                .iter()
                .filter(|node| node["role"]["value"] == role && node["ignored"] == false)
                .collect()
        };
        let (tables, images) = (role("table"), [role("image"), role("img")].concat());
        assert!(!tables.is_empty() && !images.is_empty(), "{what}");
        for node in tables.iter().chain(&images).chain(&role("link")) {
            assert!(
                node["name"]["value"]
                    .as_str()
                    .is_some_and(|name| !name.is_empty()),
                "{what}: {node}"
            );
        }
    }
    // A link to samples opens them.
    browser.open(&pages[0].1, VIEWS[0]);
    let opened = "document.getElementById('b3').closest('details').open";
    assert_eq!(browser.evaluate(opened), false);
    browser.evaluate("document.querySelector('th a[href=\"#b3\"]').focus()");
    browser.press("Enter");
    browser.evaluate("new Promise(done => setTimeout(done, 300))");
    assert_eq!(browser.evaluate(opened), true);
}

#[test]
fn a_large_page_opens() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let home = Home::new();
    let mut model = entry("model", 1.0, 0.01);
    for process in &mut model.processes {
        process.samples_ns.truncate(4);
    }
    model.set_processes(model.processes.clone());
    let mut large = record(&[]);
    large.benchmarks = (0..5000)
        .map(|index| Entry {
            name: format!("benchmark_{index}"),
            ..model.clone()
        })
        .collect();
    home.write("a.json", &large);
    page(&home, &["a.json", "--output", "large.html"]);
    let file = home.path("large.html").canonicalize().unwrap();
    assert_eq!(browser.open(&file, VIEWS[2]), [""; 0]);
    assert_eq!(
        browser.evaluate("document.querySelectorAll('tbody tr').length"),
        5000
    );
    assert_eq!(
        browser.evaluate("document.documentElement.scrollWidth <= innerWidth"),
        true
    );
}
