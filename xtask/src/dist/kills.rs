//! `kill -9` at a hundred moments of packing: under the archive's name lies a whole one or none, and the next packing works.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

const KILLS: u32 = 100;
/// The environment variable that tells [`packs_where_it_is_told`] where.
const FOLDER: &str = "XTASK_TEST_FOLDER";

/// Stands in for the program.
const BENCH: &str =
    "#!/bin/sh\n[ $1 = run ] || exit 0\necho record > results/r.json; echo results/r.json\n";

#[test]
#[ignore = "what the other test starts and kills"]
fn packs_where_it_is_told() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    pack(Path::new(&folder)).unwrap();
}

/// What `dist` does once everything is built.
fn pack(folder: &Path) -> Result<()> {
    let target = Target::new(&folder.join("dist"), "1.0.0");
    target.clear()?;
    let files = [
        File::new("bench", 0o755, folder.join("bench")),
        File::new("large", 0o644, folder.join("large")),
    ];
    let manifest = Manifest::of(&files, &[("benchmarks", "1.0.0".into())])?;
    write_verified(&target, &files, &manifest, 0).map(drop)
}

fn start(folder: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "dist::kills::packs_where_it_is_told",
        ])
        .env(FOLDER, folder)
        // What a killed process leaves in the temporary folder goes with this one.
        .env("TMPDIR", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Whether an archive is there, which then is the one that its hash tells of.
fn is_whole(folder: &Path) -> bool {
    let target = Target::new(&folder.join("dist"), "1.0.0");
    if !target.archive().exists() {
        return false;
    }
    let hash = fs::read_to_string(target.hash()).expect("an archive has a hash beside it");
    let found = manifest::sha256(&target.archive()).unwrap();
    assert!(hash.starts_with(&found), "{hash} is not of these bytes");
    true
}

#[test]
fn a_killed_dist_leaves_a_whole_archive_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("bench"), BENCH).unwrap();
    // Large enough that packing, hashing and unpacking take their share of the time, and no two blocks alike.
    let large: Vec<u8> = (0..100_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    fs::write(folder.join("large"), large).unwrap();
    let begun = Instant::now();
    assert!(start(folder).wait().unwrap().success());
    assert!(is_whole(folder));
    let longest = begun.elapsed().min(Duration::from_millis(500));
    let mut whole = 0;
    for kill in 0..KILLS {
        let mut child = start(folder);
        // Each hundredth of the time once, in no order.
        std::thread::sleep(longest * (kill * 37 % KILLS) / KILLS);
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
        whole += u32::from(is_whole(folder));
    }
    assert!(whole < KILLS, "every kill came too late");
    assert!(start(folder).wait().unwrap().success());
    assert!(is_whole(folder));
}
