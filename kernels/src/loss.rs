//! What a network is trained to lessen: cross-entropy of a softmax, and its gradient.

use crate::Error;
use crate::table::same_length;

/// The mean over the batch of `−ln softmax(logits)[label]`, and in `gradient` its gradient by the logits: `(softmax − onehot)/batch`.
///
/// `logits` and `gradient` are batch×classes, row-major, with a label from 0 for each row. The loss of an empty batch is NaN.
///
/// Computed in f64 from the largest logit of a row, so that no exponential overflows, and rounded once: each gradient is within 1.01 roundings
/// of the exact one, or 2⁻⁵⁰/batch absolutely. There is one implementation: a batch of classes is small beside the layers that make it. A row with NaN or +∞ has NaN for its gradient and makes the loss NaN.
///
/// # Errors
/// [`Error::Length`] if a slice does not fit, [`Error::Label`] if a label is no class, [`Error::TooLarge`] if batch·classes overflows.
///
/// ```
/// let mut gradient = [0.0; 2];
/// let loss = kernels::loss::softmax_cross_entropy(&[1.0, 1.0], &[1], 2, &mut gradient)?;
/// assert_eq!((loss, gradient), (std::f64::consts::LN_2, [0.5, -0.5]));
/// # Ok::<(), kernels::Error>(())
/// ```
pub fn softmax_cross_entropy(
    logits: &[f32],
    labels: &[i64],
    classes: usize,
    gradient: &mut [f32],
) -> Result<f64, Error> {
    let batch = labels.len();
    let elements = batch.checked_mul(classes).ok_or(Error::TooLarge {
        rows: batch,
        columns: classes,
        row_stride: classes,
    })?;
    let lengths = [("logits", logits.len()), ("gradient", gradient.len())];
    same_length(elements, lengths)?;
    let is_class = |label: i64| usize::try_from(label).is_ok_and(|at| at < classes);
    if let Some(&label) = labels.iter().find(|label| !is_class(**label)) {
        return Err(Error::Label { label, classes });
    }
    let share = 1.0 / batch as f64;
    let mut loss = 0.0;
    let mut powers = vec![0.0; classes];
    let rows = logits.chunks_exact(classes.max(1));
    for ((logits, gradient), label) in rows
        .zip(gradient.chunks_exact_mut(classes.max(1)))
        .zip(labels)
    {
        // Every label is a class.
        let label = *label as usize;
        // `max` leaves NaN out; the exponential of its row brings it back.
        let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let above = |logit: f32| f64::from(logit) - largest;
        for (power, logit) in powers.iter_mut().zip(logits) {
            *power = above(*logit).exp();
        }
        let sum: f64 = powers.iter().sum();
        for (at, (gradient, power)) in gradient.iter_mut().zip(&powers).enumerate() {
            let onehot = if at == label { 1.0 } else { 0.0 };
            *gradient = ((power / sum - onehot) * share) as f32;
        }
        loss += sum.ln() - above(logits[label]);
    }
    Ok(loss * share)
}
