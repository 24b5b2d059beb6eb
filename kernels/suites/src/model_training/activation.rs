//! Activations and their gradients.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Fill, Work};
use kernels::activation::selected;

use crate::float::bytes;

/// What is applied to each element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// 1/(1 + e⁻ˣ)
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// Every one, in the order in which they are listed.
    pub const ALL: [Activation; 3] = [Activation::Relu, Activation::Sigmoid, Activation::Tanh];

    /// As benchmarks are named.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
        }
    }
}

/// The activation of rows × columns elements from -8 to 8; an item is an element.
///
/// Operations are those of the formula: a comparison, an exponential and a hyperbolic tangent are one each. ReLU is exact; all others are within
/// two units in the last place of numbers below 1, and one epsilon is allowed.
pub fn forward(name: &str, activation: Activation, [rows, columns]: [usize; 2]) -> Benchmark {
    let (flops, tolerance) = match activation {
        Activation::Relu => (1, 0.0),
        Activation::Sigmoid => (3, f64::from(f32::EPSILON)),
        Activation::Tanh => (1, f64::from(f32::EPSILON)),
    };
    let (low, high) = (-8.0, 8.0);
    let x = Buffer::input("x", DType::F32, &[rows, columns]).filled(Fill::Uniform { low, high });
    Benchmark {
        description: format!("{activation:?} of {rows}×{columns} f32"),
        tolerance,
        ..benchmark(
            Benchmark::new(
                name,
                DType::F32,
                move |call| run_forward(call, activation),
                move |call| forward_reference(call, activation),
            ),
            flops,
            vec![x],
        )
    }
}

/// The gradient by x of the same: from x and the gradient by the output for ReLU, from the output and that for all others. An item is an element.
///
/// Operations and tolerance are as those of [`forward`].
pub fn backward(name: &str, activation: Activation, [rows, columns]: [usize; 2]) -> Benchmark {
    let (from, low, flops, tolerance) = match activation {
        Activation::Relu => ("x", -1.0, 1, 0.0),
        Activation::Sigmoid => ("y", 0.0, 3, f64::from(f32::EPSILON)),
        Activation::Tanh => ("y", -1.0, 3, f64::from(f32::EPSILON)),
    };
    let from = Buffer::input(from, DType::F32, &[rows, columns]);
    let grad = Buffer::input("grad", DType::F32, &[rows, columns]);
    Benchmark {
        description: format!("Gradient of {activation:?} of {rows}×{columns} f32"),
        tolerance,
        ..benchmark(
            Benchmark::new(
                name,
                DType::F32,
                move |call| run_backward(call, activation),
                move |call| backward_reference(call, activation),
            ),
            flops,
            vec![from.filled(Fill::Uniform { low, high: 1.0 }), grad],
        )
    }
}

/// With what both have in common: an output as large as each input, and `flops` operations an element.
fn benchmark(benchmark: Benchmark, flops: usize, mut buffers: Vec<Buffer>) -> Benchmark {
    let (shape, inputs) = (buffers[0].shape.clone(), buffers.len());
    let elements = shape.iter().product::<usize>();
    buffers.push(Buffer::output("out", DType::F32, &shape));
    Benchmark {
        implementation: selected().name().into(),
        shape,
        buffers,
        work: Work {
            flops: (flops * elements) as u64,
            bytes_read: bytes::<f32>(inputs * elements),
            bytes_written: bytes::<f32>(elements),
            items: elements as u64,
            item: "elements",
        },
        ..benchmark
    }
}

fn run_forward(call: &Context<'_>, activation: Activation) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.take(1)?);
    let kernels = selected();
    for _ in 0..call.iterations() {
        let (x, out) = black_box((&*x, &mut *out));
        let done = match activation {
            Activation::Relu => kernels.relu(x, out),
            Activation::Sigmoid => kernels.sigmoid(x, out),
            Activation::Tanh => kernels.tanh(x, out),
        };
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run_backward(call: &Context<'_>, activation: Activation) -> Result<(), String> {
    let (from, grad, out) = (call.take::<f32>(0)?, call.take::<f32>(1)?, call.take(2)?);
    let kernels = selected();
    for _ in 0..call.iterations() {
        let (from, grad, out) = black_box((&*from, &*grad, &mut *out));
        let done = match activation {
            Activation::Relu => kernels.relu_backward(from, grad, out),
            Activation::Sigmoid => kernels.sigmoid_backward(from, grad, out),
            Activation::Tanh => kernels.tanh_backward(from, grad, out),
        };
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn forward_reference(call: &Context<'_>, activation: Activation) -> Result<(), String> {
    let (x, out) = (call.take::<f32>(0)?, call.expected(1)?);
    for (out, x) in out.iter_mut().zip(x) {
        let x = f64::from(*x);
        *out = match activation {
            Activation::Relu => x.max(0.0),
            Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Activation::Tanh => x.tanh(),
        };
    }
    Ok(())
}

fn backward_reference(call: &Context<'_>, activation: Activation) -> Result<(), String> {
    let (from, grad) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    for (out, (from, grad)) in call.expected(2)?.iter_mut().zip(from.iter().zip(grad)) {
        let from = f64::from(*from);
        let slope = match activation {
            Activation::Relu if from > 0.0 => 1.0,
            Activation::Relu => 0.0,
            Activation::Sigmoid => from * (1.0 - from),
            Activation::Tanh => 1.0 - from * from,
        };
        *out = slope * f64::from(*grad);
    }
    Ok(())
}
