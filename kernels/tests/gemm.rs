//! `C = α·A·B + β·C` with strides and transposes, for every implementation.

use kernels::matmul::{MatMut, MatRef, Scaling, Shape};
use kernels::{Element, Error};

use crate::matmul::{assert_product, exact, supported};
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
    let shapes = [
        (5, 7, 9),
        (33, 17, 50),
        (20, 600, 260),
        (83, 1100, 130),
        (9, 130, 1),
        (1, 20, 40),
    ]
    .map(|(m, k, n)| Shape { m, k, n });
    for shape in shapes {
        for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
            for (alpha, beta) in [(1.0, 0.0), (1.0, 1.0), (-0.5, 2.0), (0.0, 0.5), (2.0, 0.0)] {
                let scaling = Scaling {
                    alpha: T::from_f64(alpha),
                    beta: T::from_f64(beta),
                };
                // Matrices without gaps between rows have a way of their own, if nothing is scaled.
                let gaps = [[3, 5, 2], [0, 0, 0], [3, 0, 0], [0, 5, 0], [0, 0, 2]];
                let is_product = (alpha, beta) == (1.0, 0.0);
                for gaps in gaps.into_iter().take(if is_product { 5 } else { 2 }) {
                    let row = format!("transposed {ta} {tb}, α {alpha}, β {beta}, gaps {gaps:?}");
                    check_gemm(&mut random, shape, ta, tb, scaling, gaps, &row);
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
    let (a_dense, b_dense) = (a.dense(false), b.dense(false));
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
        assert_product(&a_dense, &b_dense, &dense, shape, implementation.name());
    }
}

fn check_gemm<T: Element>(
    random: &mut Random,
    shape: Shape,
    ta: bool,
    tb: bool,
    scaling: Scaling<T>,
    gaps: [usize; 3],
    row: &str,
) {
    let Shape { m, k, n } = shape;
    let a = if ta {
        Strided::new(random, k, m, gaps[0])
    } else {
        Strided::new(random, m, k, gaps[0])
    };
    let b = if tb {
        Strided::new(random, n, k, gaps[1])
    } else {
        Strided::new(random, k, n, gaps[1])
    };
    let old = Strided::<T>::new(random, m, n, gaps[2]);
    let stride = old.stride;
    let (product, magnitude) = exact(&a.dense(ta), &b.dense(tb), shape);
    let (alpha, beta) = (scaling.alpha.to_f64(), scaling.beta.to_f64());
    // Where all three have gaps is enough: an emulated CPU takes minutes.
    let packed_too = gaps.iter().all(|gap| *gap > 0);
    for (implementation, beforehand) in supported::<T>()
        .flat_map(|implementation| [(implementation, false), (implementation, true)])
        .filter(|(_, beforehand)| packed_too || !beforehand)
    {
        let mut c = old.data.clone();
        let view = MatMut::with_row_stride(&mut c, m, n, stride).unwrap();
        let (a, b) = (a.view(ta), b.view(tb));
        if beforehand {
            let packed = implementation.pack(b).unwrap();
            packed.gemm(scaling, a, view).unwrap();
        } else {
            implementation.gemm(scaling, a, b, view).unwrap();
        }
        let row = format!("{row}, packed beforehand {beforehand},");
        for (i, (c, old)) in c.iter().zip(&old.data).enumerate() {
            let (line, column) = (i / stride, i % stride);
            if column >= n {
                assert!(
                    same(*c, *old),
                    "{row} {}: gap at ({line}, {column})",
                    implementation.name()
                );
                continue;
            }
            let at = line * n + column;
            let expected = alpha * product[at] + beta * old.to_f64();
            let terms = alpha.abs() * magnitude[at] + (beta * old.to_f64()).abs();
            let bound = (k + 2) as f64 * T::EPSILON * terms;
            let error = (c.to_f64() - expected).abs();
            assert!(
                error <= bound,
                "{row} {} {shape:?} ({line}, {column}): {error:e} > {bound:e}",
                implementation.name()
            );
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
        (3, 1030, 700),
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
        for implementation in supported::<T>() {
            let b_view = MatRef::new(&b, k, n).unwrap();
            let packed = implementation.pack(b_view).unwrap();
            assert_eq!((packed.rows(), packed.columns()), (k, n));
            let mut c = vec![T::from_f64(f64::NAN); m * n];
            let a_view = MatRef::new(&a, m, k).unwrap();
            let view = MatMut::new(&mut c, m, n).unwrap();
            packed.gemm(Scaling::PRODUCT, a_view, view).unwrap();
            assert_product(&a, &b, &c, shape, implementation.name());
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
