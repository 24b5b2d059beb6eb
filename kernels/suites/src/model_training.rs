//! The suite `model-training`: steps of optimisers, and activations.

mod activation;
mod optimizer;

use abi::Suite;

pub use activation::{Activation, backward, forward};
pub use optimizer::{Optimizer, step};

/// Parameters of a model: 0.04, 0.4 and 4 MB of each array.
const MODELS: &[(&str, usize)] = &[("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000)];

/// Elements of an activation.
const ACTIVATIONS: usize = 1024;

pub(crate) fn suite() -> Suite {
    let mut benchmarks = Vec::new();
    for optimizer in Optimizer::ALL {
        for (size, parameters) in MODELS {
            let name = format!("{}_{size}", optimizer.name());
            benchmarks.push(step(&name, optimizer, *parameters));
        }
    }
    for activation in Activation::ALL {
        let name = |pass| format!("{}_{pass}_{ACTIVATIONS}", activation.name());
        benchmarks.push(forward(&name("forward"), activation, ACTIVATIONS));
        benchmarks.push(backward(&name("backward"), activation, ACTIVATIONS));
    }
    Suite::new(
        "model-training",
        "Steps of optimisers and activations, f32",
        benchmarks,
    )
}
