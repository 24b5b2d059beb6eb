//! Conversion between `f32` and the 16-bit formats.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Work};
use kernels::convert::{Format, selected};

use crate::float::bytes;
use crate::pool::pool;

/// `out = x` on `elements` elements, `f32` to `format`; an item is an element.
///
/// One rounding errs by at most half of the last place, and the largest number is below 1: 2⁻¹² or 2⁻⁹. Twice that share of the
/// largest is allowed.
pub fn narrow(name: &str, format: Format, elements: usize) -> Benchmark {
    let tolerance = match format {
        Format::F16 => 2f64.powi(-11),
        Format::Bf16 => 2f64.powi(-8),
    };
    Benchmark {
        tolerance,
        ..conversion(
            name,
            [DType::F32, dtype(format)],
            elements,
            move |call| run_narrow(call, format),
            narrow_reference,
        )
    }
}

/// `out = x` on `elements` elements, `format` to `f32`; an item is an element. Exact.
pub fn widen(name: &str, format: Format, elements: usize) -> Benchmark {
    conversion(
        name,
        [dtype(format), DType::F32],
        elements,
        move |call| run_widen(call, format),
        move |call| widen_reference(call, format),
    )
}

/// [`narrow`] on the threads of the suite's pool where that pays.
pub fn narrow_parallel(name: &str, format: Format, elements: usize) -> Benchmark {
    let benchmark = narrow(name, format, elements);
    Benchmark {
        description: format!("{}, on all threads", benchmark.description),
        parallel: true,
        run: Box::new(move |call| {
            let (x, out, pool) = (call.take::<f32>(0)?, call.take(1)?, pool()?);
            for _ in 0..call.iterations() {
                let (x, out) = black_box((&*x, &mut *out));
                selected()
                    .narrow_parallel(format, x, out, &pool)
                    .map_err(|error| error.to_string())?;
            }
            Ok(())
        }),
        ..benchmark
    }
}

/// [`widen`] on the threads of the suite's pool where that pays.
pub fn widen_parallel(name: &str, format: Format, elements: usize) -> Benchmark {
    let benchmark = widen(name, format, elements);
    Benchmark {
        description: format!("{}, on all threads", benchmark.description),
        parallel: true,
        run: Box::new(move |call| {
            let (x, out, pool) = (call.take::<u16>(0)?, call.take(1)?, pool()?);
            for _ in 0..call.iterations() {
                let (x, out) = black_box((&*x, &mut *out));
                selected()
                    .widen_parallel(format, x, out, &pool)
                    .map_err(|error| error.to_string())?;
            }
            Ok(())
        }),
        ..benchmark
    }
}

fn dtype(format: Format) -> DType {
    match format {
        Format::F16 => DType::F16,
        Format::Bf16 => DType::Bf16,
    }
}

fn conversion(
    name: &str,
    [from, to]: [DType; 2],
    elements: usize,
    run: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
    reference: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
) -> Benchmark {
    Benchmark {
        description: format!("{elements} elements from {} to {}", from.name(), to.name()),
        implementation: selected().name().into(),
        shape: vec![elements],
        buffers: vec![
            Buffer::input("x", from, &[elements]),
            Buffer::output("out", to, &[elements]),
        ],
        work: Work {
            bytes_read: (elements * from.bytes()) as u64,
            bytes_written: bytes::<u8>(elements * to.bytes()),
            items: elements as u64,
            item: "elements",
            ..Work::default()
        },
        ..Benchmark::new(name, from, run, reference)
    }
}

fn run_narrow(call: &Context<'_>, format: Format) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.take(1)?);
    for _ in 0..call.iterations() {
        let (x, out) = black_box((&*x, &mut *out));
        selected()
            .narrow(format, x, out)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_widen(call: &Context<'_>, format: Format) -> Result<(), String> {
    let (x, out) = (call.take::<u16>(0)?, call.take(1)?);
    for _ in 0..call.iterations() {
        let (x, out) = black_box((&*x, &mut *out));
        selected()
            .widen(format, x, out)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn narrow_reference(call: &Context<'_>) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.expected(1)?);
    for (out, x) in out.iter_mut().zip(x) {
        *out = f64::from(*x);
    }
    Ok(())
}

/// The value of the bits, as the standard says it; the inputs hold no infinity and no NaN.
fn widen_reference(call: &Context<'_>, format: Format) -> Result<(), String> {
    let (x, out) = (call.take::<u16>(0)?, call.expected(1)?);
    let (digits, bias) = match format {
        Format::F16 => (10, 15),
        Format::Bf16 => (7, 127),
    };
    for (out, x) in out.iter_mut().zip(x) {
        let exponent = i32::from((*x & 0x7fff) >> digits);
        let fraction = f64::from(*x & ((1 << digits) - 1)) / f64::from(1 << digits);
        let magnitude = match exponent {
            0 => fraction * 2f64.powi(1 - bias),
            _ => (1.0 + fraction) * 2f64.powi(exponent - bias),
        };
        *out = if *x & 0x8000 == 0 {
            magnitude
        } else {
            -magnitude
        };
    }
    Ok(())
}
