//! Drawing anew in every process where things lie, so that layout becomes noise that averages out instead of a bias.
//!
//! Mytkowicz et al. 2009, "Producing wrong data without doing anything obviously wrong", showed what the size of the environment
//! and the order of linking do to a time; Curtsinger and Berger 2013, "Stabilizer", that drawing layouts at random
//! makes a comparison valid again. What is drawn: the physical pages of the code (each draw loads private copies), the
//! distance between the two libraries, the heap's start, the depth of the stack, the places of buffers within their pages; and, by the
//! parent, the size of the environment.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, memfd_create};

use crate::buffers::PAGE_BYTES;
use crate::library::{Error, Library, Source, loaded_bytes};
use crate::random::Random;

/// The bytes of an environment variable that the parent adds, at most.
pub(super) const ENVIRONMENT_BYTES: usize = 4096;
/// Frames of stack below the measurement, at most.
const STACK_FRAMES: usize = 256;
/// Pages between two mappings, at most.
const GAP_PAGES: usize = 512;
/// Above this size the allocator maps memory instead of taking it from the heap.
const MAPPED_BYTES: usize = 32 << 20;

/// A shared object, read once and loaded again and again.
pub(super) struct Original<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
}

impl Original<'_> {
    /// Reads what is loaded of the file.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub(super) fn read(path: &Path) -> Result<Original<'_>, Error> {
        let read = || {
            let mut file = File::open(path)?;
            let length = loaded_bytes(&mut file)?;
            let mut bytes = Vec::new();
            file.take(length).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(Error::unreadable(path))?;
        Ok(Original { path, bytes })
    }

    /// Loads a private copy, at an address drawn anew.
    ///
    /// # Errors
    /// As [`Library::load`].
    pub(super) fn load(&self, random: &mut Random) -> Result<Library, Error> {
        gap(random);
        let mut load = |file: std::io::Result<File>| {
            let copied = file.and_then(|file| self.copy(file, random));
            Library::load(&Source::File(copied.map_err(Error::unreadable(self.path))?))
        };
        let in_memory = || Ok(memfd_create("library", MemfdFlags::CLOEXEC)?.into());
        // Some systems forbid running code from memory alone; then the copy is one of the disk's.
        load(in_memory()).or_else(|_| load(tempfile::tempfile()))
    }

    /// Writes the object to `file`, which has no name, and names it. The copy lives as long as the process.
    ///
    /// Page after page in random order, for a system hands out neighbours: then each function would keep its distance to each other in
    /// the level-2 cache, where a layout has its good and bad ones.
    fn copy(&self, file: File, random: &mut Random) -> std::io::Result<PathBuf> {
        let mut pages: Vec<_> = self.bytes.chunks(PAGE_BYTES).zip(0..).collect();
        random.shuffle(&mut pages);
        for (bytes, page) in pages {
            file.write_all_at(bytes, page * PAGE_BYTES as u64)?;
        }
        let name = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        std::mem::forget(file);
        Ok(name)
    }
}

/// Takes a random number of pages of address space, never touched and never given back, and a little of the heap.
fn gap(random: &mut Random) {
    let mapped = MAPPED_BYTES + PAGE_BYTES * random.below(GAP_PAGES);
    std::mem::forget(black_box(Vec::<u8>::with_capacity(mapped)));
    let heap = 16 * (1 + random.below(1024));
    std::mem::forget(black_box(Vec::<u8>::with_capacity(heap)));
}

/// Runs `body` a random number of frames deeper in the stack.
pub(super) fn at_random_depth<T>(random: &mut Random, mut body: impl FnMut() -> T) -> T {
    deeper(random.below(STACK_FRAMES), &mut body)
}

#[inline(never)]
fn deeper<T>(frames: usize, body: &mut dyn FnMut() -> T) -> T {
    let frame = black_box([0_u8; 32]);
    let answer = match frames.checked_sub(1) {
        Some(left) => deeper(left, body),
        None => body(),
    };
    // The frame is alive until here, so this is no tail call.
    black_box(&frame);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_at_many_depths() {
        let mut random = Random::new(1, 0);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..64 {
            let place = at_random_depth(&mut random, || {
                let here = 0_u8;
                black_box(&raw const here).addr()
            });
            seen.insert(place);
        }
        assert!(seen.len() > 32, "{} depths", seen.len());
    }

    #[test]
    fn a_copy_has_the_same_bytes_and_is_another_file() {
        let file = std::env::current_exe().unwrap();
        let original = Original::read(&file).unwrap();
        let (empty, mut random) = (tempfile::tempfile().unwrap(), Random::new(1, 0));
        let copied = original.copy(empty, &mut random).unwrap();
        let (copy, bytes) = (
            std::fs::read(&copied).unwrap(),
            std::fs::read(&file).unwrap(),
        );
        assert!(copy.len() > 1000 && bytes.starts_with(&copy));
        use std::os::unix::fs::MetadataExt;
        let inode = |path: &Path| std::fs::metadata(path).unwrap().ino();
        assert_ne!(inode(&copied), inode(&file));
    }
}
