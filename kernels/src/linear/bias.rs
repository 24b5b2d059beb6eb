//! The bias of a layer whose sums are a product.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

/// Adds the bias to each row of y, of which there are whole ones.
///
/// # Safety
/// The machine has the instruction set.
pub(super) type Kernel = unsafe fn(y: &mut [f32], bias: &[f32]);

/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn avx512(y: &mut [f32], bias: &[f32]) {
    add(y, bias);
}

/// # Safety
/// As [`Kernel`].
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2(y: &mut [f32], bias: &[f32]) {
    add(y, bias);
}

/// # Safety
/// As [`Kernel`].
pub(super) unsafe fn portable(y: &mut [f32], bias: &[f32]) {
    add(y, bias);
}

#[inline(always)]
fn add(y: &mut [f32], bias: &[f32]) {
    for row in y.chunks_exact_mut(bias.len().max(1)) {
        for (y, bias) in row.iter_mut().zip(bias) {
            *y += bias;
        }
    }
}
