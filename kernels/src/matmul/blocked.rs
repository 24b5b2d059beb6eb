//! The blocked product: loops around a microkernel, apart from any instruction set.
//!
//! A small B is read in place. Of a larger one a block at a time is packed into panels as wide as a
//! tile, and the first tile of each panel of whole vectors does the packing in passing: it stores the vectors of B that it has
//! loaded anyway, while its multipliers are busy, and the tiles after it ask for the rows of the next panel. A is read
//! where it lies, for its elements are used one at a time.
#![expect(unsafe_code, reason = "tiles of C are written through pointers")]

use std::ptr::null_mut;

use super::even::Even;
use super::micro::{Microkernel, Microkernels, STEPS_A_TURN, is_long, is_packing_size, only_panel};
use super::problem::{Memory, Problem, with_memory};
use super::view::View;
use super::{Shape, pack};
use crate::Element;
use crate::cpu::level_3_share_bytes;
use crate::vector::Vector;

/// Bytes of a workspace, for any instruction set and element type: a packed block of B, and thin panels beside it.
pub(super) fn workspace_bytes() -> usize {
    packed_bytes() + (256 << 10)
}

/// B up to this many bytes is read in place, if its rows are contiguous: it stays in a level-2 cache of 1 MiB, and
/// packing would cost more than the better access saves.
const IN_PLACE_BYTES: usize = 512 << 10;

/// Depth of a block of B that is read in place but for its last columns, which are packed.
pub(super) const IN_PLACE_DEPTH: usize = 4096;

/// So few tiles of rows do not use a packed B often enough to pay, as long as B comes from a cache.
const FEW_TILES: usize = 8;

/// Rows of a packed block of B. Every block reads and writes all of C once, from memory where C is large, so deep blocks
/// are good; deeper than this, a panel (192 KiB) and the rows of A that it meets no longer share a level-2 cache of 1 MiB.
const PACKED_DEPTH: usize = 1024;

/// Bytes of a packed block of B. One that takes some of the level-2 cache is small enough anywhere; the larger it is, the fewer times A and C are gone
/// through, and it may come from the level-3 cache, a panel for each group of rows, if this core's share holds it.
/// (With 768 KiB, 1000² takes 1 to 2 % longer than with 4 MiB, and 2000² 3 to 5 %; 8 MiB are no better.)
#[inline]
fn packed_bytes() -> usize {
    level_3_share_bytes().clamp(768 << 10, 4 << 20)
}

/// Bytes of a matrix that the level-3 cache is likely to hold: this core's share, and as much of what others leave. A larger B comes from memory each time
/// that it is read in place, and two tiles of rows are enough to pack for: a product of 32×4096×4096 takes 0.37 of the time.
#[inline]
pub(super) fn far_bytes() -> usize {
    2 * packed_bytes()
}

/// Rows of a B that comes from memory for sure, being twice as large, for so few rows of A that it is not packed: they are gone through side by side, as
/// many streams as the CPU foresees, while C stays in a cache. Panel by panel, a row by 4096×4096 takes 2.8 times as long, for each row of B lies in other
/// pages; but from the level-3 cache that is faster.
const STREAMED_DEPTH: usize = 8;

/// Tiles of rows that a panel meets before the next panel comes: 8 tiles of 8 rows and a depth of 1024 are 512 KiB
/// of A in double precision, which stay in the level-2 cache while the panels pass by.
const GROUP_TILES: usize = 8;

/// Computes the product.
///
/// # Safety
/// As [`Problem::solve`]; the machine has the instruction set of `M`.
pub(super) unsafe fn run<M: Microkernels>(
    problem: &Problem<M::Element>,
    memory: Memory<'_, M::Element>,
) {
    let Shape { m, k, n } = problem.shape;
    if problem.b.column_stride == 1
        && let Some((tiles, last)) = only_panel::<M>(n)
        && let Some(tile) = tiles.get(m.wrapping_sub(1))
        && !(problem.a.column_stride == 1 && is_all_thin::<M>(problem.shape))
    {
        let kernel = tile.any[usize::from(last < M::Vector::LANES)];
        // SAFETY: the caller's promise; the kernel is that of the tile's size.
        return unsafe { run_tile(kernel, problem, (0, 0), RowsOfB::in_place(problem, 0), last) };
    }
    let is_added = problem.beta == M::Element::ZERO || problem.beta == M::Element::ONE;
    if m == 1
        && is_long::<M::Vector>(k, n)
        && problem.b.column_stride == 1
        && problem.alpha == M::Element::ONE
        && is_added
    {
        // SAFETY: the caller's promise.
        return unsafe { (M::ROW)(problem) };
    }
    let small = is_read_in_place::<M>(problem.shape);
    if small && problem.b.column_stride == 1 {
        if is_streamed::<M>(problem.shape) {
            // SAFETY: the caller's promise; nothing is packed.
            return unsafe { in_blocks::<M>(problem, small, null_mut()) };
        }
        let columns = Columns::of::<M>(problem);
        if columns.thin == 0 {
            // SAFETY: the caller's promise.
            return unsafe { in_place::<M>(problem, &columns) };
        }
    }
    with_memory(memory, |workspace| {
        // SAFETY: the caller's promise.
        unsafe { in_blocks::<M>(problem, small, workspace.as_mut_ptr()) }
    });
}

/// B where it lies, by all rows of A. What [`multiply`] asks about packing and thin columns would take a tenth of a small product's time.
///
/// # Safety
/// As [`run`]; rows of B are contiguous, and no columns are thin.
// Inlined, it would make `run` save more registers, and products of one tile take a fortieth longer.
#[inline(never)]
unsafe fn in_place<M: Microkernels>(problem: &Problem<M::Element>, columns: &Columns) {
    let rows = rows_of::<M>(problem.shape.m, columns);
    for panel in 0..columns.panels.parts {
        let (column, vectors, last) = columns.panel::<M>(panel);
        let kernels = M::WIDE[vectors - 1];
        let b = RowsOfB::in_place(problem, column);
        for tile in 0..rows.parts {
            let kernel = kernels[rows.size(tile) - 1].any[usize::from(last < M::Vector::LANES)];
            // SAFETY: the tile lies within the problem, and its kernel is that of its size.
            unsafe { run_tile(kernel, problem, (rows.start(tile), column), b, last) };
        }
    }
}

/// Whether B is read where it lies, if its rows are contiguous.
#[inline(always)]
pub(super) fn is_read_in_place<M: Microkernels>(Shape { m, k, n }: Shape) -> bool {
    is_small::<M::Element>(k, n) || is_used_seldom::<M>(m, k * n * size_of::<M::Element>())
}

/// Whether it is read so a few rows at a time. No columns are thin then.
#[inline(always)]
pub(super) fn is_streamed<M: Microkernels>(Shape { m, k, n }: Shape) -> bool {
    let bytes = k * n * size_of::<M::Element>();
    !is_small::<M::Element>(k, n) && bytes > 2 * far_bytes() && is_used_seldom::<M>(m, bytes)
}

/// Whether a B of so many bytes is not worth packing for `m` rows.
#[inline(never)]
fn is_used_seldom<M: Microkernels>(m: usize, bytes: usize) -> bool {
    let most = if bytes > far_bytes() { 1 } else { FEW_TILES };
    let rows = Even::new(m, M::ROWS);
    // Tiles of few rows cannot pack.
    rows.parts <= most || !is_packing_size(rows.size(0), M::ROWS)
}

/// Whether B stays in the level-2 cache as it is.
#[inline(always)]
pub(super) fn is_small<T>(k: usize, n: usize) -> bool {
    k * n * size_of::<T>() <= IN_PLACE_BYTES
}

/// Whether all columns of C are thin, however few its rows are: packing so few, which are long, costs less than it saves.
#[inline(always)]
pub(super) fn is_all_thin<M: Microkernels>(Shape { m, k, n }: Shape) -> bool {
    let lanes = M::Vector::LANES;
    n < lanes / 2 && (n == 1 || m >= 2 * n) && k >= 8 * lanes
}

/// How rows are cut into tiles.
#[inline(always)]
pub(super) fn rows_of<M: Microkernels>(rows: usize, columns: &Columns) -> Even {
    // Divisions by constants. The first panel is as wide as any.
    match columns.panels.size(0) {
        1 => Even::new(rows, M::WIDE[0].len()),
        _ => Even::new(rows, M::ROWS),
    }
}

/// Block after block of B, by all rows of A.
///
/// # Safety
/// As [`run`]; `memory` is a workspace, or null if nothing is packed.
// Called from two places, compiled once.
#[inline(never)]
unsafe fn in_blocks<M: Microkernels>(
    problem: &Problem<M::Element>,
    small: bool,
    memory: *mut M::Element,
) {
    let Shape { k, n, .. } = problem.shape;
    let contiguous = problem.b.column_stride == 1;
    let in_place = small && contiguous;
    let (depth, breadth) = if in_place {
        let deepest = if is_streamed::<M>(problem.shape) {
            STREAMED_DEPTH
        } else {
            IN_PLACE_DEPTH
        };
        (even_blocks(k, deepest, 1), n)
    } else {
        packed_block::<M>(k, n)
    };
    for column in (0..n).step_by(breadth) {
        for row in (0..k).step_by(depth) {
            let (depth, breadth) = (depth.min(k - row), breadth.min(n - column));
            let part = Problem {
                far: !in_place,
                ..part_of(problem, row, depth, column, breadth)
            };
            let columns = Columns::of::<M>(&part);
            let source = if in_place {
                Source::InPlace
            } else if contiguous {
                Source::PackInPassing
            } else {
                // SAFETY: the part lies within B; the workspace holds a block.
                unsafe { pack_wide::<M>(&part.b, &columns, memory) };
                Source::Packed
            };
            // SAFETY: the part lies within the problem.
            unsafe { multiply::<M>(&part, &columns, source, memory) };
        }
    }
}

/// Rows and columns of a packed block of B.
fn packed_block<M: Microkernels>(k: usize, n: usize) -> (usize, usize) {
    let width = M::WIDE.len() * M::Vector::LANES;
    let depth = even_blocks(k, PACKED_DEPTH, 1);
    let largest = packed_bytes() / size_of::<M::Element>() / depth;
    (depth, even_blocks(n, largest, width))
}

/// Columns of a B that is packed beforehand: whole vectors.
pub(super) fn packed_width<M: Microkernels>(n: usize) -> usize {
    n.next_multiple_of(M::Vector::LANES)
}

/// Packs all of B: block after block, all rows of some columns before the next columns.
///
/// # Safety
/// The machine has the instruction set of `M`; every element of B is valid for reading, of which there is one at least; `to` is valid for
/// writing as many rows of [`packed_width`].
pub(super) unsafe fn pack_blocks<M: Microkernels>(
    b: &View<*const M::Element>,
    to: *mut M::Element,
) {
    each_packed_block::<M>(b.rows, b.columns, |row, depth, column, breadth, at| {
        let block = b.part(row, depth, column, breadth);
        let columns = Columns::without_thin::<M>(breadth);
        // SAFETY: the block lies within B, and there is room for it.
        unsafe { pack_wide::<M>(&block, &columns, to.wrapping_add(at)) };
    });
}

/// Computes a product of a B that [`pack_blocks`] has packed.
///
/// # Safety
/// As [`run`], for a problem that has elements; B of the problem is not read.
pub(super) unsafe fn run_packed<M: Microkernels>(
    problem: &Problem<M::Element>,
    packed: *const M::Element,
) {
    let Shape { k, n, .. } = problem.shape;
    each_packed_block::<M>(k, n, |row, depth, column, breadth, at| {
        let mut part = part_of(problem, row, depth, column, breadth);
        let columns = Columns::without_thin::<M>(breadth);
        // So far apart are the rows that are asked for in advance.
        part.b.row_stride = columns.panels.size(0) * M::Vector::LANES;
        let block = packed.wrapping_add(at).cast_mut();
        // SAFETY: the part lies within the problem; the block is only read.
        unsafe { multiply::<M>(&part, &columns, Source::PackedBeforehand, block) };
    });
}

/// Calls `work` for each block of a B that is packed beforehand: its first row and its rows, its first column and its columns, and where it
/// begins.
fn each_packed_block<M: Microkernels>(
    k: usize,
    n: usize,
    work: impl Fn(usize, usize, usize, usize, usize),
) {
    let (depth, breadth) = packed_block::<M>(k, n);
    for column in (0..n).step_by(breadth) {
        let breadth = breadth.min(n - column);
        for row in (0..k).step_by(depth) {
            let depth = depth.min(k - row);
            let at = column * k + row * packed_width::<M>(breadth);
            work(row, depth, column, breadth, at);
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
        beta,
        a,
        b,
        c,
        ..
    } = *problem;
    Problem {
        shape: Shape {
            m: shape.m,
            k: depth,
            n: breadth,
        },
        beta: if row == 0 { beta } else { T::ONE },
        a: a.part(0, a.rows, row, depth),
        b: b.part(row, depth, column, breadth),
        c: View {
            data: c.data.wrapping_add(column),
            columns: breadth,
            ..c
        },
        ..*problem
    }
}

/// The size of equal blocks, a multiple of `unit`, of which each is at most `largest` where that is not below `unit`.
fn even_blocks(total: usize, largest: usize, unit: usize) -> usize {
    let largest = (largest / unit).max(1) * unit;
    let blocks = total.div_ceil(largest);
    total.div_ceil(blocks).div_ceil(unit) * unit
}

/// Where a tile finds B.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    /// In the operand.
    InPlace,
    /// In the operand, the first time, when a copy is left in panels.
    PackInPassing,
    /// In panels.
    Packed,
    /// In panels that were packed beforehand, and come from memory again.
    PackedBeforehand,
}

/// How the columns of a block are cut: wide panels of whole vectors, whose last vector may be cut off, then a thin rest.
pub(super) struct Columns {
    /// Panels of up to as many vectors as a tile has, even in size: a panel of one vector would keep the loads too busy.
    pub(super) panels: Even,
    /// Columns in the last vector of the last panel.
    last: usize,
    /// Columns of the thin rest, at most half a vector.
    pub(super) thin: usize,
}

impl Columns {
    fn of<M: Microkernels>(problem: &Problem<M::Element>) -> Columns {
        Columns::new::<M>(problem.shape, problem.a.column_stride == 1)
    }

    /// `contiguous` says whether A's rows are.
    #[inline(always)]
    pub(super) fn new<M: Microkernels>(Shape { m, k, n }: Shape, contiguous: bool) -> Columns {
        let lanes = M::Vector::LANES;
        let (vectors, rest) = (n / lanes, n % lanes);
        let (vectors, last, thin) = match rest {
            0 => (vectors, lanes, 0),
            // The thin tile reads A along its rows, in vectors. Packing for it costs what it saves in two tiles.
            _ if rest * 2 <= lanes
                && contiguous
                && (k >= 2 * lanes && m > 2 * M::ROWS || is_all_thin::<M>(Shape { m, k, n })) =>
            {
                (vectors, lanes, rest)
            }
            _ => (vectors + 1, rest, 0),
        };
        Columns {
            panels: Even::new(vectors, M::WIDE.len()),
            last,
            thin,
        }
    }

    /// As [`Columns::new`], but that all are wide.
    fn without_thin<M: Microkernels>(n: usize) -> Columns {
        // Nobody reads thin columns of a transposed A.
        Columns::new::<M>(Shape { m: 1, k: 1, n }, false)
    }

    /// How many panels of whole vectors, from this one on, which is one, are as wide as it.
    #[inline(always)]
    pub(super) fn alike<M: Microkernels>(&self, panel: usize) -> usize {
        let alike = self.panels.alike(panel);
        let is_cut = self.last < M::Vector::LANES && panel + alike == self.panels.parts;
        alike - usize::from(is_cut)
    }

    /// The first column of a panel, its vectors, and the columns in the last of them.
    #[inline(always)]
    pub(super) fn panel<M: Microkernels>(&self, panel: usize) -> (usize, usize, usize) {
        let lanes = M::Vector::LANES;
        let is_last = panel + 1 == self.panels.parts;
        let last = if is_last { self.last } else { lanes };
        (
            self.panels.start(panel) * lanes,
            self.panels.size(panel),
            last,
        )
    }
}

/// One block of B by all rows of A.
///
/// # Safety
/// As [`run`]; `memory` holds B of the problem in panels, or has room for it, as `source` says, and has room for a thin panel.
unsafe fn multiply<M: Microkernels>(
    problem: &Problem<M::Element>,
    columns: &Columns,
    source: Source,
    memory: *mut M::Element,
) {
    let rows = rows_of::<M>(problem.shape.m, columns);
    let group = if source == Source::InPlace {
        rows.parts
    } else {
        GROUP_TILES
    };
    // SAFETY: the caller's promise.
    let thin =
        (columns.thin > 0).then(|| unsafe { Thin::<M>::pack(problem, columns, source, memory) });
    for first in (0..rows.parts).step_by(group) {
        let tiles = first..(first + group).min(rows.parts);
        for panel in 0..columns.panels.parts {
            for tile in tiles.clone() {
                // SAFETY: the caller's promise; the first tile of a panel comes first.
                unsafe { wide::<M>(problem, columns, source, memory, (&rows, tile), panel) };
            }
        }
        // Not tile by tile in between: the branch predictor would learn neither well, and each copy of the code otherwise.
        if let Some(thin) = &thin {
            let (row, end) = (rows.start(first), rows.start(tiles.end));
            // SAFETY: the rows lie within the problem.
            unsafe { thin.tiles(problem, row, end - row) };
        }
    }
}

/// A tile of rows of a wide panel.
///
/// # Safety
/// As [`multiply`]; the panel's first tile, which packs it, has come first.
#[inline(always)]
unsafe fn wide<M: Microkernels>(
    problem: &Problem<M::Element>,
    columns: &Columns,
    source: Source,
    memory: *mut M::Element,
    (rows, tile): (&Even, usize),
    panel: usize,
) {
    let lanes = M::Vector::LANES;
    let (column, vectors, last) = columns.panel::<M>(panel);
    let is_last = panel + 1 == columns.panels.parts;
    let there = RowsOfB::in_place(problem, column);
    let packed = RowsOfB {
        data: memory.wrapping_add(column * problem.shape.k),
        row_stride: vectors * lanes,
        beside: null_mut(),
    };
    let kernels = &M::WIDE[vectors - 1][rows.size(tile) - 1];
    let (kernel, b) = match source {
        Source::InPlace => (kernels.any, there),
        // So narrow a B, whose rows lie close to each other, is as good as packed.
        Source::PackInPassing if columns.panels.parts == 1 && there.row_stride < 2 * lanes => {
            (kernels.any, there)
        }
        Source::PackInPassing if tile == 0 => match kernels.packing {
            Some(packing) if last == lanes => {
                let b = RowsOfB {
                    beside: packed.data.cast_mut(),
                    ..there
                };
                ([packing; 2], b)
            }
            _ => {
                let width = vectors * lanes;
                let breadth = width - lanes + last;
                let panel = problem.b.part(0, problem.b.rows, column, breadth);
                // SAFETY: the columns lie within B; there is room for the panel.
                unsafe { pack_panel::<M>(&panel, width, packed.data.cast_mut()) };
                (kernels.any, packed)
            }
        },
        // The next panel's rows are asked for in advance: a row in each turn of a tile's loop, so it takes as many tiles as a turn has steps.
        Source::PackInPassing if tile <= STEPS_A_TURN && !is_last => {
            let row = (tile - 1) * (problem.shape.k / STEPS_A_TURN);
            let next = there.data.wrapping_add(vectors * lanes);
            (kernels.any, packed.asking(next, row, there.row_stride))
        }
        Source::PackedBeforehand if tile < STEPS_A_TURN && !is_last => {
            let row = tile * (problem.shape.k / STEPS_A_TURN);
            let next = packed.data.wrapping_add(vectors * lanes * problem.shape.k);
            (kernels.any, packed.asking(next, row, problem.b.row_stride))
        }
        Source::PackInPassing | Source::Packed | Source::PackedBeforehand => (kernels.any, packed),
    };
    let kernel = kernel[usize::from(last < lanes)];
    // SAFETY: the tile lies within the problem, and its kernel is that of its size.
    unsafe { run_tile(kernel, problem, (rows.start(tile), column), b, last) };
}

/// The rows of B that a tile reads.
#[derive(Clone, Copy)]
struct RowsOfB<T> {
    data: *const T,
    row_stride: usize,
    /// Where to leave a copy, or what to ask for in advance; see [`Wide`](super::micro::Wide).
    beside: *mut T,
}

impl<T: Element> RowsOfB<T> {
    /// The same, which asks for the rows of the panel at `next` in advance, from one of them on.
    #[inline(always)]
    fn asking(self, next: *const T, row: usize, row_stride: usize) -> RowsOfB<T> {
        RowsOfB {
            beside: next.wrapping_add(row * row_stride).cast_mut(),
            ..self
        }
    }

    /// In the operand, from `column` on.
    #[inline(always)]
    fn in_place(problem: &Problem<T>, column: usize) -> RowsOfB<T> {
        let b = &problem.b;
        RowsOfB {
            data: b.data.wrapping_add(column * b.column_stride),
            row_stride: b.row_stride,
            beside: null_mut(),
        }
    }
}

/// Runs a microkernel on the tile of C at `row` and `column`.
///
/// # Safety
/// As [`Microkernel`]; the tile lies within the problem, and the kernel is that of its size.
#[inline(always)]
unsafe fn run_tile<T: Element>(
    kernel: Microkernel<T>,
    problem: &Problem<T>,
    (row, column): (usize, usize),
    b: RowsOfB<T>,
    last: usize,
) {
    let a = problem.a.data.wrapping_add(row * problem.a.row_stride);
    let c = problem
        .c
        .data
        .wrapping_add(row * problem.c.row_stride + column);
    // SAFETY: the caller's promise.
    unsafe { kernel(problem, a, b.data, b.row_stride, c, b.beside, last) };
}

/// The last columns, packed for thin tiles.
struct Thin<M: Microkernels> {
    packed: *const M::Element,
    /// Elements from one packed column to the next.
    depth: usize,
    first: usize,
    groups: Even,
}

impl<M: Microkernels> Thin<M> {
    /// # Safety
    /// As [`multiply`].
    unsafe fn pack(
        problem: &Problem<M::Element>,
        columns: &Columns,
        source: Source,
        memory: *mut M::Element,
    ) -> Thin<M> {
        let first = problem.shape.n - columns.thin;
        let lanes = M::Vector::LANES;
        // Behind the wide panels, if there are any; columns start where vectors do.
        let wide = if source == Source::InPlace {
            0
        } else {
            (first * problem.shape.k).next_multiple_of(lanes)
        };
        let packed = memory.wrapping_add(wide);
        let depth = problem.shape.k.next_multiple_of(lanes);
        let groups = Even::new(columns.thin, M::THIN.len());
        for group in 0..groups.parts {
            let column = groups.start(group);
            let b = &problem.b;
            let panel = b.part(0, b.rows, first + column, groups.size(group));
            // SAFETY: the columns lie within B; the caller vouches for the memory.
            unsafe { pack::thin(&panel, depth, packed.wrapping_add(column * depth)) };
        }
        Thin {
            packed,
            depth,
            first,
            groups,
        }
    }

    /// # Safety
    /// As [`multiply`]; the rows lie within the problem.
    unsafe fn tiles(&self, problem: &Problem<M::Element>, row: usize, rows: usize) {
        for group in 0..self.groups.parts {
            let column = self.groups.start(group);
            let b = RowsOfB {
                data: self.packed.wrapping_add(column * self.depth),
                row_stride: self.depth,
                beside: null_mut(),
            };
            let kernel = M::THIN[self.groups.size(group) - 1];
            // SAFETY: the tile lies within the problem, and its kernel is that of its size.
            unsafe { run_tile(kernel, problem, (row, self.first + column), b, rows) };
        }
    }
}

/// The thin rest of the columns of a product whose B is read in place, by all rows of A.
///
/// # Safety
/// As [`run`]; the product is no deeper than [`IN_PLACE_DEPTH`].
pub(super) unsafe fn thin_columns<M: Microkernels>(
    problem: &Problem<M::Element>,
    columns: &Columns,
) {
    with_memory(None, |workspace| {
        // SAFETY: the caller's promise.
        let thin =
            unsafe { Thin::<M>::pack(problem, columns, Source::InPlace, workspace.as_mut_ptr()) };
        // SAFETY: the caller's promise.
        unsafe { thin.tiles(problem, 0, problem.shape.m) };
    });
}

/// Packs the wide panels of a block of B.
///
/// # Safety
/// The machine has the instruction set of `M`; every element of B is valid for reading; `memory` has room for the panels.
unsafe fn pack_wide<M: Microkernels>(
    b: &View<*const M::Element>,
    columns: &Columns,
    memory: *mut M::Element,
) {
    for panel in 0..columns.panels.parts {
        let (column, vectors, _) = columns.panel::<M>(panel);
        let width = vectors * M::Vector::LANES;
        let from = b.part(0, b.rows, column, width.min(b.columns - column));
        // SAFETY: the columns lie within B; panels lie one after the other.
        unsafe { pack_panel::<M>(&from, width, memory.wrapping_add(column * b.rows)) };
    }
}

/// Packs a panel row after row, each filled up to `width` columns, which are whole vectors.
///
/// # Safety
/// As [`pack_wide`].
pub(super) unsafe fn pack_panel<M: Microkernels>(
    panel: &View<*const M::Element>,
    width: usize,
    to: *mut M::Element,
) {
    if panel.row_stride == 1 || panel.column_stride == 1 {
        // SAFETY: the caller's promise.
        unsafe { (M::PACK)(panel, width, to) };
    } else {
        // SAFETY: the caller's promise.
        unsafe { pack::rows(panel, width, to) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matmul::micro::{avx2, avx512, portable};

    #[test]
    fn what_packs_a_panel_can() {
        check::<avx512::F32>();
        check::<avx2::F64>();
        check::<portable::F32>();
    }

    #[test]
    fn streamed_products_pack_nothing() {
        check_streamed::<avx512::F32>();
        check_streamed::<avx512::F64>();
        check_streamed::<avx2::F32>();
        check_streamed::<avx2::F64>();
        check_streamed::<portable::F32>();
        check_streamed::<portable::F64>();
    }

    /// Thin columns would be packed, into memory that is not there.
    fn check_streamed<M: Microkernels>() {
        let is_streamed = |m: &usize| is_used_seldom::<M>(*m, usize::MAX);
        for m in (1..30 * M::ROWS).filter(is_streamed) {
            for (k, n) in (1..=STREAMED_DEPTH).flat_map(|k| (1..200).map(move |n| (k, n))) {
                let columns = Columns::new::<M>(Shape { m, k, n }, true);
                assert_eq!(columns.thin, 0, "{m}×{k}×{n}");
            }
        }
    }

    /// Products of all rows for which some B is packed, and of up to a few panels.
    fn check<M: Microkernels>() {
        let is_packed = |m: &usize| !is_used_seldom::<M>(*m, usize::MAX);
        for m in (1..30 * M::ROWS).filter(is_packed) {
            for vectors in 1..=3 * M::WIDE.len() {
                let n = vectors * M::Vector::LANES;
                let shape = Shape { m, k: 1, n };
                let columns = Columns::new::<M>(shape, true);
                let rows = rows_of::<M>(m, &columns).size(0);
                for panel in 0..columns.panels.parts {
                    let (_, vectors, _) = columns.panel::<M>(panel);
                    let tile = &M::WIDE[vectors - 1][rows - 1];
                    let packs = tile.packing.is_some() || vectors == 1;
                    assert!(packs, "{rows} rows, {vectors} vectors");
                }
            }
        }
    }
}
