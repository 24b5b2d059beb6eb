//! The optimisers once more, an element at a time: in f64, and in f32 as the kernels round.

use std::ops::Range;

use kernels::Error;
use kernels::optimizer::{Adam, AdamState, AdamW, Implementation, Momentum, RmsProp, Sgd};

const RATE: f32 = 1e-2;
const MOMENTUM: f32 = 0.9;
const DECAY: f32 = 0.99;
const EPSILON: f32 = 1e-8;
const ADAMW: AdamW = AdamW {
    adam: Adam {
        learning_rate: RATE,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: EPSILON,
    },
    weight_decay: 0.1,
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Optimizer {
    Sgd,
    Momentum,
    RmsProp,
    Adam,
    AdamW,
}

pub(super) const ALL: [Optimizer; 5] = [
    Optimizer::Sgd,
    Optimizer::Momentum,
    Optimizer::RmsProp,
    Optimizer::Adam,
    Optimizer::AdamW,
];

/// A model and what any optimiser keeps of it; the velocity is `first`, the squares are `second`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Model<T> {
    pub(super) params: Vec<T>,
    pub(super) grads: Vec<T>,
    pub(super) first: Vec<T>,
    pub(super) second: Vec<T>,
}

impl Model<f32> {
    /// Element `i`: parameter, gradient, first and second moment.
    pub(super) fn at(&self, i: usize) -> [f64; 4] {
        [&self.params, &self.grads, &self.first, &self.second].map(|array| f64::from(array[i]))
    }
}

impl Optimizer {
    /// Whether it counts its steps.
    pub(super) fn counts(self) -> bool {
        matches!(self, Optimizer::Adam | Optimizer::AdamW)
    }

    /// Whether that array of a model, counted as [`Model::at`] does, is an operand.
    pub(super) fn uses(self, operand: usize) -> bool {
        match operand {
            0 | 1 => true,
            2 => !matches!(self, Optimizer::Sgd | Optimizer::RmsProp),
            _ => !matches!(self, Optimizer::Sgd | Optimizer::Momentum),
        }
    }

    /// A step on those elements; returns the steps made.
    pub(super) fn step(
        self,
        implementation: &Implementation,
        model: &mut Model<f32>,
        inside: Range<usize>,
        steps: u64,
    ) -> Result<u64, Error> {
        self.call(
            implementation,
            [
                &mut model.params[inside.clone()],
                &mut model.grads[inside.clone()],
                &mut model.first[inside.clone()],
                &mut model.second[inside],
            ],
            steps,
        )
    }

    /// A step on arrays of any lengths.
    pub(super) fn step_whole(
        self,
        implementation: &Implementation,
        model: &mut Model<f32>,
        steps: u64,
    ) -> Result<u64, Error> {
        let arrays = [
            &mut model.params[..],
            &mut model.grads[..],
            &mut model.first[..],
            &mut model.second[..],
        ];
        self.call(implementation, arrays, steps)
    }

    fn call(
        self,
        implementation: &Implementation,
        [params, grads, first, second]: [&mut [f32]; 4],
        mut steps: u64,
    ) -> Result<u64, Error> {
        let learning_rate = RATE;
        let state = AdamState {
            first: &mut *first,
            second: &mut *second,
            steps: &mut steps,
        };
        match self {
            Optimizer::Adam => implementation.adam(ADAMW.adam, params, grads, state)?,
            Optimizer::AdamW => implementation.adamw(ADAMW, params, grads, state)?,
            Optimizer::Sgd => implementation.sgd(Sgd { learning_rate }, params, grads)?,
            Optimizer::Momentum => {
                let momentum = MOMENTUM;
                let with = Momentum {
                    learning_rate,
                    momentum,
                };
                implementation.momentum(with, params, grads, first)?;
            }
            Optimizer::RmsProp => {
                let with = RmsProp {
                    learning_rate,
                    decay: DECAY,
                    epsilon: EPSILON,
                };
                implementation.rmsprop(with, params, grads, second)?;
            }
        }
        Ok(steps)
    }
}

/// An element after a step, what was subtracted from the parameter, and what that would be if no terms of the first moment cancelled.
pub(super) fn exact(
    optimizer: Optimizer,
    [p, g, m, v]: [f64; 4],
    step: u64,
) -> ([f64; 4], f64, f64) {
    let [rate, mu, alpha, epsilon] = [RATE, MOMENTUM, DECAY, EPSILON].map(f64::from);
    let [b1, b2] = [ADAMW.adam.beta1, ADAMW.adam.beta2].map(f64::from);
    let decay = match optimizer {
        Optimizer::AdamW => rate * f64::from(ADAMW.weight_decay),
        _ => 0.0,
    };
    let (m, size, v, by) = match optimizer {
        Optimizer::Sgd => (m, g.abs(), v, rate * g),
        Optimizer::Momentum => {
            let size = mu * m.abs() + g.abs();
            let m = mu * m + g;
            (m, size, v, rate * m)
        }
        Optimizer::RmsProp => {
            let v = alpha * v + (1.0 - alpha) * g * g;
            let divisor = v.sqrt() + epsilon;
            (m, g.abs() / divisor, v, rate * g / divisor)
        }
        Optimizer::Adam | Optimizer::AdamW => {
            let corrected = |moment: f64, beta: f64| moment / (1.0 - beta.powf(step as f64));
            let size = b1 * m.abs() + (1.0 - b1) * g.abs();
            let m = b1 * m + (1.0 - b1) * g;
            let v = b2 * v + (1.0 - b2) * g * g;
            let divisor = corrected(v, b2).sqrt() + epsilon;
            let by = rate * corrected(m, b1) / divisor;
            (m, corrected(size, b1) / divisor, v, by)
        }
    };
    ([p * (1.0 - decay) - by, g, m, v], by, rate * size)
}

/// An element after a step, each operation in f32.
pub(super) fn single(optimizer: Optimizer, [p, g, m, v]: [f32; 4], step: u64) -> [f32; 4] {
    let Adam { beta1, beta2, .. } = ADAMW.adam;
    let rest = |beta: f32| (1.0 - f64::from(beta)) as f32;
    let correction = |beta: f32| 1.0 - f64::from(beta).powf(step as f64);
    match optimizer {
        Optimizer::Sgd => [p - RATE * g, g, m, v],
        Optimizer::Momentum => {
            let m = MOMENTUM * m + g;
            [p - RATE * m, g, m, v]
        }
        Optimizer::RmsProp => {
            let v = DECAY * v + rest(DECAY) * (g * g);
            [p - RATE * g / (v.sqrt() + EPSILON), g, m, v]
        }
        Optimizer::Adam | Optimizer::AdamW => {
            let m = beta1 * m + rest(beta1) * g;
            let v = beta2 * v + rest(beta2) * (g * g);
            let rate = (f64::from(RATE) / correction(beta1)) as f32;
            let root = (1.0 / correction(beta2).sqrt()) as f32;
            let keep = match optimizer {
                Optimizer::AdamW => (1.0 - f64::from(RATE) * f64::from(ADAMW.weight_decay)) as f32,
                _ => 1.0,
            };
            [p * keep - rate * m / (v.sqrt() * root + EPSILON), g, m, v]
        }
    }
}
