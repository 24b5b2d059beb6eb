//! The loops of normalisation, written once, and made into vectors by the compiler for each instruction set.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

/// Sums that are kept apart: four registers of the widest, so that their latency is hidden.
const SUMS: usize = 32;

/// Loops for one instruction set; slices are of one length.
#[derive(Debug)]
pub(super) struct Kernels {
    /// `out = (x − mean)·factor`
    pub(super) scale: unsafe fn(&[f32], f32, f32, &mut [f32]),
    /// `out = (x − mean)/std`
    pub(super) divide: unsafe fn(&[f32], f32, f32, &mut [f32]),
    /// The sums of x − shift and of its squares.
    pub(super) moments: unsafe fn(&[f32], f64) -> [f64; 2],
    /// `out = x·scale + shift`
    pub(super) bytes: unsafe fn(&[u8], f32, f32, &mut [f32]),
}

#[inline(always)]
fn scale(x: &[f32], mean: f32, factor: f32, out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = (*x - mean) * factor;
    }
}

#[inline(always)]
fn divide(x: &[f32], mean: f32, std: f32, out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = (*x - mean) / std;
    }
}

/// In the same order on every instruction set, for the same bits.
#[inline(always)]
fn moments(x: &[f32], shift: f64) -> [f64; 2] {
    let (mut sums, mut squares) = ([0.0; SUMS], [0.0; SUMS]);
    let (whole, rest) = x.as_chunks::<SUMS>();
    for x in whole {
        for i in 0..SUMS {
            let difference = f64::from(x[i]) - shift;
            sums[i] += difference;
            squares[i] += difference * difference;
        }
    }
    for (i, x) in rest.iter().enumerate() {
        let difference = f64::from(*x) - shift;
        sums[i] += difference;
        squares[i] += difference * difference;
    }
    [sums.iter().sum(), squares.iter().sum()]
}

#[inline(always)]
fn bytes(x: &[u8], scale: f32, shift: f32, out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = f32::from(*x) * scale + shift;
    }
}

/// The loops inside functions that have the instruction set.
macro_rules! instances {
    ($module:ident, $kernels:ident, $(#[$feature:meta])?) => {
        pub(super) const $kernels: Kernels = Kernels {
            scale: $module::scale,
            divide: $module::divide,
            moments: $module::moments,
            bytes: $module::bytes,
        };

        mod $module {
            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn scale(x: &[f32], mean: f32, factor: f32, out: &mut [f32]) {
                super::scale(x, mean, factor, out);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn divide(x: &[f32], mean: f32, std: f32, out: &mut [f32]) {
                super::divide(x, mean, std, out);
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn moments(x: &[f32], shift: f64) -> [f64; 2] {
                super::moments(x, shift)
            }

            /// # Safety
            /// The CPU has the instruction set.
            $(#[$feature])?
            pub(super) unsafe fn bytes(x: &[u8], scale: f32, shift: f32, out: &mut [f32]) {
                super::bytes(x, scale, shift, out);
            }
        }
    };
}

instances!(avx512, AVX512, #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]);
instances!(avx2, AVX2, #[target_feature(enable = "avx2,fma")]);
instances!(portable, PORTABLE,);
