//! Tiles for 16 registers of 256 bits: 6 rows × 2 vectors are 12 sums, which leaves 2 for B and one for A.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m256, __m256d};

use super::{
    BROAD, Beside, Microkernel, Microkernels, Tile, Wide, is_packing_size, microkernels, row, thin,
    wide, wide_tiles,
};
use crate::matmul::pack;
use crate::matmul::problem::Problem;
use crate::matmul::view::View;

pub(in crate::matmul) struct F32;
pub(in crate::matmul) struct F64;

impl Microkernels for F32 {
    type Vector = __m256;
    type Element = f32;
    const ROWS: usize = 6;
    const WIDE: &'static [&'static [Wide<f32>]] = &[
        wide_tiles!(tiles_f32, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        wide_tiles!(tiles_f32, 2, [1, 2, 3, 4, 5, 6]),
    ];
    const PACK: unsafe fn(&View<*const f32>, usize, *mut f32) = pack_f32;
    const ROW: unsafe fn(&Problem<f32>) = row_f32;
    const THIN: &'static [Microkernel<f32>] = &[
        thin_f32::<4, 1>,
        thin_f32::<4, 2>,
        thin_f32::<2, 3>,
        thin_f32::<2, 4>,
    ];
}

impl Microkernels for F64 {
    type Vector = __m256d;
    type Element = f64;
    const ROWS: usize = 6;
    const WIDE: &'static [&'static [Wide<f64>]] = &[
        wide_tiles!(tiles_f64, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        wide_tiles!(tiles_f64, 2, [1, 2, 3, 4, 5, 6]),
    ];
    const PACK: unsafe fn(&View<*const f64>, usize, *mut f64) = pack_f64;
    const ROW: unsafe fn(&Problem<f64>) = row_f64;
    const THIN: &'static [Microkernel<f64>] = &[thin_f64::<4, 1>, thin_f64::<4, 2>];
}

microkernels!(
    #[target_feature(enable = "avx2,fma")]
    __m256,
    f32,
    tiles_f32,
    row_f32,
    thin_f32,
    pack_f32
);
microkernels!(
    #[target_feature(enable = "avx2,fma")]
    __m256d,
    f64,
    tiles_f64,
    row_f64,
    thin_f64,
    pack_f64
);
