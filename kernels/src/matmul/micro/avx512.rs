//! Tiles for 32 registers of 512 bits: 8 rows × 3 vectors are 24 sums, which leaves 3 for B and 5 for elements of A;
//! with 27 sums the compiler, which loads ahead, spills some. Where C is narrower, tiles are taller: as many products hide the
//! latency of each other, and B is loaded fewer times.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m512, __m512d};

use super::{
    BROAD, Beside, Microkernel, Microkernels, Tile, Wide, avx2, is_packing_size, microkernels, row,
    thin, wide, wide_tiles,
};
use crate::matmul::pack;
use crate::matmul::problem::Problem;
use crate::matmul::view::View;

pub(in crate::matmul) struct F32;
pub(in crate::matmul) struct F64;

impl Microkernels for F32 {
    type Vector = __m512;
    type Element = f32;
    const ROWS: usize = 8;
    const WIDE: &'static [&'static [Wide<f32>]] = &[
        wide_tiles!(
            tiles_f32,
            1,
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
        ),
        wide_tiles!(tiles_f32, 2, [1, 2, 3, 4, 5, 6, 7, 8]),
        wide_tiles!(tiles_f32, 3, [1, 2, 3, 4, 5, 6, 7, 8]),
    ];
    const HALF: Option<&'static [Wide<f32>]> = Some(avx2::F32::WIDE[0]);
    const PACK: unsafe fn(&View<*const f32>, usize, *mut f32) = pack_f32;
    const ROW: unsafe fn(&Problem<f32>) = row_f32;
    const THIN: &'static [Microkernel<f32>] = &[
        thin_f32::<4, 1>,
        thin_f32::<4, 2>,
        thin_f32::<4, 3>,
        thin_f32::<4, 4>,
    ];
}

impl Microkernels for F64 {
    type Vector = __m512d;
    type Element = f64;
    const ROWS: usize = 8;
    const WIDE: &'static [&'static [Wide<f64>]] = &[
        wide_tiles!(
            tiles_f64,
            1,
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
        ),
        wide_tiles!(tiles_f64, 2, [1, 2, 3, 4, 5, 6, 7, 8]),
        wide_tiles!(tiles_f64, 3, [1, 2, 3, 4, 5, 6, 7, 8]),
    ];
    const HALF: Option<&'static [Wide<f64>]> = Some(avx2::F64::WIDE[0]);
    const PACK: unsafe fn(&View<*const f64>, usize, *mut f64) = pack_f64;
    const ROW: unsafe fn(&Problem<f64>) = row_f64;
    const THIN: &'static [Microkernel<f64>] = &[
        thin_f64::<4, 1>,
        thin_f64::<4, 2>,
        thin_f64::<4, 3>,
        thin_f64::<4, 4>,
    ];
}

microkernels!(
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
    __m512,
    f32,
    tiles_f32,
    row_f32,
    thin_f32,
    pack_f32
);
microkernels!(
    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
    __m512d,
    f64,
    tiles_f64,
    row_f64,
    thin_f64,
    pack_f64
);
