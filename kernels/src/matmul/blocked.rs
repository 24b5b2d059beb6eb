//! The blocked product: loops around a microkernel, apart from any instruction set.
//!
//! A small B that is not transposed is read in place. Otherwise a block of B at a time is packed into
//! panels as wide as a tile; A is read where it lies, for every element of it is used by broadcasting.
#![expect(unsafe_code, reason = "tiles of C are written through pointers")]

use super::micro::{Microkernels, Tile};
use super::problem::Problem;
use super::view::View;
use super::{Shape, Workspace, pack};
use crate::Element;

/// Bytes of a workspace, for any instruction set and element type.
pub(super) const WORKSPACE_BYTES: usize = 2 << 20;

/// B up to this many bytes is read in place: three such matrices fit in a level-2 cache of 1 MiB or close to it, and
/// packing would cost more than the better access saves.
const UNPACKED_BYTES: usize = 512 << 10;

/// Bytes of a packed block of B: it stays in the level-2 cache while all rows of A pass by, and leaves room for them.
const PACKED_BYTES: usize = 768 << 10;

/// Depth of a block in bytes of one row of A: a tile of A stays in the level-1 cache while the panels pass by.
const DEPTH_BYTES: usize = 4096;

/// Computes the product.
///
/// # Safety
/// As [`Problem::solve`]; the machine has the instruction set of `kernels`.
pub(super) unsafe fn run<T: Element>(
    kernels: &Microkernels<T>,
    problem: &Problem<T>,
    workspace: &mut Workspace<T>,
) {
    let Shape { k, n, .. } = problem.shape;
    if problem.b.column_stride == 1 && k * n * size_of::<T>() <= UNPACKED_BYTES {
        // SAFETY: the caller's promise.
        unsafe {
            block(
                kernels,
                problem,
                Panels {
                    data: problem.b.data,
                    row: problem.b.row_stride,
                    next: kernels.width(),
                },
            )
        };
    } else {
        // SAFETY: the caller's promise.
        unsafe { packed(kernels, problem, workspace) };
    }
}

/// Packs block after block of B, and multiplies by each.
///
/// # Safety
/// As [`run`].
unsafe fn packed<T: Element>(
    kernels: &Microkernels<T>,
    problem: &Problem<T>,
    workspace: &mut Workspace<T>,
) {
    let width = kernels.width();
    let Shape { k, n, .. } = problem.shape;
    let depth = even_blocks(k, DEPTH_BYTES / size_of::<T>(), 1);
    let breadth = even_blocks(n, PACKED_BYTES / size_of::<T>() / depth, width);
    debug_assert!(depth * breadth <= Workspace::<T>::CAPACITY);
    let panels = workspace.as_mut_ptr();
    for column in (0..n).step_by(breadth) {
        for row in (0..k).step_by(depth) {
            let part = part_of(
                problem,
                row,
                depth.min(k - row),
                column,
                breadth.min(n - column),
            );
            // SAFETY: the part lies within B; the workspace holds a block.
            unsafe { pack::panels(&part.b, width, panels) };
            // SAFETY: the part lies within the problem.
            unsafe {
                block(
                    kernels,
                    &part,
                    Panels {
                        data: panels,
                        row: width,
                        next: part.b.rows * width,
                    },
                )
            };
        }
    }
}

/// The part of the problem that rows `row..` and columns `column..` of B contribute.
fn part_of<T: Element>(
    problem: &Problem<T>,
    row: usize,
    depth: usize,
    column: usize,
    breadth: usize,
) -> Problem<T> {
    let Problem {
        shape,
        alpha,
        beta,
        a,
        b,
        c,
    } = *problem;
    Problem {
        shape: Shape {
            m: shape.m,
            k: depth,
            n: breadth,
        },
        alpha,
        beta: if row == 0 { beta } else { T::ONE },
        a: View {
            data: a.data.wrapping_add(row * a.column_stride),
            columns: depth,
            ..a
        },
        b: View {
            data: b
                .data
                .wrapping_add(row * b.row_stride + column * b.column_stride),
            rows: depth,
            columns: breadth,
            ..b
        },
        c: View {
            data: c.data.wrapping_add(column),
            columns: breadth,
            ..c
        },
    }
}

/// The size of equal blocks, a multiple of `unit`, of which each is at most `largest` where that is not below `unit`.
fn even_blocks(total: usize, largest: usize, unit: usize) -> usize {
    let largest = (largest / unit).max(1) * unit;
    let blocks = total.div_ceil(largest);
    total.div_ceil(blocks).div_ceil(unit) * unit
}

/// Where B's panels lie: `row` elements from one row to the next, `next` from one panel to the next.
struct Panels<T> {
    data: *const T,
    row: usize,
    next: usize,
}

/// One block of B by all rows of A.
///
/// # Safety
/// As [`run`]; the panels hold B of the problem.
unsafe fn block<T: Element>(kernels: &Microkernels<T>, problem: &Problem<T>, panels: Panels<T>) {
    let Problem {
        shape,
        alpha,
        beta,
        a,
        c,
        ..
    } = *problem;
    let tiles = shape.m.div_ceil(kernels.rows);
    for (panel, column) in (0..shape.n).step_by(kernels.width()).enumerate() {
        let mut row = 0;
        for tile in 0..tiles {
            // Tiles differ by one row at most: a last tile of one row would leave the multipliers idle.
            let rows = shape.m / tiles + usize::from(tile < shape.m % tiles);
            let tile = Tile {
                depth: shape.k,
                alpha,
                beta,
                a: a.data.wrapping_add(row * a.row_stride),
                a_row: a.row_stride,
                a_column: a.column_stride,
                b: panels.data.wrapping_add(panel * panels.next),
                b_row: panels.row,
                c: c.data.wrapping_add(row * c.row_stride + column),
                c_row: c.row_stride,
            };
            // SAFETY: the tile lies within the problem.
            unsafe { kernels.tile(rows, kernels.width().min(shape.n - column), tile) };
            row += rows;
        }
    }
}
