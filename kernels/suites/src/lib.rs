//! What is measured: the operations of `kernels` as benchmarks on buffers.
//!
//! | suite | file |
//! | --- | --- |
//! | `tensor-ops`, and `tensor-ops-threads` on all threads | `tensor_ops.rs` |
//! | `model-training` | `model_training.rs` |
//! | `data-loading` | `data_loading.rs` |
//! | `ceilings`, hidden: what this machine can do at most | `ceilings.rs` |
//!
//! A benchmark declares its buffers, its work and how far its result may lie from its reference; it measures no time and
//! prints nothing. The crate is a shared object for `bench` and a library for `cargo bench -p suites`.

mod ceilings;
pub mod data_loading;
mod float;
pub mod model_training;
mod pool;
pub mod tensor_ops;

pub use float::Float;
pub use pool::THREADS;

/// Every suite, in the order in which they are listed.
pub fn suites() -> Vec<abi::Suite> {
    vec![
        tensor_ops::suite(),
        tensor_ops::parallel_suite(),
        model_training::suite(),
        data_loading::suite(),
        ceilings::suite(),
    ]
}

#[cfg(feature = "export")]
abi::export!(suites);
