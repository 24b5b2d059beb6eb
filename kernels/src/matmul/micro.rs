//! Microkernels: a tile of C that stays in registers while rows of B and columns of A pass by.
//!
//! Generic over the vector; `portable.rs`, `avx2.rs` and `avx512.rs` choose the tile for their
//! registers and instantiate it.

pub(super) mod avx2;
pub(super) mod avx512;
pub(super) mod portable;
mod thin;
mod wide;

use super::view::View;
use crate::vector::Vector;

/// The operands of a microkernel; strides in elements.
pub(super) struct Tile<T> {
    pub(super) depth: usize,
    pub(super) alpha: T,
    pub(super) beta: T,
    pub(super) a: *const T,
    pub(super) a_row: usize,
    pub(super) a_column: usize,
    pub(super) b: *const T,
    pub(super) b_row: usize,
    pub(super) c: *mut T,
    pub(super) c_row: usize,
    /// Whether C is out of the caches' reach, so that it pays to ask for it early.
    pub(super) far: bool,
    /// Where to leave a copy of B, as whole vectors, row after row; null for nowhere.
    pub(super) pack: *mut T,
}

/// Computes a tile; the second argument is how many columns its last vector has.
pub(super) type Microkernel<T> = unsafe fn(&Tile<T>, usize);

/// Rows of the largest thin tile: eight sums keep two multipliers of latency 4 busy.
pub(super) const THIN_ROWS: usize = 8;

/// The microkernels for the last columns of C, of which there are at most `LANES / split`.
pub(super) struct ThinTiles<T: 'static> {
    /// Packs a panel of B for them.
    pub(super) pack: unsafe fn(&View<*const T>, *mut T),
    /// At `[rows - 1]`.
    pub(super) tiles: [Microkernel<T>; THIN_ROWS],
}

/// The microkernels of an instruction set for one element type.
pub(super) trait Microkernels {
    type Vector: Vector<Element = Self::Element>;
    type Element: crate::Element;

    /// Rows of the largest tile.
    const ROWS: usize;

    /// Wide tiles at `[vectors - 1][rows - 1]`: for whole vectors, and with a last vector that is cut off.
    const WIDE: &'static [&'static [[Microkernel<Self::Element>; 2]]];

    /// Thin tiles at `[log2(split) - 1]`.
    const THIN: &'static [ThinTiles<Self::Element>];
}

/// Lists wide microkernels by rows: `[whole, cut off]` for each.
macro_rules! wide_tiles {
    ($kernel:ident, $vectors:literal, [$($rows:literal),*]) => {
        &[$([$kernel::<$rows, $vectors, false>, $kernel::<$rows, $vectors, true>]),*]
    };
}
use wide_tiles;

/// Lists thin microkernels by rows, and what packs for them.
macro_rules! thin_tiles {
    ($pack:ident, $kernel:ident, $split:literal) => {
        ThinTiles {
            pack: $pack::<$split>,
            tiles: [
                $kernel::<1, $split>,
                $kernel::<2, $split>,
                $kernel::<3, $split>,
                $kernel::<4, $split>,
                $kernel::<5, $split>,
                $kernel::<6, $split>,
                $kernel::<7, $split>,
                $kernel::<8, $split>,
            ],
        }
    };
}
use thin_tiles;
