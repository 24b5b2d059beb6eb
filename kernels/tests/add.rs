//! Element-wise kernels: all implementations give the bits of the scalar expression.

use kernels::add::{Implementation, Operation, Stores, implementations};
use kernels::{Element, Error};

use crate::support::{Random, for_each_element, same, specials};

for_each_element!(
    matches_scalar,
    in_place_matches_scalar,
    special_values_follow_ieee,
    neighbours_stay_untouched,
    lengths_must_agree
);

const LENGTHS: [usize; 20] = [
    0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 255, 257, 1000, 4333,
];
const OFFSETS: [usize; 5] = [0, 1, 3, 7, 13];
const OPERATIONS: [Operation; 4] = [
    Operation::Add,
    Operation::Subtract,
    Operation::Multiply,
    Operation::Divide,
];
const STORES: [Stores; 3] = [Stores::Auto, Stores::Cached, Stores::Streaming];

fn supported<T: Element>() -> impl Iterator<Item = &'static Implementation<T>> {
    implementations::<T>()
        .iter()
        .filter(|implementation| implementation.is_supported())
}

fn scalar<T: Element>(operation: Operation, a: T, b: T) -> T {
    match operation {
        Operation::Add => a + b,
        Operation::Subtract => a - b,
        Operation::Multiply => a * b,
        Operation::Divide => a / b,
    }
}

#[track_caller]
fn assert_same<T: Element>(actual: &[T], expected: impl Iterator<Item = T>, row: &str) {
    for (i, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        assert!(
            same(*actual, expected),
            "{row}, element {i}: {actual} instead of {expected}"
        );
    }
}

fn matches_scalar<T: Element>() {
    let mut random = Random(1);
    for implementation in supported::<T>() {
        for (len, offset) in LENGTHS
            .into_iter()
            .flat_map(|len| OFFSETS.map(|offset| (len, offset)))
        {
            let a: Vec<T> = random.vector(offset + len);
            let b: Vec<T> = random.vector(len + 1);
            let (a, b) = (&a[offset..], &b[1..]);
            let mut out = vec![T::from_f64(f64::NAN); len + offset];
            let out = &mut out[offset..];
            for (operation, stores) in OPERATIONS
                .into_iter()
                .flat_map(|op| STORES.map(|stores| (op, stores)))
            {
                let row = format!(
                    "{} {operation:?} {stores:?} len {len} offset {offset}",
                    implementation.name()
                );
                implementation.binary(operation, a, b, out, stores).unwrap();
                assert_same(
                    out,
                    a.iter().zip(b).map(|(a, b)| scalar(operation, *a, *b)),
                    &row,
                );
                implementation
                    .scale(b[..].first().copied().unwrap_or(T::ONE), a, out, stores)
                    .unwrap();
                assert_same(out, a.iter().map(|a| b[0] * *a), &format!("{row}, scale"));
            }
        }
    }
}

fn in_place_matches_scalar<T: Element>() {
    let mut random = Random(2);
    let alpha = T::from_f64(0.3);
    for implementation in supported::<T>() {
        for (len, offset) in LENGTHS
            .into_iter()
            .flat_map(|len| OFFSETS.map(|offset| (len, offset)))
        {
            let old: Vec<T> = random.vector(offset + len);
            let b: Vec<T> = random.vector(len);
            let row = format!("{} len {len} offset {offset}", implementation.name());
            for operation in OPERATIONS {
                let mut a = old.clone();
                implementation
                    .binary_in_place(operation, &mut a[offset..], &b)
                    .unwrap();
                let expected = old[offset..]
                    .iter()
                    .zip(&b)
                    .map(|(a, b)| scalar(operation, *a, *b));
                assert_same(&a[offset..], expected, &format!("{row} {operation:?}"));
            }
            let mut y = old.clone();
            implementation.axpy(alpha, &b, &mut y[offset..]).unwrap();
            let expected = old[offset..].iter().zip(&b).map(|(y, x)| alpha * *x + *y);
            assert_same(&y[offset..], expected, &format!("{row} axpy"));
            let mut x = old.clone();
            implementation
                .scale_in_place(alpha, &mut x[offset..])
                .unwrap();
            assert_same(
                &x[offset..],
                old[offset..].iter().map(|x| alpha * *x),
                &format!("{row} scale"),
            );
        }
    }
}

fn special_values_follow_ieee<T: Element>() {
    let values = specials::<T>();
    let pairs: Vec<(T, T)> = values
        .iter()
        .flat_map(|a| values.iter().map(|b| (*a, *b)))
        .collect();
    let (a, b): (Vec<T>, Vec<T>) = pairs.into_iter().unzip();
    let mut out = vec![T::ZERO; a.len()];
    for implementation in supported::<T>() {
        for operation in OPERATIONS {
            let row = format!("{} {operation:?}", implementation.name());
            implementation
                .binary(operation, &a, &b, &mut out, Stores::Auto)
                .unwrap();
            assert_same(
                &out,
                a.iter().zip(&b).map(|(a, b)| scalar(operation, *a, *b)),
                &row,
            );
        }
    }
}

fn neighbours_stay_untouched<T: Element>() {
    let guard = T::from_f64(42.0);
    for implementation in supported::<T>() {
        for (len, stores) in LENGTHS
            .into_iter()
            .flat_map(|len| STORES.map(|stores| (len, stores)))
        {
            let ones = vec![T::ONE; len];
            let mut out = vec![guard; len + 32];
            implementation
                .binary(Operation::Add, &ones, &ones, &mut out[16..16 + len], stores)
                .unwrap();
            let row = format!("{} {stores:?} len {len}", implementation.name());
            assert!(
                out[..16]
                    .iter()
                    .chain(&out[16 + len..])
                    .all(|value| *value == guard),
                "{row}"
            );
        }
    }
}

fn lengths_must_agree<T: Element>() {
    let data = vec![T::ONE; 4];
    let mut out = vec![T::ZERO; 4];
    for implementation in supported::<T>() {
        let error = implementation.run(&data, &data[..3], &mut out).unwrap_err();
        assert_eq!(
            error,
            Error::Length {
                operand: "b",
                expected: 4,
                actual: 3
            }
        );
        let error = implementation.run(&data, &data, &mut out[..3]).unwrap_err();
        assert_eq!(
            error,
            Error::Length {
                operand: "out",
                expected: 4,
                actual: 3
            }
        );
        let error = implementation
            .axpy(T::ONE, &data, &mut out[..2])
            .unwrap_err();
        assert_eq!(
            error,
            Error::Length {
                operand: "y",
                expected: 4,
                actual: 2
            }
        );
        let error = implementation
            .scale(T::ONE, &data, &mut out[..2], Stores::Auto)
            .unwrap_err();
        assert_eq!(
            error,
            Error::Length {
                operand: "out",
                expected: 4,
                actual: 2
            }
        );
    }
    assert!(
        out.iter().all(|value| *value == T::ZERO),
        "a refused call writes nothing"
    );
}
