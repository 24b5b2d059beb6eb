//! An archive and its manifest are refused, or what they hold lies where they were told to put it.
#![no_main]
#![allow(dead_code, reason = "of what packs, the target uses what reads")]

#[path = "../../../xtask/src/dist/manifest.rs"]
mod manifest;
#[path = "../../../xtask/src/dist/pack.rs"]
mod pack;
#[path = "../../../xtask/src/dist/unpack.rs"]
mod unpack;

use std::fs;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(manifest) = manifest::Manifest::parse(text)
    {
        assert_eq!(
            manifest::Manifest::parse(&manifest.text()).unwrap(),
            manifest
        );
    }
    // What is packed is fuzzed; with few exceptions, bytes are no gzip.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(bytes).unwrap();
    let around = tempfile::tempdir().unwrap();
    let into = around.path().join("into");
    fs::create_dir(&into).unwrap();
    for archive in [gzip.finish().unwrap().as_slice(), bytes] {
        if let Ok(files) = unpack::unpack(archive, &into) {
            for file in files {
                assert!(into.join(&file).is_file(), "{file}");
            }
        }
    }
    let outside = fs::read_dir(around.path()).unwrap().count();
    assert_eq!(outside, 1, "something was written outside");
});
