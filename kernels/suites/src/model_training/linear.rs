//! A fully connected layer, forward and backward.

use std::cell::RefCell;
use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Work};
use kernels::linear::{Gradients, Shape, Weights, selected};

use crate::float::bytes;
use crate::tensor_ops::tolerance;

/// `y = x·Wᵀ + b` for batch, inputs and outputs; an item is a sample, a row of x.
/// Its sums are those of a product, and as much is allowed.
pub fn linear_forward(name: &str, sides: [usize; 3]) -> Benchmark {
    forward(name, sides, run_forward)
}

/// The same, of weights that are packed beforehand: at the first call, which nobody times.
pub fn linear_forward_packed(name: &str, sides: [usize; 3]) -> Benchmark {
    let forward = forward(name, sides, run_packed);
    Benchmark {
        description: format!("{}, weights packed beforehand", forward.description),
        setup: Some(Box::new(|_| Ok(Box::new(RefCell::new(None::<Weights>))))),
        ..forward
    }
}

fn forward(
    name: &str,
    sides: [usize; 3],
    run: fn(&Context<'_>, Shape) -> Result<(), String>,
) -> Benchmark {
    let [batch, inputs, outputs] = sides;
    let mut buffers = operands(sides).to_vec();
    buffers.push(Buffer::input("bias", DType::F32, &[outputs]));
    buffers.push(Buffer::output("y", DType::F32, &[batch, outputs]));
    Benchmark {
        description: format!("A layer of {inputs} to {outputs}, batch {batch}, f32"),
        work: Work {
            flops: (2 * batch * inputs * outputs + batch * outputs) as u64,
            bytes_read: bytes::<f32>(batch * inputs + outputs * inputs + outputs),
            bytes_written: bytes::<f32>(batch * outputs),
            items: batch as u64,
            item: "samples",
        },
        tolerance: tolerance::<f32>(inputs),
        ..benchmark(name, sides, buffers, run, forward_reference)
    }
}

/// dx, dW and db from the gradient by y, of the same; an item is a sample.
pub fn linear_backward(name: &str, sides: [usize; 3]) -> Benchmark {
    let [batch, inputs, outputs] = sides;
    let mut buffers = operands(sides).to_vec();
    buffers.extend([
        Buffer::input("dy", DType::F32, &[batch, outputs]),
        Buffer::output("dx", DType::F32, &[batch, inputs]),
        Buffer::output("dweights", DType::F32, &[outputs, inputs]),
        Buffer::output("dbias", DType::F32, &[outputs]),
    ]);
    Benchmark {
        description: format!("Gradients of a layer of {inputs} to {outputs}, batch {batch}, f32"),
        work: Work {
            flops: (4 * batch * inputs * outputs + batch * outputs) as u64,
            bytes_read: bytes::<f32>(batch * inputs + outputs * inputs + batch * outputs),
            bytes_written: bytes::<f32>(batch * inputs + outputs * inputs + outputs),
            items: batch as u64,
            item: "samples",
        },
        tolerance: tolerance::<f32>(batch.max(outputs)),
        ..benchmark(name, sides, buffers, run_backward, backward_reference)
    }
}

fn operands([batch, inputs, outputs]: [usize; 3]) -> [Buffer; 2] {
    [
        Buffer::input("x", DType::F32, &[batch, inputs]),
        Buffer::input("weights", DType::F32, &[outputs, inputs]),
    ]
}

fn benchmark(
    name: &str,
    sides: [usize; 3],
    buffers: Vec<Buffer>,
    run: fn(&Context<'_>, Shape) -> Result<(), String>,
    reference: fn(&Context<'_>, Shape) -> Result<(), String>,
) -> Benchmark {
    let [batch, inputs, outputs] = sides;
    let shape = Shape {
        batch,
        inputs,
        outputs,
    };
    Benchmark {
        implementation: selected().name().into(),
        shape: sides.into(),
        buffers,
        ..Benchmark::new(
            name,
            DType::F32,
            move |call| run(call, shape),
            move |call| reference(call, shape),
        )
    }
}

fn run_forward(call: &Context<'_>, shape: Shape) -> Result<(), String> {
    let (x, weights) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    let (bias, y) = (call.take::<f32>(2)?, call.take(3)?);
    let layer = selected();
    for _ in 0..call.iterations() {
        let (x, weights, bias, y) = black_box((&*x, &*weights, &*bias, &mut *y));
        let done = layer.forward(x, weights, bias, y, shape);
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_packed(call: &Context<'_>, shape: Shape) -> Result<(), String> {
    let (x, weights) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    let (bias, y) = (call.take::<f32>(2)?, call.take(3)?);
    let mut packed = call.state::<RefCell<Option<Weights>>>()?.borrow_mut();
    if packed.is_none() {
        let made = selected().pack(weights, shape.inputs, shape.outputs);
        *packed = Some(made.map_err(|error| error.to_string())?);
    }
    let packed = packed.as_ref().expect("they were packed just now");
    for _ in 0..call.iterations() {
        let (x, bias, y) = black_box((&*x, &*bias, &mut *y));
        let done = packed.forward(x, bias, y, shape.batch);
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_backward(call: &Context<'_>, shape: Shape) -> Result<(), String> {
    let (x, weights, dy) = (
        call.take::<f32>(0)?,
        call.take::<f32>(1)?,
        call.take::<f32>(2)?,
    );
    let (dx, dweights, dbias) = (call.take(3)?, call.take(4)?, call.take(5)?);
    let layer = selected();
    for _ in 0..call.iterations() {
        let (x, weights, dy) = black_box((&*x, &*weights, &*dy));
        let gradients = Gradients {
            x: Some(&mut *dx),
            weights: &mut *dweights,
            bias: &mut *dbias,
        };
        let done = layer.backward(x, weights, dy, black_box(gradients), shape);
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn forward_reference(call: &Context<'_>, shape: Shape) -> Result<(), String> {
    let (x, weights) = (wide(call.take(0)?), wide(call.take(1)?));
    layer(&x, &weights, &wide(call.take(2)?), call.expected(3)?, shape);
    Ok(())
}

fn backward_reference(call: &Context<'_>, shape: Shape) -> Result<(), String> {
    let (x, weights) = (wide(call.take(0)?), wide(call.take(1)?));
    let sums = [call.expected(3)?, call.expected(4)?, call.expected(5)?];
    gradients_of(&x, &weights, &wide(call.take(2)?), sums, shape);
    Ok(())
}

/// The same values in f64.
pub(super) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// `y = x·Wᵀ + b`.
pub(super) fn layer(x: &[f64], weights: &[f64], bias: &[f64], y: &mut [f64], shape: Shape) {
    let samples = x.chunks(shape.inputs).zip(y.chunks_mut(shape.outputs));
    for (x, y) in samples {
        for ((y, weights), bias) in y.iter_mut().zip(weights.chunks(shape.inputs)).zip(bias) {
            *y = bias + x.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
        }
    }
}

/// dx, dW and db from dy.
pub(super) fn gradients_of(
    x: &[f64],
    weights: &[f64],
    dy: &[f64],
    [dx, dweights, dbias]: [&mut [f64]; 3],
    shape: Shape,
) {
    for sums in [&mut *dx, &mut *dweights, &mut *dbias] {
        sums.fill(0.0);
    }
    let samples = x.chunks(shape.inputs).zip(dx.chunks_mut(shape.inputs));
    for ((x, dx), dy) in samples.zip(dy.chunks(shape.outputs)) {
        let layer = weights
            .chunks(shape.inputs)
            .zip(dweights.chunks_mut(shape.inputs));
        for (((weights, dweights), dbias), dy) in layer.zip(&mut *dbias).zip(dy) {
            *dbias += dy;
            for ((sum, x), (by_x, weight)) in
                dweights.iter_mut().zip(x).zip(dx.iter_mut().zip(weights))
            {
                *sum += dy * x;
                *by_x += dy * weight;
            }
        }
    }
}
