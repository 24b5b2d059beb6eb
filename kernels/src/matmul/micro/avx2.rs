//! Tiles for 16 registers of 256 bits: 6 rows × 2 vectors are 12 sums, which leaves 2 for B and one for A.
#![expect(
    unsafe_code,
    reason = "instruction sets beyond the baseline are entered by unsafe functions"
)]

use std::arch::x86_64::{__m256, __m256d};

use super::{Microkernels, Tile, tile, tiles};
use crate::matmul::problem::Problem;
use crate::matmul::{Workspace, blocked};

static F32: Microkernels<f32> = Microkernels {
    rows: 6,
    lanes: 8,
    tiles: &[
        tiles!(tile_f32, 1, [1, 2, 3, 4, 5, 6]),
        tiles!(tile_f32, 2, [1, 2, 3, 4, 5, 6]),
    ],
};

static F64: Microkernels<f64> = Microkernels {
    rows: 6,
    lanes: 4,
    tiles: &[
        tiles!(tile_f64, 1, [1, 2, 3, 4, 5, 6]),
        tiles!(tile_f64, 2, [1, 2, 3, 4, 5, 6]),
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
#[target_feature(enable = "avx2,fma")]
unsafe fn tile_f32<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    operands: &Tile<f32>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<__m256, ROWS, VECTORS, CUT>(operands, last) }
}

/// # Safety
/// As [`tile`] for this instruction set.
#[target_feature(enable = "avx2,fma")]
unsafe fn tile_f64<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    operands: &Tile<f64>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<__m256d, ROWS, VECTORS, CUT>(operands, last) }
}
