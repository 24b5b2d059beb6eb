//! ReLU and its gradient.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Work};
use kernels::activation::selected;

use crate::float::bytes;

/// `out = max(x, 0)` on `elements` elements; an item is an element, and a comparison counts as an operation. Exact.
pub fn forward(name: &str, elements: usize) -> Benchmark {
    Benchmark {
        description: format!("ReLU of {elements} f32"),
        ..benchmark(name, elements, &["x"], run_forward, forward_reference)
    }
}

/// The gradient by x of the same, from that by the output; an item is an element. Exact.
pub fn backward(name: &str, elements: usize) -> Benchmark {
    Benchmark {
        description: format!("Gradient of ReLU of {elements} f32"),
        ..benchmark(
            name,
            elements,
            &["x", "grad"],
            run_backward,
            backward_reference,
        )
    }
}

fn benchmark(
    name: &str,
    elements: usize,
    inputs: &[&str],
    run: fn(&Context<'_>) -> Result<(), String>,
    reference: fn(&Context<'_>) -> Result<(), String>,
) -> Benchmark {
    let inputs = inputs
        .iter()
        .map(|name| Buffer::input(name, DType::F32, &[elements]));
    let mut buffers: Vec<_> = inputs.collect();
    let bytes_read = buffers.len() as u64 * bytes::<f32>(elements);
    buffers.push(Buffer::output("out", DType::F32, &[elements]));
    Benchmark {
        implementation: selected().name().into(),
        shape: vec![elements],
        buffers,
        work: Work {
            flops: elements as u64,
            bytes_read,
            bytes_written: bytes::<f32>(elements),
            items: elements as u64,
            item: "elements",
        },
        ..Benchmark::new(name, DType::F32, run, reference)
    }
}

fn run_forward(call: &Context<'_>) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.take(1)?);
    for _ in 0..call.iterations() {
        let (x, out) = black_box((&*x, &mut *out));
        let done = selected().relu(x, out);
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_backward(call: &Context<'_>) -> Result<(), String> {
    let (x, grad, out) = (call.take::<f32>(0)?, call.take::<f32>(1)?, call.take(2)?);
    for _ in 0..call.iterations() {
        let (x, grad, out) = black_box((&*x, &*grad, &mut *out));
        let done = selected().relu_backward(x, grad, out);
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn forward_reference(call: &Context<'_>) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.expected(1)?);
    for (out, x) in out.iter_mut().zip(x) {
        *out = f64::from(*x).max(0.0);
    }
    Ok(())
}

fn backward_reference(call: &Context<'_>) -> Result<(), String> {
    let (x, grad) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    for (out, (x, grad)) in call.expected(2)?.iter_mut().zip(x.iter().zip(grad)) {
        *out = if *x > 0.0 { f64::from(*grad) } else { 0.0 };
    }
    Ok(())
}
