//! Products of every implementation against the naive one, within the bound that the module states.

use kernels::Element;
use kernels::Error;
use kernels::Pool;
use kernels::matmul::{Implementation, MatMut, MatRef, Scaling, Shape, Workspace, implementations};

use crate::support::{Random, for_each_element, same, specials};

for_each_element!(
    matches_the_oracle,
    tiles_of_every_size,
    unaligned_operands,
    special_values_follow_ieee,
    zero_blocks,
    empty_sums_are_zero,
    any_number_of_empty_rows,
    shapes_must_agree,
    the_stride_of_one_row_is_never_taken,
    a_workspace_can_be_reused
);

const SQUARES: [usize; 11] = [0, 1, 7, 8, 9, 15, 17, 31, 33, 255, 257];

/// Shapes (m, k, n): vectors, primes, rank-1 updates, blocks that end just before and after a boundary, few rows by a B of several of the largest blocks
/// across and down, matrices from the level-3 cache and from memory by a vector, a vector by such, and rows whose bytes are a power of two.
const RECTANGLES: [(usize, usize, usize); 30] = [
    (1, 300, 1),
    (1, 5, 300),
    (300, 5, 1),
    (7, 9005, 1),
    (1, 1000, 1),
    (531, 1021, 1),
    (1037, 2053, 1),
    (1, 211, 300),
    (1, 1031, 2100),
    (8, 300, 3),
    (40, 1, 50),
    (5, 7, 9),
    (32, 784, 10),
    (6, 8, 16),
    (10, 8, 48),
    (19, 16, 25),
    (13, 1100, 12),
    (20, 513, 300),
    (3, 1025, 200),
    (2, 70, 3000),
    (211, 97, 101),
    (3, 1030, 4100),
    (9, 1030, 2100),
    (16, 1030, 2100),
    (67, 1100, 250),
    (90, 4200, 33),
    (197, 499, 211),
    (19, 20, 64),
    (33, 9, 128),
    (13, 30, 256),
];

pub(crate) fn supported<T: Element>() -> impl Iterator<Item = &'static Implementation<T>> {
    implementations::<T>()
        .iter()
        .filter(|implementation| implementation.is_supported())
}

fn naive<T: Element>() -> &'static Implementation<T> {
    implementations::<T>().last().unwrap()
}

fn shapes() -> impl Iterator<Item = Shape> {
    let squares = SQUARES.into_iter().map(Shape::square);
    squares.chain(RECTANGLES.into_iter().map(|(m, k, n)| Shape { m, k, n }))
}

/// The oracle's product in f64 of the operands' values, and of their magnitudes. One serves all implementations: an emulated CPU takes
/// seconds for a large one.
pub(crate) struct Exact {
    pub(crate) shape: Shape,
    pub(crate) product: Vec<f64>,
    pub(crate) magnitude: Vec<f64>,
}

impl Exact {
    pub(crate) fn of<T: Element>(a: &[T], b: &[T], shape: Shape) -> Exact {
        let product = |value: fn(&T) -> f64| {
            let (a, b): (Vec<f64>, Vec<f64>) =
                (a.iter().map(value).collect(), b.iter().map(value).collect());
            let mut c = vec![0.0; shape.m * shape.n];
            naive().run(&a, &b, &mut c, shape).unwrap();
            c
        };
        Exact {
            shape,
            product: product(|value| value.to_f64()),
            magnitude: product(|value| value.to_f64().abs()),
        }
    }

    /// Holds `c` against the product: same NaN and infinities, the rest within `(k + 2) · ε · |A|·|B|`.
    #[track_caller]
    pub(crate) fn assert_near<T: Element>(&self, c: &[T], row: &str) {
        let Shape { k, n, .. } = self.shape;
        assert_eq!(c.len(), self.product.len(), "{row}");
        let relative = (k + 2) as f64 * T::EPSILON;
        let exact = self.product.iter().zip(&self.magnitude);
        for (i, (c, (expected, magnitude))) in c.iter().zip(exact).enumerate() {
            let c = c.to_f64();
            // What underflows is off by half the smallest subnormal number at most, a product and a sum each time.
            let bound = relative * magnitude + (k + 2) as f64 * smallest::<T>();
            let agree = if expected.is_finite() {
                (c - expected).abs() <= bound
            } else {
                same(c, *expected)
            };
            let (line, column) = (i / n, i % n);
            assert!(
                agree,
                "{row} {:?} at ({line}, {column}): {c:e} instead of {expected:e} ± {bound:e}",
                self.shape
            );
        }
    }
}

fn smallest<T: Element>() -> f64 {
    if T::DTYPE == "f32" {
        f64::from(f32::from_bits(1))
    } else {
        f64::from_bits(1)
    }
}

fn matches_the_oracle<T: Element>() {
    let mut random = Random(3);
    for shape in shapes() {
        let (a, b) = (
            random.vector::<T>(shape.m * shape.k),
            random.vector::<T>(shape.k * shape.n),
        );
        let expected = Exact::of(&a, &b, shape);
        for implementation in supported::<T>() {
            let mut c = vec![T::from_f64(f64::NAN); shape.m * shape.n];
            implementation.run(&a, &b, &mut c, shape).unwrap();
            expected.assert_near(&c, implementation.name());
        }
    }
}

/// Up to a row and a column more than the largest tile.
fn tiles_of_every_size<T: Element>() {
    let mut random = Random(5);
    for (m, n) in (1..=17).flat_map(|m| (1..=49).map(move |n| (m, n))) {
        for k in [1, 4, 7] {
            let shape = Shape { m, k, n };
            let (a, b) = (random.vector::<T>(m * k), random.vector::<T>(k * n));
            let expected = Exact::of(&a, &b, shape);
            for implementation in supported::<T>() {
                let mut c = vec![T::from_f64(f64::NAN); m * n];
                implementation.run(&a, &b, &mut c, shape).unwrap();
                expected.assert_near(&c, implementation.name());
            }
        }
    }
}

fn unaligned_operands<T: Element>() {
    let mut random = Random(4);
    for (n, offset) in [7, 17, 33, 100]
        .into_iter()
        .flat_map(|n| [1, 3, 5].map(|offset| (n, offset)))
    {
        let shape = Shape::square(n);
        let (a, b) = (
            random.vector::<T>(n * n + offset),
            random.vector::<T>(n * n + offset + 1),
        );
        let (a, b) = (&a[offset..], &b[offset + 1..]);
        let expected = Exact::of(a, b, shape);
        for implementation in supported::<T>() {
            let mut c = vec![T::ZERO; n * n + offset];
            implementation.run(a, b, &mut c[offset..], shape).unwrap();
            let row = format!("{} offset {offset}", implementation.name());
            expected.assert_near(&c[offset..], &row);
            assert!(
                c[..offset].iter().all(|value| *value == T::ZERO),
                "{}",
                implementation.name()
            );
        }
    }
}

fn special_values_follow_ieee<T: Element>() {
    let mut random = Random(5);
    let specials = specials::<T>();
    for shape in shapes().filter(|shape| shape.m * shape.n > 0) {
        let mut a = random.vector::<T>(shape.m * shape.k);
        let mut b = random.vector::<T>(shape.k * shape.n);
        for value in &specials {
            let (i, j) = (random.below(a.len()), random.below(b.len()));
            (a[i], b[j]) = (*value, *value);
        }
        // A tail of NaN and a first element that is infinite.
        (a[shape.m * shape.k - 1], b[0]) = (T::from_f64(f64::NAN), T::from_f64(f64::INFINITY));
        let expected = Exact::of(&a, &b, shape);
        for implementation in supported::<T>() {
            let mut c = vec![T::ZERO; shape.m * shape.n];
            implementation.run(&a, &b, &mut c, shape).unwrap();
            expected.assert_near(&c, implementation.name());
        }
    }
}

/// Exact zeros give exact zeros, and an infinity among them NaN.
fn zero_blocks<T: Element>() {
    let shape = Shape {
        m: 70,
        k: 600,
        n: 130,
    };
    let mut random = Random(6);
    let (mut a, mut b) = (
        random.vector::<T>(shape.m * shape.k),
        random.vector::<T>(shape.k * shape.n),
    );
    a[10 * shape.k..50 * shape.k].fill(T::ZERO);
    for row in b.chunks_mut(shape.n) {
        row[20..90].fill(T::ZERO);
    }
    a[3 * shape.k + 400] = T::from_f64(f64::INFINITY);
    let expected = Exact::of(&a, &b, shape);
    for implementation in supported::<T>() {
        let mut c = vec![T::from_f64(f64::NAN); shape.m * shape.n];
        implementation.run(&a, &b, &mut c, shape).unwrap();
        expected.assert_near(&c, implementation.name());
        assert!(
            c[10 * shape.n..50 * shape.n].iter().all(|c| *c == T::ZERO),
            "{}",
            implementation.name()
        );
        assert!(
            c[3 * shape.n + 20].to_f64().is_nan(),
            "{}: 0 · ∞",
            implementation.name()
        );
    }
}

fn empty_sums_are_zero<T: Element>() {
    let shape = Shape { m: 3, k: 0, n: 5 };
    let (a, b) = (
        MatRef::new(&[], 3, 0).unwrap(),
        MatRef::new(&[], 0, 5).unwrap(),
    );
    for implementation in supported::<T>() {
        let mut c = vec![T::from_f64(f64::NAN); 15];
        implementation.run(&[], &[], &mut c, shape).unwrap();
        assert!(
            c.iter().all(|c| same(*c, T::ZERO)),
            "{}",
            implementation.name()
        );
        let mut c = vec![T::from_f64(3.0); 15];
        let scaling = Scaling {
            alpha: T::ONE,
            beta: T::from_f64(2.0),
        };
        implementation
            .gemm(scaling, a, b, MatMut::new(&mut c, 3, 5).unwrap())
            .unwrap();
        assert!(
            c.iter().all(|c| *c == T::from_f64(6.0)),
            "{}",
            implementation.name()
        );
    }
}

/// Nothing to compute, and no end of rows or columns that nobody may count.
fn any_number_of_empty_rows<T: Element>() {
    let pool = Pool::new(2).unwrap();
    let mut workspace = Workspace::new();
    for (m, k, n) in [(usize::MAX, 0, 0), (0, usize::MAX, 0), (0, 0, usize::MAX)] {
        let shape = Shape { m, k, n };
        let (a, b) = (
            MatRef::new(&[], m, k).unwrap(),
            MatRef::new(&[], k, n).unwrap(),
        );
        for implementation in supported::<T>() {
            let mut c: [T; 0] = [];
            let row = format!("{} {shape:?}", implementation.name());
            implementation.run(&[], &[], &mut c, shape).expect(&row);
            implementation
                .run_with(&[], &[], &mut c, shape, &mut workspace)
                .expect(&row);
            implementation
                .run_parallel(&[], &[], &mut c, shape, &pool)
                .expect(&row);
            let c = MatMut::new(&mut c, m, n).unwrap();
            implementation.gemm(Scaling::PRODUCT, a, b, c).expect(&row);
        }
    }
}

fn shapes_must_agree<T: Element>() {
    let data = vec![T::ONE; 12];
    let huge = Shape {
        m: usize::MAX,
        k: 2,
        n: 1,
    };
    for implementation in supported::<T>() {
        let shape = Shape { m: 3, k: 4, n: 3 };
        let error = implementation
            .run(&data, &data, &mut [T::ZERO; 8], shape)
            .unwrap_err();
        assert_eq!(
            error,
            Error::Length {
                operand: "c",
                expected: 9,
                actual: 8
            }
        );
        let error = implementation
            .run(&data, &data, &mut [T::ZERO; 9], huge)
            .unwrap_err();
        assert_eq!(
            error,
            Error::TooLarge {
                rows: usize::MAX,
                columns: 2,
                row_stride: 2
            }
        );
    }
    let a = MatRef::new(&data, 3, 4).unwrap();
    let mut c = [T::ZERO; 9];
    let error = kernels::matmul::gemm(Scaling::PRODUCT, a, a, MatMut::new(&mut c, 3, 3).unwrap())
        .unwrap_err();
    assert_eq!(error.to_string(), "b is 3×4 where 4×4 is needed");
    let error = MatRef::with_row_stride(&data, 2, 5, 4).unwrap_err();
    assert_eq!(
        error,
        Error::Stride {
            row_stride: 4,
            columns: 5
        }
    );
    let error = MatRef::with_row_stride(&data, usize::MAX, 2, 2).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
}

/// A view of one row has no second one, wherever its stride would lead.
fn the_stride_of_one_row_is_never_taken<T: Element>() {
    let mut random = Random(9);
    let (k, n) = (37, 21);
    for (m, stride) in [usize::MAX, isize::MAX as usize, 1 << 62, 1 << 45]
        .into_iter()
        .flat_map(|stride| [(1, stride), (0, stride)])
    {
        for implementation in supported::<T>() {
            let row = format!("{} {m} rows, stride {stride}", implementation.name());
            let (a, b) = (random.vector::<T>(m * k), random.vector::<T>(k * n));
            let mut c = vec![T::ZERO; m * n];
            let view = MatRef::with_row_stride(&a, m, k, stride).expect(&row);
            let rows = MatRef::new(&b, k, n).expect(&row);
            let out = MatMut::with_row_stride(&mut c, m, n, stride).expect(&row);
            implementation
                .gemm(Scaling::PRODUCT, view, rows, out)
                .expect(&row);
            Exact::of(&a, &b, Shape { m, k, n }).assert_near(&c, &row);
            // The same as the one row of B, beside A transposed: an outer product.
            let mut c = vec![T::ZERO; k * k];
            let out = MatMut::new(&mut c, k, k).expect(&row);
            implementation
                .gemm(Scaling::PRODUCT, view.transposed(), view, out)
                .expect(&row);
            Exact::of(&a, &a, Shape { m: k, k: m, n: k }).assert_near(&c, &row);
        }
    }
}

fn a_workspace_can_be_reused<T: Element>() {
    let mut workspace = Workspace::new();
    let mut random = Random(8);
    for implementation in supported::<T>() {
        for (m, k, n) in [(30, 700, 200), (4, 4, 4), (10, 300, 900)] {
            let shape = Shape { m, k, n };
            let (a, b) = (random.vector::<T>(m * k), random.vector::<T>(k * n));
            let expected = Exact::of(&a, &b, shape);
            let mut c = vec![T::ZERO; m * n];
            implementation
                .run_with(&a, &b, &mut c, shape, &mut workspace)
                .unwrap();
            expected.assert_near(&c, implementation.name());
            let mut again = vec![T::from_f64(f64::NAN); m * n];
            let rows = MatRef::new(&a, m, k).unwrap();
            let columns = MatRef::new(&b, k, n).unwrap();
            let out = MatMut::new(&mut again, m, n).unwrap();
            implementation
                .gemm_with(Scaling::PRODUCT, rows, columns, out, &mut workspace)
                .unwrap();
            expected.assert_near(&again, implementation.name());
        }
    }
}
