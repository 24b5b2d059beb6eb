//! Suites, benchmarks, buffers and work, as a suite's author writes them.

use std::any::Any;

use crate::{Context, DType, Role};

/// A named group of benchmarks.
#[derive(Debug)]
pub struct Suite {
    /// Unique in its library.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Left out unless it is asked for by name.
    pub hidden: bool,
    /// The benchmarks, in the order in which they are listed.
    pub benchmarks: Vec<Benchmark>,
    /// The pool that parallel benchmarks use.
    pub threads: Option<Threads>,
}

impl Suite {
    /// A suite without a pool.
    pub fn new(
        name: impl Into<String>,
        description: impl Into<String>,
        benchmarks: Vec<Benchmark>,
    ) -> Self {
        Suite {
            name: name.into(),
            description: description.into(),
            hidden: false,
            benchmarks,
            threads: None,
        }
    }
}

/// How a suite's pool is built, put to sleep and ended.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    /// Builds the pool with one worker pinned to each of these CPUs. Called once, before the main thread is pinned.
    pub open: fn(cpus: &[u32]) -> Result<(), String>,
    /// Puts the workers to sleep.
    pub park: fn(),
    /// Ends the pool.
    pub close: fn(),
}

/// What a benchmark's function is: a closure over nothing that changes.
pub type Body = Box<dyn Fn(&Context<'_>) -> Result<(), String> + Send + Sync>;

/// What `setup` returns and [`Context::state`] lends.
pub type State = Box<dyn Any + Send>;

/// One measured operation on one input.
pub struct Benchmark {
    /// Unique in its library.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Which implementation runs on this CPU, for instance `avx2`; empty where there is only one.
    pub implementation: String,
    /// The type of element that the operation is about.
    pub dtype: DType,
    /// The dimensions of the problem, at most [`raw::MAX_RANK`](crate::raw::MAX_RANK): rows and columns of an element-wise operation, m, k and n of a product.
    pub shape: Vec<usize>,
    /// Whether it uses the suite's pool.
    pub parallel: bool,
    /// The buffers, in the order in which [`Context::take`] counts them.
    pub buffers: Vec<Buffer>,
    /// The work of one iteration.
    pub work: Work,
    /// The largest error of an element, as a share of the largest magnitude in its expected buffer.
    pub tolerance: f64,
    /// Iterations after which in-out buffers are filled anew; `None` is never.
    pub refill_after: Option<u64>,
    /// Makes the state from the seed, untimed.
    #[expect(clippy::type_complexity, reason = "named once, here")]
    pub setup: Option<Box<dyn Fn(u64) -> Result<State, String> + Send + Sync>>,
    /// Fills the buffers whose fill is [`Fill::Custom`], untimed.
    pub fill: Option<Body>,
    /// Runs [`Context::iterations`] iterations.
    pub run: Body,
    /// Writes what one iteration leaves in each output and in-out buffer to [`Context::expected`].
    pub reference: Body,
}

impl Benchmark {
    /// A benchmark without buffers or declared work; the other fields are set by struct update.
    pub fn new(
        name: impl Into<String>,
        dtype: DType,
        run: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
        reference: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Benchmark {
            name: name.into(),
            description: String::new(),
            implementation: String::new(),
            dtype,
            shape: Vec::new(),
            parallel: false,
            buffers: Vec::new(),
            work: Work::default(),
            tolerance: 0.0,
            refill_after: None,
            setup: None,
            fill: None,
            run: Box::new(run),
            reference: Box::new(reference),
        }
    }
}

impl std::fmt::Debug for Benchmark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Benchmark")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A declared buffer, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// Unique in its benchmark.
    pub name: String,
    /// The type of its elements.
    pub dtype: DType,
    /// Who reads and who writes it.
    pub role: Role,
    /// Elements along each dimension, at most [`raw::MAX_RANK`](crate::raw::MAX_RANK) of them.
    pub shape: Vec<usize>,
    /// How it is filled from the seed.
    pub fill: Fill,
}

impl Buffer {
    /// An input, filled uniformly from -1 to 1.
    pub fn input(name: &str, dtype: DType, shape: &[usize]) -> Self {
        let (low, high) = (-1.0, 1.0);
        Buffer {
            name: name.into(),
            dtype,
            role: Role::Input,
            shape: shape.into(),
            fill: Fill::Uniform { low, high },
        }
    }

    /// An output, filled with zeros.
    pub fn output(name: &str, dtype: DType, shape: &[usize]) -> Self {
        Buffer {
            role: Role::Output,
            fill: Fill::Zeros,
            ..Buffer::input(name, dtype, shape)
        }
    }

    /// An in-out buffer, filled uniformly from -1 to 1.
    pub fn in_out(name: &str, dtype: DType, shape: &[usize]) -> Self {
        Buffer {
            role: Role::InOut,
            ..Buffer::input(name, dtype, shape)
        }
    }

    /// The same buffer, filled otherwise.
    pub fn filled(self, fill: Fill) -> Self {
        Buffer { fill, ..self }
    }
}

/// How a buffer is filled from the seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// All zeros.
    Zeros,
    /// Uniform from `low` (included) to `high` (excluded); integers are rounded down.
    Uniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// By the benchmark's `fill`.
    Custom,
}

impl DType {
    /// Every type, at the index of its number in the ABI.
    pub const ALL: [DType; 9] = [
        DType::F32,
        DType::F64,
        DType::F16,
        DType::Bf16,
        DType::I32,
        DType::I64,
        DType::U8,
        DType::U32,
        DType::U64,
    ];

    /// The name in records and lists, for instance `f32`.
    pub fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::F16 => "f16",
            DType::Bf16 => "bf16",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::U8 => "u8",
            DType::U32 => "u32",
            DType::U64 => "u64",
        }
    }

    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            DType::U8 => 1,
            DType::F16 | DType::Bf16 => 2,
            DType::F32 | DType::I32 | DType::U32 => 4,
            DType::F64 | DType::I64 | DType::U64 => 8,
        }
    }
}

/// The work of one iteration, from which rates are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Floating-point operations; a fused multiply-add is two.
    pub flops: u64,
    /// Bytes that must be read once.
    pub bytes_read: u64,
    /// Bytes that must be written once.
    pub bytes_written: u64,
    /// Items, of which throughput is the rate.
    pub items: u64,
    /// What an item is, in the plural.
    pub item: &'static str,
}

impl Default for Work {
    fn default() -> Self {
        Work {
            flops: 0,
            bytes_read: 0,
            bytes_written: 0,
            items: 1,
            item: "iterations",
        }
    }
}
