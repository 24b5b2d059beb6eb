//! `C = α·A·B + β·C` with strides and transposes, for every implementation.

use kernels::matmul::{MatMut, MatRef, Scaling, Shape};
use kernels::{Element, Error};

use crate::matmul::{Exact, supported};
use crate::support::{Random, for_each_element, same};

for_each_element!(
    scaling_strides_and_transposes,
    rows_a_page_apart,
    beta_zero_never_reads_c,
    packed_beforehand
);

/// A matrix in a larger one, and its elements in row-major order.
struct Strided<T> {
    data: Vec<T>,
    rows: usize,
    columns: usize,
    stride: usize,
}

impl<T: Element> Strided<T> {
    fn new(random: &mut Random, rows: usize, columns: usize, gap: usize) -> Self {
        let stride = columns + gap;
        Strided {
            data: random.vector(rows * stride),
            rows,
            columns,
            stride,
        }
    }

    fn view(&self, transposed: bool) -> MatRef<'_, T> {
        let view =
            MatRef::with_row_stride(&self.data, self.rows, self.columns, self.stride).unwrap();
        if transposed { view.transposed() } else { view }
    }

    fn dense(&self, transposed: bool) -> Vec<T> {
        let at = |row: usize, column: usize| self.data[row * self.stride + column];
        if transposed {
            return (0..self.columns)
                .flat_map(|c| (0..self.rows).map(move |r| at(r, c)))
                .collect();
        }
        (0..self.rows)
            .flat_map(|r| (0..self.columns).map(move |c| at(r, c)))
            .collect()
    }
}

fn scaling_strides_and_transposes<T: Element>() {
    let mut random = Random(7);
    let small = [(5, 7, 9), (33, 17, 50), (9, 130, 1), (1, 20, 40)];
    // B is packed in blocks. An emulated CPU takes minutes for all gaps and ways to scale.
    let large = [(20, 600, 260), (83, 1100, 130)];
    let shapes = small.map(|shape| (shape, 5, 5)).into_iter();
    for ((m, k, n), most_gaps, most_scalings) in shapes.chain(large.map(|shape| (shape, 1, 2))) {
        for transposed in [(false, false), (false, true), (true, false), (true, true)] {
            // Matrices without gaps between rows have a way of their own, if nothing is scaled.
            let gaps = [[3, 5, 2], [0, 0, 0], [3, 0, 0], [0, 5, 0], [0, 0, 2]];
            for (i, gaps) in gaps.into_iter().take(most_gaps).enumerate() {
                let operands = Operands::new(&mut random, Shape { m, k, n }, transposed, gaps);
                let scalings = [(1.0, 0.0), (-0.5, 2.0), (1.0, 1.0), (0.0, 0.5), (2.0, 0.0)];
                let most_scalings = if i < 2 { most_scalings } else { 1 };
                for (alpha, beta) in scalings.into_iter().take(most_scalings) {
                    let row =
                        format!("transposed {transposed:?}, α {alpha}, β {beta}, gaps {gaps:?}");
                    let (alpha, beta) = (T::from_f64(alpha), T::from_f64(beta));
                    operands.check(Scaling { alpha, beta }, &row);
                }
            }
        }
    }
}

/// Rows 4096 bytes apart compete for the same sets of a cache.
fn rows_a_page_apart<T: Element>() {
    let mut random = Random(9);
    let (m, k, n) = (70, 90, 110);
    let stride = 4096 / size_of::<T>();
    let a = Strided::<T>::new(&mut random, m, k, stride - k);
    let b = Strided::<T>::new(&mut random, k, n, stride - n);
    let shape = Shape { m, k, n };
    let expected = Exact::of(&a.dense(false), &b.dense(false), shape);
    for implementation in supported::<T>() {
        let mut c = vec![T::ZERO; m * stride];
        let view = MatMut::with_row_stride(&mut c, m, n, stride).unwrap();
        implementation
            .gemm(Scaling::PRODUCT, a.view(false), b.view(false), view)
            .unwrap();
        let dense: Vec<T> = c
            .chunks(stride)
            .flat_map(|row| &row[..n])
            .copied()
            .collect();
        expected.assert_near(&dense, implementation.name());
    }
}

/// What a product takes: A and B, which may be stored transposed, the C that was there, and the exact A·B.
struct Operands<T> {
    a: Strided<T>,
    b: Strided<T>,
    old: Strided<T>,
    transposed: (bool, bool),
    expected: Exact,
}

impl<T: Element> Operands<T> {
    fn new(
        random: &mut Random,
        shape: Shape,
        transposed: (bool, bool),
        [gap_a, gap_b, gap_c]: [usize; 3],
    ) -> Self {
        let Shape { m, k, n } = shape;
        let mut stored = |rows, columns, transposed, gap| {
            if transposed {
                Strided::new(random, columns, rows, gap)
            } else {
                Strided::new(random, rows, columns, gap)
            }
        };
        let a = stored(m, k, transposed.0, gap_a);
        let b = stored(k, n, transposed.1, gap_b);
        let old = stored(m, n, false, gap_c);
        let expected = Exact::of(&a.dense(transposed.0), &b.dense(transposed.1), shape);
        Operands {
            a,
            b,
            old,
            transposed,
            expected,
        }
    }

    /// Holds what every implementation makes of them against the exact product, and what lies between the rows of C against what was there.
    fn check(&self, scaling: Scaling<T>, row: &str) {
        let shape = self.expected.shape;
        let Shape { m, k, n } = shape;
        let stride = self.old.stride;
        let gaps = [&self.a, &self.b, &self.old].map(|matrix| matrix.stride - matrix.columns);
        let (alpha, beta) = (scaling.alpha.to_f64(), scaling.beta.to_f64());
        // Where all three have gaps is enough.
        let packed_too = gaps.iter().all(|gap| *gap > 0);
        // The naive row has no blocks, and would take most of the time.
        let naive_too = m * k * n < 1 << 20;
        for (implementation, beforehand) in supported::<T>()
            .filter(|implementation| naive_too || implementation.name() != "naive")
            .flat_map(|implementation| [(implementation, false), (implementation, true)])
            .filter(|(_, beforehand)| packed_too || !beforehand)
        {
            let mut c = self.old.data.clone();
            let view = MatMut::with_row_stride(&mut c, m, n, stride).unwrap();
            let (a, b) = (
                self.a.view(self.transposed.0),
                self.b.view(self.transposed.1),
            );
            if beforehand {
                let packed = implementation.pack(b).unwrap();
                packed.gemm(scaling, a, view).unwrap();
            } else {
                implementation.gemm(scaling, a, b, view).unwrap();
            }
            let row = format!(
                "{row}, packed beforehand {beforehand}, {} {shape:?}",
                implementation.name()
            );
            for (i, (c, old)) in c.iter().zip(&self.old.data).enumerate() {
                let (line, column) = (i / stride, i % stride);
                if column >= n {
                    assert!(same(*c, *old), "{row}: gap at ({line}, {column})");
                    continue;
                }
                let at = line * n + column;
                let expected = alpha * self.expected.product[at] + beta * old.to_f64();
                let terms = alpha.abs() * self.expected.magnitude[at] + (beta * old.to_f64()).abs();
                let bound = (k + 2) as f64 * T::EPSILON * terms;
                let error = (c.to_f64() - expected).abs();
                assert!(
                    error <= bound,
                    "{row} ({line}, {column}): {error:e} > {bound:e}"
                );
            }
        }
    }
}

fn beta_zero_never_reads_c<T: Element>() {
    let ones = [T::ONE; 700 * 150];
    for implementation in supported::<T>() {
        for (m, k, n) in [(3, 4, 5), (20, 700, 150)] {
            let mut c = vec![T::from_f64(f64::NAN); m * n];
            let (a, b) = (
                MatRef::new(&ones[..m * k], m, k).unwrap(),
                MatRef::new(&ones[..k * n], k, n).unwrap(),
            );
            implementation
                .gemm(Scaling::PRODUCT, a, b, MatMut::new(&mut c, m, n).unwrap())
                .unwrap();
            let expected = T::from_f64(k as f64);
            assert!(
                c.iter().all(|c| *c == expected),
                "{} {m}×{k}×{n}",
                implementation.name()
            );
        }
    }
}

/// Beside those of [`check_gemm`]: several blocks of B across, and matrices without elements.
fn packed_beforehand<T: Element>() {
    let mut random = Random(11);
    let shapes = [
        (3, 1030, 1100),
        (13, 1025, 400),
        (1, 2100, 257),
        (0, 3, 4),
        (3, 0, 4),
        (3, 4, 0),
        (0, 1000, 200),
    ];
    for (m, k, n) in shapes {
        let shape = Shape { m, k, n };
        let a: Vec<T> = random.vector(m * k);
        let b: Vec<T> = random.vector(k * n);
        let expected = Exact::of(&a, &b, shape);
        for implementation in supported::<T>() {
            let b_view = MatRef::new(&b, k, n).unwrap();
            let packed = implementation.pack(b_view).unwrap();
            assert_eq!((packed.rows(), packed.columns()), (k, n));
            let mut c = vec![T::from_f64(f64::NAN); m * n];
            let a_view = MatRef::new(&a, m, k).unwrap();
            let view = MatMut::new(&mut c, m, n).unwrap();
            packed.gemm(Scaling::PRODUCT, a_view, view).unwrap();
            expected.assert_near(&c, implementation.name());
        }
    }
    for (k, n) in [(usize::MAX, 0), (0, usize::MAX)] {
        for implementation in supported::<T>() {
            let packed = implementation
                .pack(MatRef::new(&[], k, n).unwrap())
                .unwrap();
            assert_eq!((packed.rows(), packed.columns()), (k, n));
        }
    }
    let b = [T::ONE; 6];
    let packed = kernels::matmul::pack(MatRef::new(&b, 2, 3).unwrap()).unwrap();
    let mut c = [T::ZERO; 6];
    for (operand, [rows, columns], [c_rows, c_columns], expected) in [
        ("a", [2, 3], [2, 3], (2, 2)),
        ("c", [3, 2], [2, 3], (3, 3)),
        ("c", [2, 2], [3, 2], (2, 3)),
    ] {
        let a = MatRef::new(&b[..rows * columns], rows, columns).unwrap();
        let c = MatMut::new(&mut c[..c_rows * c_columns], c_rows, c_columns).unwrap();
        let made = packed.gemm(Scaling::PRODUCT, a, c);
        let (rows, columns) = if operand == "a" {
            (rows, columns)
        } else {
            (c_rows, c_columns)
        };
        let (expected_rows, expected_columns) = expected;
        let wanted = Err(Error::Shape {
            operand,
            rows,
            columns,
            expected_rows,
            expected_columns,
        });
        assert_eq!(made, wanted);
    }
}
