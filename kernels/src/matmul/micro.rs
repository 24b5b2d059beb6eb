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

#[expect(
    unsafe_code,
    reason = "vectors are made of α and β, which asks for their instruction set"
)]
impl<T: crate::Element> Tile<T> {
    /// Whether the sums are the result: α is 1 and β is 0.
    #[inline(always)]
    fn is_plain(&self) -> bool {
        self.alpha == T::ONE && self.beta == T::ZERO
    }

    /// α·A·B + β·C from the sums; `old` reads C, and is asked only if β is not 0.
    #[inline(always)]
    fn scale<V: Vector<Element = T>, const COUNT: usize>(
        &self,
        sums: [V; COUNT],
        old: impl FnOnce() -> [V; COUNT],
    ) -> [V; COUNT] {
        // SAFETY: the sums prove the instruction set.
        let alpha = unsafe { V::splat(self.alpha) };
        let mut values = sums.map(|sum| sum.mul(alpha));
        if self.beta != T::ZERO {
            // SAFETY: as above.
            let beta = unsafe { V::splat(self.beta) };
            for (value, old) in values.iter_mut().zip(old()) {
                *value = old.mul_add(beta, *value);
            }
        }
        values
    }
}

/// Computes a tile; the second argument is how many columns the last vector of a wide one has.
pub(super) type Microkernel<T> = unsafe fn(&Tile<T>, usize);

/// The microkernels of an instruction set for one element type.
pub(super) trait Microkernels {
    type Vector: Vector<Element = Self::Element>;
    type Element: crate::Element;

    /// Rows of the widest tile.
    const ROWS: usize;

    /// Wide tiles at `[vectors - 1][rows - 1]`: for whole vectors, and with a last vector that is cut off. Narrower ones have as many
    /// rows or more.
    const WIDE: &'static [&'static [[Microkernel<Self::Element>; 2]]];

    /// Packs a panel of a transposed B for wide tiles, each row so many elements wide: [`wide`](super::pack::wide).
    const PACK: unsafe fn(&View<*const Self::Element>, usize, *mut Self::Element);

    /// Thin tiles at `[columns - 1]`, whose second argument is the number of rows.
    const THIN: &'static [Microkernel<Self::Element>];
}

/// Lists wide microkernels by rows, and after them tall ones: `[whole, cut off]` for each.
macro_rules! wide_tiles {
    ($wide:ident, $vectors:literal, [$($rows:literal),*] $(, $tall:ident, [$($more:literal),*])?) => {
        &[
            $([$wide::<$rows, $vectors, false>, $wide::<$rows, $vectors, true>],)*
            $($([$tall::<$more, false>, $tall::<$more, true>],)*)?
        ]
    };
}
use wide_tiles;
