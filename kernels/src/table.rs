//! Tables of implementations: best first, the last row always works, chosen once.

use std::cell::RefCell;
use std::sync::OnceLock;

use crate::matmul::Workspace;
use crate::{Error, Isa, add, cpu, create, matmul};

/// What a row of a table says about itself.
pub trait Row: 'static {
    fn name(&self) -> &'static str;
    /// The instruction set that must be there.
    fn needs(&self) -> Isa;
}

/// The implementations of one operation for one element type.
pub struct Table<R: 'static> {
    operation: &'static str,
    rows: &'static [R],
    selected: OnceLock<&'static R>,
}

impl<R: Row> Table<R> {
    pub(crate) const fn new(operation: &'static str, rows: &'static [R]) -> Table<R> {
        Table {
            operation,
            rows,
            selected: OnceLock::new(),
        }
    }

    pub(crate) fn rows(&self) -> &'static [R] {
        self.rows
    }

    /// The first supported row that is for this CPU. The search runs once; afterwards this is a load and a branch.
    #[inline]
    pub(crate) fn selected(&self) -> &'static R {
        self.selected.get_or_init(|| {
            let is_for_this_cpu = |row: &R| row.name() != cpu::HALVED || cpu::halves_vectors();
            let supported = |row: &&R| row.needs().is_supported() && is_for_this_cpu(row);
            let selected = self.rows.iter().find(supported);
            selected.expect("the last row of a table needs nothing")
        })
    }

    pub(crate) fn by_name(&self, name: &str) -> Result<&'static R, Error> {
        let row = self
            .rows
            .iter()
            .find(|row| row.name() == name)
            .ok_or_else(|| {
                let names: Vec<_> = self.rows.iter().map(Row::name).collect();
                Error::UnknownImplementation {
                    operation: self.operation,
                    name: name.to_owned(),
                    known: names.join(", "),
                }
            })?;
        require(self.operation, row.needs())?;
        Ok(row)
    }
}

/// An error that names the first lacking feature, unless `isa` is supported.
#[inline]
pub(crate) fn require(operation: &'static str, isa: Isa) -> Result<(), Error> {
    if isa.is_supported() {
        return Ok(());
    }
    let missing = isa.missing().unwrap_or("a feature");
    Err(Error::Unsupported {
        operation,
        isa,
        missing,
    })
}

/// What an operation for one element type shows of its table: a row, of `$kernels`, for each instruction set, and before them perhaps one
/// for CPUs that halve vectors.
macro_rules! implementations {
    ($operation:literal, $kernels:ty, $(halved: $halved:expr,)? [$avx512:expr, $avx2:expr, $portable:expr $(,)?]) => {
        /// One way to compute what this module offers.
        #[derive(Debug)]
        pub struct Implementation {
            name: &'static str,
            isa: $crate::Isa,
            kernels: $kernels,
        }

        static TABLE: $crate::table::Table<Implementation> = $crate::table::Table::new(
            $operation,
            &[
                $(Implementation {
                    name: $crate::cpu::HALVED,
                    isa: $crate::Isa::Avx512,
                    kernels: $halved,
                },)?
                Implementation {
                    name: "avx512",
                    isa: $crate::Isa::Avx512,
                    kernels: $avx512,
                },
                Implementation {
                    name: "avx2",
                    isa: $crate::Isa::Avx2,
                    kernels: $avx2,
                },
                Implementation {
                    name: "portable",
                    isa: $crate::Isa::Portable,
                    kernels: $portable,
                },
            ],
        );

        /// Every implementation, best first; the last works everywhere.
        pub fn implementations() -> &'static [Implementation] {
            TABLE.rows()
        }

        /// The best implementation that this machine supports; chosen at the first call.
        #[inline]
        pub fn selected() -> &'static Implementation {
            TABLE.selected()
        }

        /// The implementation of that name.
        ///
        /// # Errors
        /// [`Error::UnknownImplementation`], or [`Error::Unsupported`] if this machine lacks a feature that it needs.
        pub fn by_name(name: &str) -> Result<&'static Implementation, $crate::Error> {
            TABLE.by_name(name)
        }

        impl Implementation {
            /// Its name.
            pub fn name(&self) -> &'static str {
                self.name
            }

            /// The instruction set that it runs on.
            pub fn isa(&self) -> $crate::Isa {
                self.isa
            }

            /// Whether this machine can run it.
            pub fn is_supported(&self) -> bool {
                self.isa.is_supported()
            }

            /// An error unless this machine can run it and each of `others`, by name and length, is `expected` long.
            #[inline]
            fn check<const N: usize>(
                &self,
                expected: usize,
                others: [(&'static str, usize); N],
            ) -> Result<(), $crate::Error> {
                $crate::table::require($operation, self.isa)?;
                $crate::table::same_length(expected, others)
            }
        }

        impl $crate::table::Row for Implementation {
            fn name(&self) -> &'static str {
                self.name
            }

            fn needs(&self) -> $crate::Isa {
                self.isa
            }
        }
    };
}
pub(crate) use implementations;

/// An error that names the first operand whose length is not `expected`.
#[inline]
pub(crate) fn same_length<const N: usize>(
    expected: usize,
    operands: [(&'static str, usize); N],
) -> Result<(), Error> {
    match operands.into_iter().find(|(_, actual)| *actual != expected) {
        None => Ok(()),
        Some((operand, actual)) => Err(Error::Length {
            operand,
            expected,
            actual,
        }),
    }
}

/// Where an element type's tables are found. Public in name only: its module is private, so that
/// it seals [`Element`](crate::Element).
pub trait Tables: Sized + 'static {
    #[doc(hidden)]
    fn add_table() -> &'static Table<add::Implementation<Self>>;
    #[doc(hidden)]
    fn uniform_table() -> &'static Table<create::Implementation<Self>>;
    #[doc(hidden)]
    fn matmul_table() -> &'static Table<matmul::Implementation<Self>>;
    #[doc(hidden)]
    fn with_workspace<R>(use_it: impl FnOnce(&mut Workspace<Self>) -> R) -> R;
}

impl Tables for f32 {
    #[inline]
    fn add_table() -> &'static Table<add::Implementation<f32>> {
        &add::TABLE_F32
    }

    #[inline]
    fn uniform_table() -> &'static Table<create::Implementation<f32>> {
        &create::TABLE_F32
    }

    #[inline]
    fn matmul_table() -> &'static Table<matmul::Implementation<f32>> {
        &matmul::TABLE_F32
    }

    #[inline]
    fn with_workspace<R>(use_it: impl FnOnce(&mut Workspace<f32>) -> R) -> R {
        thread_local!(static WORKSPACE: RefCell<Workspace<f32>> = RefCell::new(Workspace::new()));
        WORKSPACE.with_borrow_mut(use_it)
    }
}

impl Tables for f64 {
    #[inline]
    fn add_table() -> &'static Table<add::Implementation<f64>> {
        &add::TABLE_F64
    }

    #[inline]
    fn uniform_table() -> &'static Table<create::Implementation<f64>> {
        &create::TABLE_F64
    }

    #[inline]
    fn matmul_table() -> &'static Table<matmul::Implementation<f64>> {
        &matmul::TABLE_F64
    }

    #[inline]
    fn with_workspace<R>(use_it: impl FnOnce(&mut Workspace<f64>) -> R) -> R {
        thread_local!(static WORKSPACE: RefCell<Workspace<f64>> = RefCell::new(Workspace::new()));
        WORKSPACE.with_borrow_mut(use_it)
    }
}
