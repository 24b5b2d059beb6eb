//! The loops of activations, written once, and made into vectors by the compiler for each instruction set.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use super::{avx2 as avx2_lanes, avx512 as avx512_lanes, smooth};

/// Loops for one instruction set; slices are of one length.
#[derive(Debug)]
pub(super) struct Kernels {
    /// x, out
    pub(super) relu: unsafe fn(&[f32], &mut [f32]),
    /// x, the gradient by the output, the gradient by x
    pub(super) relu_backward: unsafe fn(&[f32], &[f32], &mut [f32]),
    /// x, out
    pub(super) sigmoid: unsafe fn(&[f32], &mut [f32]),
    /// The output, the gradient by it, the gradient by x
    pub(super) sigmoid_backward: unsafe fn(&[f32], &[f32], &mut [f32]),
    /// x, out
    pub(super) tanh: unsafe fn(&[f32], &mut [f32]),
    /// The output, the gradient by it, the gradient by x
    pub(super) tanh_backward: unsafe fn(&[f32], &[f32], &mut [f32]),
}

#[inline(always)]
fn relu(x: &[f32], out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        // Not a maximum: NaN shall stay, and -0 become 0.
        *out = if *x <= 0.0 { 0.0 } else { *x };
    }
}

#[inline(always)]
fn relu_backward(x: &[f32], grad: &[f32], out: &mut [f32]) {
    for ((out, x), grad) in out.iter_mut().zip(x).zip(grad) {
        *out = if *x <= 0.0 { 0.0 } else { *grad };
    }
}

#[inline(always)]
pub(super) fn map(x: &[f32], out: &mut [f32], function: impl Fn(f32) -> f32) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = function(*x);
    }
}

#[inline(always)]
fn sigmoid_backward(y: &[f32], grad: &[f32], out: &mut [f32]) {
    for ((out, y), grad) in out.iter_mut().zip(y).zip(grad) {
        let y = f64::from(*y);
        *out = (f64::from(*grad) * (y * (1.0 - y))) as f32;
    }
}

#[inline(always)]
fn tanh_backward(y: &[f32], grad: &[f32], out: &mut [f32]) {
    for ((out, y), grad) in out.iter_mut().zip(y).zip(grad) {
        let y = f64::from(*y);
        *out = (f64::from(*grad) * (1.0 - y * y)) as f32;
    }
}

/// The loops inside functions that have the instruction set.
macro_rules! instances {
    ($module:ident, $kernels:ident, $sigmoid:path, $tanh:path, $(#[$feature:meta])?) => {
        pub(super) const $kernels: Kernels = Kernels {
            relu: $module::relu,
            relu_backward: $module::relu_backward,
            sigmoid: $sigmoid,
            sigmoid_backward: $module::sigmoid_backward,
            tanh: $tanh,
            tanh_backward: $module::tanh_backward,
        };

        mod $module {
            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn relu(x: &[f32], out: &mut [f32]) {
                super::relu(x, out);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn relu_backward(x: &[f32], grad: &[f32], out: &mut [f32]) {
                super::relu_backward(x, grad, out);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn sigmoid_backward(y: &[f32], grad: &[f32], out: &mut [f32]) {
                super::sigmoid_backward(y, grad, out);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn tanh_backward(y: &[f32], grad: &[f32], out: &mut [f32]) {
                super::tanh_backward(y, grad, out);
            }
        }
    };
}

mod portable_smooth {
    /// # Safety
    /// None: every CPU runs it.
    pub(super) unsafe fn sigmoid(x: &[f32], out: &mut [f32]) {
        super::map(x, out, super::smooth::sigmoid);
    }

    /// # Safety
    /// None: every CPU runs it.
    pub(super) unsafe fn tanh(x: &[f32], out: &mut [f32]) {
        super::map(x, out, super::smooth::tanh);
    }
}

/// Of CPUs that halve vectors: all but sigmoid and tanh do little but load and store.
pub(super) const HALVED: Kernels = Kernels {
    sigmoid: AVX512.sigmoid,
    tanh: AVX512.tanh,
    ..AVX2
};

instances!(avx512, AVX512, avx512_lanes::sigmoid, avx512_lanes::tanh, #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]);
instances!(avx2, AVX2, avx2_lanes::sigmoid, avx2_lanes::tanh, #[target_feature(enable = "avx2,fma")]);
instances!(
    portable,
    PORTABLE,
    portable_smooth::sigmoid,
    portable_smooth::tanh,
);
