//! What the host is: the environment of a record, and what makes two hosts comparable.

mod cores;
mod quota;

use std::fs;
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::affinity;
use crate::record::Environment;

pub(crate) use cores::Cores;

/// Describes this host. `allowed_cpus` are those that the run may use, `measured_on` the one of them that benchmarks of one
/// thread run on; `rust_version` built what is measured.
pub fn environment(allowed_cpus: &[u32], measured_on: u32, rust_version: &str) -> Environment {
    let uname = rustix::system::uname();
    let logical_cpus = logical_cpus();
    let (cpu, isa) = (cpu_brand(), isa());
    let cores = Cores::read();
    let core_type = cores.type_of(measured_on);
    Environment {
        os: format!(
            "{} {}",
            uname.sysname().to_string_lossy(),
            uname.release().to_string_lossy()
        ),
        host: host_id(&cpu, isa, logical_cpus, core_type),
        core_type: core_type.map(Into::into),
        cpu,
        rust_version: rust_version.to_owned(),
        git_commit: git(&["rev-parse", "HEAD"]),
        git_dirty: git(&["status", "--porcelain"]).map(|changes| !changes.is_empty()),
        isa: isa.to_owned(),
        hypervisor: hypervisor(),
        logical_cpus,
        allowed_cpus: allowed_cpus.to_vec(),
        cpu_quota: quota::cpus(),
        memory_mb: memory_mb(),
    }
}

/// Twelve hexadecimal digits that are the same on hosts whose numbers may be compared.
fn host_id(cpu: &str, isa: &str, logical_cpus: u32, core_type: Option<&str>) -> String {
    let core_type = core_type.map_or_else(String::new, |name| format!("|{name}"));
    let hash = Sha256::digest(format!("{cpu}|{isa}|{logical_cpus}{core_type}"));
    hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Brand, family, model and stepping: virtual machines often hide the brand.
fn cpu_brand() -> String {
    let cpuid = raw_cpuid::CpuId::new();
    let brand = cpuid
        .get_processor_brand_string()
        .map_or_else(String::new, |brand| brand.as_str().trim().to_owned());
    match cpuid.get_feature_info() {
        Some(info) => format!(
            "{brand} (family {}, model {}, stepping {})",
            info.family_id(),
            info.model_id(),
            info.stepping_id()
        ),
        None => brand,
    }
}

fn hypervisor() -> Option<String> {
    let info = raw_cpuid::CpuId::new().get_hypervisor_info()?;
    Some(format!("{:?}", info.identify()))
}

/// The widest instruction set that CPU and operating system support, by the names that implementations have.
fn isa() -> &'static str {
    if std::arch::is_x86_feature_detected!("avx512f") {
        "avx512"
    } else if std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma")
    {
        "avx2"
    } else {
        "portable"
    }
}

fn logical_cpus() -> u32 {
    fs::read_to_string("/sys/devices/system/cpu/online")
        .ok()
        .and_then(|list| affinity::parse_list(list.trim()))
        .map_or_else(
            || std::thread::available_parallelism().map_or(1, |count| count.get() as u32),
            |cpus| cpus.len() as u32,
        )
}

fn memory_mb() -> f64 {
    let info = rustix::system::sysinfo();
    (info.totalram as f64 * f64::from(info.mem_unit) / 1e6).round()
}

/// What git says, or nothing where there is no git or no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| answer.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_differ_where_their_numbers_do() {
        let this = host_id("cpu", "avx2", 2, None);
        assert_eq!(this.len(), 12);
        let table = [
            ("cpu", "avx2", 2, None, true),
            ("cpu2", "avx2", 2, None, false),
            ("cpu", "avx512", 2, None, false),
            ("cpu", "avx2", 4, None, false),
            ("cpu", "avx2", 2, Some("core"), false),
        ];
        for (cpu, isa, cpus, core, same) in table {
            let id = host_id(cpu, isa, cpus, core);
            assert_eq!(id == this, same, "{cpu} {isa} {cpus} {core:?}");
        }
    }

    #[test]
    fn this_host_is_described() {
        let environment = environment(&[0], 0, "rustc 1");
        assert!(environment.os.starts_with("Linux "), "{}", environment.os);
        assert!(environment.logical_cpus >= 1);
        assert!(environment.memory_mb > 0.0);
        assert!(environment.cpu.contains("family"), "{}", environment.cpu);
    }
}
