//! The suite `tensor-ops`, with a known amount of extra work injected into each benchmark.
//!
//! How much stands in [`STEPS`], which `cargo xtask gate-check` patches in the built file: so variants that are slower by half a
//! percent differ from their twin in a few bytes of data and in nothing else, neither code nor layout.

use std::hint::black_box;

use abi::{Benchmark, Suite};
use harness::buffers::Buffers;
use harness::library::{Library, Source, State};

abi::export!(suites);

/// The benchmarks, in the order of [`STEPS`].
pub const NAMES: [&str; 8] = [
    "tensor_add_small",
    "tensor_add_large",
    "matmul_small",
    "matmul_large",
    "tensor_add_small_f64",
    "tensor_add_large_f64",
    "matmul_small_f64",
    "matmul_large_f64",
];

/// Extra steps of each iteration, in thousandths, after two words by which the patch finds its place.
static STEPS: [u64; 2 + NAMES.len()] = [
    0x6761_7465_2d63_6865,
    0x636b_2073_7465_7073,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
];

/// The suite, reduced to [`NAMES`], each of its benchmarks followed by its steps.
pub fn suites() -> Vec<Suite> {
    let mut suites = suites::suites();
    suites.retain(|suite| suite.name == "tensor-ops");
    for suite in &mut suites {
        suite
            .benchmarks
            .retain(|benchmark| NAMES.contains(&benchmark.name.as_str()));
        suite.benchmarks.iter_mut().for_each(inject);
    }
    suites
}

fn inject(benchmark: &mut Benchmark) {
    let Some(index) = NAMES.iter().position(|name| *name == benchmark.name) else {
        return;
    };
    let run = std::mem::replace(&mut benchmark.run, Box::new(|_| Ok(())));
    benchmark.run = Box::new(move |call| {
        run(call)?;
        spin(call.iterations() * black_box(&STEPS)[2 + index] / 1000);
        Ok(())
    });
}

/// A chain of `steps` multiplications, each of which waits for the one before.
fn spin(steps: u64) {
    let mut x = black_box(1.0_f64);
    for _ in 0..steps {
        x *= 1.000_000_1;
    }
    black_box(x);
}

/// The names that other tools measure: the first four.
pub fn names() -> &'static [&'static str] {
    &NAMES[..4]
}

/// One benchmark on buffers of its own, as a function of the number of iterations.
///
/// # Panics
/// Where there is no such benchmark, or it fails.
pub fn operation(name: &str) -> impl FnMut(u64) + 'static {
    let library = Library::load(&Source::Linked(suites)).expect("the linked suites");
    // Alive until the process ends, as the tools want their closures.
    let benchmark = Box::leak(Box::new(library))
        .suites
        .iter()
        .flat_map(|suite| &suite.benchmarks)
        .find(|benchmark| benchmark.name == name)
        .expect("a benchmark of tensor-ops");
    let state: State<'static> = benchmark.setup(1).expect("no state");
    let mut buffers = Buffers::new(&benchmark.buffers, |_| 0).expect("memory");
    state.fill(&mut buffers).expect("filled");
    move |iterations| state.run(&mut buffers, iterations).expect("an iteration")
}

/// Pins this process to the CPU that the environment variable `CPU` names, as far as the tool allows.
pub fn pin() {
    let cpu = std::env::var("CPU").ok().and_then(|cpu| cpu.parse().ok());
    if let Some(cpu) = cpu {
        let _ = harness::affinity::pin(cpu, &harness::affinity::allowed());
    }
}
