//! Matrix product: `C = A·B` and `C = α·A·B + β·C`, row-major, with any row stride, A and B transposed at will.
//!
//! # Numbers
//! Sums run in an order of each implementation's own, fused where the machine fuses, so implementations agree up to
//! rounding: `|c - exact| <= (k + 2) · ε · (|α|·|A|·|B| + |β·C|)` element by element, where ε is the
//! type's [`EPSILON`](crate::Element::EPSILON). They agree on everything else:
//! - NaN and infinity follow IEEE 754: nothing is skipped, not even `0 · ∞`, nor with α = 0. An infinity that only
//!   arises because a partial sum overflows depends on the order of the sum.
//! - Subnormal numbers are kept.
//! - β = 0 never reads C: it may hold NaN, or be uninitialised in spirit.
//! - k = 0 is an empty sum: C = β·C, so zeros with β = 0.
//!
//! # Aliasing
//! Impossible by type: C is borrowed exclusively.
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod blocked;
mod contiguous;
mod even;
mod faer;
mod micro;
mod naive;
mod pack;
mod packed;
mod parallel;
mod problem;
mod view;
mod workspace;

use crate::table::{Row, Table, require};
use crate::{Element, Error, Isa, Pool};
pub use packed::Packed;
use parallel::Parts;
use problem::{Memory, Problem, Run};
pub use view::{MatMut, MatRef, Shape};
pub use workspace::Workspace;

use micro::{Microkernels, avx2, avx512, portable};

/// One way to compute a matrix product.
#[derive(Debug)]
pub struct Implementation<T: 'static> {
    name: &'static str,
    /// What must be there.
    needs: Isa,
    /// Whether it picks the widest instruction set by itself.
    widens: bool,
    run: Run<T>,
    /// Its own way for matrices without gaps.
    contiguous: Option<contiguous::Functions<T>>,
    /// Its own way to pack B beforehand.
    packed: Option<packed::Functions<T>>,
}

impl<T: Element> Implementation<T> {
    const fn new(name: &'static str, needs: Isa, run: Run<T>) -> Self {
        Implementation {
            name,
            needs,
            widens: false,
            run,
            contiguous: None,
            packed: None,
        }
    }

    const fn blocked<M: Microkernels<Element = T>>(name: &'static str, needs: Isa) -> Self {
        Implementation {
            contiguous: Some(contiguous::Functions::of::<M>()),
            packed: Some(packed::Functions::blocked::<M>()),
            ..Self::new(name, needs, blocked::run::<M>)
        }
    }
}

// faer has no vectors where AVX2 is not, and ends by an illegal instruction where AVX2 is and FMA is not.
pub(crate) static TABLE_F32: Table<Implementation<f32>> = Table::new(
    "matmul",
    &[
        Implementation::blocked::<avx512::F32>("avx512", Isa::Avx512),
        Implementation::blocked::<avx2::F32>("avx2", Isa::Avx2),
        Implementation::blocked::<portable::F32>("portable", Isa::Portable),
        Implementation {
            widens: true,
            ..Implementation::new("faer", Isa::Avx2, faer::run)
        },
        Implementation::new("naive", Isa::Portable, naive::run),
    ],
);

pub(crate) static TABLE_F64: Table<Implementation<f64>> = Table::new(
    "matmul",
    &[
        Implementation::blocked::<avx512::F64>("avx512", Isa::Avx512),
        Implementation::blocked::<avx2::F64>("avx2", Isa::Avx2),
        Implementation::blocked::<portable::F64>("portable", Isa::Portable),
        Implementation {
            widens: true,
            ..Implementation::new("faer", Isa::Avx2, faer::run)
        },
        Implementation::new("naive", Isa::Portable, naive::run),
    ],
);

/// Every implementation, best first; the last works everywhere and is the oracle of the tests.
pub fn implementations<T: Element>() -> &'static [Implementation<T>] {
    T::matmul_table().rows()
}

/// The best implementation that this machine supports; chosen at the first call.
#[inline]
pub fn selected<T: Element>() -> &'static Implementation<T> {
    T::matmul_table().selected()
}

/// The implementation of that name.
///
/// # Errors
/// [`Error::UnknownImplementation`], or [`Error::Unsupported`] if this machine lacks a feature that it needs.
pub fn by_name<T: Element>(name: &str) -> Result<&'static Implementation<T>, Error> {
    T::matmul_table().by_name(name)
}

/// `c = a · b` for row-major matrices without gaps.
///
/// # Errors
/// [`Error::Length`] if a slice does not fit the shape, [`Error::TooLarge`] if a product of dimensions overflows.
///
/// ```
/// use kernels::matmul::{Shape, matmul};
///
/// let row = [1.0f32, 2.0, 3.0];
/// let column = [4.0, 5.0, 6.0];
/// let mut c = [f32::NAN];
/// matmul(&row, &column, &mut c, Shape { m: 1, k: 3, n: 1 })?;
/// assert_eq!(c, [32.0]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn matmul<T: Element>(a: &[T], b: &[T], c: &mut [T], shape: Shape) -> Result<(), Error> {
    selected().run(a, b, c, shape)
}

/// `c = alpha · a · b + beta · c`.
///
/// # Errors
/// [`Error::Shape`] if the matrices do not fit each other.
///
/// ```
/// use kernels::matmul::{MatMut, MatRef, Scaling, gemm};
///
/// let a = [1.0, 2.0, 3.0, 4.0];
/// let mut c = [1.0, 0.0, 0.0, 1.0];
/// let a = MatRef::new(&a, 2, 2)?;
/// gemm(Scaling { alpha: 2.0, beta: 10.0 }, a.transposed(), a, MatMut::new(&mut c, 2, 2)?)?;
/// assert_eq!(c, [30.0, 28.0, 28.0, 50.0]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn gemm<T: Element>(
    scaling: Scaling<T>,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    c: MatMut<'_, T>,
) -> Result<(), Error> {
    selected().gemm(scaling, a, b, c)
}

/// As [`matmul`], on the threads of `pool` where that pays: see [`Implementation::gemm_parallel`].
///
/// # Errors
/// As [`matmul`].
#[inline]
pub fn matmul_parallel<T: Element>(
    a: &[T],
    b: &[T],
    c: &mut [T],
    shape: Shape,
    pool: &Pool,
) -> Result<(), Error> {
    selected().run_parallel(a, b, c, shape, pool)
}

/// As [`gemm`], on the threads of `pool` where that pays: see [`Implementation::gemm_parallel`].
///
/// # Errors
/// As [`gemm`].
#[inline]
pub fn gemm_parallel<T: Element>(
    scaling: Scaling<T>,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    c: MatMut<'_, T>,
    pool: &Pool,
) -> Result<(), Error> {
    selected().gemm_parallel(scaling, a, b, c, pool)
}

/// Packs B for many products with it, for the implementation that is [`selected`].
///
/// # Errors
/// None: this machine supports it.
pub fn pack<T: Element>(b: MatRef<'_, T>) -> Result<Packed<T>, Error> {
    selected().pack(b)
}

/// The factors of `C = α·A·B + β·C`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling<T> {
    /// Multiplies the product.
    pub alpha: T,
    /// Multiplies the old output; 0 means that it is not read.
    pub beta: T,
}

impl<T: Element> Scaling<T> {
    /// `C = A·B`.
    pub const PRODUCT: Scaling<T> = Scaling {
        alpha: T::ONE,
        beta: T::ZERO,
    };
}

impl<T: Element> Implementation<T> {
    /// Its name, the same for every element type.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The instruction set that it runs on here, or would need; for `faer`, which looks by itself, the widest of this machine.
    pub fn isa(&self) -> Isa {
        if self.widens {
            Isa::widest().max(self.needs)
        } else {
            self.needs
        }
    }

    /// Whether this machine can run it.
    pub fn is_supported(&self) -> bool {
        self.needs.is_supported()
    }

    /// `c = a · b` for row-major matrices without gaps.
    ///
    /// # Errors
    /// As [`matmul`]; [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn run(&self, a: &[T], b: &[T], c: &mut [T], shape: Shape) -> Result<(), Error> {
        require("matmul", self.needs)?;
        shape.check(a, b, c)?;
        let Shape { m, k, n } = shape;
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        match &self.contiguous {
            // SAFETY: this machine has what the row needs; the slices fit the shape and outlive the call.
            Some(functions) => unsafe { (functions.run)(a, b, c, m, k, n) },
            // SAFETY: as above.
            None => unsafe { Problem::solve_contiguous(self.run, a, b, c, shape) },
        }
        Ok(())
    }

    /// As [`Implementation::run`], with memory from the caller: nothing is allocated (but by `faer`, which takes none).
    ///
    /// # Errors
    /// As [`Implementation::run`].
    #[inline]
    pub fn run_with(
        &self,
        a: &[T],
        b: &[T],
        c: &mut [T],
        shape: Shape,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error> {
        require("matmul", self.needs)?;
        shape.check(a, b, c)?;
        let problem = Problem::contiguous(a.as_ptr(), b.as_ptr(), c.as_mut_ptr(), shape);
        // SAFETY: as in `run`.
        unsafe { self.solve(&problem, Some(workspace)) };
        Ok(())
    }

    /// `c = alpha · a · b + beta · c`.
    ///
    /// # Errors
    /// As [`gemm`]; [`Error::Unsupported`] on a machine that cannot run it.
    #[inline]
    pub fn gemm(
        &self,
        scaling: Scaling<T>,
        a: MatRef<'_, T>,
        b: MatRef<'_, T>,
        c: MatMut<'_, T>,
    ) -> Result<(), Error> {
        require("matmul", self.needs)?;
        let problem = Problem::new(scaling, &a, &b, &c)?;
        // SAFETY: as in `run`, for matrices that were checked when they were made.
        unsafe { self.solve(&problem, None) };
        Ok(())
    }

    /// As [`Implementation::gemm`], with memory from the caller: nothing is allocated (but by `faer`, which takes none).
    ///
    /// # Errors
    /// As [`Implementation::gemm`].
    #[inline]
    pub fn gemm_with(
        &self,
        scaling: Scaling<T>,
        a: MatRef<'_, T>,
        b: MatRef<'_, T>,
        c: MatMut<'_, T>,
        workspace: &mut Workspace<T>,
    ) -> Result<(), Error> {
        require("matmul", self.needs)?;
        let problem = Problem::new(scaling, &a, &b, &c)?;
        // SAFETY: as in `gemm`.
        unsafe { self.solve(&problem, Some(workspace)) };
        Ok(())
    }

    /// As [`Implementation::run`], on the threads of `pool`.
    ///
    /// # Errors
    /// As [`Implementation::run`].
    #[inline]
    pub fn run_parallel(
        &self,
        a: &[T],
        b: &[T],
        c: &mut [T],
        shape: Shape,
        pool: &Pool,
    ) -> Result<(), Error> {
        let Some(parts) = Parts::of::<T>(shape, pool.threads()) else {
            return self.run(a, b, c, shape);
        };
        require("matmul", self.needs)?;
        shape.check(a, b, c)?;
        let problem = Problem::contiguous(a.as_ptr(), b.as_ptr(), c.as_mut_ptr(), shape);
        // SAFETY: as in `run`, for parts that lie within the problem.
        problem.share(&parts, pool, |part| unsafe { self.solve(part, None) });
        Ok(())
    }

    /// As [`Implementation::gemm`], on the threads of `pool`.
    ///
    /// A product stays on the caller's thread while `m · k · n` times the bytes of an element is below 2²⁰: handing over costs
    /// more than it saves. Sleeping workers are woken once products that found them asleep add up to 48 · 2²⁰, for waking
    /// costs as much as a small product. Each thread keeps one workspace.
    ///
    /// # Errors
    /// As [`Implementation::gemm`].
    #[inline]
    pub fn gemm_parallel(
        &self,
        scaling: Scaling<T>,
        a: MatRef<'_, T>,
        b: MatRef<'_, T>,
        c: MatMut<'_, T>,
        pool: &Pool,
    ) -> Result<(), Error> {
        require("matmul", self.needs)?;
        let problem = Problem::new(scaling, &a, &b, &c)?;
        match Parts::of::<T>(problem.shape, pool.threads()) {
            // SAFETY: as in `gemm`, for parts that lie within the problem.
            Some(parts) => problem.share(&parts, pool, |part| unsafe { self.solve(part, None) }),
            // SAFETY: as in `gemm`.
            None => unsafe { self.solve(&problem, None) },
        }
        Ok(())
    }

    /// Solves a problem, with memory from the caller or this thread's.
    ///
    /// # Safety
    /// As [`Problem::solve`].
    #[inline]
    unsafe fn solve(&self, problem: &Problem<T>, memory: Memory<'_, T>) {
        let Problem { shape, a, b, c, .. } = problem;
        let functions = self.contiguous.as_ref().filter(|functions| {
            problem.is_contiguous() && (memory.is_none() || !(functions.needs_memory)(*shape))
        });
        match functions {
            // SAFETY: the caller's promise, for matrices without gaps.
            Some(functions) => unsafe {
                (functions.run)(a.data, b.data, c.data, shape.m, shape.k, shape.n);
            },
            // SAFETY: the caller's promise.
            None => unsafe { problem.solve(self.run, memory) },
        }
    }
}

impl<T: 'static> Row for Implementation<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn needs(&self) -> Isa {
        self.needs
    }
}
