//! One step of an optimiser, in place: gradient descent, with momentum, Adam, AdamW and RMSprop, in f32.
//!
//! Each is one fused pass: parameters and moments are read once and written once, gradients are read once. All slices of a call have
//! one element a parameter.
//!
//! # Error
//! Every operation of the formulas (at [`Sgd`], [`Momentum`], [`RmsProp`], [`Adam`], [`AdamW`]) is rounded once, as IEEE 754 says and in the same order everywhere, so that all
//! implementations give the same bits, NaN payloads aside. What does not depend on the element (bias corrections, 1 − β, rates) is computed in f64 and
//! rounded once. With u = 2⁻²⁴, where nothing overflows or is subnormal: first moments are within 2u·(|β₁·m| + |(1−β₁)·g|), second
//! ones within 4u, relatively, and what is subtracted from a parameter within 10u of the same with exact moments.
//!
//! Subnormal numbers are kept. A square of a gradient beyond 1.8·10¹⁹ overflows to infinity, as in f32 elsewhere, and the parameter then stays; NaN and
//! infinities follow IEEE 754.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod loops;
mod settings;

use crate::Error;
use crate::table::implementations;
use loops::{Factors, Kernels};
pub use settings::{Adam, AdamW, Momentum, RmsProp, Sgd};

/// What Adam and AdamW keep between steps: zeros before the first.
#[derive(Debug)]
pub struct AdamState<'a> {
    /// The running mean of gradients, one a parameter.
    pub first: &'a mut [f32],
    /// The running mean of their squares, one a parameter.
    pub second: &'a mut [f32],
    /// Steps made; one more after a step, none more after an error.
    pub steps: &'a mut u64,
}

implementations!(
    "optimizer",
    Kernels,
    [loops::AVX512, loops::AVX2, loops::PORTABLE]
);

impl Implementation {
    /// A step of [`Sgd`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn sgd(&self, with: Sgd, params: &mut [f32], grads: &[f32]) -> Result<(), Error> {
        self.check(params.len(), [("grads", grads.len())])?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.sgd)(&with.factors(), params, grads) };
        Ok(())
    }

    /// A step of [`Momentum`]; `velocity` is zeros before the first.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn momentum(
        &self,
        with: Momentum,
        params: &mut [f32],
        grads: &[f32],
        velocity: &mut [f32],
    ) -> Result<(), Error> {
        self.check(
            params.len(),
            [("grads", grads.len()), ("velocity", velocity.len())],
        )?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.momentum)(&with.factors(), params, grads, velocity) };
        Ok(())
    }

    /// A step of [`RmsProp`]; `squares` is zeros before the first.
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn rmsprop(
        &self,
        with: RmsProp,
        params: &mut [f32],
        grads: &[f32],
        squares: &mut [f32],
    ) -> Result<(), Error> {
        self.check(
            params.len(),
            [("grads", grads.len()), ("squares", squares.len())],
        )?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.rmsprop)(&with.factors(), params, grads, squares) };
        Ok(())
    }

    /// A step of [`Adam`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    ///
    /// ```
    /// use kernels::optimizer::{Adam, AdamState, selected};
    ///
    /// let (mut params, mut first, mut second, mut steps) = ([1.0], [0.0], [0.0], 0);
    /// let state = AdamState { first: &mut first, second: &mut second, steps: &mut steps };
    /// selected().adam(Adam::default(), &mut params, &[-20.0], state)?;
    /// // The first step is of the learning rate, whatever the gradient.
    /// assert!((params[0] - 1.001).abs() < 1e-6 && steps == 1);
    /// # Ok::<(), kernels::Error>(())
    /// ```
    pub fn adam(
        &self,
        with: Adam,
        params: &mut [f32],
        grads: &[f32],
        state: AdamState<'_>,
    ) -> Result<(), Error> {
        let step = self.check_adam(params.len(), grads, &state)?;
        let AdamState { first, second, .. } = state;
        let factors = with.factors(step);
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.adam)(&factors, params, grads, first, second) };
        *state.steps = step;
        Ok(())
    }

    /// A step of [`AdamW`].
    ///
    /// # Errors
    /// [`Error::Length`] if the slices differ in length; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn adamw(
        &self,
        with: AdamW,
        params: &mut [f32],
        grads: &[f32],
        state: AdamState<'_>,
    ) -> Result<(), Error> {
        let step = self.check_adam(params.len(), grads, &state)?;
        let AdamState { first, second, .. } = state;
        let factors = with.factors(step);
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.adamw)(&factors, params, grads, first, second) };
        *state.steps = step;
        Ok(())
    }

    /// The number of the step to make, from 1.
    fn check_adam(&self, len: usize, grads: &[f32], state: &AdamState<'_>) -> Result<u64, Error> {
        let moments = [("first", state.first.len()), ("second", state.second.len())];
        self.check(len, [("grads", grads.len()), moments[0], moments[1]])?;
        Ok(state.steps.saturating_add(1))
    }
}
