//! The probe's fast time on this machine: kept between comparisons, so that one that starts inside a slow spell knows it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A stored time is trusted for so long.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The file: one machine as it is now, and the least level that any process saw on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Fast {
    machine: String,
    stored_s: u64,
    pub(super) fast_ns: f64,
}

impl Fast {
    /// What is stored for `machine`, unless it is too old or makes no sense.
    pub(super) fn load(machine: &str) -> Option<f64> {
        let text = std::fs::read_to_string(path()?).ok()?;
        Fast::parse(&text, machine, now_s())
    }

    fn parse(text: &str, machine: &str, now_s: u64) -> Option<f64> {
        let fast: Fast = serde_json::from_str(text).ok()?;
        // In either direction: a clock may have been set back.
        let fresh = now_s.abs_diff(fast.stored_s) < LIFETIME.as_secs();
        let sane = fast.fast_ns.is_finite() && fast.fast_ns > 0.0;
        (fast.machine == machine && fresh && sane).then_some(fast.fast_ns)
    }

    /// Stores `fast_ns` for `machine`. A file that cannot be written costs the next comparison a calibration, nothing else.
    pub(super) fn store(machine: &str, fast_ns: f64) {
        let Some(path) = path() else { return };
        let fast = Fast {
            machine: machine.to_owned(),
            stored_s: now_s(),
            fast_ns,
        };
        let _ = write(&path, &fast);
    }
}

fn write(path: &std::path::Path, fast: &Fast) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, fast)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// What the fast time belongs to: the host, since its last start, and this very program.
pub(super) fn machine(host: &str) -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let program = std::env::current_exe()
        .and_then(std::fs::metadata)
        .map_or(0, |file| file.len());
    format!(
        "{host} {} {} {program}",
        boot.trim(),
        env!("CARGO_PKG_VERSION")
    )
}

fn path() -> Option<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME") {
        Some(cache) if !cache.is_empty() => PathBuf::from(cache),
        _ => PathBuf::from(std::env::var_os("HOME")?).join(".cache"),
    };
    Some(cache.join("bench").join("probe.json"))
}

fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_time_expires_with_its_machine_and_its_day() {
        let stored = |machine: &str, stored_s, fast_ns| {
            let fast = Fast {
                machine: machine.into(),
                stored_s,
                fast_ns,
            };
            serde_json::to_string(&fast).unwrap()
        };
        for (text, wanted) in [
            (stored("here", 1_000, 5.0), Some(5.0)),
            (stored("here", 90_000, 5.0), Some(5.0)),
            (stored("here", 200_000, 5.0), None),
            (stored("there", 1_000, 5.0), None),
            (stored("here", 1_000, 0.0), None),
            (stored("here", 1_000, -1.0), None),
            ("{".into(), None),
        ] {
            assert_eq!(Fast::parse(&text, "here", 80_000), wanted, "{text}");
        }
        assert_eq!(
            Fast::parse(&stored("here", 1_000, 5.0), "here", 100_000),
            None,
            "a day later"
        );
    }
}
