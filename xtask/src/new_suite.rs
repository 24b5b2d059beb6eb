//! `cargo xtask new-suite`: a suite with one benchmark, in a file beside its siblings and one line in their list.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;

/// Where suites live.
const FOLDER: &str = "kernels/suites/src";
/// A suite with one benchmark, under the names `suite-name` and `suite_name`.
const TEMPLATE: &str = include_str!("new_suite/template.rs");
/// The longest name: it stands in tables.
const MAX_LEN: usize = 40;
/// Words that are no name of a module.
const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false final \
    fn for gen if impl in let lib loop macro match mod move mut override priv pub ref return self static struct super \
    trait true try type typeof unsafe unsized use virtual where while yield";

/// Write the skeleton of a new suite: one benchmark with declared work and a reference, which runs at once
///
/// Writes kernels/suites/src/NAME.rs, and adds the suite to the list in lib.rs beside it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The suite's name: lower-case words joined by hyphens, such as image-filters
    name: String,
}

impl Args {
    pub(crate) fn run(self, workspace: &Workspace) -> Result<()> {
        let name = &self.name;
        let module = module(name)?;
        let folder = workspace.root.join(FOLDER);
        let list = folder.join("lib.rs");
        let text = std::fs::read_to_string(&list)
            .with_context(|| format!("cannot read {}", list.display()))?;
        unused(&folder, name, &module)?;
        let text = wired(&text, name, &module)?;
        let file = folder.join(format!("{module}.rs"));
        let skeleton = TEMPLATE
            .replace("suite-name", name)
            .replace("suite_name", &module);
        for (path, text) in [(&file, skeleton), (&list, text)] {
            std::fs::write(path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        println!(
            "{FOLDER}/{module}.rs: the suite, with one benchmark as an example\n\
             {FOLDER}/lib.rs: lists it\n\n\
             Next:\n  \
             cargo xtask bench --suite {name}\n  \
             cargo test -p suites\n  \
             `SUITES` in xtask/src/github/plan.rs, where pull requests shall be compared by it"
        );
        Ok(())
    }
}

/// The module of the suite `name`.
///
/// # Errors
/// Where the name is no lower-case words joined by hyphens, or a word of Rust's.
fn module(name: &str) -> Result<String> {
    let is_word = |word: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !word.is_empty() && word.bytes().all(fits)
    };
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    if !starts || !name.split('-').all(is_word) || name.len() > MAX_LEN {
        bail!(
            "{name:?} is no name for a suite: lower-case words joined by hyphens, {MAX_LEN} characters at most, such as image-filters"
        );
    }
    let module = name.replace('-', "_");
    ensure!(
        !KEYWORDS.split_whitespace().any(|word| word == module),
        "{name:?} is a word of Rust's: choose another name"
    );
    Ok(module)
}

/// Refuses a name that a file, a suite or a benchmark has.
fn unused(folder: &Path, name: &str, module: &str) -> Result<()> {
    for path in [format!("{module}.rs"), module.to_owned()] {
        let taken = folder.join(&path).symlink_metadata().is_ok();
        ensure!(!taken, "{FOLDER}/{path} exists: choose another name");
    }
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let taken = std::fs::read_to_string(&path)?.contains(&format!("\"{name}\""));
            let file = path.file_name().unwrap_or_default().display();
            ensure!(
                !taken,
                "{FOLDER}/{file} has {name:?} already: choose another name"
            );
        }
    }
    Ok(())
}

/// The text of lib.rs with the suite in its table, among its modules and in its list, before the hidden one.
///
/// # Errors
/// Where one of the three places is not found: says what to add there.
fn wired(text: &str, name: &str, module: &str) -> Result<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let starting = |lines: &[String], start: &str| {
        lines
            .iter()
            .position(|line| line.trim_start().starts_with(start))
    };
    // As rustfmt sorts them.
    let later = |lines: &[String]| {
        let after_all = || Some(lines.iter().rposition(|line| declared(line).is_some())? + 1);
        let greater = |line: &String| declared(line).is_some_and(|other| other > module);
        lines.iter().position(greater).or_else(after_all)
    };
    let mut insert = |place: &dyn Fn(&[String]) -> Option<usize>, line: String| {
        let place = place(&lines).with_context(|| {
            format!(
                "{FOLDER}/lib.rs is not as it was: add `{}` to it by hand",
                line.trim()
            )
        })?;
        lines.insert(place, line);
        anyhow::Ok(())
    };
    let row = format!("//! | `{name}` | `{module}.rs` |");
    insert(&|lines| starting(lines, "//! | `ceilings`"), row)?;
    insert(&later, format!("mod {module};"))?;
    let entry = format!("        {module}::suite(),");
    insert(&|lines| starting(lines, "ceilings::suite(),"), entry)?;
    Ok(lines.join("\n") + "\n")
}

/// The module that a line declares.
fn declared(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix(';')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
//! | `tensor-ops` | `tensor_ops.rs` |
//! | `ceilings`, hidden | `ceilings.rs` |

mod ceilings;
mod float;
pub mod model_training;

pub fn suites() -> Vec<abi::Suite> {
    vec![
        tensor_ops::suite(),
        ceilings::suite(),
    ]
}
";

    #[test]
    fn names_of_suites() {
        let table = [
            ("vision", Some("vision")),
            ("image-filters-2", Some("image_filters_2")),
            ("", None),
            ("Vision", None),
            ("image_filters", None),
            ("-x", None),
            ("x--y", None),
            ("x-", None),
            ("2d", None),
            ("../x", None),
            ("größe", None),
            ("match", None),
            ("x23456789012345678901234567890123456789012", None),
        ];
        for (name, expected) in table {
            assert_eq!(module(name).ok().as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn the_list_of_suites_gets_three_lines() {
        for (name, module, before) in [
            ("vision", "vision", "\n"),
            ("audio", "audio", "mod ceilings;"),
            ("graph-search", "graph_search", "pub mod model_training;"),
        ] {
            let text = wired(LIST, name, module).unwrap();
            let declaration = format!("\nmod {module};\n{before}");
            let entry = format!("\n        {module}::suite(),\n        ceilings::suite(),\n");
            let row = format!("\n//! | `{name}` | `{module}.rs` |\n//! | `ceilings`");
            for expected in [declaration, entry, row] {
                assert!(text.contains(&expected), "{name}: {expected} in {text}");
            }
            assert_eq!(text.lines().count(), LIST.lines().count() + 3, "{name}");
        }
    }

    #[test]
    fn the_list_of_this_tree_is_known() {
        let list = include_str!("../../kernels/suites/src/lib.rs");
        let text = wired(list, "a-new-one", "a_new_one").unwrap();
        assert_eq!(text.lines().count(), list.lines().count() + 3, "{text}");
    }

    #[test]
    fn an_unknown_list_is_left_alone() {
        let error = wired("mod a;\n", "vision", "vision")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`//! | `vision` | `vision.rs` |` to it by hand"),
            "{error}"
        );
    }
}
