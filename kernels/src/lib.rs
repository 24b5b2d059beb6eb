//! SIMD tensor kernels for x86_64, dispatched at run time.
//!
//! For `f32` and `f64`: [`add`] with its element-wise kin, [`create`], and [`matmul`]. [`convert`] to and from half precision.
//! For training: [`linear`], [`activation`], [`loss`] and [`optimizer`], in `f32`. For loading data: [`gather`], [`normalise`], [`idx`] and [`Blocks`]. Each kernel is a table of implementations, best first; the first
//! that the CPU *and* the operating system support is chosen once and kept ([`add::selected`], [`matmul::selected`]). Any of them can
//! be asked for by name; asking for one that this machine lacks is an error, never a silent substitute. One called `avx512-256` is for CPUs
//! that compute vectors of 512 bits in two halves, as Zen 4 does, and is chosen on those alone.
//!
//! ```
//! let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]);
//! let mut sum = [0.0; 4];
//! kernels::add::add(&a, &b, &mut sum)?;
//! assert_eq!(sum, [6.0, 8.0, 10.0, 12.0]);
//!
//! let mut product = [0.0; 4];
//! let shape = kernels::matmul::Shape { m: 2, k: 2, n: 2 };
//! kernels::matmul::matmul(&a, &b, &mut product, shape)?;
//! assert_eq!(product, [19.0, 22.0, 43.0, 50.0]);
//! # Ok::<(), kernels::Error>(())
//! ```
//!
//! Left out: anything that reads the clock or the environment, prints, or knows what a benchmark is.

pub mod activation;
pub mod add;
mod blocks;
pub mod ceilings;
pub mod convert;
mod cpu;
pub mod create;
mod element;
mod error;
pub mod gather;
pub mod idx;
pub mod isa;
pub mod linear;
pub mod loss;
pub mod matmul;
pub mod normalise;
pub mod optimizer;
mod pool;
mod share;
mod table;
mod vector;

pub use blocks::Blocks;
pub use element::Element;
pub use error::Error;
pub use isa::Isa;
pub use pool::Pool;
pub use share::SHARE_FROM_BYTES;
