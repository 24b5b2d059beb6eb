//! The loss and its gradient against their formulas.

use kernels::Error;
use kernels::loss::softmax_cross_entropy;

use crate::support::Random;

#[test]
fn matches_the_formula() {
    let mut random = Random(1);
    for (batch, classes, scale) in [
        (1, 1, 1.0),
        (3, 2, 1.0),
        (32, 10, 1.0),
        (32, 10, 30.0),
        (5, 1000, 1e-3),
        (4, 3, 1e30),
    ] {
        let row = format!("batch {batch}, {classes} classes, scale {scale}");
        let logits: Vec<f32> = random.vector::<f32>(batch * classes);
        let logits: Vec<f32> = logits.iter().map(|x| x * scale).collect();
        let labels: Vec<i64> = (0..batch).map(|_| random.below(classes) as i64).collect();
        let mut gradient = vec![f32::NAN; batch * classes];
        let loss = softmax_cross_entropy(&logits, &labels, classes, &mut gradient).unwrap();
        let mut wanted = 0.0;
        for (at, label) in labels.iter().enumerate() {
            let range = at * classes..(at + 1) * classes;
            let logits: Vec<f64> = logits[range.clone()]
                .iter()
                .map(|x| f64::from(*x))
                .collect();
            let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|x| (x - largest).exp()).sum();
            wanted += (largest + sum.ln() - logits[*label as usize]) / batch as f64;
            for (class, gradient) in gradient[range].iter().enumerate() {
                let onehot = f64::from(u8::from(class as i64 == *label));
                let exact = ((logits[class] - largest).exp() / sum - onehot) / batch as f64;
                let error = (f64::from(*gradient) - exact).abs();
                let bound = 1.01 * f64::from(f32::EPSILON) / 2.0 * exact.abs() + 1e-15;
                assert!(error <= bound, "{row}: {gradient} instead of {exact}");
            }
        }
        let error = (loss - wanted).abs();
        assert!(
            error <= 1e-13 * wanted.abs().max(1.0),
            "{row}: {loss} instead of {wanted}"
        );
    }
}

#[test]
fn special_values() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    for (logits, loss, gradient) in [
        // A class that is ruled out costs nothing, unless it is the label.
        ([0.0, -inf], 0.0, [0.0, 0.0]),
        ([-inf, 0.0], f64::INFINITY, [-1.0, 1.0]),
        ([1e38, -1e38], 0.0, [0.0, 0.0]),
        ([nan, 0.0], f64::NAN, [nan, nan]),
        ([0.0, inf], f64::NAN, [nan, nan]),
    ] {
        let mut made = [9.0; 2];
        let sum = softmax_cross_entropy(&logits, &[0], 2, &mut made).unwrap();
        let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
        assert!(same(sum, loss), "{logits:?}: {sum}");
        for (made, wanted) in made.iter().zip(gradient) {
            assert!(same((*made).into(), wanted.into()), "{logits:?}: {made}");
        }
    }
    assert!(
        softmax_cross_entropy(&[], &[], 3, &mut [])
            .unwrap()
            .is_nan()
    );
}

#[test]
fn labels_are_classes_and_lengths_fit() {
    for (labels, classes, elements, wanted) in [
        (
            vec![0, 3],
            3,
            6,
            Error::Label {
                label: 3,
                classes: 3,
            },
        ),
        (
            vec![-1, 0],
            3,
            6,
            Error::Label {
                label: -1,
                classes: 3,
            },
        ),
        (
            vec![0],
            0,
            0,
            Error::Label {
                label: 0,
                classes: 0,
            },
        ),
        (
            vec![0, 1],
            3,
            5,
            Error::Length {
                operand: "logits",
                expected: 6,
                actual: 5,
            },
        ),
    ] {
        let logits = vec![0.0; elements];
        let mut gradient = vec![7.0; elements];
        let made = softmax_cross_entropy(&logits, &labels, classes, &mut gradient);
        assert_eq!(made, Err(wanted), "{labels:?}");
        assert!(gradient.iter().all(|value| *value == 7.0), "{labels:?}");
    }
}
