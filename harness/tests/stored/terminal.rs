//! What a comparison looks like on a terminal, which a pseudo-terminal plays.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::{Home, record, stdout};

const COMPARE: [&str; 5] = ["compare", "--baseline", "a.json", "--current", "b.json"];
const ESCAPE: char = '\u{1b}';

/// Home with the files `a.json` and `b.json`: one benchmark is slower, one faster, one as it was; one name would be red.
fn home() -> Home {
    let home = Home::new();
    home.write(
        "a.json",
        &record(&[
            ("slower", 0.0182),
            ("faster", 1.5),
            ("same", 37.1),
            ("\u{1b}[31mred", 1.0),
        ]),
    );
    home.write(
        "b.json",
        &record(&[
            ("slower", 0.0211),
            ("faster", 1.2),
            ("same", 37.1),
            ("\u{1b}[31mred", 1.0),
        ]),
    );
    home
}

/// Compares on a terminal of so many columns; what it shows, with plain ends of lines.
fn on_terminal(home: &Home, columns: u16, environment: &[(&str, &str)], more: &[&str]) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let size = Winsize {
        ws_row: 50,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&slave, size).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(COMPARE)
        .args(more)
        .current_dir(home.path(""))
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null())
        .stdout(slave);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "BENCH_HOME", "CI"] {
        command.env_remove(name);
    }
    let mut child = command.envs(environment.iter().copied()).spawn().unwrap();
    // The command holds the other end too, and reading ends only where nobody does.
    drop(command);
    let mut shown = Vec::new();
    // At the end a terminal gives an error, not an end of file.
    let _ = File::from(master).read_to_end(&mut shown);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
}

/// A text without the escapes that colour it.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn colours_are_for_terminals_alone() {
    let home = home();
    let coloured = on_terminal(&home, 120, &[], &[]);
    for part in [
        "\u{1b}[1m\u{1b}[31mfail\u{1b}[0m: 1 benchmark regressed",
        "regressed, minor\u{1b}[",
        "improved\u{1b}[",
    ] {
        assert!(coloured.contains(part), "{part:?}: {coloured:?}");
    }
    let same = coloured
        .lines()
        .find(|line| line.starts_with("same"))
        .unwrap();
    assert!(!same.contains(ESCAPE), "{same:?}");
    assert!(
        coloured.contains("\\u{1b}[31mred"),
        "a name has no colour of its own: {coloured:?}"
    );

    let without = [
        on_terminal(&home, 120, &[("NO_COLOR", "1")], &[]),
        on_terminal(&home, 120, &[("TERM", "dumb")], &[]),
        stdout(&home.bench(&COMPARE).code(1)),
    ];
    for text in &without {
        assert!(!text.contains(ESCAPE), "{text:?}");
        assert!(text.contains("regressed, minor"), "{text}");
    }
    assert_eq!(plain(&coloured), without[0], "colours change nothing else");

    let closing = on_terminal(&home, 120, &[], &["--output", "out.txt"]);
    assert!(
        closing.contains(ESCAPE) && closing.lines().count() == 1,
        "{closing:?}"
    );
    let written = std::fs::read_to_string(home.path("out.txt")).unwrap();
    assert_eq!(written, without[2], "a file is no terminal");
}

#[test]
fn bars_take_the_room_that_is_left() {
    let home = home();
    // columns of the terminal, whether there are bars
    for (columns, bars, left_out) in [
        (40, false, ": baseline, current, interval, detects"),
        (60, true, ": baseline, current, interval, detects"),
        (90, true, ": baseline, detects"),
        (110, true, ""),
        (200, true, ""),
    ] {
        let text = plain(&on_terminal(&home, columns, &[], &[]));
        let line = text.lines().find(|line| line.starts_with("left out"));
        let told = line.and_then(|line| line.find(':').map(|at| &line[at..]));
        assert_eq!(told.unwrap_or_default(), left_out, "{columns}: {text}");
        let row = text
            .lines()
            .find(|line| line.starts_with("slower"))
            .unwrap();
        assert_eq!(row.contains('●'), bars, "{columns}: {row}");
        let rows = text.lines().filter(|line| line.contains(['│', '┿', '●']));
        for row in rows.filter(|row| !row.contains("same samples")) {
            let width = row.chars().count();
            assert!(
                width <= usize::from(columns),
                "{width} of {columns} columns: {row}"
            );
        }
    }
    let wide = plain(&on_terminal(&home, 200, &[], &[]));
    let bar = |name: &str| {
        let line = wide.lines().find(|line| line.starts_with(name)).unwrap();
        let start = line
            .char_indices()
            .find(|(_, c)| ['┊', '│', '←', '━', '●'].contains(c))
            .unwrap()
            .0;
        line[start..].to_owned()
    };
    assert!(bar("same").starts_with("┊"), "{wide}");
    assert!(
        bar("slower").contains("●━") && bar("slower").find('│') < bar("slower").find('●'),
        "{wide}"
    );
    assert!(
        bar("faster").starts_with("←") || bar("faster").starts_with('●'),
        "{wide}"
    );
    // The middle of the head stands over the middle of every bar.
    let column = |line: &str, what: char| line.chars().position(|c| c == what);
    let head = wide
        .lines()
        .find(|line| line.starts_with("benchmark"))
        .unwrap();
    let slower = wide
        .lines()
        .find(|line| line.starts_with("slower"))
        .unwrap();
    let zero = head.find(" 0 ").unwrap() + 1;
    assert_eq!(column(slower, '│'), Some(zero), "{wide}");
}
