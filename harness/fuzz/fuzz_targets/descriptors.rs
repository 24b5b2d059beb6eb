//! Descriptors of a hostile library are refused, or each thing in them can be. Their pointers are true, null, misaligned, or
//! come with a length that nobody believes; more cannot be checked.
#![no_main]

use std::ptr;

use abi::raw::{self, Text};
use arbitrary::Arbitrary;

/// How a text or a list is told.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Told {
    True,
    Null,
    Misaligned,
    TooLong,
}

#[derive(Arbitrary, Debug)]
struct Library {
    version: Option<u32>,
    benchmark_size: Option<u32>,
    build: (Vec<u8>, Told),
    suites: (Vec<Suite>, Told),
}

#[derive(Arbitrary, Debug)]
struct Suite {
    name: (Vec<u8>, Told),
    hidden: u32,
    benchmarks: (Vec<Benchmark>, Told),
}

#[derive(Arbitrary, Debug)]
struct Benchmark {
    name: (Vec<u8>, Told),
    dtype: u32,
    rank: u32,
    shape: [usize; raw::MAX_RANK],
    buffers: (Vec<Buffer>, Told),
    work: [u64; 4],
    item: (Vec<u8>, Told),
    tolerance: f64,
    refill_after: u64,
    has_functions: bool,
}

#[derive(Arbitrary, Debug)]
struct Buffer {
    name: (Vec<u8>, Told),
    numbers: [u32; 4],
    shape: [usize; raw::MAX_RANK],
    low: f64,
    high: f64,
}

extern "C" fn nothing(_: *mut raw::Call) -> i32 {
    0
}

fn text((bytes, told): &(Vec<u8>, Told)) -> Text {
    let (data, len) = list(bytes, *told);
    Text { data, len }
}

fn list<T>(entries: &[T], told: Told) -> (*const T, usize) {
    let (first, len) = (entries.as_ptr(), entries.len());
    match told {
        Told::True => (first, len),
        Told::Null => (ptr::null(), len),
        // A byte is aligned anywhere: it must not be read.
        Told::Misaligned if align_of::<T>() > 1 => (first.wrapping_byte_add(1), len),
        Told::Misaligned => (first, len),
        Told::TooLong => (first, usize::MAX),
    }
}

fn buffer(buffer: &Buffer) -> raw::Buffer {
    let [dtype, role, fill, rank] = buffer.numbers;
    let (shape, low, high) = (buffer.shape, buffer.low, buffer.high);
    raw::Buffer {
        name: text(&buffer.name),
        dtype,
        role,
        fill,
        rank,
        shape,
        low,
        high,
    }
}

fn benchmark(benchmark: &Benchmark, buffers: &[raw::Buffer]) -> raw::Benchmark {
    let (buffers, buffers_len) = list(buffers, benchmark.buffers.1);
    let function: raw::Function = benchmark.has_functions.then_some(nothing);
    let [flops, bytes_read, bytes_written, items] = benchmark.work;
    raw::Benchmark {
        name: text(&benchmark.name),
        description: text(&benchmark.name),
        implementation: text(&benchmark.item),
        dtype: benchmark.dtype,
        rank: benchmark.rank,
        shape: benchmark.shape,
        parallel: 0,
        buffers,
        buffers_len,
        work: raw::Work {
            flops,
            bytes_read,
            bytes_written,
            items,
            item: text(&benchmark.item),
        },
        tolerance: benchmark.tolerance,
        refill_after: benchmark.refill_after,
        user: ptr::null(),
        setup: None,
        teardown: None,
        fill: None,
        run: function,
        reference: function,
    }
}

libfuzzer_sys::fuzz_target!(|library: Library| {
    let buffers: Vec<Vec<Vec<raw::Buffer>>> = library
        .suites
        .0
        .iter()
        .map(|suite| {
            let of = |one: &Benchmark| one.buffers.0.iter().map(buffer).collect();
            suite.benchmarks.0.iter().map(of).collect()
        })
        .collect();
    let benchmarks: Vec<Vec<raw::Benchmark>> = library
        .suites
        .0
        .iter()
        .zip(&buffers)
        .map(|(suite, buffers)| {
            suite
                .benchmarks
                .0
                .iter()
                .zip(buffers)
                .map(|(one, buffers)| benchmark(one, buffers))
                .collect()
        })
        .collect();
    let suites: Vec<raw::Suite> = library
        .suites
        .0
        .iter()
        .zip(&benchmarks)
        .map(|(suite, benchmarks)| {
            let (benchmarks, benchmarks_len) = list(benchmarks, suite.benchmarks.1);
            raw::Suite {
                name: text(&suite.name),
                description: text(&suite.name),
                hidden: suite.hidden,
                benchmarks,
                benchmarks_len,
                user: ptr::null(),
                open: None,
                park: None,
                close: None,
            }
        })
        .collect();
    let (first, len) = list(&suites, library.suites.1);
    let size = size_of::<raw::Benchmark>() as u32;
    let described = raw::Library {
        version: library.version.unwrap_or(raw::VERSION),
        benchmark_size: library.benchmark_size.unwrap_or(size),
        build: text(&library.build),
        suites: first,
        suites_len: len,
    };
    // SAFETY: every pointer that the checks let pass leads to as many entries as it says, and nothing is kept.
    let answer = unsafe { harness::library::check(&described) };
    if let Err(error) = answer {
        assert!(error.to_string().contains("the descriptors"), "{error}");
    }
});
