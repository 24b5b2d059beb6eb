//! What can go wrong in a call, and what to do about it.

use crate::Isa;

/// Why a kernel refused a call. Nothing has been written to the output then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A slice is not as long as the other operands or the shape demand.
    #[error(
        "{operand} has {actual} elements where {expected} are needed; pass slices that fit the shape"
    )]
    Length {
        /// The operand's name: `a`, `b`, `out`, …
        operand: &'static str,
        /// The number of elements that the shape demands.
        expected: usize,
        /// The number of elements that the slice has.
        actual: usize,
    },

    /// A matrix does not fit the others.
    #[error("{operand} is {rows}×{columns} where {expected_rows}×{expected_columns} is needed")]
    Shape {
        /// The operand's name: `b` or `c`.
        operand: &'static str,
        /// Rows that it has.
        rows: usize,
        /// Columns that it has.
        columns: usize,
        /// Rows that the other operands demand.
        expected_rows: usize,
        /// Columns that the other operands demand.
        expected_columns: usize,
    },

    /// The product of a matrix's dimensions does not fit in the address space.
    #[error(
        "a {rows}×{columns} matrix with a row stride of {row_stride} is larger than the address space"
    )]
    TooLarge {
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        columns: usize,
        /// Elements from one row to the next.
        row_stride: usize,
    },

    /// Rows of a matrix would overlap.
    #[error(
        "a row stride of {row_stride} is shorter than a row of {columns} elements; rows would overlap"
    )]
    Stride {
        /// Elements from one row to the next.
        row_stride: usize,
        /// Elements in a row.
        columns: usize,
    },

    /// An entry of an index is no row of the set.
    #[error("entry {entry} of the index is no row of a set of {rows} rows")]
    Index {
        /// The first such entry.
        entry: u32,
        /// Rows of the set.
        rows: usize,
    },

    /// A label is no class.
    #[error("label {label} is none of {classes} classes, which count from 0")]
    Label {
        /// The first such label.
        label: i64,
        /// The number of classes.
        classes: usize,
    },

    /// No implementation has this name.
    #[error("no implementation of {operation} is named {name:?}; there are {known}")]
    UnknownImplementation {
        /// The operation: `add` or `matmul`.
        operation: &'static str,
        /// The name asked for.
        name: String,
        /// The names that exist, comma-separated.
        known: String,
    },

    /// This CPU or operating system lacks what the implementation needs.
    #[error(
        "the {isa} implementation of {operation} needs {missing}, which this machine lacks; choose another by name, or let the library choose"
    )]
    Unsupported {
        /// The operation: `add` or `matmul`.
        operation: &'static str,
        /// The implementation's instruction set.
        isa: Isa,
        /// The first CPU feature that is lacking.
        missing: &'static str,
    },
}
