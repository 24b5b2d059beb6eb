//! A pool of equal blocks of memory, for buffers that come and go with every batch.
//!
//! It spares what a system's allocator does between two batches: glibc's returns the top of the heap to the kernel when more than
//! 128 KiB of it are free, and the next batch faults every page in anew. One thread at a time; no block is ever lost to it, for one that
//! is not given back is simply its holder's.

/// Blocks that wait to be used again.
///
/// ```
/// let mut blocks = kernels::Blocks::new(4096, 2);
/// let block = blocks.take();
/// assert_eq!(block.len(), 4096);
/// blocks.give(block);
/// assert_eq!(blocks.free(), 1);
/// ```
#[derive(Debug)]
pub struct Blocks {
    bytes: usize,
    most: usize,
    free: Vec<Box<[u8]>>,
}

impl Blocks {
    /// An empty pool of blocks of `bytes` bytes, of which at most `most` wait.
    pub fn new(bytes: usize, most: usize) -> Blocks {
        Blocks {
            bytes,
            most,
            free: Vec::with_capacity(most),
        }
    }

    /// The block that was given back last, with what it then held; a new one of zeros where none waits.
    #[inline]
    pub fn take(&mut self) -> Box<[u8]> {
        let waiting = self.free.pop();
        waiting.unwrap_or_else(|| vec![0; self.bytes].into_boxed_slice())
    }

    /// Takes a block back. One of another size, or beyond the most that wait, is freed.
    #[inline]
    pub fn give(&mut self, block: Box<[u8]>) {
        if block.len() == self.bytes && self.free.len() < self.most {
            self.free.push(block);
        }
    }

    /// How many wait.
    pub fn free(&self) -> usize {
        self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_up_to_the_most_and_of_the_size() {
        let mut blocks = Blocks::new(64, 2);
        let taken = [blocks.take(), blocks.take(), blocks.take()];
        assert!(taken.iter().all(|block| **block == [0; 64]));
        let second = taken[1].as_ptr();
        for block in taken {
            blocks.give(block);
        }
        assert_eq!(blocks.free(), 2, "the third is beyond the most");
        let last = blocks.take();
        assert_eq!(last.as_ptr(), second, "the last of two comes first");
        blocks.give(vec![1; 65].into());
        assert_eq!(blocks.free(), 1, "one of another size is freed");
        blocks.give(vec![7; 64].into());
        assert_eq!(blocks.take()[63], 7, "holds what it held");
    }
}
