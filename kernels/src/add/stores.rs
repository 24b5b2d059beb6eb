//! Whether the output goes through the caches or past them.

use crate::Element;

/// How the output is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stores {
    /// Past the caches once operands and output exceed [`STREAM_FROM_BYTES`], through them below.
    #[default]
    Auto,
    /// Through the caches: for a caller who reads the result at once.
    Cached,
    /// Past the caches: for an output that is not read again soon. Slower for data that fit in a cache.
    Streaming,
}

/// Bytes of all operands together from which [`Stores::Auto`] bypasses the caches: 16 MiB.
///
/// A store to a line that is not in the cache first reads the line, which a non-temporal store
/// spares: a third of the traffic of an addition. It pays where the output would not survive in
/// the last-level cache until it is read, and costs dearly where it would. With 32 MiB of that cache, shared,
/// 24 MB of operands took 0.75 to 0.85 times as long with non-temporal stores, and 12 MB 0.95 to 1.05 times; adding and then
/// reading the result took 1.6 times as long at 12 MB, 1.3 at 24 MB, and 0.9 at 36 MB.
pub const STREAM_FROM_BYTES: usize = 16 << 20;

impl Stores {
    /// Whether to bypass the caches, for `arrays` arrays of `len` elements.
    #[inline]
    pub(super) fn streaming<T: Element>(self, arrays: usize, len: usize) -> bool {
        match self {
            Stores::Auto => len >= STREAM_FROM_BYTES / (arrays * size_of::<T>()),
            Stores::Cached => false,
            Stores::Streaming => true,
        }
    }

    /// The same, decided: for a part of those arrays.
    pub(super) fn settled<T: Element>(self, arrays: usize, len: usize) -> Stores {
        if self.streaming::<T>(arrays, len) {
            Stores::Streaming
        } else {
            Stores::Cached
        }
    }
}
