//! `include/bench.h`: generated from the Rust types, held current, accepted by compilers of C and C++, and laid out alike.
//!
//! `UPDATE_HEADER=1 cargo test -p abi --test header` writes it anew.

use std::fmt::Write as _;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::process::Command;

use abi::{FillKind, Role, raw};

const BEFORE: &str = "\
/* What a suite of benchmarks and a harness say to each other, for suites in C and C++.
 *
 * A shared object exports one function, `bench_library`. It returns a library that lives as long as the object is loaded,
 * or null. Texts are UTF-8, not terminated. Every function takes one call, returns BENCH_OK or another number, and then may
 * leave a message; none may throw.
 *
 * Generated from harness/abi/src by `UPDATE_HEADER=1 cargo test -p abi --test header`: edit the Rust types instead.
 */";

const FIRST: &str = "
// A text from a literal, for initialisers.
#define BENCH_TEXT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

struct BenchLibrary;

#ifdef __cplusplus
extern \"C\" {
#endif
// What a shared object of benchmarks defines.
#ifdef __GNUC__
__attribute__((visibility(\"default\")))
#endif
const struct BenchLibrary *bench_library(void);
#ifdef __cplusplus
}
#endif";

/// How the documentation names things in Rust, and in C.
const NAMES: [(&str, &str); 7] = [
    ("[`DType`](crate::DType)", "`BenchDtype`"),
    ("[`Role`](crate::Role)", "`BenchRole`"),
    ("[`FillKind`](crate::FillKind)", "`BenchFill`"),
    ("[`VERSION`]", "`BENCH_VERSION`"),
    ("[`Benchmark`]", "`BenchBenchmark`"),
    ("`Custom`", "`BENCH_FILL_CUSTOM`"),
    ("`Call::", "`BenchCall::"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The header as it should be.
fn generated() -> String {
    let text = |text: &str| Some(text.to_owned());
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        header: text(BEFORE),
        after_includes: text(FIRST),
        include_guard: text("BENCH_H"),
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        usize_is_size_t: true,
        style: cbindgen::Style::Tag,
        documentation_style: cbindgen::DocumentationStyle::C99,
        ..cbindgen::Config::default()
    };
    config.enumeration.prefix_with_name = true;
    config.enumeration.rename_variants = cbindgen::RenameRule::ScreamingSnakeCase;
    config.export.prefix = text("Bench");
    config.export.renaming_overrides_prefixing = true;
    for (name, wanted) in [
        ("DType", "BenchDtype"),
        ("FillKind", "BenchFill"),
        ("VERSION", "BENCH_VERSION"),
        ("MAX_RANK", "BENCH_MAX_RANK"),
        ("OK", "BENCH_OK"),
        ("FAILED", "BENCH_FAILED"),
    ] {
        config.export.rename.insert(name.into(), wanted.into());
    }
    config.export.include = ["Library", "Call", "DType", "Role", "FillKind"]
        .map(str::to_owned)
        .into();
    // A panic, the name of the symbol and the type of the function are Rust's own business.
    config.export.exclude = ["PANICKED", "SYMBOL", "Entry"].map(str::to_owned).into();
    let mut header = Vec::new();
    cbindgen::Builder::new()
        .with_config(config)
        .with_src(root().join("src/raw.rs"))
        .with_src(root().join("src/kinds.rs"))
        .generate()
        .expect("the types are understood")
        .write(&mut header);
    let header = String::from_utf8(header).expect("the sources are UTF-8");
    NAMES
        .iter()
        .fold(header, |header, (rust, c)| header.replace(rust, c))
}

#[test]
fn header_is_current() {
    let path = root().join("include/bench.h");
    let wanted = generated();
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found, wanted,
        "write it anew with `UPDATE_HEADER=1 cargo test -p abi --test header`"
    );
}

/// Compiles `source` as `language`, warnings are errors; a missing compiler is an error where the environment says CI=true.
fn compile(compiler: &str, flags: &[&str], source: &str, file: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join(file);
    std::fs::write(&path, source).unwrap();
    let output = Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg(&path)
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) if std::env::var_os("CI").is_some_and(|ci| ci == "true") => {
            panic!("{compiler} is missing ({error}): install {compiler}")
        }
        Err(error) => {
            eprintln!("not checked with {compiler}: {error}");
            Ok(())
        }
    }
}

/// Every compiler that must take the header: name, flags, file.
const COMPILERS: [(&str, &[&str], &str); 4] = [
    ("gcc", &["-std=c11", "-Wc++-compat"], "a.c"),
    ("gcc", &["-std=c2x"], "a.c"),
    ("g++", &["-std=c++11"], "a.cpp"),
    ("g++", &["-std=c++20"], "a.cpp"),
];

/// One assertion for the size of each struct, and for the place of each field.
fn assertions() -> String {
    let mut text = String::new();
    macro_rules! laid_out {
        ($($type:ident { $($field:ident),* $(,)? })*) => {$(
            // A field that is missing here does not compile.
            let _ = |raw::$type { $($field: _),* }: raw::$type| {};
            let name = concat!("struct Bench", stringify!($type));
            let size = size_of::<raw::$type>();
            writeln!(text, "ASSERT(sizeof({name}) == {size}, \"{name}\");").unwrap();
            $(
                let (field, place) = (stringify!($field), offset_of!(raw::$type, $field));
                writeln!(text, "ASSERT(offsetof({name}, {field}) == {place}, \"{name}, {field}\");").unwrap();
            )*
        )*};
    }
    laid_out! {
        Text { data, len }
        Library { version, benchmark_size, build, suites, suites_len }
        Suite { name, description, hidden, benchmarks, benchmarks_len, user, open, park, close }
        Benchmark {
            name, description, implementation, dtype, rank, shape, parallel, buffers, buffers_len, work, tolerance,
            refill_after, user, setup, fill, run, reference, teardown,
        }
        Buffer { name, dtype, role, fill, rank, shape, low, high }
        Work { flops, bytes_read, bytes_written, items, item }
        Slice { data, bytes }
        Call {
            benchmark, suite, state, seed, iterations, buffers, buffers_len, expected, cpus, cpus_len, message,
            message_capacity, message_len,
        }
    }
    let dtypes = abi::DType::ALL.map(|dtype| {
        let name = format!("DTYPE_{}", dtype.name().to_uppercase());
        (name, dtype as u32)
    });
    let others = [
        ("ROLE_INPUT", Role::Input as u32),
        ("ROLE_OUTPUT", Role::Output as u32),
        ("ROLE_IN_OUT", Role::InOut as u32),
        ("FILL_ZEROS", FillKind::Zeros as u32),
        ("FILL_UNIFORM", FillKind::Uniform as u32),
        ("FILL_CUSTOM", FillKind::Custom as u32),
    ];
    let others = others.map(|(name, number)| (name.to_owned(), number));
    for (name, number) in dtypes.into_iter().chain(others) {
        writeln!(text, "ASSERT(BENCH_{name} == {number}, \"{name}\");").unwrap();
    }
    text
}

fn program(assertions: &str) -> String {
    format!(
        "#include \"bench.h\"\n#ifdef __cplusplus\n#define ASSERT static_assert\n#else\n#define ASSERT _Static_assert\n#endif\n{assertions}"
    )
}

#[test]
fn both_sides_have_one_layout() {
    let assertions = assertions();
    assert_eq!(assertions.lines().count(), 8 + 62 + 15, "{assertions}");
    for (compiler, flags, file) in COMPILERS {
        let compiled = compile(compiler, flags, &program(&assertions), file);
        assert_eq!(compiled, Ok(()), "{compiler} {flags:?}");
    }
}

#[test]
fn another_layout_is_noticed() {
    let wrong = assertions().replace(
        "offsetof(struct BenchCall, seed) == ",
        "offsetof(struct BenchCall, seed) == 1",
    );
    for (compiler, flags, file) in COMPILERS {
        // A compiler that is missing has been told of by the other tests.
        if Command::new(compiler).arg("--version").output().is_err() {
            continue;
        }
        let message = compile(compiler, flags, &program(&wrong), file).expect_err(compiler);
        assert!(
            message.contains("struct BenchCall, seed"),
            "{compiler} {flags:?}: {message}"
        );
    }
}
