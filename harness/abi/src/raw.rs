//! The C types of the ABI, as they lie in memory.
//!
//! A shared object exports one function, [`SYMBOL`], of type [`Entry`]. It returns a [`Library`] that lives as long as the
//! object is loaded. Texts are UTF-8, not terminated. Every function takes one [`Call`], returns [`OK`] or another number,
//! and then may leave a message; none may unwind. `include/bench.h` is generated from this file and `kinds.rs`.

use std::ffi::c_void;

/// The version of this ABI; a harness refuses any other.
pub const VERSION: u32 = 1;

/// The name of the exported function.
pub const SYMBOL: &str = "bench_library";

/// The most dimensions that a buffer or a benchmark has.
pub const MAX_RANK: usize = 4;

/// What a function returns when it did its work.
pub const OK: i32 = 0;

/// What a function returns when it failed and left a message.
pub const FAILED: i32 = 1;

/// What a function returns when it panicked and left the panic's message.
pub const PANICKED: i32 = 2;

/// The exported function.
pub type Entry = unsafe extern "C" fn() -> *const Library;

/// A function of a suite or benchmark, or null.
pub type Function = Option<unsafe extern "C" fn(*mut Call) -> i32>;

/// `len` bytes of UTF-8 at `data`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The first byte; may be dangling where `len` is 0.
    pub data: *const u8,
    /// Bytes.
    pub len: usize,
}

/// All that a shared object offers.
#[repr(C)]
#[derive(Debug)]
pub struct Library {
    /// [`VERSION`].
    pub version: u32,
    /// The size of a [`Benchmark`] in bytes, as a second check that both sides mean the same layout.
    pub benchmark_size: u32,
    /// Build information, one JSON object.
    pub build: Text,
    /// The first suite.
    pub suites: *const Suite,
    /// Suites.
    pub suites_len: usize,
}

/// A named group of benchmarks.
#[repr(C)]
#[derive(Debug)]
pub struct Suite {
    /// Unique in its library.
    pub name: Text,
    /// One sentence.
    pub description: Text,
    /// Not 0: left out unless it is asked for by name.
    pub hidden: u32,
    /// The first benchmark.
    pub benchmarks: *const Benchmark,
    /// Benchmarks.
    pub benchmarks_len: usize,
    /// The suite's own.
    pub user: *const c_void,
    /// Builds the pool on `Call::cpus` and pins it; called before the main thread is pinned.
    pub open: Function,
    /// Puts the pool's workers to sleep.
    pub park: Function,
    /// Ends the pool.
    pub close: Function,
}

/// One measured operation on one input.
#[repr(C)]
#[derive(Debug)]
pub struct Benchmark {
    /// Unique in its library.
    pub name: Text,
    /// One sentence.
    pub description: Text,
    /// Which implementation runs on this CPU, for instance `avx2`; may be empty.
    pub implementation: Text,
    /// A [`DType`](crate::DType) as a number: the type of element that the operation is about.
    pub dtype: u32,
    /// Dimensions in `shape`.
    pub rank: u32,
    /// The dimensions of the problem.
    pub shape: [usize; MAX_RANK],
    /// Not 0: uses the suite's pool.
    pub parallel: u32,
    /// The first buffer.
    pub buffers: *const Buffer,
    /// Buffers.
    pub buffers_len: usize,
    /// The work of one iteration.
    pub work: Work,
    /// The largest error of an element, as a share of the largest magnitude in its expected buffer.
    pub tolerance: f64,
    /// Iterations after which in-out buffers are filled anew, outside the clock; 0 is never.
    pub refill_after: u64,
    /// The benchmark's own.
    pub user: *const c_void,
    /// Makes `Call::state` from `Call::seed`.
    pub setup: Function,
    /// Fills the buffers whose fill is `Custom`.
    pub fill: Function,
    /// Runs `Call::iterations` iterations.
    pub run: Function,
    /// Writes what one iteration leaves in each output and in-out buffer to `Call::expected`, and leaves the buffers alone.
    pub reference: Function,
    /// Ends `Call::state`.
    pub teardown: Function,
}

/// A declared buffer.
#[repr(C)]
#[derive(Debug)]
pub struct Buffer {
    /// Unique in its benchmark.
    pub name: Text,
    /// A [`DType`](crate::DType) as a number.
    pub dtype: u32,
    /// A [`Role`](crate::Role) as a number.
    pub role: u32,
    /// A [`FillKind`](crate::FillKind) as a number.
    pub fill: u32,
    /// Dimensions in `shape`.
    pub rank: u32,
    /// Elements along each dimension.
    pub shape: [usize; MAX_RANK],
    /// The lower end of a uniform fill.
    pub low: f64,
    /// The upper end of a uniform fill.
    pub high: f64,
}

/// The work of one iteration.
#[repr(C)]
#[derive(Debug)]
pub struct Work {
    /// Floating-point operations.
    pub flops: u64,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Items.
    pub items: u64,
    /// What an item is, in the plural.
    pub item: Text,
}

/// The memory behind a buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The first byte, aligned for the element type.
    pub data: *mut c_void,
    /// Bytes.
    pub bytes: usize,
}

/// The arguments of every function; what a function does not need is null or 0.
#[repr(C)]
#[derive(Debug)]
pub struct Call {
    /// The benchmark, or null for a suite's function.
    pub benchmark: *const Benchmark,
    /// The suite.
    pub suite: *const Suite,
    /// What `setup` made.
    pub state: *mut c_void,
    /// The seed of the run.
    pub seed: u64,
    /// How many iterations to run.
    pub iterations: u64,
    /// The memory of each declared buffer, in order.
    pub buffers: *const Slice,
    /// Buffers.
    pub buffers_len: usize,
    /// For `reference`: for each buffer room for its elements, or null where it is an input.
    pub expected: *const *mut f64,
    /// For `open`: the CPUs of the pool, one worker each.
    pub cpus: *const u32,
    /// CPUs.
    pub cpus_len: usize,
    /// Room for a message.
    pub message: *mut u8,
    /// Bytes of room.
    pub message_capacity: usize,
    /// Bytes of message written.
    pub message_len: usize,
}
