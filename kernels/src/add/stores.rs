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
/// the last-level cache until it is read. That cache is 32 MiB where this was measured, and shared: at 12 MB
/// of operands ordinary stores are ahead by a few percent, at 24 MB non-temporal ones by a quarter.
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
}
