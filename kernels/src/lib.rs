//! SIMD tensor kernels.
