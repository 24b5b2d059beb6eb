//! Tiles for 16 registers of 128 bits, without fused multiply-add: 4 rows × 2 vectors are 8 sums, which leaves 2 for B, one for A and one for a product.
#![expect(
    unsafe_code,
    reason = "kernels read and write through pointers that their entry has checked"
)]

use wide::{f32x4, f64x2};

use super::{Microkernels, Tile, tile, tiles};
use crate::matmul::problem::Problem;
use crate::matmul::{Workspace, blocked};

static F32: Microkernels<f32> = Microkernels {
    rows: 4,
    lanes: 4,
    tiles: &[
        tiles!(tile_f32, 1, [1, 2, 3, 4]),
        tiles!(tile_f32, 2, [1, 2, 3, 4]),
    ],
};

static F64: Microkernels<f64> = Microkernels {
    rows: 4,
    lanes: 2,
    tiles: &[
        tiles!(tile_f64, 1, [1, 2, 3, 4]),
        tiles!(tile_f64, 2, [1, 2, 3, 4]),
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
/// As [`tile`].
unsafe fn tile_f32<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    operands: &Tile<f32>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<f32x4, ROWS, VECTORS, CUT>(operands, last) }
}

/// # Safety
/// As [`tile`].
unsafe fn tile_f64<const ROWS: usize, const VECTORS: usize, const CUT: bool>(
    operands: &Tile<f64>,
    last: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<f64x2, ROWS, VECTORS, CUT>(operands, last) }
}
