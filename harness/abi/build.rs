//! Tells the crate which compiler built it: the library's build information names it.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .unwrap_or_default();
    println!("cargo::rustc-env=ABI_RUSTC={}", version.trim());
    for name in ["TARGET", "OPT_LEVEL"] {
        let value = std::env::var(name).unwrap_or_default();
        println!("cargo::rustc-env=ABI_{name}={value}");
    }
}
