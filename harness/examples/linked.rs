//! A bench target of a crate's own, for the harness's tests.

use abi::{Benchmark, Buffer, DType, Suite};

harness::main!(suites);

fn suites() -> Vec<Suite> {
    let names = ["square", "square_again"];
    vec![Suite::new(
        "own",
        "Two benchmarks",
        names.map(square).into(),
    )]
}

fn square(name: &str) -> Benchmark {
    Benchmark {
        buffers: vec![
            Buffer::input("x", DType::F64, &[64]),
            Buffer::output("y", DType::F64, &[64]),
        ],
        ..Benchmark::new(
            name,
            DType::F64,
            |call| {
                let (x, y) = (call.take::<f64>(0)?, call.take::<f64>(1)?);
                for _ in 0..call.iterations() {
                    let x = std::hint::black_box(&*x);
                    y.iter_mut().zip(x).for_each(|(y, x)| *y = x * x);
                    std::hint::black_box(&mut *y);
                }
                Ok(())
            },
            |call| {
                let (x, y) = (call.take::<f64>(0)?, call.expected(1)?);
                y.iter_mut().zip(x).for_each(|(y, x)| *y = *x * *x);
                Ok(())
            },
        )
    }
}
