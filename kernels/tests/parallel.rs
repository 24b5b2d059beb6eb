//! Products on several threads: the same numbers as on one.

use kernels::matmul::{MatMut, MatRef, Scaling, Shape, implementations, matmul_parallel};
use kernels::{Element, Isa, Pool};

use crate::support::{Random, for_each_element, same};

for_each_element!(
    parts_add_up_to_the_product,
    strides_and_transposes_are_kept,
    callers_may_share_a_pool
);

const SHAPES: [(usize, usize, usize); 12] = [
    (0, 5, 5),
    (1, 1, 1),
    (100, 100, 100),
    (97, 101, 103),
    (64, 64, 64),
    (600, 70, 90),
    (40, 70, 1300),
    (3, 500, 3000),
    (3000, 500, 3),
    (257, 300, 259),
    (520, 40, 530),
    (16, 0, 16),
];

/// Each element is the sum of the same products; only where a part ends may the order differ.
#[track_caller]
fn assert_close<T: Element>(actual: &[T], expected: &[T], k: usize, row: &str) {
    for (i, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        // Operands lie in (-1, 1), so no partial sum exceeds k; each side is off by its own bound.
        let bound = 2.0 * (k + 2) as f64 * T::EPSILON * k as f64;
        let error = (actual.to_f64() - expected.to_f64()).abs();
        assert!(
            error <= bound,
            "{row}, element {i}: {actual} instead of {expected}"
        );
    }
}

fn parts_add_up_to_the_product<T: Element>() {
    let mut random = Random(20);
    let pools = [1, 2, 3, 5].map(|threads| Pool::new(threads).unwrap());
    for shape in SHAPES.map(|(m, k, n)| Shape { m, k, n }) {
        let (a, b) = (
            random.vector::<T>(shape.m * shape.k),
            random.vector::<T>(shape.k * shape.n),
        );
        // The naive row would take most of the time, and splits as the others do.
        let fast = implementations::<T>()
            .iter()
            .filter(|row| row.is_supported() && row.name() != "naive");
        for implementation in fast {
            let mut expected = vec![T::ZERO; shape.m * shape.n];
            implementation.run(&a, &b, &mut expected, shape).unwrap();
            for pool in &pools {
                let mut c = vec![T::from_f64(f64::NAN); shape.m * shape.n];
                implementation
                    .run_parallel(&a, &b, &mut c, shape, pool)
                    .unwrap();
                let row = format!(
                    "{} {shape:?} on {} threads",
                    implementation.name(),
                    pool.threads()
                );
                assert_close(&c, &expected, shape.k, &row);
            }
        }
    }
}

fn strides_and_transposes_are_kept<T: Element>() {
    let mut random = Random(21);
    let pool = Pool::new(3).unwrap();
    let scaling = Scaling {
        alpha: T::from_f64(0.5),
        beta: T::from_f64(-1.0),
    };
    for (m, k, n) in [(150, 90, 70), (40, 90, 700)] {
        let (a, b) = (
            random.vector::<T>(k * (m + 3)),
            random.vector::<T>(n * (k + 1)),
        );
        let a = MatRef::with_row_stride(&a, k, m, m + 3)
            .unwrap()
            .transposed();
        let b = MatRef::with_row_stride(&b, n, k, k + 1)
            .unwrap()
            .transposed();
        let old = random.vector::<T>(m * (n + 2));
        let (mut expected, mut c) = (old.clone(), old.clone());
        let view = MatMut::with_row_stride(&mut expected, m, n, n + 2).unwrap();
        kernels::matmul::gemm(scaling, a, b, view).unwrap();
        let view = MatMut::with_row_stride(&mut c, m, n, n + 2).unwrap();
        kernels::matmul::gemm_parallel(scaling, a, b, view, &pool).unwrap();
        assert_close(&c, &expected, k, &format!("{m}×{k}×{n}"));
        for (i, (c, old)) in c
            .iter()
            .zip(&old)
            .enumerate()
            .filter(|(i, _)| i % (n + 2) >= n)
        {
            assert!(same(*c, *old), "{m}×{k}×{n}: gap at {i}");
        }
    }
}

fn callers_may_share_a_pool<T: Element>() {
    let pool = Pool::new(2).unwrap();
    let shape = Shape {
        m: 130,
        k: 60,
        n: 80,
    };
    std::thread::scope(|scope| {
        for caller in 0..3 {
            let pool = &pool;
            scope.spawn(move || {
                let mut random = Random(22 + caller);
                let (a, b) = (random.vector::<T>(130 * 60), random.vector::<T>(60 * 80));
                let (mut expected, mut c) = (vec![T::ZERO; 130 * 80], vec![T::ZERO; 130 * 80]);
                kernels::matmul::matmul(&a, &b, &mut expected, shape).unwrap();
                for _ in 0..50 {
                    matmul_parallel(&a, &b, &mut c, shape, pool).unwrap();
                    assert_close(&c, &expected, shape.k, &format!("caller {caller}"));
                }
            });
        }
    });
}

/// The shape at which a parallel product of faer's was wrong (faer-rs 273): n = 5018 with large blocks of exact zeros.
///
/// `C·x` must be `A·(B·x)`: n² operations instead of n³ to check every element. A machine without AVX-512 takes fewer rows,
/// else this takes minutes there, and hours in an emulator.
#[test]
fn large_zero_blocks_at_5018() {
    let n = 5018;
    let shape = Shape {
        m: if Isa::widest() == Isa::Avx512 { n } else { 24 },
        k: n,
        n,
    };
    let mut random = Random(23);
    let (mut a, mut b) = (
        random.vector::<f64>(shape.m * n),
        random.vector::<f64>(n * n),
    );
    let zero_rows = shape.m / 3..shape.m / 2;
    a[zero_rows.start * n..zero_rows.end * n].fill(0.0);
    b[n * 1000..n * 3500].fill(0.0);
    for row in b.chunks_mut(n) {
        row[2000..4000].fill(0.0);
    }
    let pool = Pool::new(2).unwrap();
    let mut c = vec![f64::NAN; shape.m * n];
    matmul_parallel(&a, &b, &mut c, shape, &pool).unwrap();
    for (i, row) in c.chunks(n).enumerate() {
        assert!(
            row[2000..4000].iter().all(|c| *c == 0.0),
            "row {i}: columns of zeros"
        );
        assert!(
            !zero_rows.contains(&i) || row.iter().all(|c| *c == 0.0),
            "row {i} of zeros"
        );
    }
    let x = random.vector::<f64>(n);
    let times = |matrix: &[f64], x: &[f64]| -> Vec<f64> {
        matrix
            .chunks(n)
            .map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum())
            .collect()
    };
    let expected = times(&a, &times(&b, &x));
    for (i, (actual, expected)) in times(&c, &x).iter().zip(expected).enumerate() {
        // Three nested sums of 5018 terms below 1 in magnitude, whose rounding errors add up like a random walk:
        // n² · ε would be the worst case, 5e-9; a single wrong element is off by about 1.
        assert!(
            (actual - expected).abs() < 1e-6,
            "row {i}: {actual} instead of {expected}"
        );
    }
}
