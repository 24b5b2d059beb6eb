//! Every implementation of every table against an obvious oracle.
//!
//! Implementations that this machine lacks are left out, and asked for once to see the error.

mod add;
mod choice;
mod gemm;
mod guarded;
mod matmul;
mod parallel;
mod support;
