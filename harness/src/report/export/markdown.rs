//! GitHub's Markdown: a table of what was measured, and where.

use crate::record::{Entry, Record};
use crate::report::markdown::escape;
use crate::report::run;

pub(super) fn write(record: &Record) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(run::COLUMNS.map(str::to_owned).to_vec());
    let rule = |index| {
        if run::NUMBERS.contains(&index) {
            "---:"
        } else {
            "---"
        }
    };
    text += &line(
        (0..run::COLUMNS.len())
            .map(|index| rule(index).to_owned())
            .collect(),
    );
    for entry in &record.benchmarks {
        text += &line(cells(entry));
    }
    let environment = &record.environment;
    let known = [
        ("recorded", record.timestamp.to_string()),
        ("commit", environment.git_commit.clone().unwrap_or_default()),
        ("host", environment.host.clone()),
        ("CPU", environment.cpu.clone()),
        ("system", environment.os.clone()),
    ];
    text.push('\n');
    for (name, value) in known.iter().filter(|(_, value)| !value.is_empty()) {
        text += &format!("- {name}: {}\n", escape(value));
    }
    text
}

fn cells(entry: &Entry) -> Vec<String> {
    let mut cells = run::row(entry).map(|cell| escape(&cell)).to_vec();
    cells[0] = format!("<code>{}</code>", cells[0]);
    cells
}
