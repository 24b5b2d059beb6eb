//! The loop of a batch, for each instruction set: copies with registers of its width, which the compiler makes of whole lines.
#![expect(
    unsafe_code,
    reason = "rows are read without bounds, and instruction sets beyond the baseline are unsafe to enter"
)]

use super::{Batch, Set};
use crate::vector::prefetch;

/// Elements of a cache line.
const LINE: usize = 16;

/// # Safety
/// The CPU has AVX-512; entries of `index` are rows of `set`, and `batch` has room for as many.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
pub(super) unsafe fn avx512(set: &Set<'_>, index: &[u32], batch: &mut Batch<'_>) {
    // SAFETY: the caller's promise.
    unsafe { run(set, index, batch) }
}

/// # Safety
/// The CPU has AVX2; entries of `index` are rows of `set`, and `batch` has room for as many.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2(set: &Set<'_>, index: &[u32], batch: &mut Batch<'_>) {
    // SAFETY: the caller's promise.
    unsafe { run(set, index, batch) }
}

/// # Safety
/// Entries of `index` are rows of `set`, and `batch` has room for as many.
pub(super) unsafe fn portable(set: &Set<'_>, index: &[u32], batch: &mut Batch<'_>) {
    // SAFETY: the caller's promise.
    unsafe { run(set, index, batch) }
}

/// # Safety
/// Entries of `index` are rows of `set`, and `batch` has room for as many.
#[inline(always)]
unsafe fn run(set: &Set<'_>, index: &[u32], batch: &mut Batch<'_>) {
    let width = set.width;
    for entry in index {
        prefetch(set.labels.as_ptr().wrapping_add(*entry as usize));
    }
    for (i, entry) in index.iter().enumerate() {
        // The row after this one; the last is followed by itself.
        let next = index[(i + 1).min(index.len() - 1)] as usize;
        let next = set.rows.as_ptr().wrapping_add(next * width);
        // SAFETY: the entry is a row of the set.
        let from = unsafe { set.rows.get_unchecked(*entry as usize * width..) };
        // SAFETY: the batch has as many rows as the index has entries.
        let to = unsafe { batch.rows.get_unchecked_mut(i * width..) };
        copy(&from[..width], &mut to[..width], next);
    }
    for (label, entry) in batch.labels.iter_mut().zip(index) {
        // SAFETY: the entry is a row of the set, which has a label for each.
        *label = unsafe { *set.labels.get_unchecked(*entry as usize) };
    }
}

/// Copies a row, a line at a time, and asks for as much of the one at `next`.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32], next: *const f32) {
    let (lines, rest) = from.as_chunks::<LINE>();
    let (lines_to, rest_to) = to.as_chunks_mut::<LINE>();
    for (i, (line, to)) in lines.iter().zip(lines_to).enumerate() {
        prefetch(next.wrapping_add(i * LINE));
        *to = *line;
    }
    prefetch(next.wrapping_add(lines.len() * LINE));
    rest_to.copy_from_slice(rest);
}
