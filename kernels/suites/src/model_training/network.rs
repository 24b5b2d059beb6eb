//! One whole step of training: forward, loss, backward, Adam.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Fill, Work};
use kernels::linear::{self, Gradients, Shape};
use kernels::loss::softmax_cross_entropy;
use kernels::optimizer::{Adam, AdamState};
use kernels::{Error, activation, optimizer};

use super::linear::{gradients_of, layer, wide};
use crate::float::bytes;
use crate::tensor_ops::tolerance;

/// Steps after which all begins anew, before gradients vanish and moments become subnormal.
const REFILL_AFTER: u64 = 500;

/// Weights and biases begin within ±0.05, about what 784 inputs ask for.
const PARAMETERS: Fill = Fill::Uniform {
    low: -0.05,
    high: 0.05,
};

/// A network of two layers with a ReLU between them, and the batch that it is trained on.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Samples at a time.
    pub batch: usize,
    /// Elements of a sample.
    pub inputs: usize,
    /// Outputs of the first layer.
    pub hidden: usize,
    /// Classes.
    pub classes: usize,
}

/// What a step changes: the parameters (weights and bias of the first layer, then of the second), and Adam's state.
#[derive(Debug)]
pub struct Parameters<'a> {
    /// [`Network::parameters`] of them.
    pub values: &'a mut [f32],
    /// As many moments, and the steps made.
    pub adam: AdamState<'a>,
}

impl Network {
    /// A classifier of 28×28 images.
    pub const MNIST: Network = Network {
        batch: 32,
        inputs: 784,
        hidden: 128,
        classes: 10,
    };

    /// The shapes of the two layers.
    fn layers(self) -> [Shape; 2] {
        let Network {
            batch,
            inputs,
            hidden,
            classes,
        } = self;
        let layer = |inputs, outputs| Shape {
            batch,
            inputs,
            outputs,
        };
        [layer(inputs, hidden), layer(hidden, classes)]
    }

    /// Elements of the weights and of the bias of each layer.
    fn sizes(self) -> [usize; 4] {
        let [first, second] = self.layers();
        let weights = |layer: Shape| layer.inputs * layer.outputs;
        [
            weights(first),
            first.outputs,
            weights(second),
            second.outputs,
        ]
    }

    /// The number of weights and biases.
    pub fn parameters(self) -> usize {
        self.sizes().iter().sum()
    }

    /// Elements of what passes from layer to layer, and of the gradients by it: before and after the ReLU, logits.
    fn passing(self) -> [usize; 6] {
        let (hidden, logits) = (self.batch * self.hidden, self.batch * self.classes);
        [hidden, hidden, logits, logits, hidden, hidden]
    }

    /// Elements that [`Network::step`] needs beside the parameters.
    pub fn scratch(self) -> usize {
        self.passing().iter().sum()
    }

    /// One step on `x`, batch×inputs, with a label for each row; the loss before it.
    ///
    /// `gradients` has one element a parameter, and `scratch` [`Network::scratch`]; what they hold does not matter.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::Label`] where an operand does not fit.
    pub fn step(
        self,
        x: &[f32],
        labels: &[i64],
        parameters: Parameters<'_>,
        gradients: &mut [f32],
        scratch: &mut [f32],
    ) -> Result<f64, Error> {
        let [first, second] = self.layers();
        let Parameters { values, adam } = parameters;
        let sizes = self.sizes();
        let [weights_1, bias_1, weights_2, bias_2] = split("parameters", values, sizes)?;
        let [dweights_1, dbias_1, dweights_2, dbias_2] = split("gradients", gradients, sizes)?;
        let [before, after, logits, by_logits, by_after, by_before] =
            split("scratch", scratch, self.passing())?;

        linear::forward(x, weights_1, bias_1, before, first)?;
        activation::relu(before, after)?;
        linear::forward(after, weights_2, bias_2, logits, second)?;
        let loss = softmax_cross_entropy(logits, labels, self.classes, by_logits)?;
        let by_second = Gradients {
            x: Some(by_after),
            weights: dweights_2,
            bias: dbias_2,
        };
        linear::backward(after, weights_2, by_logits, by_second, second)?;
        activation::relu_backward(before, by_after, by_before)?;
        let by_first = Gradients {
            x: None,
            weights: dweights_1,
            bias: dbias_1,
        };
        linear::backward(x, weights_1, by_before, by_first, first)?;
        optimizer::selected().adam(Adam::default(), values, gradients, adam)?;
        Ok(loss)
    }
}

/// The parts of `whole`.
///
/// # Errors
/// [`Error::Length`] unless it has as many elements as all of them.
fn split<'a, T, const N: usize>(
    operand: &'static str,
    mut whole: &'a mut [T],
    sizes: [usize; N],
) -> Result<[&'a mut [T]; N], Error> {
    let (actual, expected) = (whole.len(), sizes.iter().sum());
    if actual != expected {
        return Err(Error::Length {
            operand,
            expected,
            actual,
        });
    }
    Ok(sizes.map(|size| {
        let (part, rest) = std::mem::take(&mut whole).split_at_mut(size);
        whole = rest;
        part
    }))
}

/// One step of training with Adam; an item is a sample.
///
/// Operations are those of the layers, the ReLU and Adam; those of the loss are a thousandth. Second moments begin away from zero, where the change of
/// a parameter is a smooth function of its gradient.
pub fn training_step(name: &str, network: Network) -> Benchmark {
    let Network {
        batch,
        inputs,
        hidden,
        classes,
    } = network;
    let parameters = network.parameters();
    let buffer = |name: &str| Buffer::in_out(name, DType::F32, &[parameters]);
    let (low, high) = (0.0, classes as f64);
    let products = batch * (2 * inputs * hidden + 3 * hidden * classes);
    let element_wise = batch * (3 * hidden + 2 * classes) + 13 * parameters;
    Benchmark {
        description: format!(
            "A step of training {inputs}-{hidden}-{classes}, batch {batch}, f32: forward, loss, backward, Adam"
        ),
        implementation: linear::selected().name().into(),
        shape: vec![batch, inputs, hidden, classes],
        buffers: vec![
            Buffer::input("x", DType::F32, &[batch, inputs]),
            Buffer::input("labels", DType::I64, &[batch]).filled(Fill::Uniform { low, high }),
            buffer("parameters").filled(PARAMETERS),
            buffer("first").filled(PARAMETERS),
            buffer("second").filled(Fill::Uniform {
                low: 0.25,
                high: 1.0,
            }),
            Buffer::in_out("steps", DType::U64, &[1]).filled(Fill::Zeros),
            Buffer::output("gradients", DType::F32, &[parameters]),
            Buffer::output("passing", DType::F32, &[network.scratch()]),
            Buffer::output("loss", DType::F64, &[1]),
        ],
        work: Work {
            flops: (2 * products + element_wise) as u64,
            bytes_read: bytes::<f32>(batch * inputs + 3 * parameters)
                + bytes::<i64>(batch)
                + bytes::<u64>(1),
            bytes_written: bytes::<f32>(3 * parameters) + bytes::<u64>(1) + bytes::<f64>(1),
            items: batch as u64,
            item: "samples",
        },
        tolerance: tolerance::<f32>(inputs),
        refill_after: Some(REFILL_AFTER),
        ..Benchmark::new(
            name,
            DType::F32,
            move |call| run(call, network),
            move |call| reference(call, network),
        )
    }
}

fn run(call: &Context<'_>, network: Network) -> Result<(), String> {
    let (x, labels, values) = (call.take::<f32>(0)?, call.take::<i64>(1)?, call.take(2)?);
    let (first, second, steps) = (call.take(3)?, call.take(4)?, call.take::<u64>(5)?);
    let (gradients, scratch) = (call.take(6)?, call.take(7)?);
    let loss = call.take::<f64>(8)?;
    for _ in 0..call.iterations() {
        let adam = AdamState {
            first: &mut *first,
            second: &mut *second,
            steps: &mut steps[0],
        };
        let parameters = Parameters {
            values: &mut *values,
            adam,
        };
        let (x, labels) = black_box((&*x, &*labels));
        let done = network.step(x, labels, black_box(parameters), gradients, scratch);
        loss[0] = done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The same by the formulas, in f64.
fn reference(call: &Context<'_>, network: Network) -> Result<(), String> {
    let (x, labels) = (call.take::<f32>(0)?, call.take::<i64>(1)?);
    let [first, second] = network.layers();
    let (x, mut values) = (wide(x), wide(call.take(2)?));
    let (sizes, told) = (network.sizes(), |error: Error| error.to_string());
    let parts = split("parameters", &mut values, sizes).map_err(told)?;
    let [weights_1, bias_1, weights_2, bias_2] = parts;
    let gradients = call.expected(6)?;
    let parts = split("gradients", gradients, sizes).map_err(told)?;
    let [dweights_1, dbias_1, dweights_2, dbias_2] = parts;
    let parts = split("scratch", call.expected(7)?, network.passing()).map_err(told)?;
    let [before, after, logits, by_logits, by_after, by_before] = parts;

    layer(&x, weights_1, bias_1, before, first);
    for (after, before) in after.iter_mut().zip(&*before) {
        *after = before.max(0.0);
    }
    layer(after, weights_2, bias_2, logits, second);
    let (batch, classes) = (network.batch as f64, network.classes);
    let mut loss = 0.0;
    let rows = logits.chunks(classes).zip(by_logits.chunks_mut(classes));
    for ((logits, by_logits), label) in rows.zip(labels) {
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        loss += (largest + sum.ln() - logits[*label as usize]) / batch;
        for (by_logit, logit) in by_logits.iter_mut().zip(logits) {
            *by_logit = (logit - largest).exp() / sum / batch;
        }
        by_logits[*label as usize] -= 1.0 / batch;
    }
    gradients_of(
        after,
        weights_2,
        by_logits,
        [by_after, dweights_2, dbias_2],
        second,
    );
    for ((by_before, by_after), before) in by_before.iter_mut().zip(&*by_after).zip(&*before) {
        *by_before = if *before > 0.0 { *by_after } else { 0.0 };
    }
    let mut by_x = vec![0.0; x.len()];
    gradients_of(
        &x,
        weights_1,
        by_before,
        [&mut by_x, dweights_1, dbias_1],
        first,
    );

    call.expected(8)?[0] = loss;
    let step = call.take::<u64>(5)?[0] as f64 + 1.0;
    call.expected(5)?[0] = step;
    let (m, v) = (call.take::<f32>(3)?, call.take::<f32>(4)?);
    let (parameters, moments) = (call.expected(2)?, [call.expected(3)?, call.expected(4)?]);
    let adam = Adam::default();
    let [beta1, beta2] = [adam.beta1, adam.beta2].map(f64::from);
    for (i, g) in gradients.iter().enumerate() {
        moments[0][i] = beta1 * f64::from(m[i]) + (1.0 - beta1) * g;
        moments[1][i] = beta2 * f64::from(v[i]) + (1.0 - beta2) * g * g;
        let mean = moments[0][i] / (1.0 - beta1.powf(step));
        let root = (moments[1][i] / (1.0 - beta2.powf(step))).sqrt();
        let change = f64::from(adam.learning_rate) * mean / (root + f64::from(adam.epsilon));
        parameters[i] = values[i] - change;
    }
    Ok(())
}
