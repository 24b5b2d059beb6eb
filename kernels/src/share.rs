//! Sharing an element-wise operation between the threads of a pool.
#![expect(
    unsafe_code,
    reason = "parts of the output are disjoint, which the types cannot tell"
)]

use crate::Pool;
use crate::pool::MOST_PARTS;

/// Bytes of operands and output together from which an element-wise operation is shared: 512 KiB, half of a usual L2.
///
/// Below, one thread takes 3 to 5 µs. A hand-over between threads that are awake costs some 0.3 µs each way, so little is
/// to be won; and operands that the caller has just written must travel from its L2 to that of another core, which is
/// no faster than computing with them.
pub const SHARE_FROM_BYTES: usize = 512 << 10;

/// What a byte of element-wise work is worth in the pool's unit of work, where 48 Mi are about 100 µs: at 100 GB/s a byte takes 10 ps.
const WORK_A_BYTE: usize = 5;

/// Elements to which parts are rounded, so that no line of the output is written by two threads if it begins with one.
const WHOLE_LINES: usize = 64;

/// Calls `task` with disjoint parts of `out` and where each begins, which together are the whole: on the threads of `pool` if
/// `bytes`, those of all operands, pay for it.
pub(crate) fn share<T: Send>(
    pool: &Pool,
    out: &mut [T],
    bytes: usize,
    task: impl Fn(usize, &mut [T]) + Sync,
) {
    share_by(pool, out, bytes, WHOLE_LINES, task);
}

/// The same, in parts that begin at multiples of `unit`.
pub(crate) fn share_by<T: Send>(
    pool: &Pool,
    out: &mut [T],
    bytes: usize,
    unit: usize,
    task: impl Fn(usize, &mut [T]) + Sync,
) {
    let len = out.len();
    let threads = pool.threads().min(MOST_PARTS);
    if bytes < SHARE_FROM_BYTES || threads < 2 {
        return task(0, out);
    }
    let part_len = len.div_ceil(threads).next_multiple_of(unit).max(unit);
    let whole = Whole(out.as_mut_ptr());
    pool.run(
        len.div_ceil(part_len),
        bytes.saturating_mul(WORK_A_BYTE),
        &|part| {
            let start = part * part_len;
            let part_len = part_len.min(len - start);
            // SAFETY: the part lies in `out`, which is borrowed exclusively until all parts are done, and no other part has its elements.
            let part = unsafe { std::slice::from_raw_parts_mut(whole.from(start), part_len) };
            task(start, part);
        },
    );
}

/// The output, for threads that each write a part of it.
struct Whole<T>(*mut T);

// SAFETY: the threads that share it write disjoint parts.
unsafe impl<T: Send> Sync for Whole<T> {}

impl<T> Whole<T> {
    fn from(&self, start: usize) -> *mut T {
        self.0.wrapping_add(start)
    }
}
