//! A library of benchmarks that do everything right, and of benchmarks that each do one thing wrong, for the harness's tests.

use abi::{Benchmark, Buffer, Context, DType, Fill, Suite, Threads, Work};

abi::export!(suites);

fn suites() -> Vec<Suite> {
    vec![
        Suite {
            threads: Some(Threads {
                open: |cpus| match cpus {
                    [] => Err("no CPUs were given".into()),
                    _ => Ok(()),
                },
                park: || {},
                close: || {},
            }),
            ..Suite::new("sound", "Benchmarks that work", sound())
        },
        Suite::new("faulty", "Benchmarks that fail, each in its way", faulty()),
        Suite {
            hidden: true,
            ..Suite::new("hidden", "Only by name", vec![copy("hidden_copy", copied)])
        },
    ]
}

fn sound() -> Vec<Benchmark> {
    vec![
        copy("copy", copied),
        Benchmark {
            parallel: true,
            ..copy("copy_parallel", copied)
        },
        copy("prints", |call| {
            println!("{{\"answer\": 1}}");
            copied(call)
        }),
        // 1.5 to the 2000th overflows: without refills the result is infinite.
        Benchmark {
            buffers: vec![Buffer::in_out("x", DType::F64, &[8])],
            refill_after: Some(64),
            tolerance: 1e-15,
            ..Benchmark::new(
                "grow",
                DType::F64,
                |call| {
                    let x = call.take::<f64>(0)?;
                    for _ in 0..call.iterations() {
                        x.iter_mut().for_each(|x| *x *= 1.5);
                    }
                    x.iter()
                        .all(|x| x.is_finite())
                        .then_some(())
                        .ok_or("it overflowed".into())
                },
                |call| {
                    let (x, expected) = (call.take::<f64>(0)?, call.expected(0)?);
                    for (expected, x) in expected.iter_mut().zip(x) {
                        *expected = *x * 1.5;
                    }
                    Ok(())
                },
            )
        },
        Benchmark {
            buffers: vec![
                Buffer::input("index", DType::I64, &[16]).filled(Fill::Custom),
                Buffer::output("y", DType::F32, &[16]),
            ],
            setup: Some(Box::new(|seed| Ok(Box::new(seed as f32)))),
            fill: Some(Box::new(|call| {
                for (place, index) in call.take::<i64>(0)?.iter_mut().enumerate() {
                    *index = 15 - place as i64;
                }
                Ok(())
            })),
            ..Benchmark::new(
                "with_state",
                DType::F32,
                |call| {
                    let (index, y, state) = (
                        call.take::<i64>(0)?,
                        call.take::<f32>(1)?,
                        call.state::<f32>()?,
                    );
                    for _ in 0..call.iterations() {
                        for (y, index) in y.iter_mut().zip(&*index) {
                            *y = *index as f32 + state;
                        }
                    }
                    Ok(())
                },
                |call| {
                    let seed = call.seed() as f64;
                    for (place, y) in call.expected(1)?.iter_mut().enumerate() {
                        *y = (15 - place) as f64 + seed;
                    }
                    Ok(())
                },
            )
        },
    ]
}

fn faulty() -> Vec<Benchmark> {
    vec![
        copy("aborts", |_| std::process::abort()),
        copy("allocates_too_much", |_| {
            let vector: Vec<u8> = Vec::with_capacity(1 << 55);
            std::hint::black_box(vector);
            Ok(())
        }),
        copy("crashes", |_| {
            let this = rustix::process::getpid();
            rustix::process::kill_process(this, rustix::process::Signal::SEGV)
                .map_err(|error| error.to_string())
        }),
        copy("answers_itself", |_| {
            // The pipe to the parent is among them.
            for descriptor in 3..64 {
                let place = format!("/proc/self/fd/{descriptor}");
                if std::fs::read_link(&place)
                    .is_ok_and(|to| to.to_string_lossy().starts_with("pipe:"))
                {
                    let _ = std::fs::write(place, "{\"answer\": 1}\n");
                }
            }
            Ok(())
        }),
        copy("exits", |_| std::process::exit(7)),
        copy("exhausts_memory", |_| {
            let most = Some(1 << 32);
            let limit = rustix::process::Rlimit {
                current: most,
                maximum: most,
            };
            rustix::process::setrlimit(rustix::process::Resource::As, limit)
                .map_err(|error| error.to_string())?;
            let mut blocks = Vec::new();
            loop {
                blocks.push(std::hint::black_box(Vec::<u8>::with_capacity(1 << 28)));
            }
        }),
        copy("hangs", |_| {
            loop {
                std::thread::park();
            }
        }),
        copy("idle", |_| Ok(())),
        copy("never_writes", |call| {
            (0..call.iterations()).for_each(|iteration| {
                std::hint::black_box(iteration);
            });
            Ok(())
        }),
        copy("panics", |_| panic!("no such luck")),
        copy("takes_twice", |call| {
            call.take::<f32>(0)?;
            call.take::<f32>(0)?;
            Ok(())
        }),
        copy("writes_outside", overrun),
        copy("wrong", |call| {
            let (x, y) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
            for _ in 0..call.iterations() {
                std::hint::black_box(&mut *y).copy_from_slice(x);
                y[3] += 2.0;
            }
            Ok(())
        }),
    ]
}

/// A benchmark that should copy x to y.
fn copy(
    name: &str,
    run: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
) -> Benchmark {
    Benchmark {
        description: "y = x over 1000 elements".into(),
        implementation: "portable".into(),
        shape: vec![1000],
        buffers: vec![
            Buffer::input("x", DType::F32, &[1000]),
            Buffer::output("y", DType::F32, &[1000]),
        ],
        work: Work {
            flops: 0,
            bytes_read: 4000,
            bytes_written: 4000,
            items: 1000,
            item: "elements",
        },
        ..Benchmark::new(name, DType::F32, run, |call| {
            let (x, y) = (call.take::<f32>(0)?, call.expected(1)?);
            for (y, x) in y.iter_mut().zip(x) {
                *y = f64::from(*x);
            }
            Ok(())
        })
    }
}

fn copied(call: &Context<'_>) -> Result<(), String> {
    let (x, y) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    for _ in 0..call.iterations() {
        std::hint::black_box(&mut *y).copy_from_slice(x);
    }
    Ok(())
}

#[expect(unsafe_code, reason = "a kernel that writes where it may not")]
fn overrun(call: &Context<'_>) -> Result<(), String> {
    let (x, y) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    for _ in 0..call.iterations() {
        std::hint::black_box(&mut *y).copy_from_slice(x);
    }
    let behind = y.as_mut_ptr().wrapping_add(y.len());
    // SAFETY: the harness keeps a margin behind every buffer, where this is noticed and harms nobody.
    unsafe { behind.write_volatile(1.0) };
    Ok(())
}
