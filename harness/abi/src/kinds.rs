//! The kinds that the C types name by number, for suites in Rust and, through the generated header, in C.

/// Who reads and who writes a buffer.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Read by an iteration.
    Input = 0,
    /// Written whole by an iteration, whatever it held.
    Output = 1,
    /// Read and written: an iteration's result depends on the one before.
    InOut = 2,
}

/// How a buffer is filled from the seed.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillKind {
    /// All zeros.
    Zeros = 0,
    /// Uniform from the buffer's `low` (included) to its `high` (excluded); integers are rounded down.
    Uniform = 1,
    /// By the benchmark's `fill`.
    Custom = 2,
}

/// The type of an element.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DType {
    F32 = 0,
    F64 = 1,
    F16 = 2,
    Bf16 = 3,
    I32 = 4,
    I64 = 5,
    U8 = 6,
    U32 = 7,
    U64 = 8,
}
