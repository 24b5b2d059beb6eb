//! One step of each optimiser.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Fill, Work};
use kernels::optimizer::{Adam, AdamState, AdamW, Momentum, RmsProp, Sgd, selected};

use crate::float::bytes;

const SGD: Sgd = Sgd {
    learning_rate: 1e-3,
};
const MOMENTUM: Momentum = Momentum {
    learning_rate: 1e-3,
    momentum: 0.9,
};
const RMSPROP: RmsProp = RmsProp {
    learning_rate: 1e-3,
    decay: 0.99,
    epsilon: 1e-8,
};

/// Gradients, and what second moments begin with. They stay as they are, so that moments tend to them or to their squares (a velocity to ten times
/// that) and never to subnormal numbers.
const AWAY_FROM_ZERO: Fill = Fill::Uniform {
    low: 0.25,
    high: 1.0,
};

/// Steps after which all begins anew: until then a parameter moves by 1000 at most, and each step still changes it.
const REFILL_AFTER: u64 = 100_000;

/// What makes the step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    /// Gradient descent.
    Sgd,
    /// The same with momentum 0.9.
    Momentum,
    /// Adam as its paper recommends, its step advancing.
    Adam,
    /// Adam with a decoupled weight decay of 0.01.
    AdamW,
    /// RMSprop with a decay of 0.99.
    RmsProp,
}

impl Optimizer {
    /// Every one, in the order in which they are listed.
    pub const ALL: [Optimizer; 5] = [
        Optimizer::Sgd,
        Optimizer::Momentum,
        Optimizer::Adam,
        Optimizer::AdamW,
        Optimizer::RmsProp,
    ];

    /// As benchmarks are named.
    pub fn name(self) -> &'static str {
        match self {
            Optimizer::Sgd => "sgd",
            Optimizer::Momentum => "momentum",
            Optimizer::Adam => "adam",
            Optimizer::AdamW => "adamw",
            Optimizer::RmsProp => "rmsprop",
        }
    }

    /// Arrays of moments that it keeps.
    fn moments(self) -> &'static [&'static str] {
        match self {
            Optimizer::Sgd => &[],
            Optimizer::Momentum => &["velocity"],
            Optimizer::Adam | Optimizer::AdamW => &["first", "second"],
            Optimizer::RmsProp => &["squares"],
        }
    }

    /// Operations a parameter: those of the formulas, where a division and a root are one each.
    fn flops(self) -> usize {
        match self {
            Optimizer::Sgd => 2,
            Optimizer::Momentum => 4,
            // 3 for the first moment, 4 for the second, 3 for the divisor, 3 for the rest.
            Optimizer::Adam => 13,
            Optimizer::AdamW => 14,
            // 4 for the squares, 2 for the divisor, 3 for the rest.
            Optimizer::RmsProp => 9,
        }
    }
}

/// A step on `parameters` parameters; an item is a parameter.
///
/// A moment errs by at most 4u of the sum of its terms' magnitudes, which is at most the largest of the array's range, and a parameter by
/// one rounding, or two where it decays; its change is a hundredth of it at most, and its error vanishes beside them. 6u are allowed.
pub fn step(name: &str, optimizer: Optimizer, parameters: usize) -> Benchmark {
    let shape = [parameters];
    let mut buffers = vec![
        Buffer::in_out("params", DType::F32, &shape),
        Buffer::input("grads", DType::F32, &shape).filled(AWAY_FROM_ZERO),
    ];
    for name in optimizer.moments() {
        let moment = Buffer::in_out(name, DType::F32, &shape);
        buffers.push(match *name {
            "second" | "squares" => moment.filled(AWAY_FROM_ZERO),
            _ => moment,
        });
    }
    let arrays = buffers.len();
    let mut counter = 0;
    if matches!(optimizer, Optimizer::Adam | Optimizer::AdamW) {
        buffers.push(Buffer::in_out("steps", DType::U64, &[1]).filled(Fill::Zeros));
        counter = bytes::<u64>(1);
    }
    Benchmark {
        description: format!("One step of {optimizer:?} on {parameters} f32 parameters"),
        implementation: selected().name().into(),
        shape: shape.into(),
        buffers,
        work: Work {
            flops: (optimizer.flops() * parameters) as u64,
            bytes_read: bytes::<f32>(arrays * parameters) + counter,
            bytes_written: bytes::<f32>((arrays - 1) * parameters) + counter,
            items: parameters as u64,
            item: "parameters",
        },
        tolerance: 3.0 * f64::from(f32::EPSILON),
        refill_after: Some(REFILL_AFTER),
        ..Benchmark::new(
            name,
            DType::F32,
            move |call| run(call, optimizer),
            move |call| reference(call, optimizer),
        )
    }
}

fn run(call: &Context<'_>, optimizer: Optimizer) -> Result<(), String> {
    let (params, grads) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    let mut moments = Vec::with_capacity(2);
    for position in 0..optimizer.moments().len() {
        moments.push(call.take::<f32>(2 + position)?);
    }
    let mut none = [0];
    let steps = match optimizer {
        Optimizer::Adam | Optimizer::AdamW => call.take::<u64>(4)?,
        _ => &mut none[..],
    };
    let kernels = selected();
    for _ in 0..call.iterations() {
        let (params, grads) = black_box((&mut *params, &*grads));
        let done = match (optimizer, &mut moments[..]) {
            (Optimizer::Momentum, [velocity]) => {
                kernels.momentum(black_box(MOMENTUM), params, grads, velocity)
            }
            (Optimizer::RmsProp, [squares]) => {
                kernels.rmsprop(black_box(RMSPROP), params, grads, squares)
            }
            (Optimizer::Adam | Optimizer::AdamW, [first, second]) => {
                let steps = &mut steps[0];
                let state = AdamState {
                    first,
                    second,
                    steps,
                };
                if optimizer == Optimizer::Adam {
                    kernels.adam(black_box(Adam::default()), params, grads, state)
                } else {
                    kernels.adamw(black_box(AdamW::default()), params, grads, state)
                }
            }
            _ => kernels.sgd(black_box(SGD), params, grads),
        };
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The formulas of `kernels::optimizer`, in f64.
fn reference(call: &Context<'_>, optimizer: Optimizer) -> Result<(), String> {
    let (params, grads) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
    let mut moments = Vec::new();
    for position in 2..2 + optimizer.moments().len() {
        moments.push((call.take::<f32>(position)?, call.expected(position)?));
    }
    let out = call.expected(0)?;
    let (mut step, mut keep) = (0.0, 1.0);
    if matches!(optimizer, Optimizer::Adam | Optimizer::AdamW) {
        step = call.take::<u64>(4)?[0] as f64 + 1.0;
        call.expected(4)?[0] = step;
    }
    if optimizer == Optimizer::AdamW {
        let AdamW { adam, weight_decay } = AdamW::default();
        keep = 1.0 - f64::from(adam.learning_rate) * f64::from(weight_decay);
    }
    let mean = |beta: f32, old: f32, new: f64| {
        f64::from(beta) * f64::from(old) + (1.0 - f64::from(beta)) * new
    };
    for (i, out) in out.iter_mut().enumerate() {
        let g = f64::from(grads[i]);
        let change = match &mut moments[..] {
            [(old, new)] if optimizer == Optimizer::Momentum => {
                new[i] = f64::from(MOMENTUM.momentum) * f64::from(old[i]) + g;
                f64::from(MOMENTUM.learning_rate) * new[i]
            }
            [(old, new)] => {
                new[i] = mean(RMSPROP.decay, old[i], g * g);
                f64::from(RMSPROP.learning_rate) * g / (new[i].sqrt() + f64::from(RMSPROP.epsilon))
            }
            [(m, first), (v, second)] => {
                let adam = Adam::default();
                first[i] = mean(adam.beta1, m[i], g);
                second[i] = mean(adam.beta2, v[i], g * g);
                let unbiased = |moment, beta| moment / (1.0 - f64::from(beta).powf(step));
                let root = unbiased(second[i], adam.beta2).sqrt();
                f64::from(adam.learning_rate) * unbiased(first[i], adam.beta1)
                    / (root + f64::from(adam.epsilon))
            }
            _ => f64::from(SGD.learning_rate) * g,
        };
        *out = f64::from(params[i]) * keep - change;
    }
    Ok(())
}
