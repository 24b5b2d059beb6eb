//! The suite `model-training`: layers, activations, steps of optimisers, and a whole step of training.

mod activation;
mod linear;
mod network;
mod optimizer;

use abi::Suite;

pub use activation::{Activation, backward, forward};
pub use linear::{linear_backward, linear_forward, linear_forward_packed};
pub use network::{Network, Parameters, training_step};
pub use optimizer::{Optimizer, step};

/// Parameters of a model: 0.04, 0.4 and 4 MB of each array.
const MODELS: &[(&str, usize)] = &[("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000)];

/// Rows and columns of an activation: 4 MB.
const ACTIVATIONS: usize = 1024;

/// The first layer of a classifier of MNIST's images, and one of CIFAR's: batch, inputs, outputs.
const LAYERS: [[usize; 3]; 2] = [[32, 784, 128], [64, 3072, 512]];

pub(crate) fn suite() -> Suite {
    let mut benchmarks = Vec::new();
    for sides in LAYERS {
        let [batch, inputs, outputs] = sides;
        let name = |pass| format!("linear_{pass}_{inputs}_{outputs}_b{batch}");
        benchmarks.push(linear_forward(&name("forward"), sides));
        benchmarks.push(linear_forward_packed(&name("forward_packed"), sides));
        benchmarks.push(linear_backward(&name("backward"), sides));
    }
    benchmarks.push(training_step(
        "training_step_784_128_10_b32",
        Network::MNIST,
    ));
    for optimizer in Optimizer::ALL {
        for (size, parameters) in MODELS {
            let name = format!("{}_{size}", optimizer.name());
            benchmarks.push(step(&name, optimizer, *parameters));
        }
    }
    for activation in Activation::ALL {
        let name = |pass| format!("{}_{pass}_{ACTIVATIONS}", activation.name());
        let shape = [ACTIVATIONS; 2];
        benchmarks.push(forward(&name("forward"), activation, shape));
        benchmarks.push(backward(&name("backward"), activation, shape));
    }
    Suite::new(
        "model-training",
        "Layers, activations, optimisers and a whole step of training, f32",
        benchmarks,
    )
}
