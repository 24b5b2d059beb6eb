//! Whether the output goes through the caches or past them.

use crate::Element;

/// How the output is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stores {
    /// Past the caches once operands and output reach what [`STREAM_FROM_BYTES`] says, through them below.
    #[default]
    Auto,
    /// Through the caches: for a caller who reads the result at once.
    Cached,
    /// Past the caches: for an output that is not read again soon. Slower for data that fit in a cache.
    Streaming,
}

/// Bytes of two operands and the output together from which [`Stores::Auto`] bypasses the caches: 16 MiB. Where there is less to read they
/// are more, 24 MiB of one operand and the output and 48 MiB of an output alone; and twice as many where several threads share the work.
///
/// A store to a line that is not in the cache first reads the line, which a non-temporal store
/// spares: a third of the traffic of an addition. It pays where the output would not survive in
/// the last-level cache until it is read, and costs dearly where it would. With 32 MiB of that cache, shared,
/// 24 MB of operands took 0.75 to 0.85 times as long with non-temporal stores, and 12 MB 0.95 to 1.05 times; adding and then
/// reading the result took 1.6 times as long at 12 MB, 1.3 at 24 MB, and 0.9 at 36 MB.
///
/// Such stores are as fast as memory takes them, from two threads as from one, while two threads read the cache twice as fast as one:
/// with them two threads took 1.4 to 1.5 times as long at 24 MB, 1.1 at 29 and 33 MB, and 0.8 to 0.95 from 37 MB on. One thread scaled 18 MiB
/// in 1.3 times, 24 MiB in 0.95 and 34 MiB in 0.75 times as long, and filled 24 MiB in 1.4 times, 40 MiB in 1.05 and 60 MiB in 0.85
/// times.
pub const STREAM_FROM_BYTES: usize = 16 << 20;

impl Stores {
    /// Whether to bypass the caches, for `arrays` arrays of `len` elements, shared by so many threads.
    #[inline]
    pub(super) fn streaming<T: Element>(self, arrays: usize, len: usize, threads: usize) -> bool {
        let from_bytes = 3 * STREAM_FROM_BYTES / arrays * threads.clamp(1, 2);
        match self {
            Stores::Auto => len >= from_bytes / (arrays * size_of::<T>()),
            Stores::Cached => false,
            Stores::Streaming => true,
        }
    }

    /// The same, decided: for a part of those arrays.
    pub(super) fn settled<T: Element>(self, arrays: usize, len: usize, threads: usize) -> Stores {
        if self.streaming::<T>(arrays, len, threads) {
            Stores::Streaming
        } else {
            Stores::Cached
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_arrays_and_more_threads_take_more_bytes() {
        for (arrays, threads, mebibytes) in
            [(3, 1, 16), (2, 1, 24), (1, 1, 48), (3, 2, 32), (1, 8, 96)]
        {
            let len = (mebibytes << 20) / (arrays * size_of::<f64>());
            let streaming = |len| Stores::Auto.streaming::<f64>(arrays, len, threads);
            assert!(
                streaming(len) && !streaming(len - 1),
                "{arrays} arrays, {threads} threads"
            );
        }
    }
}
