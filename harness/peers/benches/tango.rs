//! tango-bench, which runs the baseline's executable in step with its own.
use tango_bench::{IntoBenchmarks, benchmark_fn, tango_benchmarks};

fn benchmarks() -> impl IntoBenchmarks {
    let benchmark = |name: &&'static str| {
        let name = *name;
        benchmark_fn(name, move |bencher| {
            peers::pin();
            let mut run = peers::operation(name);
            bencher.iter(move || run(1))
        })
    };
    peers::names().iter().map(benchmark).collect::<Vec<_>>()
}

tango_benchmarks!(benchmarks());
