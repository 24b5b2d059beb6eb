//! A file in memory.
#![expect(unsafe_code, reason = "maps a file, and makes a slice of it")]

use std::fs::File;
use std::io;
use std::path::Path;
use std::ptr::{NonNull, null_mut, slice_from_raw_parts_mut};

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// A file, mapped read-only; pages are read when they are touched.
///
/// Whoever shortens the file while it is mapped ends this program by SIGBUS when a page that is gone is touched, as with any mapping.
#[derive(Debug)]
pub struct Mapped(NonNull<[u8]>);

// SAFETY: read-only memory of this process, which no thread owns.
unsafe impl Send for Mapped {}
// SAFETY: as above.
unsafe impl Sync for Mapped {}

impl Mapped {
    pub(super) fn map(path: &Path) -> io::Result<Mapped> {
        let file = File::open(path)?;
        let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        if len == 0 {
            // The system maps nothing of no bytes.
            return Ok(Mapped(NonNull::from_mut(&mut [])));
        }
        // SAFETY: a new mapping, at a place that the system chooses.
        let data = unsafe {
            mmap(
                null_mut(),
                len,
                ProtFlags::READ,
                MapFlags::PRIVATE,
                &file,
                0,
            )
        }?;
        let bytes = slice_from_raw_parts_mut(data.cast(), len);
        NonNull::new(bytes)
            .map(Mapped)
            .ok_or_else(|| io::Error::other("mapped at 0"))
    }

    /// What the file holds.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for reading as long as this lives.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        if self.0.is_empty() {
            return;
        }
        // SAFETY: mapped by `map` with this length, and borrowed by nobody any more. It cannot fail for a mapping that exists.
        let _ = unsafe { munmap(self.0.as_ptr().cast(), self.0.len()) };
    }
}
