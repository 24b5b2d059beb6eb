//! The memory that benchmarks run on: declared by them, owned here, the same for whoever runs.
#![expect(
    unsafe_code,
    reason = "maps memory and lends it to the functions of a shared object as raw slices"
)]

mod check;
mod fill;

use std::ffi::c_void;
use std::ptr::NonNull;

use abi::raw::Slice;
use rustix::mm;

pub use check::Mismatch;

/// Buffers start in pages of their own.
pub const PAGE_BYTES: usize = 4096;
/// The size of a huge page, to which the region is aligned.
const HUGE_PAGE_BYTES: usize = 2 << 20;
/// Bytes before and after each buffer that nobody may write.
const CANARY_BYTES: usize = 64;
/// What they hold.
const CANARY: u8 = 0xA5;

/// Why there is no memory for the buffers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system did not map it.
    #[error("could not map {megabytes} MB for the buffers of the benchmark: {source}")]
    Map {
        /// 10^6 bytes.
        megabytes: usize,
        /// What the system said.
        source: rustix::io::Errno,
    },
    /// The declared sizes overflow.
    #[error("the declared buffers are larger than the address space")]
    TooLarge,
}

/// The buffers of one benchmark, each at a place of its own within its first page.
#[derive(Debug)]
pub struct Buffers {
    declared: Vec<abi::Buffer>,
    base: NonNull<c_void>,
    mapped_bytes: usize,
    slices: Vec<Slice>,
}

impl Buffers {
    /// Maps and touches memory for `declared`. Buffer i starts `offset(i)` bytes into a page, less than [`PAGE_BYTES`].
    ///
    /// # Errors
    /// Where the sizes overflow or the system has no such memory.
    pub fn new(
        declared: &[abi::Buffer],
        mut offset: impl FnMut(usize) -> usize,
    ) -> Result<Self, Error> {
        let mut starts = Vec::with_capacity(declared.len());
        let mut end = 0_usize;
        for (index, buffer) in declared.iter().enumerate() {
            let bytes = bytes_of(buffer).ok_or(Error::TooLarge)?;
            let start = (end + CANARY_BYTES).next_multiple_of(PAGE_BYTES)
                + PAGE_BYTES
                + offset(index) % PAGE_BYTES;
            starts.push((start, bytes));
            end = bytes
                .checked_add(start + CANARY_BYTES)
                .filter(|&end| end < isize::MAX as usize / 2)
                .ok_or(Error::TooLarge)?;
        }
        let mapped_bytes = (end + PAGE_BYTES).next_multiple_of(HUGE_PAGE_BYTES) + HUGE_PAGE_BYTES;
        let base = map(mapped_bytes)?;
        let skip = base.as_ptr().addr().next_multiple_of(HUGE_PAGE_BYTES) - base.as_ptr().addr();
        let slices = starts
            .into_iter()
            .map(|(start, bytes)| Slice {
                // SAFETY: skip + start + bytes + the canary lie within the mapping.
                data: unsafe { base.as_ptr().byte_add(skip + start) },
                bytes,
            })
            .collect();
        let mut buffers = Buffers {
            declared: declared.to_vec(),
            base,
            mapped_bytes,
            slices,
        };
        buffers.write_canaries();
        Ok(buffers)
    }

    /// The memory of each buffer, in the order declared.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// What was declared.
    pub fn declared(&self) -> &[abi::Buffer] {
        &self.declared
    }

    /// The name of a buffer whose surroundings were written, if any was.
    pub fn overrun(&mut self) -> Option<String> {
        (0..self.slices.len())
            .find(|&index| {
                let [before, after] = self.canaries(index);
                before
                    .iter()
                    .chain(after.iter())
                    .any(|&byte| byte != CANARY)
            })
            .map(|index| self.declared[index].name.clone())
    }

    /// Whether the kernel backs the buffers with huge pages; false where it does not say.
    pub fn huge_pages(&self) -> bool {
        let Ok(smaps) = std::fs::read_to_string("/proc/self/smaps") else {
            return false;
        };
        let from = self.base.as_ptr().addr();
        let range = from..from + self.mapped_bytes;
        let mut inside = false;
        for line in smaps.lines() {
            if let Some((start, _)) = line.split_once('-')
                && let Ok(start) = usize::from_str_radix(start, 16)
            {
                inside = range.contains(&start);
            } else if inside
                && let Some(size) = line.strip_prefix("AnonHugePages:")
                && size.trim() != "0 kB"
            {
                return true;
            }
        }
        false
    }

    /// The elements of the first `N` buffers, all of them f64.
    ///
    /// # Panics
    /// Where there are fewer, or one is of another type.
    pub(crate) fn f64_slices<const N: usize>(&mut self) -> [&mut [f64]; N] {
        std::array::from_fn(|index| {
            assert_eq!(self.declared[index].dtype, abi::DType::F64);
            let Slice { data, bytes } = self.slices[index];
            assert!(
                data.cast::<f64>().is_aligned(),
                "an offset of whole elements"
            );
            // SAFETY: the buffer is mapped, aligned, overlaps no other, and `self` is borrowed mutably for as long as the slices live.
            unsafe { std::slice::from_raw_parts_mut(data.cast::<f64>(), bytes / size_of::<f64>()) }
        })
    }

    fn write_canaries(&mut self) {
        for index in 0..self.slices.len() {
            for canary in self.canaries(index) {
                canary.fill(CANARY);
            }
        }
    }

    fn canaries(&mut self, index: usize) -> [&mut [u8]; 2] {
        let Slice { data, bytes } = self.slices[index];
        let data = data.cast::<u8>();
        let (before, after) = (data.wrapping_sub(CANARY_BYTES), data.wrapping_add(bytes));
        [before, after].map(|start| {
            // SAFETY: `new` left room for a canary on both sides of each buffer, and `self` is borrowed mutably.
            unsafe { std::slice::from_raw_parts_mut(start, CANARY_BYTES) }
        })
    }

    fn bytes(&mut self, index: usize) -> &mut [u8] {
        let Slice { data, bytes } = self.slices[index];
        // SAFETY: the buffer is mapped, overlaps no other, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(data.cast::<u8>(), bytes) }
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        // SAFETY: the region was mapped by `new` with this size, and every slice of it dies with `self`.
        // A failure leaves it mapped, which harms nobody.
        let _ = unsafe { mm::munmap(self.base.as_ptr(), self.mapped_bytes) };
    }
}

/// Bytes of a buffer, unless they overflow.
fn bytes_of(buffer: &abi::Buffer) -> Option<usize> {
    buffer
        .shape
        .iter()
        .try_fold(buffer.dtype.bytes(), |bytes, &side| bytes.checked_mul(side))
}

/// What the declared buffers hold, in bytes.
pub fn declared_bytes(declared: &[abi::Buffer]) -> u64 {
    declared
        .iter()
        .map(|buffer| bytes_of(buffer).map_or(u64::MAX, |bytes| bytes as u64))
        .fold(0, u64::saturating_add)
}

/// Anonymous memory, zero, asked to lie in huge pages.
fn map(bytes: usize) -> Result<NonNull<c_void>, Error> {
    let failed = |source| Error::Map {
        megabytes: bytes / 1_000_000,
        source,
    };
    // SAFETY: a new anonymous mapping at an address of the kernel's choice touches no other memory.
    let base = unsafe {
        mm::mmap_anonymous(
            std::ptr::null_mut(),
            bytes,
            mm::ProtFlags::READ | mm::ProtFlags::WRITE,
            mm::MapFlags::PRIVATE,
        )
    }
    .map_err(failed)?;
    // SAFETY: the range is the mapping just made. Advice that is not taken is no error: `huge_pages` reports what came of it.
    let _ = unsafe { mm::madvise(base, bytes, mm::Advice::LinuxHugepage) };
    NonNull::new(base).ok_or_else(|| failed(rustix::io::Errno::NOMEM))
}

#[cfg(test)]
mod tests {
    use abi::{Buffer, DType};

    use super::*;

    #[test]
    fn buffers_start_where_they_were_told_to() {
        let declared = [
            Buffer::input("a", DType::F32, &[3, 5]),
            Buffer::output("b", DType::U8, &[0]),
            Buffer::in_out("c", DType::F64, &[100_000]),
        ];
        let buffers = Buffers::new(&declared, |index| 16 * index).unwrap();
        let sizes: Vec<_> = buffers.slices().iter().map(|slice| slice.bytes).collect();
        assert_eq!(sizes, [60, 0, 800_000]);
        for (index, slice) in buffers.slices().iter().enumerate() {
            assert_eq!(slice.data.addr() % PAGE_BYTES, 16 * index, "buffer {index}");
        }
        assert_eq!(declared_bytes(&declared), 800_060);
    }

    #[test]
    fn a_write_outside_is_noticed() {
        for (index, before) in [(0, true), (0, false), (1, true), (1, false)] {
            let declared = [
                Buffer::output("a", DType::F32, &[7]),
                Buffer::output("b", DType::F32, &[9]),
            ];
            let mut buffers = Buffers::new(&declared, |_| 0).unwrap();
            assert_eq!(buffers.overrun(), None);
            buffers.canaries(index)[usize::from(!before)][CANARY_BYTES / 2] = 0;
            assert_eq!(buffers.overrun(), Some(declared[index].name.clone()));
        }
    }

    #[test]
    fn absurd_sizes_are_refused() {
        for shape in [&[usize::MAX][..], &[1 << 40, 1 << 40], &[1 << 60]] {
            let declared = [Buffer::input("a", DType::F64, shape)];
            assert!(Buffers::new(&declared, |_| 0).is_err(), "{shape:?}");
        }
    }
}
