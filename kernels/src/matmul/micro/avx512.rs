//! Tiles for 32 registers of 512 bits: 9 rows × 3 vectors are 27 sums, which leaves 3 for B and one for A.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m512, __m512d};

use super::{Microkernels, Tile, tile, tiles};
use crate::matmul::problem::Problem;
use crate::matmul::{Workspace, blocked};

static F32: Microkernels<f32> = Microkernels {
    rows: 9,
    lanes: 16,
    tiles: &[
        tiles!(tile_f32, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        tiles!(tile_f32, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        tiles!(tile_f32, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
};

static F64: Microkernels<f64> = Microkernels {
    rows: 9,
    lanes: 8,
    tiles: &[
        tiles!(tile_f64, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        tiles!(tile_f64, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        tiles!(tile_f64, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
};

/// # Safety
/// As [`Problem::solve`].
pub(in crate::matmul) unsafe fn run_f32(problem: &Problem<f32>, workspace: &mut Workspace<f32>) {
    // SAFETY: the caller's promise.
    unsafe { blocked::run(&F32, problem, workspace) }
}

/// # Safety
/// As [`Problem::solve`].
pub(in crate::matmul) unsafe fn run_f64(problem: &Problem<f64>, workspace: &mut Workspace<f64>) {
    // SAFETY: the caller's promise.
    unsafe { blocked::run(&F64, problem, workspace) }
}

/// # Safety
/// As [`tile`] for this instruction set.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn tile_f32<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    operands: &Tile<f32>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<__m512, ROWS, VECTORS, CUT>(operands, last) }
}

/// # Safety
/// As [`tile`] for this instruction set.
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn tile_f64<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    operands: &Tile<f64>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<__m512d, ROWS, VECTORS, CUT>(operands, last) }
}
