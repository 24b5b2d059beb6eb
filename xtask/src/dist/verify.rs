//! Proves an archive: extracts it into an empty folder, checks every hash, and uses it there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::manifest::{self, Manifest};
use super::pack::FOLDER;
use super::unpack::unpack;

/// Checks that the archive holds what `manifest` says and works with nothing around it.
///
/// # Errors
/// A hostile or damaged archive, a file that is missing, added or changed, a program that fails: says which.
pub(super) fn archive(path: &Path, manifest: &Manifest) -> Result<()> {
    let empty = tempfile::Builder::new()
        .prefix("benchmarks-")
        .tempdir()
        .context("cannot make a temporary folder")?;
    let file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let files = unpack(file, empty.path())?;
    let folder = empty.path().join(FOLDER);
    hashes(&folder, &files, manifest)?;
    eprintln!(
        "verifying: a quick measurement and a comparison in {}",
        folder.display()
    );
    works(&folder)
}

/// Holds the extracted files against the packed manifest, and that against the expected one.
fn hashes(folder: &Path, files: &[String], expected: &Manifest) -> Result<()> {
    let text =
        fs::read_to_string(folder.join(manifest::NAME)).context("the archive has no manifest")?;
    let packed = Manifest::parse(&text)?;
    ensure!(
        packed == *expected,
        "the manifest in the archive is another one"
    );
    let listed: BTreeSet<String> = packed
        .files
        .keys()
        .map(String::as_str)
        .chain([manifest::NAME])
        .map(|path| format!("{FOLDER}/{path}"))
        .collect();
    let there: BTreeSet<String> = files.iter().cloned().collect();
    let odd: Vec<&String> = listed.symmetric_difference(&there).collect();
    ensure!(
        odd.is_empty(),
        "in the archive or in its manifest, but not in both: {odd:?}"
    );
    for (path, hash) in &packed.files {
        let found = manifest::sha256(&folder.join(path))?;
        ensure!(
            found == *hash,
            "{path} has the hash {found}, the manifest says {hash}"
        );
    }
    Ok(())
}

/// Measures quickly and compares the record with itself, with an empty environment.
fn works(folder: &Path) -> Result<()> {
    let output = bench(folder, &["run", "--quick"])?;
    let record = output.lines().last().context("bench run printed no path")?;
    ensure!(
        folder.join(record).is_file(),
        "bench run's last line is no file: {record:?}"
    );
    bench(
        folder,
        &["compare", "--baseline", record, "--current", record],
    )?;
    Ok(())
}

/// What the extracted program prints; an exit code other than 0 is an error that shows it.
fn bench(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(folder.join("bench"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .context("cannot run the extracted program")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let status = output.status;
    ensure!(
        status.success(),
        "bench {} ended with {status}:\n{stdout}{stderr}",
        arguments.join(" ")
    );
    Ok(stdout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::pack::{self, File};
    use std::os::unix::fs::PermissionsExt;

    /// Stands in for the program: a shell script.
    const GOOD: &str = "#!/bin/sh
        [ -z \"$HOME$CARGO\" ] || exit 9
        [ \"$1\" = run ] || exit 0
        echo record > results/r.json; echo results/r.json
        ";

    /// Verifies an archive of this one program, whose manifest was spoilt before it was packed.
    fn verified(bench: &str, spoil: impl Fn(&mut Manifest)) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let source = folder.path().join("source");
        fs::write(&source, bench)?;
        fs::set_permissions(&source, PermissionsExt::from_mode(0o755))?;
        let files = [File::new("bench", 0o755, source)];
        let good = Manifest::of(&files, &[("benchmarks", "0.1.0".into())])?;
        let mut manifest = Manifest::parse(&good.text())?;
        spoil(&mut manifest);
        let path = folder.path().join("archive");
        pack::write(fs::File::create(&path)?, &files, &manifest, 0)?;
        loop {
            match archive(&path, &manifest) {
                // A process that another test starts at this moment inherits the open script until its own exec.
                Err(error) if is_busy(&error) => std::thread::yield_now(),
                answer => return answer,
            }
        }
    }

    fn is_busy(error: &anyhow::Error) -> bool {
        let cause = error.root_cause().downcast_ref::<std::io::Error>();
        cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::ExecutableFileBusy)
    }

    #[test]
    fn changed_manifests_are_refused() {
        let zeros = "0".repeat(64);
        let table = [
            ("changed", Some("bench"), "has the hash"),
            ("missing", Some("more"), "not in both"),
            ("added", None, "not in both"),
        ];
        for (name, listed, expected) in table {
            let spoil = |manifest: &mut Manifest| match listed {
                Some(path) => drop(manifest.files.insert(path.into(), zeros.clone())),
                None => manifest.files.clear(),
            };
            let error = format!("{:#}", verified(GOOD, spoil).expect_err(name));
            assert!(error.contains(expected), "{name}: {error}");
        }
    }

    #[test]
    fn programs_that_do_not_work_are_refused() {
        let table = [
            ("run fails", "echo why >&2; exit 3", "why"),
            ("no record", "echo results/none.json", "no file"),
            (
                "gate fails",
                "[ $1 = compare ] && exit 1; echo x > results/r; echo results/r",
                "compare",
            ),
        ];
        for (name, script, expected) in table {
            let bench = format!("#!/bin/sh\n{script}\n");
            let error = format!("{:#}", verified(&bench, |_| {}).expect_err(name));
            assert!(error.contains(expected), "{name}: {error}");
        }
    }

    #[test]
    fn a_program_that_works_without_an_environment_passes() {
        verified(GOOD, |_| {}).unwrap();
    }
}
