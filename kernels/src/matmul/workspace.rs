//! Memory for packed operands.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use super::blocked::workspace_bytes;
use crate::Element;

/// Memory that starts at a page, so that packed panels share as few pages and sets as possible. What is in it is anything.
#[derive(Debug)]
pub(super) struct Pages<T> {
    data: NonNull<T>,
    layout: Layout,
}

impl<T: Element> Pages<T> {
    /// Allocates room for `len` elements.
    #[expect(unsafe_code, reason = "the standard library has no aligned buffer")]
    pub(super) fn new(len: usize) -> Pages<T> {
        let bytes = len.max(1) * size_of::<T>();
        let layout = Layout::from_size_align(bytes, 4096).expect("a matrix is no larger than that");
        // SAFETY: the layout has a size above zero.
        let data = unsafe { alloc(layout) };
        let Some(data) = NonNull::new(data.cast::<T>()) else {
            handle_alloc_error(layout)
        };
        Pages { data, layout }
    }

    pub(super) fn as_ptr(&self) -> *const T {
        self.data.as_ptr()
    }

    #[inline]
    pub(super) fn as_mut_ptr(&mut self) -> *mut T {
        self.data.as_ptr()
    }
}

impl<T> Drop for Pages<T> {
    #[expect(unsafe_code, reason = "the standard library has no aligned buffer")]
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and freed once.
        unsafe { dealloc(self.data.as_ptr().cast(), self.layout) }
    }
}

#[expect(unsafe_code, reason = "a pointer field hides that the memory is owned")]
// SAFETY: it owns its memory, and plain numbers may move between threads.
unsafe impl<T: Element> Send for Pages<T> {}
#[expect(unsafe_code, reason = "a pointer field hides that the memory is owned")]
// SAFETY: who shares it can only read.
unsafe impl<T: Element> Sync for Pages<T> {}

/// Room for packed operands, enough for any shape: a call that is given one allocates nothing.
///
/// Calls without one keep one per thread. What is in it is anything: packing writes all that is read.
#[derive(Debug)]
pub struct Workspace<T>(Pages<T>);

impl<T: Element> Workspace<T> {
    /// Allocates it: 1 MiB, or up to 4.25 where a core's share of the level-3 cache is larger.
    pub fn new() -> Workspace<T> {
        Workspace(Pages::new(workspace_bytes() / size_of::<T>()))
    }

    #[inline]
    pub(super) fn as_mut_ptr(&mut self) -> *mut T {
        self.0.as_mut_ptr()
    }
}

impl<T: Element> Default for Workspace<T> {
    fn default() -> Self {
        Self::new()
    }
}
