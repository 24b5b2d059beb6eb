//! Tiles for 16 registers of 128 bits, without fused multiply-add: 4 rows × 2 vectors are 8 sums, which leaves 2 for B, one for A and one for a product.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use ::wide::{f32x4, f64x2};

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
    type Vector = f32x4;
    type Element = f32;
    const ROWS: usize = 4;
    const WIDE: &'static [&'static [Wide<f32>]] = &[
        wide_tiles!(tiles_f32, 1, [1, 2, 3, 4]),
        wide_tiles!(tiles_f32, 2, [1, 2, 3, 4]),
    ];
    const PACK: unsafe fn(&View<*const f32>, usize, *mut f32) = pack_f32;
    const ROW: unsafe fn(&Problem<f32>) = row_f32;
    const THIN: &'static [Microkernel<f32>] = &[thin_f32::<8, 1>, thin_f32::<4, 2>];
}

impl Microkernels for F64 {
    type Vector = f64x2;
    type Element = f64;
    const ROWS: usize = 4;
    const WIDE: &'static [&'static [Wide<f64>]] = &[
        wide_tiles!(tiles_f64, 1, [1, 2, 3, 4]),
        wide_tiles!(tiles_f64, 2, [1, 2, 3, 4]),
    ];
    const PACK: unsafe fn(&View<*const f64>, usize, *mut f64) = pack_f64;
    const ROW: unsafe fn(&Problem<f64>) = row_f64;
    const THIN: &'static [Microkernel<f64>] = &[thin_f64::<8, 1>];
}

microkernels!(f32x4, f32, tiles_f32, row_f32, thin_f32, pack_f32);
microkernels!(f64x2, f64, tiles_f64, row_f64, thin_f64, pack_f64);
