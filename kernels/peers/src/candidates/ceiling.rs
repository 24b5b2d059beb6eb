//! What this machine can do at most, as a candidate that is measured in turn with the others.
//!
//! For a product or a layer: multiply-adds in registers, on as many threads as the others have. For an addition: the triad on the same
//! buffers, once for each instruction set and kind of store, of which the best is the ceiling. Their results are of no use.

use std::hint::black_box;
use std::thread;

use abi::{Benchmark, Context, Suite, Work};
use harness::affinity;
use kernels::add::Stores;
use kernels::{Isa, ceilings};
use suites::Float;

use crate::peer::own;
use crate::request::{Case, Op, Request, Type};

/// Floating-point operations of each thread in an iteration: long enough, some milliseconds, that starting threads is nothing.
const FLOPS: usize = 1_000_000_000;

/// Bytes of an iteration, likewise, where threads are started.
const BYTES: u64 = 1_000_000_000;

/// The suite, a benchmark for each way to reach the ceiling of each case; their names begin with that of the case.
pub(super) fn suite(request: &Request) -> Suite {
    let threads = request.threads;
    let benchmarks = request.cases.iter().flat_map(|case| match case.dtype {
        Type::F32 => benchmarks::<f32>(case, threads),
        Type::F64 => benchmarks::<f64>(case, threads),
    });
    Suite {
        hidden: true,
        ..Suite::new("ceiling", "What no kernel exceeds", benchmarks.collect())
    }
}

fn benchmarks<T: Float + ceilings::Ceiling>(case: &Case, threads: usize) -> Vec<Benchmark> {
    let supported = Isa::ALL.into_iter().filter(|isa| isa.is_supported());
    match case.op {
        op if op.is_product() => supported
            .map(|isa| multiply_adds::<T>(case, isa, threads))
            .collect(),
        Op::Add => supported
            .flat_map(|isa| {
                let stores = [Stores::Cached, Stores::Streaming];
                stores.map(|stores| triad::<T>(case, isa, stores, threads))
            })
            .collect(),
        // Copies and passes over memory, whose traffic no triad on the same buffers has.
        _ => Vec::new(),
    }
}

fn multiply_adds<T: Float + ceilings::Ceiling>(case: &Case, isa: Isa, threads: usize) -> Benchmark {
    let lanes = ceilings::multiply_add_lanes::<T>(isa);
    let steps = FLOPS / (2 * lanes);
    let run = move |call: &Context<'_>| {
        (0..call.iterations()).try_for_each(|_| {
            on_each(vec![(); threads], |()| {
                let mut sums = vec![T::ZERO; lanes];
                let (factor, addend) = black_box((T::from_f64(0.5), T::ONE));
                let done = ceilings::multiply_add(isa, steps, factor, addend, black_box(&mut sums));
                done.map_err(|error| error.to_string())
            })
        })
    };
    let flops = 2 * lanes * threads * steps;
    Benchmark {
        name: case.benchmark_name(&format!("ceiling-{isa}")),
        work: Work {
            flops: flops as u64,
            ..Work::default()
        },
        run: Box::new(run),
        ..own::<T>("", case)
    }
}

fn triad<T: Float + ceilings::Ceiling>(
    case: &Case,
    isa: Isa,
    stores: Stores,
    threads: usize,
) -> Benchmark {
    let benchmark = own::<T>("", case);
    let Work {
        bytes_read,
        bytes_written,
        ..
    } = benchmark.work;
    let passes = match threads {
        1 => 1,
        _ => BYTES.div_ceil((bytes_read + bytes_written).max(1)),
    };
    let run = move |call: &Context<'_>| {
        let (a, b, sum) = (call.take::<T>(0)?, call.take::<T>(1)?, call.take::<T>(2)?);
        // Whole lines, so that no two threads write to one.
        let share = sum
            .len()
            .div_ceil(threads)
            .next_multiple_of(64 / size_of::<T>())
            .max(1);
        let shares = a
            .chunks(share)
            .zip(b.chunks(share))
            .zip(sum.chunks_mut(share));
        let passes = call.iterations() * passes;
        on_each(shares.collect(), |((a, b), sum)| {
            (0..passes).try_for_each(|_| {
                let (a, b, sum) = black_box((a, b, &mut *sum));
                ceilings::triad(isa, T::ONE, a, b, sum, stores).map_err(|error| error.to_string())
            })
        })
    };
    let stream = if stores == Stores::Streaming {
        "-stream"
    } else {
        ""
    };
    Benchmark {
        name: case.benchmark_name(&format!("ceiling-{isa}{stream}")),
        work: Work {
            bytes_read: bytes_read * passes,
            bytes_written: bytes_written * passes,
            ..benchmark.work
        },
        run: Box::new(run),
        ..benchmark
    }
}

/// `work` on each of `parts`: several have a thread and a CPU of their own each, while this thread waits.
fn on_each<P: Send>(
    mut parts: Vec<P>,
    work: impl Fn(P) -> Result<(), String> + Sync,
) -> Result<(), String> {
    if parts.len() <= 1 {
        return parts.pop().map_or(Ok(()), work);
    }
    let allowed = &affinity::allowed();
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = parts
            .into_iter()
            .zip(allowed.iter().cycle())
            .map(|(part, &cpu)| {
                scope.spawn(move || {
                    affinity::pin(cpu, allowed).map_err(|error| error.to_string())?;
                    work(part)
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            let done = thread.join();
            done.unwrap_or_else(|_| Err("a thread panicked".into()))
        })
    })
}
