//! Drawing anew in every process where things lie, so that layout becomes noise that averages out instead of a bias.
//!
//! Mytkowicz et al. 2009, "Producing wrong data without doing anything obviously wrong", showed what the size of the environment
//! and the order of linking do to a time; Curtsinger and Berger 2013, "Stabilizer", that drawing layouts at random
//! makes a comparison valid again. What is drawn: the physical pages of the code (each draw loads private copies), the
//! distance between the two libraries, the heap's start, the depth of the stack, the places of buffers within their pages; and, by the
//! parent, the size of the environment.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};
use serde::{Deserialize, Serialize};

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

/// The memory of all places together, at most; but two there are.
const PLACES_BYTES: u64 = 256 << 20;

/// Memory for copies of shared objects: the parent's, as files without names, for a system takes longer to hand memory out than a child to
/// write it. The pages of each were taken one by one in random order: neighbours would give each function its distance to each other in
/// the level-2 cache, where a layout has its good and bad ones.
pub(super) struct Places {
    files: Vec<Kept>,
    bytes: u64,
    /// How long it took to take one.
    taken_in: Duration,
}

struct Kept {
    file: File,
    /// Whose copy it holds.
    side: Option<usize>,
}

impl Kept {
    /// The place, which from now on holds the copy of `side`.
    fn place_of(&mut self, side: usize) -> Place {
        let (process, file) = (std::process::id(), self.file.as_raw_fd());
        Place {
            path: PathBuf::from(format!("/proc/{process}/fd/{file}")),
            written: self.side.replace(side) == Some(side),
        }
    }
}

/// Where a child finds memory for a copy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    path: PathBuf,
    /// Whether the copy is there already.
    written: bool,
}

impl Places {
    /// For copies of these.
    pub(super) fn new(libraries: &[PathBuf; 2]) -> Places {
        // What cannot be read is told by the child that needs it.
        let bytes = |path: &PathBuf| Original::open(path).map_or(0, |original| original.bytes);
        let [baseline, candidate] = libraries.each_ref().map(bytes);
        Places {
            files: Vec::new(),
            bytes: baseline.max(candidate),
            taken_in: Duration::ZERO,
        }
    }

    /// Draws for which there is a place on each side, at most.
    pub(super) fn draws(&self) -> usize {
        (PLACES_BYTES / (2 * self.bytes.max(1))).max(1) as usize
    }

    /// For each draw the baseline's place and the candidate's, in random order, for children to open; fewer where the system has no
    /// memory.
    pub(super) fn draw(&mut self, draws: usize, random: &mut Random) -> Vec<[Place; 2]> {
        while self.files.len() < 2 * draws {
            let start = Instant::now();
            let Ok(file) = self.take(random) else { break };
            self.files.push(Kept { file, side: None });
            self.taken_in = start.elapsed();
        }
        random.shuffle(&mut self.files);
        let pairs = self.files.chunks_exact_mut(2).take(draws);
        let places = |pair: &mut [Kept]| [0, 1].map(|side| pair[side].place_of(side));
        pairs.map(places).collect()
    }

    /// Gives back some of what a process had that took so long: as many places as can be taken anew in a tenth of that time, so that
    /// a comparison sees many.
    pub(super) fn renew(&mut self, spent: Duration) {
        let count = 0.1 * spent.as_secs_f64() / self.taken_in.as_secs_f64().max(1e-6);
        self.files.drain(..self.files.len().min(count as usize));
    }

    /// Takes it that no copy was written, for a child may have ended before.
    pub(super) fn forget(&mut self) {
        self.files.iter_mut().for_each(|kept| kept.side = None);
    }

    fn take(&self, random: &mut Random) -> std::io::Result<File> {
        let file = File::from(memfd_create("library", MemfdFlags::CLOEXEC)?);
        let page = PAGE_BYTES as u64;
        let mut pages: Vec<_> = (0..self.bytes.div_ceil(page)).collect();
        random.shuffle(&mut pages);
        for number in pages {
            file.write_all_at(&[0; PAGE_BYTES], number * page)?;
        }
        Ok(file)
    }
}

/// A shared object that is loaded again and again.
pub(super) struct Original<'a> {
    path: &'a Path,
    file: File,
    bytes: u64,
}

impl Original<'_> {
    /// Opens it.
    ///
    /// # Errors
    /// [`Error::Read`].
    pub(super) fn open(path: &Path) -> Result<Original<'_>, Error> {
        let open = || {
            let mut file = File::open(path)?;
            let bytes = loaded_bytes(&mut file)?;
            Ok(Original { path, file, bytes })
        };
        open().map_err(Error::unreadable(path))
    }

    /// Loads a private copy, written to `place` or, where there is none, to the disk, at an address drawn anew.
    ///
    /// # Errors
    /// As [`Library::load`].
    pub(super) fn load(
        &self,
        place: Option<&Place>,
        random: &mut Random,
    ) -> Result<Library, Error> {
        gap(random);
        let load = |copied: std::io::Result<PathBuf>| {
            let copied = copied.map_err(Error::unreadable(self.path))?;
            Library::load(&Source::File(copied))
        };
        let in_place = place.map(|Place { path, written }| {
            let write = || self.write(&File::options().write(true).open(path)?);
            let done = if *written { Ok(()) } else { write() };
            load(done.map(|()| path.clone()))
        });
        match in_place {
            Some(Ok(library)) => Ok(library),
            // Some systems forbid running code from memory alone; then the copy is one of the disk's.
            _ => load(self.on_disk()),
        }
    }

    /// A copy that has no name, and lives as long as the process.
    fn on_disk(&self) -> std::io::Result<PathBuf> {
        let file = tempfile::tempfile()?;
        let name = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        self.write(&file)?;
        std::mem::forget(file);
        Ok(name)
    }

    fn write(&self, mut to: &File) -> std::io::Result<()> {
        let mut from = &self.file;
        from.rewind()?;
        let copied = std::io::copy(&mut from.take(self.bytes), &mut to)?;
        if copied < self.bytes {
            // Of what is behind nobody knows whose it is.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
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
    fn places_take_copies_again_and_again() {
        let file = std::env::current_exe().unwrap();
        let original = Original::open(&file).unwrap();
        let (mut places, mut random) = (
            Places::new(&[file.clone(), "/none".into()]),
            Random::new(1, 0),
        );
        let few = places.draw(1, &mut random);
        let bytes = std::fs::read(&file).unwrap();
        for place in few.iter().flatten() {
            assert!(!place.written);
            original
                .write(&File::options().write(true).open(&place.path).unwrap())
                .unwrap();
            let copy = std::fs::read(&place.path).unwrap();
            assert!(bytes.starts_with(&copy[..original.bytes as usize]));
        }
        let written = |places: &[[Place; 2]]| {
            places
                .iter()
                .flatten()
                .filter(|place| place.written)
                .count()
        };
        let more: Vec<usize> = (0..20)
            .map(|_| written(&places.draw(2, &mut random)))
            .collect();
        assert!(more.contains(&4) && more.contains(&0), "{more:?}");
        places.taken_in = Duration::from_millis(2);
        places.renew(Duration::from_millis(70));
        assert_eq!(places.files.len(), 1);
        places.forget();
        assert_eq!(written(&places.draw(2, &mut random)), 0);
    }
}
