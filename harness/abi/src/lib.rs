//! What a suite of benchmarks and a harness say to each other.
//!
//! A suite is written against the safe types at the root of this crate: [`Suite`], [`Benchmark`], [`Buffer`], [`Work`] and
//! the [`Context`] that a benchmark's functions are called with. [`export!`] turns a list of suites into the one symbol that a
//! shared object needs; the C types behind it are in [`raw`], and a suite in any language may fill those instead: `include/bench.h` has them for C
//! and C++, and is generated from here by `tests/header.rs`.
//!
//! The crate depends on nothing but the standard library, so that an edit of the harness never lays out a suite's code anew.
//! It measures nothing and prints nothing.
//!
//! ```
//! use abi::{Benchmark, Buffer, DType, Suite, Work};
//!
//! fn suites() -> Vec<Suite> {
//!     let negate = Benchmark {
//!         description: "y = -x over 8 elements".into(),
//!         shape: vec![8],
//!         buffers: vec![
//!             Buffer::input("x", DType::F32, &[8]),
//!             Buffer::output("y", DType::F32, &[8]),
//!         ],
//!         work: Work { flops: 8, bytes_read: 32, bytes_written: 32, items: 8, item: "elements" },
//!         ..Benchmark::new(
//!             "negate",
//!             DType::F32,
//!             |call| {
//!                 let (x, y) = (call.take::<f32>(0)?, call.take::<f32>(1)?);
//!                 for _ in 0..call.iterations() {
//!                     for (y, x) in std::hint::black_box(&mut *y).iter_mut().zip(&*x) {
//!                         *y = -x;
//!                     }
//!                 }
//!                 Ok(())
//!             },
//!             |call| {
//!                 let (x, y) = (call.take::<f32>(0)?, call.expected(1)?);
//!                 for (y, x) in y.iter_mut().zip(&*x) {
//!                     *y = -f64::from(*x);
//!                 }
//!                 Ok(())
//!             },
//!         )
//!     };
//!     vec![Suite::new("example", "One benchmark", vec![negate])]
//! }
//! abi::export!(suites);
//! ```

mod context;
mod export;
mod kinds;
pub mod raw;
mod suite;

pub use context::{Context, Element};
pub use export::library;
pub use kinds::{DType, FillKind, Role};
pub use suite::{Benchmark, Body, Buffer, Fill, State, Suite, Threads, Work};
