//! Normalisation of a batch of images.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Fill, Work};
use kernels::normalise::{Statistics, selected};

use crate::float::bytes;

/// MNIST's statistics, of pixels from 0 to 1.
const MNIST: Statistics = Statistics {
    mean: 0.1307,
    std: 0.3081,
};

/// `out = (x − mean)/std` with MNIST's statistics; an item is an image.
///
/// Three roundings; six times half an epsilon of the largest are allowed.
pub fn given(name: &str, shape: [usize; 3]) -> Benchmark {
    Benchmark {
        description: format!(
            "(x - mean)/std of {} f32, with given statistics",
            sides(shape)
        ),
        work: work::<f32>(2, shape),
        ..benchmark(name, DType::F32, shape, run_given, |call| {
            reference(call, Some(MNIST))
        })
    }
}

/// `out = (x − mean)/std` with the statistics of x; an item is an image.
///
/// The statistics are each rounded once more than given ones.
pub fn computed(name: &str, shape: [usize; 3]) -> Benchmark {
    Benchmark {
        description: format!(
            "(x - mean)/std of {} f32, with its own statistics",
            sides(shape)
        ),
        work: work::<f32>(6, shape),
        ..benchmark(name, DType::F32, shape, run_computed, |call| {
            reference(call, None)
        })
    }
}

/// `out = (x/255 − mean)/std` of bytes with MNIST's statistics; an item is an image.
///
/// Off by 5u of the larger of scale and shift at most, and the largest result is no smaller than that by more than a half.
pub fn from_bytes(name: &str, shape: [usize; 3]) -> Benchmark {
    Benchmark {
        description: format!(
            "(x/255 - mean)/std of {} bytes, with given statistics",
            sides(shape)
        ),
        work: work::<u8>(2, shape),
        ..benchmark(name, DType::U8, shape, run_bytes, bytes_reference)
    }
}

/// So many operations an element; every byte is counted once, however often it is read.
fn work<X>(operations: usize, shape: [usize; 3]) -> Work {
    let elements = shape.iter().product();
    Work {
        flops: (operations * elements) as u64,
        bytes_read: bytes::<X>(elements),
        bytes_written: bytes::<f32>(elements),
        items: shape[0] as u64,
        item: "images",
    }
}

/// For instance `32×28×28`.
fn sides([images, rows, columns]: [usize; 3]) -> String {
    format!("{images}×{rows}×{columns}")
}

fn benchmark(
    name: &str,
    from: DType,
    shape: [usize; 3],
    run: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
    reference: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
) -> Benchmark {
    let high = if from == DType::U8 { 256.0 } else { 1.0 };
    let pixels = Fill::Uniform { low: 0.0, high };
    Benchmark {
        implementation: selected().name().into(),
        shape: shape.into(),
        buffers: vec![
            Buffer::input("x", from, &shape).filled(pixels),
            Buffer::output("out", DType::F32, &shape),
        ],
        tolerance: 3.0 * f64::from(f32::EPSILON),
        ..Benchmark::new(name, from, run, reference)
    }
}

fn run_given(call: &Context<'_>) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.take(1)?);
    for _ in 0..call.iterations() {
        let (x, out) = black_box((&*x, &mut *out));
        let done = selected().normalise(x, black_box(MNIST), out);
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_computed(call: &Context<'_>) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.take(1)?);
    for _ in 0..call.iterations() {
        let (x, out) = black_box((&*x, &mut *out));
        let done = selected()
            .statistics(x)
            .and_then(|statistics| selected().normalise(x, statistics, out));
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_bytes(call: &Context<'_>) -> Result<(), String> {
    let (x, out) = (call.take::<u8>(0)?, call.take(1)?);
    for _ in 0..call.iterations() {
        let (x, out) = black_box((&*x, &mut *out));
        let done = selected().from_bytes(x, black_box(MNIST), out);
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// With given statistics, or in two passes with those of the data.
fn reference(call: &Context<'_>, given: Option<Statistics>) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.expected(1)?);
    let n = x.len() as f64;
    let own = x.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let variance = x.iter().map(|x| (f64::from(*x) - own).powi(2)).sum::<f64>() / n;
    let (mean, std) = match given {
        Some(given) => (f64::from(given.mean), f64::from(given.std)),
        None => (own, variance.sqrt()),
    };
    for (out, x) in out.iter_mut().zip(x) {
        *out = (f64::from(*x) - mean) / std;
    }
    Ok(())
}

fn bytes_reference(call: &Context<'_>) -> Result<(), String> {
    let (x, out) = (call.take::<u8>(0)?, call.expected(1)?);
    for (out, x) in out.iter_mut().zip(x) {
        *out = (f64::from(*x) / 255.0 - f64::from(MNIST.mean)) / f64::from(MNIST.std);
    }
    Ok(())
}
