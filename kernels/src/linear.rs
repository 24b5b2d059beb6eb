//! A fully connected layer in f32: `y = x·Wᵀ + b`, and its gradients.
//!
//! Shapes: x is batch×inputs, W is outputs×inputs (a row for each output, as PyTorch stores it), b has `outputs` elements, y is batch×outputs;
//! all are row-major without gaps.
//!
//! # Numbers
//! Sums run in an order of each implementation's own, fused where the machine fuses, and the bias is added last: with ε = 2⁻²³ and n
//! terms in a sum, `|result - exact| <= (n + 2) · ε · (sum of the terms' magnitudes + |b|)`. NaN and infinity follow IEEE 754 and subnormal numbers are kept.
//!
//! The forward pass of a small batch packs nothing: rows of x and of W both run along the sums. That of a larger one is a product
//! ([`matmul`]), which packs its right operand: x where it is much smaller than W (yᵀ = W·xᵀ), else W (y = x·Wᵀ). So are the gradients,
//! whose operands pass as they lie: `dx = dy·W`, `dW = dyᵀ·x`. Weights that stay the same for many batches are best packed once, by [`pack`].
#![expect(
    unsafe_code,
    reason = "kernels are entered through function pointers, after their contract was checked"
)]

mod bias;
mod dot;
mod turn;

use std::ops::RangeInclusive;

use crate::Error;
use crate::matmul::{self, MatMut, MatRef, Scaling};
use crate::table::{implementations, same_length};
use dot::Operands;

/// The kernels of an instruction set.
#[derive(Debug)]
struct Kernels {
    dot: dot::Kernel,
    turn: turn::Kernel,
    bias: bias::Kernel,
}

implementations!(
    "linear",
    Kernels,
    [
        Kernels {
            dot: dot::avx512,
            turn: turn::avx512,
            bias: bias::avx512
        },
        Kernels {
            dot: dot::avx2,
            turn: turn::avx2,
            bias: bias::avx2
        },
        Kernels {
            dot: dot::portable,
            turn: turn::portable,
            bias: bias::portable
        },
    ]
);

/// Rows of x that are packed instead of W, if W has twice as many: fewer do not fill the vectors of a product, and with more,
/// packing W is little of the time.
const TURNED: RangeInclusive<usize> = 32..=128;

/// Sums that are turned together, 512 KiB: they stay in a level-2 cache of 1 MiB until then.
const TURNED_SUMS: usize = 128 << 10;

/// Rows of x from which the forward pass is a product: packing W takes as long as some fifteen of them, and where it lies it is read at
/// nine tenths of the speed if it comes from the level-3 cache.
const PRODUCT_FROM: usize = 64;

/// The same where all of W is one panel, which stays in the level-2 cache.
const PRODUCT_FROM_ONE_PANEL: usize = 192;

/// The shape of a layer and of what passes through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Rows of x and y.
    pub batch: usize,
    /// Columns of x and W.
    pub inputs: usize,
    /// Columns of y, rows of W.
    pub outputs: usize,
}

/// Room for the gradients of a layer, each as large as what it belongs to.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// By x, batch×inputs; `None` for a first layer, which needs none.
    pub x: Option<&'a mut [f32]>,
    /// By W, outputs×inputs.
    pub weights: &'a mut [f32],
    /// By b, outputs.
    pub bias: &'a mut [f32],
}

/// The weights of a layer, packed for many forward passes: [`pack`] makes them.
#[derive(Debug)]
pub struct Weights {
    packed: matmul::Packed<f32>,
    add_bias: bias::Kernel,
}

/// `y = x·Wᵀ + bias`.
///
/// # Errors
/// [`Error::Length`] if a slice does not fit the shape, [`Error::TooLarge`] if a product of dimensions overflows.
///
/// ```
/// use kernels::linear::{Shape, forward};
///
/// let mut y = [0.0; 2];
/// let shape = Shape { batch: 1, inputs: 3, outputs: 2 };
/// forward(&[1.0, 2.0, 3.0], &[1.0, 1.0, 1.0, 0.0, 1.0, 0.0], &[0.5, -2.0], &mut y, shape)?;
/// assert_eq!(y, [6.5, 0.0]);
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn forward(
    x: &[f32],
    weights: &[f32],
    bias: &[f32],
    y: &mut [f32],
    shape: Shape,
) -> Result<(), Error> {
    selected().forward(x, weights, bias, y, shape)
}

/// Packs weights, outputs×inputs, for many forward passes: it makes a copy of them.
///
/// # Errors
/// [`Error::Length`] if the slice does not fit the shape, [`Error::TooLarge`] if a product of dimensions overflows.
///
/// ```
/// let weights = kernels::linear::pack(&[1.0, 1.0, 1.0, 0.0, 1.0, 0.0], 3, 2)?;
/// let mut y = [0.0; 2];
/// weights.forward(&[1.0, 2.0, 3.0], &[0.5, -2.0], &mut y, 1)?;
/// assert_eq!(y, [6.5, 0.0]);
/// # Ok::<(), kernels::Error>(())
/// ```
pub fn pack(weights: &[f32], inputs: usize, outputs: usize) -> Result<Weights, Error> {
    selected().pack(weights, inputs, outputs)
}

/// The gradients from `dy`, the gradient by y: `dx = dy·W`, `dW = dyᵀ·x`, and `db` the sum of the rows of `dy`.
///
/// # Errors
/// As [`forward`].
///
/// ```
/// use kernels::linear::{Gradients, Shape, backward};
///
/// let (mut dx, mut dw, mut db) = ([0.0; 2], [0.0; 2], [0.0; 1]);
/// let shape = Shape { batch: 1, inputs: 2, outputs: 1 };
/// let gradients = Gradients { x: Some(&mut dx), weights: &mut dw, bias: &mut db };
/// backward(&[3.0, 4.0], &[1.0, -1.0], &[2.0], gradients, shape)?;
/// assert_eq!((dx, dw, db), ([2.0, -2.0], [6.0, 8.0], [2.0]));
/// # Ok::<(), kernels::Error>(())
/// ```
#[inline]
pub fn backward(
    x: &[f32],
    weights: &[f32],
    dy: &[f32],
    gradients: Gradients<'_>,
    shape: Shape,
) -> Result<(), Error> {
    selected().backward(x, weights, dy, gradients, shape)
}

impl Shape {
    /// Elements of x, of W and of y.
    fn elements(self) -> Result<[usize; 3], Error> {
        let product = |rows: usize, columns: usize| {
            rows.checked_mul(columns).ok_or(Error::TooLarge {
                rows,
                columns,
                row_stride: columns,
            })
        };
        Ok([
            product(self.batch, self.inputs)?,
            product(self.outputs, self.inputs)?,
            product(self.batch, self.outputs)?,
        ])
    }
}

impl Implementation {
    /// As [`forward`].
    ///
    /// # Errors
    /// As [`forward`]; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn forward(
        &self,
        x: &[f32],
        weights: &[f32],
        bias: &[f32],
        y: &mut [f32],
        shape: Shape,
    ) -> Result<(), Error> {
        let [of_x, of_weights, of_y] = shape.elements()?;
        self.check(of_x, [("x", x.len())])?;
        self.check(of_weights, [("weights", weights.len())])?;
        self.check(shape.outputs, [("bias", bias.len())])?;
        self.check(of_y, [("y", y.len())])?;
        if y.is_empty() {
            return Ok(());
        }
        let Shape {
            batch,
            inputs,
            outputs,
        } = shape;
        let one_panel = dot::is_one_panel(shape);
        if !one_panel && TURNED.contains(&batch) && batch <= outputs / 2 {
            return self.forward_turned(x, weights, bias, y, shape);
        }
        let product_from = if one_panel {
            PRODUCT_FROM_ONE_PANEL
        } else {
            PRODUCT_FROM
        };
        if batch < product_from {
            let operands = Operands {
                x: x.as_ptr(),
                weights: weights.as_ptr(),
                bias: bias.as_ptr(),
                y: y.as_mut_ptr(),
                shape,
            };
            // SAFETY: this machine has the instruction set, and every operand has the elements that the shape demands.
            unsafe { (self.kernels.dot)(&operands) };
            return Ok(());
        }
        let x = MatRef::new(x, batch, inputs)?;
        let weights = MatRef::new(weights, outputs, inputs)?.transposed();
        let sums = MatMut::new(y, batch, outputs)?;
        matmul::by_name::<f32>(self.name)?.gemm(Scaling::PRODUCT, x, weights, sums)?;
        // SAFETY: this machine has the instruction set.
        unsafe { (self.kernels.bias)(y, bias) };
        Ok(())
    }

    /// As [`pack`].
    ///
    /// # Errors
    /// As [`pack`]; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn pack(&self, weights: &[f32], inputs: usize, outputs: usize) -> Result<Weights, Error> {
        let weights = MatRef::new(weights, outputs, inputs)?;
        let packed = matmul::by_name::<f32>(self.name)?.pack(weights.transposed())?;
        Ok(Weights {
            packed,
            add_bias: self.kernels.bias,
        })
    }

    /// `yᵀ = W·xᵀ`, some outputs at a time, each part turned as it is done. Operands fit the shape.
    fn forward_turned(
        &self,
        x: &[f32],
        weights: &[f32],
        bias: &[f32],
        y: &mut [f32],
        shape: Shape,
    ) -> Result<(), Error> {
        let Shape {
            batch,
            inputs,
            outputs,
        } = shape;
        let product = matmul::by_name::<f32>(self.name)?;
        let x = MatRef::new(x, batch, inputs)?.transposed();
        let most = (TURNED_SUMS / batch).min(outputs);
        let mut sums = vec![0.0; most * batch];
        for first in (0..outputs).step_by(most) {
            let part = first..outputs.min(first + most);
            let sums = &mut sums[..part.len() * batch];
            let weights = &weights[part.start * inputs..part.end * inputs];
            let weights = MatRef::new(weights, part.len(), inputs)?;
            let by_output = MatMut::new(sums, part.len(), batch)?;
            product.gemm(Scaling::PRODUCT, weights, x, by_output)?;
            // SAFETY: this machine has the instruction set; y has a column for each output, of which these are a part.
            unsafe { (self.kernels.turn)(sums, &bias[part], &mut y[first..], outputs) };
        }
        Ok(())
    }

    /// As [`backward`].
    ///
    /// # Errors
    /// As [`backward`]; [`Error::Unsupported`] on a machine that cannot run it.
    pub fn backward(
        &self,
        x: &[f32],
        weights: &[f32],
        dy: &[f32],
        gradients: Gradients<'_>,
        shape: Shape,
    ) -> Result<(), Error> {
        let Shape {
            batch,
            inputs,
            outputs,
        } = shape;
        let [of_x, of_weights, of_y] = shape.elements()?;
        let of_dx = gradients.x.as_ref().map_or(of_x, |dx| dx.len());
        self.check(of_x, [("x", x.len()), ("gradients.x", of_dx)])?;
        let of_dw = ("gradients.weights", gradients.weights.len());
        self.check(of_weights, [("weights", weights.len()), of_dw])?;
        self.check(outputs, [("gradients.bias", gradients.bias.len())])?;
        self.check(of_y, [("dy", dy.len())])?;

        let product = matmul::by_name::<f32>(self.name)?;
        if let Some(dx) = gradients.x {
            let (m, k, n) = (batch, outputs, inputs);
            product.run(dy, weights, dx, matmul::Shape { m, k, n })?;
        }
        let by_y = MatRef::new(dy, batch, outputs)?.transposed();
        let x = MatRef::new(x, batch, inputs)?;
        let dw = MatMut::new(gradients.weights, outputs, inputs)?;
        product.gemm(Scaling::PRODUCT, by_y, x, dw)?;
        gradients.bias.fill(0.0);
        for row in dy.chunks_exact(outputs.max(1)) {
            for (sum, value) in gradients.bias.iter_mut().zip(row) {
                *sum += value;
            }
        }
        Ok(())
    }
}

impl Weights {
    /// As [`forward`], of a batch of so many rows.
    ///
    /// # Errors
    /// As [`forward`].
    pub fn forward(
        &self,
        x: &[f32],
        bias: &[f32],
        y: &mut [f32],
        batch: usize,
    ) -> Result<(), Error> {
        let (inputs, outputs) = (self.packed.rows(), self.packed.columns());
        same_length(outputs, [("bias", bias.len())])?;
        let x = MatRef::new(x, batch, inputs)?;
        let sums = MatMut::new(y, batch, outputs)?;
        self.packed.gemm(Scaling::PRODUCT, x, sums)?;
        // SAFETY: this machine has the instruction set, for which the weights were packed.
        unsafe { (self.add_bias)(y, bias) };
        Ok(())
    }
}
