//! The loops of the optimisers, written once, and made into vectors by the compiler for each instruction set.
//!
//! No operation is fused with another, so that every instruction set gives the same bits.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

/// What the elements are multiplied with in one step; 0 where an optimiser has no such factor.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Factors {
    /// Of the direction: the learning rate, corrected for the bias of the first moment.
    pub(super) rate: f32,
    /// Of the parameter, for weight decay.
    pub(super) keep: f32,
    /// Of the first moment.
    pub(super) first: f32,
    /// Of the gradient in it.
    pub(super) first_rest: f32,
    /// Of the second moment.
    pub(super) second: f32,
    /// Of the gradient's square in it.
    pub(super) second_rest: f32,
    /// Of the second moment's root: corrects its bias.
    pub(super) root: f32,
    /// Added to the root.
    pub(super) epsilon: f32,
}

/// A step without moments: factors, parameters, gradients. Slices are of one length.
type Plain = unsafe fn(&Factors, &mut [f32], &[f32]);
/// The same with one moment.
type OneMoment = unsafe fn(&Factors, &mut [f32], &[f32], &mut [f32]);
/// The same with both moments.
type TwoMoments = unsafe fn(&Factors, &mut [f32], &[f32], &mut [f32], &mut [f32]);

/// Loops for one instruction set.
#[derive(Debug)]
pub(super) struct Kernels {
    pub(super) sgd: Plain,
    pub(super) momentum: OneMoment,
    pub(super) rmsprop: OneMoment,
    pub(super) adam: TwoMoments,
    pub(super) adamw: TwoMoments,
}

#[inline(always)]
fn sgd(with: &Factors, params: &mut [f32], grads: &[f32]) {
    let rate = with.rate;
    for (p, g) in params.iter_mut().zip(grads) {
        *p -= rate * g;
    }
}

#[inline(always)]
fn momentum(with: &Factors, params: &mut [f32], grads: &[f32], velocity: &mut [f32]) {
    let Factors { rate, first, .. } = *with;
    for ((p, g), v) in params.iter_mut().zip(grads).zip(velocity) {
        *v = first * *v + g;
        *p -= rate * *v;
    }
}

#[inline(always)]
fn rmsprop(with: &Factors, params: &mut [f32], grads: &[f32], squares: &mut [f32]) {
    let with = *with;
    for ((p, g), s) in params.iter_mut().zip(grads).zip(squares) {
        *s = with.second * *s + with.second_rest * (g * g);
        *p -= with.rate * g / (s.sqrt() + with.epsilon);
    }
}

#[inline(always)]
fn adam_with<const DECAY: bool>(
    with: &Factors,
    params: &mut [f32],
    grads: &[f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    let with = *with;
    for (((p, g), m), v) in params.iter_mut().zip(grads).zip(first).zip(second) {
        *m = with.first * *m + with.first_rest * g;
        *v = with.second * *v + with.second_rest * (g * g);
        let kept = if DECAY { *p * with.keep } else { *p };
        *p = kept - with.rate * *m / (v.sqrt() * with.root + with.epsilon);
    }
}

#[inline(always)]
fn adam(f: &Factors, params: &mut [f32], grads: &[f32], first: &mut [f32], second: &mut [f32]) {
    adam_with::<false>(f, params, grads, first, second);
}

#[inline(always)]
fn adamw(f: &Factors, params: &mut [f32], grads: &[f32], first: &mut [f32], second: &mut [f32]) {
    adam_with::<true>(f, params, grads, first, second);
}

/// The loops inside functions that have the instruction set.
macro_rules! instances {
    ($module:ident, $kernels:ident, $(#[$feature:meta])?) => {
        pub(super) const $kernels: Kernels = Kernels {
            sgd: $module::sgd,
            momentum: $module::momentum,
            rmsprop: $module::rmsprop,
            adam: $module::adam,
            adamw: $module::adamw,
        };

        mod $module {
            use super::Factors;

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn sgd(f: &Factors, p: &mut [f32], g: &[f32]) {
                super::sgd(f, p, g);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn momentum(f: &Factors, p: &mut [f32], g: &[f32], v: &mut [f32]) {
                super::momentum(f, p, g, v);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn rmsprop(f: &Factors, p: &mut [f32], g: &[f32], s: &mut [f32]) {
                super::rmsprop(f, p, g, s);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn adam(
                f: &Factors,
                p: &mut [f32],
                g: &[f32],
                m: &mut [f32],
                v: &mut [f32],
            ) {
                super::adam(f, p, g, m, v);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn adamw(
                f: &Factors,
                p: &mut [f32],
                g: &[f32],
                m: &mut [f32],
                v: &mut [f32],
            ) {
                super::adamw(f, p, g, m, v);
            }
        }
    };
}

instances!(avx512, AVX512, #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]);
instances!(avx2, AVX2, #[target_feature(enable = "avx2,fma")]);
instances!(portable, PORTABLE,);
