//! Tiles for 16 registers of 256 bits: 6 rows × 2 vectors are 12 sums, which leaves 2 for B and one for A.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m256, __m256d};

use super::{Microkernel, Microkernels, ThinTiles, Tile, thin, thin_tiles, wide, wide_tiles};
use crate::matmul::view::View;

pub(in crate::matmul) struct F32;
pub(in crate::matmul) struct F64;

impl Microkernels for F32 {
    type Vector = __m256;
    type Element = f32;
    const ROWS: usize = 6;
    const WIDE: &'static [&'static [[Microkernel<f32>; 2]]] = &[
        wide_tiles!(wide_f32, 1, [1, 2, 3, 4, 5, 6]),
        wide_tiles!(wide_f32, 2, [1, 2, 3, 4, 5, 6]),
    ];
    const THIN: &'static [ThinTiles<f32>] = &[
        thin_tiles!(pack_f32, thin_f32, 2),
        thin_tiles!(pack_f32, thin_f32, 4),
        thin_tiles!(pack_f32, thin_f32, 8),
    ];
}

impl Microkernels for F64 {
    type Vector = __m256d;
    type Element = f64;
    const ROWS: usize = 6;
    const WIDE: &'static [&'static [[Microkernel<f64>; 2]]] = &[
        wide_tiles!(wide_f64, 1, [1, 2, 3, 4, 5, 6]),
        wide_tiles!(wide_f64, 2, [1, 2, 3, 4, 5, 6]),
    ];
    const THIN: &'static [ThinTiles<f64>] = &[
        thin_tiles!(pack_f64, thin_f64, 2),
        thin_tiles!(pack_f64, thin_f64, 4),
    ];
}

/// # Safety
/// As [`wide::tile`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn wide_f32<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<f32>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { wide::tile::<__m256, ROWS, VECTORS, CUT>(tile, last) }
}

/// # Safety
/// As [`wide::tile`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn wide_f64<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    tile: &Tile<f64>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { wide::tile::<__m256d, ROWS, VECTORS, CUT>(tile, last) }
}

/// # Safety
/// As [`thin::tile`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn thin_f32<const ROWS: usize, const SPLIT: usize>(tile: &Tile<f32>, columns: usize) {
    // SAFETY: the caller's promise.
    unsafe { thin::tile::<__m256, ROWS, SPLIT>(tile, columns) }
}

/// # Safety
/// As [`thin::tile`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn thin_f64<const ROWS: usize, const SPLIT: usize>(tile: &Tile<f64>, columns: usize) {
    // SAFETY: the caller's promise.
    unsafe { thin::tile::<__m256d, ROWS, SPLIT>(tile, columns) }
}

/// # Safety
/// As [`thin::pack`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn pack_f32<const SPLIT: usize>(panel: &View<*const f32>, to: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe { thin::pack::<__m256, SPLIT>(panel, to) }
}

/// # Safety
/// As [`thin::pack`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn pack_f64<const SPLIT: usize>(panel: &View<*const f64>, to: *mut f64) {
    // SAFETY: the caller's promise.
    unsafe { thin::pack::<__m256d, SPLIT>(panel, to) }
}
