//! Every implementation of every table against an obvious oracle.
//!
//! Implementations that this machine lacks are left out, and asked for once to see the error.

mod activation;
mod add;
mod choice;
mod convert;
mod create;
mod dispatch;
mod gather;
mod gemm;
mod guarded;
mod idx;
mod linear;
mod loss;
mod matmul;
mod normalise;
mod optimizer;
mod parallel;
mod shared;
mod support;
