//! Every benchmark as a harness runs it: through the C ABI, on buffers filled from a seed.

use std::collections::HashSet;

use abi::{DType, Role};
use harness::buffers::{Buffers, declared_bytes};
use harness::library::{Benchmark, Library, Source, Suite};

/// Whether one seed is enough: the path is the same, and an emulated CPU is slow.
fn is_heavy(benchmark: &Benchmark) -> bool {
    let work = &benchmark.work;
    work.flops >= 100_000_000
        || work.bytes_read + work.bytes_written >= 10_000_000
        || declared_bytes(&benchmark.buffers) >= 100_000_000
}

/// Whether an emulated CPU takes minutes.
fn is_large_product(benchmark: &Benchmark) -> bool {
    benchmark.work.flops >= 1_000_000_000
}

/// Each benchmark with its suite.
fn benchmarks(library: &Library) -> impl Iterator<Item = (&Suite, &Benchmark)> {
    let suites = library.suites.iter();
    suites.flat_map(|suite| {
        suite
            .benchmarks
            .iter()
            .map(move |benchmark| (suite, benchmark))
    })
}

fn load() -> Library {
    Library::load(&Source::Linked(suites::suites)).unwrap()
}

/// Runs `benchmark` and holds it against its reference, which `spoil` may change first.
fn judge(
    suite: &Suite,
    benchmark: &Benchmark,
    seed: u64,
    spoil: fn(&mut [f64]),
) -> Result<(), String> {
    if benchmark.parallel {
        suite
            .open(&harness::affinity::allowed())
            .map_err(|error| error.to_string())?;
    }
    // Every element type's alignment, and none of a vector's.
    let mut buffers = Buffers::new(&benchmark.buffers, |index| 8 * (2 * index + 1)).unwrap();
    let state = benchmark.setup(seed).map_err(|error| error.to_string())?;
    state
        .fill(&mut buffers)
        .map_err(|error| error.to_string())?;
    buffers.spoil_outputs();
    let mut expected = state
        .reference(&mut buffers)
        .map_err(|error| error.to_string())?;
    state
        .run(&mut buffers, 1)
        .map_err(|error| error.to_string())?;
    if benchmark.parallel {
        suite.close().map_err(|error| error.to_string())?;
    }
    expected
        .iter_mut()
        .filter(|values| !values.is_empty())
        .for_each(|values| spoil(values));
    buffers
        .check(&expected, benchmark.tolerance)
        .map_err(|error| error.to_string())?;
    buffers
        .overrun()
        .map_or(Ok(()), |buffer| Err(format!("wrote outside {buffer}")))
}

#[test]
fn results_agree_with_their_references() {
    all_agree(|benchmark| !is_large_product(benchmark));
}

#[test]
fn large_products_agree_with_their_references() {
    all_agree(is_large_product);
}

fn all_agree(wanted: fn(&Benchmark) -> bool) {
    let library = load();
    for (suite, benchmark) in benchmarks(&library).filter(|(_, benchmark)| wanted(benchmark)) {
        let seeds = if is_heavy(benchmark) { 1..=1 } else { 1..=3 };
        for seed in seeds {
            let judged = judge(suite, benchmark, seed, |_| {});
            assert_eq!(judged, Ok(()), "{}, seed {seed}", benchmark.name);
        }
    }
}

#[test]
fn an_error_of_one_percent_is_beyond_the_tolerance() {
    let library = load();
    for (suite, benchmark) in benchmarks(&library) {
        if is_heavy(benchmark) {
            continue;
        }
        let judged = judge(suite, benchmark, 1, |values| {
            let largest = values
                .iter()
                .fold(0.0, |largest: f64, value| largest.max(value.abs()));
            // Where all are zero, any error is beyond it.
            let scale = if largest == 0.0 { 1.0 } else { largest };
            values[values.len() - 1] += 0.01 * scale;
        });
        let message = judged.expect_err(&benchmark.name);
        assert!(
            message.starts_with("wrong result"),
            "{}: {message}",
            benchmark.name
        );
    }
}

#[test]
fn names_are_unique_and_all_is_described() {
    let mut names = HashSet::new();
    let library = load();
    for (_, benchmark) in benchmarks(&library) {
        let name = &benchmark.name;
        assert!(names.insert(name.clone()), "{name} is there twice");
        assert!(
            !benchmark.description.is_empty(),
            "{name} has no description"
        );
        assert!(
            !benchmark.implementation.is_empty(),
            "{name} names no implementation"
        );
    }
}

#[test]
fn work_matches_shape_and_buffers() {
    let library = load();
    for (suite, benchmark) in benchmarks(&library) {
        if !suite.name.starts_with("tensor-ops") {
            continue;
        }
        let (name, work) = (&benchmark.name, &benchmark.work);
        let touched = |idle: Role| {
            let buffers = benchmark
                .buffers
                .iter()
                .filter(|buffer| buffer.role != idle);
            declared_bytes(&buffers.cloned().collect::<Vec<_>>())
        };
        let items: usize = benchmark.shape.iter().product();
        let inputs = benchmark
            .buffers
            .iter()
            .filter(|buffer| buffer.role == Role::Input)
            .count();
        let flops_an_item = match (work.item.as_str(), inputs) {
            ("elements", 2) => 1,
            // Creation and conversion compute nothing.
            ("elements", _) => 0,
            ("multiply-adds", 2) => 2,
            other => panic!("{name}: no rule for {other:?}"),
        };
        assert_eq!(work.items, items as u64, "{name}");
        assert_eq!(work.flops, flops_an_item * work.items, "{name}");
        assert_eq!(work.bytes_read, touched(Role::Output), "{name}");
        assert_eq!(work.bytes_written, touched(Role::Input), "{name}");
    }
}

#[test]
fn tensor_ops_begins_with_these_eight() {
    let table = [
        ("tensor_add_small", DType::F32, &[100, 100][..]),
        ("tensor_add_large", DType::F32, &[1000, 1000]),
        ("matmul_small", DType::F32, &[100, 100, 100]),
        ("matmul_large", DType::F32, &[1000, 1000, 1000]),
        ("tensor_add_small_f64", DType::F64, &[100, 100]),
        ("tensor_add_large_f64", DType::F64, &[1000, 1000]),
        ("matmul_small_f64", DType::F64, &[100, 100, 100]),
        ("matmul_large_f64", DType::F64, &[1000, 1000, 1000]),
    ];
    let library = load();
    let tensor_ops = benchmarks(&library).filter(|(suite, _)| suite.name == "tensor-ops");
    for ((name, dtype, shape), (_, benchmark)) in table.into_iter().zip(tensor_ops) {
        assert_eq!((benchmark.name.as_str(), benchmark.dtype), (name, dtype));
        assert_eq!(benchmark.shape, shape, "{name}");
    }
}
