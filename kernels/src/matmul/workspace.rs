//! Memory for packed operands.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use super::blocked::WORKSPACE_BYTES;
use crate::Element;

/// Room for packed operands, enough for any shape: a call that is given one allocates nothing.
///
/// Calls without one keep one per thread. What is in it is anything: packing writes all that is read.
#[derive(Debug)]
pub struct Workspace<T> {
    data: NonNull<T>,
}

/// A page, so that packed panels share as few pages and sets as possible.
const LAYOUT: Layout = match Layout::from_size_align(WORKSPACE_BYTES, 4096) {
    Ok(layout) => layout,
    Err(_) => panic!("the alignment is a power of two"),
};

impl<T: Element> Workspace<T> {
    /// Allocates it: 1 MiB.
    #[expect(unsafe_code, reason = "the standard library has no aligned buffer")]
    pub fn new() -> Workspace<T> {
        // SAFETY: the layout has a size above zero.
        let data = unsafe { alloc(LAYOUT) };
        let Some(data) = NonNull::new(data.cast::<T>()) else {
            handle_alloc_error(LAYOUT)
        };
        Workspace { data }
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut T {
        self.data.as_ptr()
    }
}

impl<T: Element> Default for Workspace<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Workspace<T> {
    #[expect(unsafe_code, reason = "the standard library has no aligned buffer")]
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and freed once.
        unsafe { dealloc(self.data.as_ptr().cast(), LAYOUT) }
    }
}

#[expect(unsafe_code, reason = "a pointer field hides that the memory is owned")]
// SAFETY: it owns its memory, and plain numbers may move between threads.
unsafe impl<T: Element> Send for Workspace<T> {}
#[expect(unsafe_code, reason = "a pointer field hides that the memory is owned")]
// SAFETY: a shared workspace gives no access to its memory.
unsafe impl<T: Element> Sync for Workspace<T> {}
