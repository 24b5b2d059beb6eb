//! The types of core of a hybrid CPU: their numbers cannot be compared, and the fast ones are to be measured on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::affinity;

/// What Linux calls the fast cores: `/sys/devices/cpu_core`, beside `cpu_atom` and `cpu_lowpower`.
const FAST: &str = "core";

/// The CPUs of each type; empty where all are alike, or the system does not say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Cores(BTreeMap<String, Vec<u32>>);

impl Cores {
    /// Those of this machine.
    pub(crate) fn read() -> Self {
        Self::read_in(Path::new("/sys/devices"))
    }

    fn read_in(devices: &Path) -> Self {
        let folders = fs::read_dir(devices).into_iter().flatten().flatten();
        let types = folders.filter_map(|folder| {
            let name = folder.file_name().into_string().ok()?;
            let cpus = fs::read_to_string(folder.path().join("cpus")).ok()?;
            let cpus = affinity::parse_list(cpus.trim())?;
            Some((name.strip_prefix("cpu_")?.to_owned(), cpus))
        });
        let types: BTreeMap<_, _> = types.collect();
        // One type is none.
        Cores(if types.len() > 1 {
            types
        } else {
            BTreeMap::new()
        })
    }

    /// The type of one CPU, where there are several.
    pub(crate) fn type_of(&self, cpu: u32) -> Option<&str> {
        let mut types = self.0.iter();
        let (name, _) = types.find(|(_, cpus)| cpus.contains(&cpu))?;
        Some(name)
    }

    /// Whether the machine has faster ones than this.
    pub(crate) fn is_slow(&self, cpu: u32) -> bool {
        self.type_of(cpu).is_some_and(|name| name != FAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_of_several_types() {
        type Files = &'static [(&'static str, &'static str)];
        // Each CPU with its type, and whether it is slow.
        type Types = &'static [(u32, Option<&'static str>, bool)];
        let table: [(&str, Files, Types); 4] = [
            ("nothing known", &[], &[(0, None, false)]),
            (
                "one type",
                &[("cpu_core/cpus", "0-3\n")],
                &[(0, None, false)],
            ),
            (
                "two types",
                &[
                    ("cpu_core/cpus", "0-3\n"),
                    ("cpu_atom/cpus", "4-7\n"),
                    ("pci/cpus", "0\n"),
                ],
                &[
                    (3, Some("core"), false),
                    (4, Some("atom"), true),
                    (8, None, false),
                ],
            ),
            (
                "nonsense",
                &[("cpu_core/cpus", "0-3\n"), ("cpu_atom/cpus", "many\n")],
                &[(0, None, false)],
            ),
        ];
        for (name, files, types) in table {
            let root = tempfile::tempdir().unwrap();
            for (file, text) in files {
                let file = root.path().join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            let cores = Cores::read_in(root.path());
            for &(cpu, wanted, slow) in types {
                assert_eq!(
                    (cores.type_of(cpu), cores.is_slow(cpu)),
                    (wanted, slow),
                    "{name}: CPU {cpu}"
                );
            }
        }
        assert_eq!(Cores::read_in(Path::new("/nowhere")), Cores::default());
    }
}
