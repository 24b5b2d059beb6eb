//! The builds of which the answer is known, from the package under harness/peers.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::results::Results;
use super::tools;
use crate::build;
use crate::workspace::{Workspace, cargo};

/// Layouts of the shared object: the linker's own order, and shuffles of it.
pub(super) const LAYOUTS: usize = 8;
/// Layouts of the other tools' executables.
const PEER_LAYOUTS: usize = 2;
/// The sizes that are injected; the true ones are measured.
pub(super) const NOMINAL_PERCENTS: [f64; 6] = [0.5, 1.0, 2.0, 3.0, 5.0, 10.0];
/// The benchmarks, in the order in which the fixture holds their steps.
pub(super) const NAMES: [&str; 8] = [
    "tensor_add_small",
    "tensor_add_large",
    "matmul_small",
    "matmul_large",
    "tensor_add_small_f64",
    "tensor_add_large_f64",
    "matmul_small_f64",
    "matmul_large_f64",
];
/// What stands before the steps in a built file.
const MARK: [u64; 2] = [0x6761_7465_2d63_6865, 0x636b_2073_7465_7073];
/// The executables of the other tools, as cargo names their targets.
const EXECUTABLES: [&str; 4] = ["criterion", "divan", "tango", "mean"];

/// One build: a layout and, where it is slower, the index of its nominal size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) layout: usize,
    pub(super) size: Option<usize>,
}

/// Everything that was built.
#[derive(Debug)]
pub(super) struct Artifacts {
    /// target/gate-check.
    pub(super) folder: PathBuf,
    /// What the results belong to: they are dropped when it changes.
    pub(super) identity: String,
    /// The program.
    pub(super) bench: PathBuf,
    /// The noisy neighbour.
    pub(super) neighbour: PathBuf,
    /// The CPU that is measured: the one that `bench` chooses, the last.
    pub(super) cpu: u32,
    /// Another, or the same where there is none.
    pub(super) other_cpu: u32,
}

impl Artifacts {
    /// Builds the fixture in every layout and size, and the other tools.
    pub(super) fn build(workspace: &Workspace, bench: PathBuf) -> Result<Self> {
        let folder = workspace.target().join("gate-check");
        let builder = Builder {
            package: workspace.root.join("harness/peers"),
            target: folder.join("build"),
            flags: build::encoded_flags(&workspace.root, &folder.join("build"))?,
        };
        std::fs::create_dir_all(folder.join("fixture"))?;
        let cpus = tools::allowed_cpus()?;
        let cpu = *cpus.last().context("this process may use no CPU")?;
        let artifacts = Artifacts {
            identity: String::new(),
            neighbour: folder.join("fixture/neighbour"),
            cpu,
            other_cpu: cpus[0],
            bench,
            folder,
        };
        artifacts.compile(&builder)?;
        let steps = artifacts.steps()?;
        artifacts.inject(&steps)?;
        let identity = artifacts.identity(&steps)?;
        Ok(Artifacts {
            identity,
            ..artifacts
        })
    }

    /// The file of a variant of `what`: `libpeers.so` or an executable.
    pub(super) fn path(&self, what: &str, variant: Variant) -> PathBuf {
        let layout = if what == SHARED {
            variant.layout
        } else {
            variant.layout % PEER_LAYOUTS
        };
        let size = variant
            .size
            .map_or("as-is".into(), |size| NOMINAL_PERCENTS[size].to_string());
        self.folder
            .join("fixture")
            .join(format!("{layout}-{size}-{what}"))
    }

    fn compile(&self, builder: &Builder) -> Result<()> {
        for layout in 0..LAYOUTS {
            let variant = Variant { layout, size: None };
            let file = builder.artifact("--lib", "peers", ".so", layout)?;
            replace(&file, &self.path(SHARED, variant))?;
        }
        for layout in 0..PEER_LAYOUTS {
            for name in EXECUTABLES {
                let kind = if name == "mean" { "--bin" } else { "--bench" };
                let file = builder.artifact(kind, name, "", layout)?;
                replace(&file, &self.path(name, Variant { layout, size: None }))?;
            }
        }
        let neighbour = builder.artifact("--bin", "neighbour", "", 0)?;
        replace(&neighbour, &self.neighbour)
    }

    /// For each benchmark the steps that take as long as one iteration: kept, so that a later call injects the same.
    fn steps(&self) -> Result<[f64; NAMES.len()]> {
        let path = self.folder.join("steps.json");
        if let Ok(text) = std::fs::read_to_string(&path)
            && let Ok(steps) = serde_json::from_str(&text)
        {
            return Ok(steps);
        }
        let plain = self.path(
            "mean",
            Variant {
                layout: 0,
                size: None,
            },
        );
        // On the shortest, the steps take nearly all of the time, so they alone tell how long one takes.
        let stepping = self.folder.join("fixture/stepping");
        patch(&plain, &stepping, &[STEPPING; NAMES.len()])?;
        let longer_ns = self.least_mean_ns(&stepping, NAMES[0])?;
        let step_ns = (longer_ns - self.least_mean_ns(&plain, NAMES[0])?) / STEPPING;
        ensure!(step_ns > 0.0, "{STEPPING} steps take no time");
        let mut steps = [0.0; NAMES.len()];
        for (steps, name) in steps.iter_mut().zip(NAMES) {
            *steps = self.least_mean_ns(&plain, name)? / step_ns;
        }
        std::fs::write(&path, serde_json::to_string(&steps)?)?;
        Ok(steps)
    }

    fn least_mean_ns(&self, program: &Path, name: &str) -> Result<f64> {
        let mut least = f64::INFINITY;
        for _ in 0..5 {
            least = least.min(tools::mean_ns(self, program, name)?);
        }
        Ok(least)
    }

    /// Writes the slower variants: the same files with steps in them.
    fn inject(&self, steps: &[f64; NAMES.len()]) -> Result<()> {
        for (size, percent) in NOMINAL_PERCENTS.iter().enumerate() {
            let steps = steps.map(|steps| steps * percent / 100.0);
            for what in std::iter::once(SHARED).chain(EXECUTABLES) {
                let layouts = if what == SHARED {
                    LAYOUTS
                } else {
                    PEER_LAYOUTS
                };
                for layout in 0..layouts {
                    let plain = self.path(what, Variant { layout, size: None });
                    let slower = self.path(
                        what,
                        Variant {
                            layout,
                            size: Some(size),
                        },
                    );
                    patch(&plain, &slower, &steps)?;
                }
            }
        }
        Ok(())
    }

    /// The fixture's bytes and steps, and the program's.
    fn identity(&self, steps: &[f64; NAMES.len()]) -> Result<String> {
        let mut hash = std::hash::DefaultHasher::new();
        use std::hash::{Hash, Hasher};
        for path in [
            &self.path(
                SHARED,
                Variant {
                    layout: 0,
                    size: None,
                },
            ),
            &self.bench,
        ] {
            std::fs::read(path)?.hash(&mut hash);
        }
        format!("{steps:?}").hash(&mut hash);
        Ok(format!("{:016x}", hash.finish()))
    }

    /// Measures the true size of an injection, once, by a long run apart from the comparisons that it grades.
    pub(super) fn measure_truth(
        &self,
        results: &mut Results,
        size: usize,
        names: &[String],
    ) -> Result<()> {
        let nominal = NOMINAL_PERCENTS[size];
        let missing: Vec<String> = names
            .iter()
            .filter(|name| !results.has_truth(nominal, name))
            .cloned()
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let pair = [None, Some(size)].map(|size| Variant { layout: 0, size });
        eprintln!("measuring the true size of {nominal} %");
        for (name, percent) in tools::true_percents(self, pair, &missing)? {
            results.add_truth(nominal, &name, percent)?;
        }
        Ok(())
    }
}

/// The fixture's shared object.
pub(super) const SHARED: &str = "libpeers.so";
/// Steps an iteration of the variant that tells how long a step takes.
const STEPPING: f64 = 200_000.0;

struct Builder {
    package: PathBuf,
    target: PathBuf,
    flags: String,
}

impl Builder {
    /// Builds one target in one layout: 0 is the linker's own order, others shuffle the functions.
    fn artifact(&self, kind: &str, name: &str, extension: &str, layout: usize) -> Result<PathBuf> {
        let mut command = Command::new(cargo());
        command
            .current_dir(&self.package)
            .args([
                "rustc",
                "--release",
                "--quiet",
                "--message-format=json-render-diagnostics",
            ])
            .arg("--target-dir")
            .arg(&self.target)
            .arg(kind)
            .env("CARGO_ENCODED_RUSTFLAGS", &self.flags)
            .env_remove("RUSTFLAGS");
        if kind == "--lib" {
            command.args(["--crate-type", "cdylib"]);
        } else {
            command.arg(name);
        }
        command.args(["--", "-Clink-arg=-fuse-ld=lld"]);
        if layout > 0 {
            command.arg(format!("-Clink-arg=-Wl,--shuffle-sections=.text*={layout}"));
        }
        let output = command.stderr(std::process::Stdio::inherit()).output();
        let output = output.context("cannot run cargo")?;
        if !output.status.success() {
            bail!(
                "building {name} of harness/peers failed; the linker lld is needed (Debian: apt-get install lld)"
            );
        }
        artifact(&String::from_utf8_lossy(&output.stdout), name, extension)
            .with_context(|| format!("cargo built no {name}"))
    }
}

/// The file of target `name` that cargo's JSON messages name.
fn artifact(messages: &str, name: &str, extension: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .filter_map(|message| {
            let executable = message["executable"]
                .as_str()
                .filter(|_| extension.is_empty());
            let files = message["filenames"].as_array().into_iter().flatten();
            let shared = files
                .filter_map(Value::as_str)
                .find(|file| !extension.is_empty() && file.ends_with(extension));
            executable.or(shared).map(PathBuf::from)
        })
        .next_back()
}

/// Copies a file to a new one, so that a program that runs from the old one is left alone.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let _ = std::fs::remove_file(to);
    std::fs::copy(from, to)
        .map(|_| ())
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}

/// Copies a built file with other steps in it, which it counts in thousandths.
fn patch(from: &Path, to: &Path, steps: &[f64; NAMES.len()]) -> Result<()> {
    let steps = steps.map(|steps| (steps * 1000.0).round() as u64);
    replace(from, to)?;
    let mut bytes = std::fs::read(to)?;
    patch_bytes(&mut bytes, &steps).with_context(|| format!("in {}", from.display()))?;
    std::fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))
}

fn patch_bytes(bytes: &mut [u8], steps: &[u64; NAMES.len()]) -> Result<()> {
    let mark = MARK.map(u64::to_ne_bytes).concat();
    // As the linker aligns it: a search of every byte of every file took a minute.
    let places: Vec<usize> = (0..bytes.len())
        .step_by(align_of::<u64>())
        .filter(|place| bytes[*place..].starts_with(&mark))
        .map(|place| place + mark.len())
        .collect();
    let [start] = places[..] else {
        bail!(
            "the mark before the steps is there {} times, not once",
            places.len()
        );
    };
    let room = bytes
        .get_mut(start..start + 8 * steps.len())
        .context("no room for the steps")?;
    for (room, steps) in room.chunks_exact_mut(8).zip(steps) {
        room.copy_from_slice(&steps.to_ne_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_written_after_the_one_mark() {
        let mark = MARK.map(u64::to_ne_bytes).concat();
        let mut bytes = [vec![7; 8], mark.clone(), vec![0; 64], vec![7; 5]].concat();
        let steps = [1, 2, 3, 4, 5, 6, 7, 8];
        patch_bytes(&mut bytes, &steps).unwrap();
        assert_eq!(bytes[24..88], steps.map(u64::to_ne_bytes).concat());
        assert!(bytes[88..].iter().chain(&bytes[..8]).all(|byte| *byte == 7));
        let none = patch_bytes(&mut [0; 100], &steps).unwrap_err();
        assert!(none.to_string().contains("0 times"), "{none}");
        let mut twice = [mark.clone(), mark, vec![0; 64]].concat();
        assert!(patch_bytes(&mut twice, &steps).is_err());
    }

    #[test]
    fn a_target_is_found_among_messages() {
        let messages = concat!(
            r#"{"target":{"name":"suites"},"filenames":["/t/libsuites.so"],"executable":null}"#,
            "\n",
            r#"{"target":{"name":"peers"},"filenames":["/t/libpeers.rlib","/t/libpeers.so"],"executable":null}"#,
            "\n",
            r#"{"target":{"name":"mean"},"filenames":["/t/mean"],"executable":"/t/mean"}"#,
            "\nno json\n",
        );
        for (name, extension, wanted) in [
            ("peers", ".so", Some("/t/libpeers.so")),
            ("mean", "", Some("/t/mean")),
            ("divan", "", None),
        ] {
            assert_eq!(
                artifact(messages, name, extension),
                wanted.map(PathBuf::from),
                "{name}"
            );
        }
    }
}
