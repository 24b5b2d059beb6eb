//! The element types that the kernels compute with, as the ABI names them.

use abi::DType;

/// `f32` or `f64`: an element type that both the kernels and the ABI know.
pub trait Float: kernels::Element + abi::Element {}

impl Float for f32 {}
impl Float for f64 {}

/// The ABI's name of `T`.
pub(crate) fn dtype<T: Float>() -> DType {
    <T as abi::Element>::DTYPES[0]
}

/// The name of a benchmark on elements of `T`: `base` for `f32`, `base_f64` for `f64`.
pub(crate) fn named<T: Float>(base: &str) -> String {
    match dtype::<T>() {
        DType::F32 => base.to_owned(),
        other => format!("{base}_{}", other.name()),
    }
}

/// Bytes of `elements` elements of `T`.
pub(crate) fn bytes<T>(elements: usize) -> u64 {
    (elements * size_of::<T>()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_f64_has_a_suffix() {
        assert_eq!(named::<f32>("matmul_small"), "matmul_small");
        assert_eq!(named::<f64>("matmul_small"), "matmul_small_f64");
    }
}
