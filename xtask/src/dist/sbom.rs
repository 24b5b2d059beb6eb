//! The bill of materials: which crates the packed program and its suites are made of, in CycloneDX 1.5.
//!
//! `cargo tree` says what is compiled, `Cargo.lock` the hash of each crate. Nothing in it depends on folder, clock or chance.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use crate::workspace::Workspace;

/// The document's place in the archive.
pub(super) const NAME: &str = "bom.cdx.json";
/// The packages that are packed.
const PACKED: [&str; 2] = ["harness", "suites"];
/// What becomes part of a program or of its suites.
const LINKED: &str = "normal,no-proc-macro";
/// The same and what runs while they are built.
const BUILT: &str = "normal,build";

/// The text of the document for the tree as it stands. `unix_seconds` is the time of its commit.
///
/// Crates that only build others (macros and build scripts) have the scope `excluded`.
///
/// # Errors
/// Where cargo cannot tell the dependencies.
pub(super) fn text(workspace: &Workspace, unix_seconds: u64) -> Result<String> {
    let shell = workspace.shell()?;
    let lock = shell.read_file("Cargo.lock")?;
    let mut linked = BTreeSet::new();
    let mut graph = Graph::default();
    for package in PACKED {
        linked.extend(Graph::of(&shell, package, LINKED)?.crates.into_keys());
        graph.merge(Graph::of(&shell, package, BUILT)?);
    }
    let mut text = serde_json::to_string_pretty(&document(
        &graph,
        &linked,
        &checksums(&lock),
        &rfc3339(&shell, unix_seconds)?,
    ))?;
    text.push('\n');
    Ok(text)
}

/// A name and a version.
type Id = (String, String);

/// Crates, and what each asks for.
#[derive(Debug, Default, PartialEq)]
struct Graph {
    /// Licence and repository of each.
    crates: BTreeMap<Id, (String, String)>,
    needs: BTreeMap<Id, BTreeSet<Id>>,
}

impl Graph {
    /// What cargo compiles for `package`, over these kinds of edges.
    fn of(shell: &Shell, package: &str, edges: &str) -> Result<Self> {
        let cargo = crate::workspace::cargo();
        let format = "|{p}|{l}|{r}|";
        let tree = cmd!(
            shell,
            "{cargo} tree --quiet --locked --package {package} --edges {edges} --prefix depth --format {format}"
        );
        Self::parse(&tree.quiet().read()?)
    }

    /// Reads lines as `2|clap_builder v4.6.7 (proc-macro)|MIT OR Apache-2.0|https://…| (*)`.
    fn parse(tree: &str) -> Result<Self> {
        let mut graph = Self::default();
        let mut above: Vec<Id> = Vec::new();
        for line in tree.lines().filter(|line| !line.is_empty()) {
            let unknown = || format!("cargo tree answered in an unknown form: {line:?}");
            let mut parts = line.split('|');
            let mut next = || parts.next().with_context(unknown);
            let (depth, name, licence, repository) = (next()?, next()?, next()?, next()?);
            let depth: usize = depth.parse().with_context(unknown)?;
            let (name, version) = name.split_once(" v").with_context(unknown)?;
            let version = version.split(' ').next().unwrap_or_default();
            let id = (name.to_owned(), version.to_owned());
            above.truncate(depth);
            if let Some(parent) = above.last() {
                let needs = graph.needs.entry(parent.clone()).or_default();
                needs.insert(id.clone());
            }
            above.push(id.clone());
            let about = (licence.to_owned(), repository.to_owned());
            graph.crates.insert(id, about);
        }
        Ok(graph)
    }

    fn merge(&mut self, other: Self) {
        self.crates.extend(other.crates);
        for (id, needs) in other.needs {
            self.needs.entry(id).or_default().extend(needs);
        }
    }
}

fn document(
    graph: &Graph,
    linked: &BTreeSet<Id>,
    checksums: &BTreeMap<Id, String>,
    timestamp: &str,
) -> Value {
    let version = Workspace::version();
    let component = |(id, (licence, repository)): (&Id, &(String, String))| {
        let mut component = json!({
            "type": "library",
            "bom-ref": purl(id),
            "name": id.0,
            "version": id.1,
            "scope": if linked.contains(id) { "required" } else { "excluded" },
            "purl": purl(id),
        });
        if let Some(checksum) = checksums.get(id) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        if !licence.is_empty() {
            component["licenses"] = json!([{ "expression": expression(licence) }]);
        }
        if !repository.is_empty() {
            component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
        }
        component
    };
    let root = graph
        .crates
        .keys()
        .filter(|(name, _)| PACKED.contains(&name.as_str()));
    let mut dependencies = vec![json!({
        "ref": "benchmarks",
        "dependsOn": root.map(purl).collect::<Vec<_>>(),
    })];
    dependencies.extend(graph.needs.iter().map(|(id, needs)| {
        json!({ "ref": purl(id), "dependsOn": needs.iter().map(purl).collect::<Vec<_>>() })
    }));
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "component": {
                "type": "application",
                "bom-ref": "benchmarks",
                "name": "benchmarks",
                "version": version,
            },
        },
        "components": graph.crates.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies,
    })
}

fn purl((name, version): &Id) -> String {
    // Of what a version may hold, only this has a meaning in a package URL.
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// An SPDX expression: cargo's older form has `/` between alternatives.
fn expression(licence: &str) -> String {
    let alternatives: Vec<&str> = licence.split('/').map(str::trim).collect();
    alternatives.join(" OR ")
}

/// The SHA-256 of every crate that comes from a registry, as `Cargo.lock` has it.
fn checksums(lock: &str) -> BTreeMap<Id, String> {
    let packages = lock.split("[[package]]").skip(1).filter_map(|package| {
        let field = |key: &str| {
            let value = |line: &str| {
                let value = line.strip_prefix(key)?.strip_prefix(" = \"")?;
                Some(value.strip_suffix('"')?.to_owned())
            };
            package.lines().find_map(value)
        };
        Some(((field("name")?, field("version")?), field("checksum")?))
    });
    packages.collect()
}

fn rfc3339(shell: &Shell, unix_seconds: u64) -> Result<String> {
    let time = format!("@{unix_seconds}");
    cmd!(shell, "date --utc --date={time} +%Y-%m-%dT%H:%M:%SZ")
        .quiet()
        .read()
        .context("cannot run date")
}

#[cfg(test)]
mod tests {
    use super::*;
    use cyclonedx_bom::prelude::*;

    fn id(name: &str, version: &str) -> Id {
        (name.into(), version.into())
    }

    #[test]
    fn a_tree_is_read() {
        let tree = "0|a v1.0.0 (/x y)|MIT||\n1|b v2.0.0+x|MIT/Apache-2.0|https://b|\n2|c v3.0.0 (proc-macro)|||\n1|c v3.0.0 (proc-macro)||| (*)\n";
        let graph = Graph::parse(tree).unwrap();
        let needs: [(&Id, &[Id]); 2] = [
            (&id("a", "1.0.0"), &[id("b", "2.0.0+x"), id("c", "3.0.0")]),
            (&id("b", "2.0.0+x"), &[id("c", "3.0.0")]),
        ];
        for (of, wanted) in needs {
            assert!(graph.needs[of].iter().eq(wanted), "{of:?}: {graph:?}");
        }
        let about = &graph.crates[&id("b", "2.0.0+x")];
        assert_eq!(about, &("MIT/Apache-2.0".into(), "https://b".into()));
        for other in ["no line", "x|a v1|MIT||", "0|a|MIT||"] {
            assert!(Graph::parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn licences_are_spdx_expressions() {
        for (licence, wanted) in [
            ("MIT", "MIT"),
            ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
            ("Apache-2.0 / MIT", "Apache-2.0 OR MIT"),
        ] {
            assert_eq!(expression(licence), wanted);
        }
    }

    #[test]
    fn this_workspace_has_a_valid_bill() {
        let workspace = Workspace::find().unwrap();
        let made = text(&workspace, 1_700_000_000).unwrap();
        assert_eq!(made, text(&workspace, 1_700_000_000).unwrap());
        let root = workspace.root.to_str().unwrap();
        assert!(!made.contains(root), "it names the folder {root}");
        let bom = Bom::parse_from_json_v1_5(made.as_bytes()).unwrap();
        let validation = bom.validate_version(SpecVersion::V1_5);
        assert!(validation.passed(), "{validation:?}");

        let json: Value = serde_json::from_str(&made).unwrap();
        assert_eq!(json["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
        let components = json["components"].as_array().unwrap();
        let table = [
            ("faer", Some("required")),
            ("harness", Some("required")),
            ("kernels", Some("required")),
            ("serde_json", Some("required")),
            ("serde_derive", Some("excluded")),
            // Of the tests, and of the program that packs.
            ("proptest", None),
            ("tar", None),
        ];
        for (name, scope) in table {
            let found = components.iter().find(|one| one["name"] == name);
            let found = found.map(|one| one["scope"].as_str().unwrap());
            assert_eq!(found, scope, "{name}");
        }
        for one in components {
            let ours = one["hashes"].is_null();
            let name = one["name"].as_str().unwrap();
            let crates = ["abi", "harness", "kernels", "suites"];
            assert_eq!(ours, crates.contains(&name), "{one}");
            assert!(one["licenses"].is_array(), "{one}");
        }
    }
}
