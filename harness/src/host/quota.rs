//! How much CPU time control groups grant, in versions 1 and 2: a container may see all CPUs and be given half of one.

use std::fs;
use std::path::Path;

/// CPUs' worth of time that this process may use; none where nothing limits it, or the system does not say.
pub(super) fn cpus() -> Option<f64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    granted(&groups, Path::new("/sys/fs/cgroup"))
}

/// The least that any group grants which `groups` (as /proc/self/cgroup) names below `root`, or a parent of it.
fn granted(groups: &str, root: &Path) -> Option<f64> {
    let mut least: Option<f64> = None;
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        // Version 2 names no controllers; version 1 mounts each set of them on its own.
        if !controllers.is_empty() && !controllers.split(',').any(|name| name == "cpu") {
            continue;
        }
        let mount = root.join(controllers);
        let group = mount.join(path.trim_start_matches('/'));
        for folder in group
            .ancestors()
            .take_while(|folder| folder.starts_with(&mount))
        {
            if let Some(cpus) = of_group(folder) {
                least = Some(least.map_or(cpus, |least| least.min(cpus)));
            }
        }
    }
    least
}

/// What one group grants.
fn of_group(folder: &Path) -> Option<f64> {
    let read = |file: &str| fs::read_to_string(folder.join(file)).ok();
    let [quota, period] = match read("cpu.max") {
        Some(line) => {
            let (quota, period) = line.trim().split_once(' ')?;
            [quota.parse().ok()?, period.parse().ok()?]
        }
        None => ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
            .map(|file| read(file).and_then(|text| text.trim().parse::<f64>().ok()))
            .map(|number| number.unwrap_or(-1.0)),
    };
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_all_groups_counts() {
        type Files = &'static [(&'static str, &'static str)];
        let table: [(&str, &str, Files, Option<f64>); 9] = [
            (
                "version 2, no limit",
                "0::/a/b\n",
                &[("a/b/cpu.max", "max 100000\n")],
                None,
            ),
            (
                "version 2",
                "0::/a/b\n",
                &[("a/b/cpu.max", "150000 100000\n")],
                Some(1.5),
            ),
            (
                "a parent grants less",
                "0::/a/b\n",
                &[
                    ("a/b/cpu.max", "150000 100000\n"),
                    ("a/cpu.max", "50000 100000\n"),
                ],
                Some(0.5),
            ),
            (
                "the root of a container",
                "0::/\n",
                &[("cpu.max", "20000 10000\n")],
                Some(2.0),
            ),
            (
                "version 1",
                "4:cpu,cpuacct:/a\n3:memory:/b\n",
                &[
                    ("cpu,cpuacct/a/cpu.cfs_quota_us", "50000\n"),
                    ("cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"),
                ],
                Some(0.5),
            ),
            (
                "version 1, no limit",
                "4:cpu:/a\n",
                &[
                    ("cpu/a/cpu.cfs_quota_us", "-1\n"),
                    ("cpu/a/cpu.cfs_period_us", "100000\n"),
                ],
                None,
            ),
            (
                "another controller",
                "4:cpuset:/a\n",
                &[("cpuset/a/cpu.max", "1 2\n")],
                None,
            ),
            ("nonsense", "0::/a\n", &[("a/cpu.max", "many few\n")], None),
            ("nothing", "", &[], None),
        ];
        for (name, groups, files, wanted) in table {
            let root = tempfile::tempdir().unwrap();
            for (file, text) in files {
                let file = root.path().join(file);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            assert_eq!(granted(groups, root.path()), wanted, "{name}");
        }
    }
}
