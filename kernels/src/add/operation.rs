//! What is done to an element, one type an operation.

use super::Args;
use crate::vector::Vector;

/// An operation on two operands, for [`Implementation::binary`](super::Implementation::binary).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `a + b`
    Add,
    /// `a - b`
    Subtract,
    /// `a · b`
    Multiply,
    /// `a / b`
    Divide,
}

/// A loop for one operation on one instruction set.
pub(super) type Kernel<T> = unsafe fn(&Args<T>);

/// The kernels of one instruction set: at `Operation as usize`, then at [`SCALE`], [`AXPY`] and [`FILL`].
pub(super) type Kernels<T> = [Kernel<T>; 7];

pub(super) const SCALE: usize = 4;
pub(super) const AXPY: usize = 5;
pub(super) const FILL: usize = 6;

/// Lists the instances of a loop in the order of [`Kernels`].
macro_rules! kernels {
    ($kernel:ident) => {{
        use crate::add::operation::*;
        [
            $kernel::<Add>,
            $kernel::<Subtract>,
            $kernel::<Multiply>,
            $kernel::<Divide>,
            $kernel::<Scale>,
            $kernel::<Axpy>,
            $kernel::<Fill>,
        ]
    }};
}
pub(super) use kernels;

/// An element-wise map.
pub(super) trait Map {
    /// Whether `x` is an operand, and has to be loaded.
    const READS_X: bool = true;
    /// Whether `y` is.
    const READS_Y: bool = true;

    fn map<V: Vector>(alpha: V, x: V, y: V) -> V;
}

macro_rules! map {
    ($name:ident, $reads_y:literal, |$alpha:pat_param, $x:ident, $y:pat_param| $body:expr) => {
        pub(super) struct $name;

        impl Map for $name {
            const READS_Y: bool = $reads_y;

            #[inline(always)]
            fn map<V: Vector>($alpha: V, $x: V, $y: V) -> V {
                $body
            }
        }
    };
}

map!(Add, true, |_, x, y| x.add(y));
map!(Subtract, true, |_, x, y| x.sub(y));
map!(Multiply, true, |_, x, y| x.mul(y));
map!(Divide, true, |_, x, y| x.div(y));
map!(Scale, false, |alpha, x, _| alpha.mul(x));
// Not `mul_add`: rounding twice everywhere keeps the implementations equal, and memory is the limit anyway.
map!(Axpy, true, |alpha, x, y| alpha.mul(x).add(y));

pub(super) struct Fill;

impl Map for Fill {
    const READS_X: bool = false;
    const READS_Y: bool = false;

    #[inline(always)]
    fn map<V: Vector>(alpha: V, _: V, _: V) -> V {
        alpha
    }
}
