//! Matrices of zeros, of ones, and of random numbers from a seed.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, Work};
use kernels::add::Stores;
use kernels::{add, create};

use crate::float::{Float, bytes, dtype, named};
use crate::pool::pool;

/// What a new matrix holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content {
    /// 0 everywhere.
    Zeros,
    /// 1 everywhere.
    Ones,
    /// Random numbers from 0 to 1, from the run's seed.
    Uniform,
}

/// A matrix of `rows`×`columns` that holds `content`; an item is an element. Called `name`, or `name_f64` in f64. Exact.
pub fn creation<T: Float>(name: &str, content: Content, shape: [usize; 2]) -> Benchmark {
    let [rows, columns] = shape;
    let elements = rows * columns;
    let dtype = dtype::<T>();
    let (what, implementation) = match content {
        Content::Zeros => ("zeros", add::selected::<T>().name()),
        Content::Ones => ("ones", add::selected::<T>().name()),
        Content::Uniform => ("random numbers", create::selected::<T>().name()),
    };
    Benchmark {
        description: format!("{rows}×{columns} {what}, {}", dtype.name()),
        implementation: implementation.into(),
        shape: shape.into(),
        buffers: vec![Buffer::output("out", dtype, &shape)],
        work: Work {
            bytes_written: bytes::<T>(elements),
            items: elements as u64,
            item: "elements",
            ..Work::default()
        },
        ..Benchmark::new(
            named::<T>(name),
            dtype,
            move |call| run::<T>(call, content),
            move |call| reference::<T>(call, content),
        )
    }
}

/// The same, on the threads of the suite's pool where that pays.
pub fn creation_parallel<T: Float>(name: &str, content: Content, shape: [usize; 2]) -> Benchmark {
    let benchmark = creation::<T>(name, content, shape);
    Benchmark {
        description: format!("{}, on all threads", benchmark.description),
        parallel: true,
        run: Box::new(move |call| run_parallel::<T>(call, content)),
        ..benchmark
    }
}

fn run<T: Float>(call: &Context<'_>, content: Content) -> Result<(), String> {
    let (seed, out) = (call.seed(), call.take::<T>(0)?);
    for _ in 0..call.iterations() {
        let out = black_box(&mut *out);
        match content {
            Content::Zeros => create::zeros(out),
            Content::Ones => create::ones(out),
            Content::Uniform => create::uniform(black_box(seed), out),
        }
    }
    Ok(())
}

fn run_parallel<T: Float>(call: &Context<'_>, content: Content) -> Result<(), String> {
    let (seed, out, pool) = (call.seed(), call.take::<T>(0)?, pool()?);
    let fill =
        |value, out: &mut [T]| add::selected().fill_parallel(value, out, Stores::Auto, &pool);
    for _ in 0..call.iterations() {
        let out = black_box(&mut *out);
        match content {
            Content::Zeros => fill(T::ZERO, out),
            Content::Ones => fill(T::ONE, out),
            Content::Uniform => create::selected().uniform_parallel(black_box(seed), out, &pool),
        }
        .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn reference<T: Float>(call: &Context<'_>, content: Content) -> Result<(), String> {
    let out = call.expected(0)?;
    match content {
        Content::Zeros => out.fill(0.0),
        Content::Ones => out.fill(1.0),
        Content::Uniform => {
            for (number, block) in out.chunks_mut(create::BLOCK).enumerate() {
                stream::<T>(call.seed(), number as u64, block);
            }
        }
    }
    Ok(())
}

/// A block of the stream that [`kernels::create`] documents, a word at a time.
fn stream<T: Float>(seed: u64, block: u64, out: &mut [f64]) {
    let mut split_mix = mix(mix(seed).wrapping_add(block));
    let mut generators = [[0; 4]; 8];
    for word in generators.as_flattened_mut() {
        split_mix = split_mix.wrapping_add(0x9e37_79b9_7f4a_7c15);
        *word = mix(split_mix);
    }
    let a_word = 8 / size_of::<T>();
    for (j, out) in out.chunks_mut(a_word).enumerate() {
        let word = xoshiro(&mut generators[j % 8]);
        let fractions = match a_word {
            1 => [(word >> 12) as f64 / 2f64.powi(52), 0.0],
            _ => {
                [word as u32, (word >> 32) as u32].map(|half| f64::from(half >> 9) / 2f64.powi(23))
            }
        };
        out.copy_from_slice(&fractions[..out.len()]);
    }
}

fn xoshiro(s: &mut [u64; 4]) -> u64 {
    let word = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
    let shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = s[3].rotate_left(45);
    word
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
