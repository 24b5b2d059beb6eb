//! Two runs on one machine must not measure on the same CPU unknowingly: each claims its CPU by a lock on a file.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// A claim on a CPU, given up when dropped.
#[derive(Debug)]
pub struct Claim {
    /// The CPU.
    pub cpu: u32,
    /// Whether another run measures on it, or that could not be told.
    pub shared: bool,
    _lock: Option<File>,
}

/// Claims the first of `cpus` that no other run has; where all are taken, shares the first.
///
/// # Panics
/// Where `cpus` is empty.
pub fn claim(cpus: &[u32]) -> Claim {
    claim_in(&std::env::temp_dir(), cpus)
}

fn claim_in(folder: &Path, cpus: &[u32]) -> Claim {
    let free = cpus.iter().find_map(|&cpu| {
        let lock = open(folder.join(format!("bench-cpu-{cpu}.lock")))?;
        lock.try_lock().is_ok().then_some((cpu, lock))
    });
    match free {
        Some((cpu, lock)) => Claim {
            cpu,
            shared: false,
            _lock: Some(lock),
        },
        None => Claim {
            cpu: cpus[0],
            shared: true,
            _lock: None,
        },
    }
}

/// Opens a lock file, which may be another user's; a lock needs no right to write.
fn open(path: PathBuf) -> Option<File> {
    File::open(&path)
        .or_else(|_| OpenOptions::new().write(true).create_new(true).open(&path))
        .or_else(|_| File::open(&path))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_gets_a_cpu_of_its_own_while_there_are_some() {
        let folder = tempfile::tempdir().unwrap();
        let claim = || claim_in(folder.path(), &[3, 1]);
        let (first, second, third) = (claim(), claim(), claim());
        let seen = [&first, &second, &third].map(|claim| (claim.cpu, claim.shared));
        assert_eq!(seen, [(3, false), (1, false), (3, true)]);
        drop(second);
        let again = claim();
        assert_eq!((again.cpu, again.shared), (1, false));
    }

    #[test]
    fn without_a_folder_the_first_cpu_is_shared() {
        let claim = claim_in(Path::new("/nowhere"), &[2, 0]);
        assert_eq!((claim.cpu, claim.shared), (2, true));
    }
}
