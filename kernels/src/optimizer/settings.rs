//! What the optimisers are set to, their formulas, and the factors that these give for one step.

use super::Factors;

/// Gradient descent: `p ← p − η·g`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    /// η
    pub learning_rate: f32,
}

/// Gradient descent with momentum (Polyak 1964), undamped: `v ← μ·v + g`, `p ← p − η·v`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Momentum {
    /// η
    pub learning_rate: f32,
    /// μ: usually 0.9.
    pub momentum: f32,
}

/// RMSprop (Tieleman and Hinton 2012), not centred, without momentum: `s ← α·s + (1−α)·g²`, `p ← p − η·g/(√s + ε)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsProp {
    /// η
    pub learning_rate: f32,
    /// α: usually 0.99.
    pub decay: f32,
    /// ε
    pub epsilon: f32,
}

/// Adam (Kingma and Ba 2015, algorithm 1), at step t counted from 1:
/// `m ← β₁·m + (1−β₁)·g`, `v ← β₂·v + (1−β₂)·g²`, `p ← p − η·m̂/(√v̂ + ε)` with `m̂ = m/(1−β₁ᵗ)` and `v̂ = v/(1−β₂ᵗ)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// η
    pub learning_rate: f32,
    /// β₁: how much of the running mean of gradients stays.
    pub beta1: f32,
    /// β₂: how much of the running mean of their squares stays.
    pub beta2: f32,
    /// ε, added to the root.
    pub epsilon: f32,
}

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2): `p ← p·(1 − η·λ)`, then as [`Adam`].
///
/// The decay is η·λ a step, where the paper names that product λ and scales it by the schedule alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamW {
    /// All but the decay.
    pub adam: Adam,
    /// λ
    pub weight_decay: f32,
}

impl Default for Adam {
    /// The values that the paper recommends.
    fn default() -> Self {
        Adam {
            learning_rate: 1e-3,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

impl Default for AdamW {
    /// [`Adam`]'s values with a decay of 0.01.
    fn default() -> Self {
        AdamW {
            adam: Adam::default(),
            weight_decay: 0.01,
        }
    }
}

/// 1 − β, rounded once at most.
fn complement(beta: f32) -> f32 {
    (1.0 - f64::from(beta)) as f32
}

impl Sgd {
    pub(super) fn factors(self) -> Factors {
        Factors {
            rate: self.learning_rate,
            ..Factors::default()
        }
    }
}

impl Momentum {
    pub(super) fn factors(self) -> Factors {
        Factors {
            rate: self.learning_rate,
            first: self.momentum,
            ..Factors::default()
        }
    }
}

impl RmsProp {
    pub(super) fn factors(self) -> Factors {
        Factors {
            rate: self.learning_rate,
            second: self.decay,
            second_rest: complement(self.decay),
            epsilon: self.epsilon,
            ..Factors::default()
        }
    }
}

impl Adam {
    /// For the step of that number, from 1.
    pub(super) fn factors(self, step: u64) -> Factors {
        let correction = |beta: f32| 1.0 - f64::from(beta).powf(step as f64);
        Factors {
            rate: (f64::from(self.learning_rate) / correction(self.beta1)) as f32,
            first: self.beta1,
            first_rest: complement(self.beta1),
            second: self.beta2,
            second_rest: complement(self.beta2),
            root: (1.0 / correction(self.beta2).sqrt()) as f32,
            epsilon: self.epsilon,
            ..Factors::default()
        }
    }
}

impl AdamW {
    /// For the step of that number, from 1.
    pub(super) fn factors(self, step: u64) -> Factors {
        let decay = f64::from(self.adam.learning_rate) * f64::from(self.weight_decay);
        Factors {
            keep: (1.0 - decay) as f32,
            ..self.adam.factors(step)
        }
    }
}
