//! ReLU and its gradient exactly; sigmoid and tanh against double precision.

mod smooth;

use kernels::activation::{Implementation, implementations};

use crate::support::{Random, same, specials};

fn supported() -> impl Iterator<Item = &'static Implementation> {
    implementations().iter().filter(|row| row.is_supported())
}

/// Ordinary numbers with special ones among them.
fn mixed(random: &mut Random, len: usize) -> Vec<f32> {
    let specials = specials::<f32>();
    let mut x: Vec<f32> = random.vector(len);
    for (i, x) in x.iter_mut().enumerate().filter(|(i, _)| i % 3 == 0) {
        *x = specials[i / 3 % specials.len()];
    }
    x
}

#[test]
fn relu_and_its_gradient_at_every_length() {
    let mut random = Random(1);
    for implementation in supported() {
        for (len, offset) in (0..70)
            .chain([255, 1000, 1024, 4099])
            .flat_map(|len| [0, 1, 3].map(|offset| (len, offset)))
        {
            let row = format!("{} len {len} offset {offset}", implementation.name());
            let (x, grad) = (
                mixed(&mut random, len + offset),
                mixed(&mut random, len + 2 * offset),
            );
            let (x, grad) = (&x[offset..], &grad[2 * offset..]);
            let mut out = vec![42.0; len + 2];
            implementation.relu(x, &mut out[1..=len]).unwrap();
            for (x, out) in x.iter().zip(&out[1..]) {
                let wide = f64::from(*x);
                // An addition of 0 makes -0 to 0.
                let expected = if wide < 0.0 { 0.0 } else { wide + 0.0 };
                assert!(
                    same(*out, expected as f32),
                    "{row}: {x} gave {out}, not {expected}"
                );
            }
            implementation
                .relu_backward(x, grad, &mut out[1..=len])
                .unwrap();
            for ((x, grad), out) in x.iter().zip(grad).zip(&out[1..]) {
                let passes = x.is_nan() || *x > 0.0;
                let expected = if passes { *grad } else { 0.0 };
                assert!(
                    same(*out, expected),
                    "{row}: {grad} at {x} gave {out}, not {expected}"
                );
            }
            assert!(
                out[0] == 42.0 && out[len + 1] == 42.0,
                "{row}: wrote outside"
            );
        }
    }
}

#[test]
fn special_values() {
    let (tiny, inf, nan) = (f32::from_bits(1), f32::INFINITY, f32::NAN);
    let table = [
        // x, what it becomes, whether the gradient passes
        (0.0, 0.0, false),
        (-0.0, 0.0, false),
        (tiny, tiny, true),
        (-tiny, 0.0, false),
        (f32::MAX, f32::MAX, true),
        (f32::MIN, 0.0, false),
        (inf, inf, true),
        (-inf, 0.0, false),
        (nan, nan, true),
        (-nan, nan, true),
    ];
    // In whole vectors, and in what is left beside them.
    for (implementation, len) in supported().flat_map(|row| [1, 64].map(|len| (row, len))) {
        for (x, value, passes) in table {
            let row = format!("{} {x}, {len} times", implementation.name());
            let mut out = vec![42.0; len];
            implementation.relu(&vec![x; len], &mut out).unwrap();
            assert!(out.iter().all(|out| same(*out, value)), "{row}: {out:?}");
            for grad in [-3.0, nan, -inf] {
                implementation
                    .relu_backward(&vec![x; len], &vec![grad; len], &mut out)
                    .unwrap();
                let value = if passes { grad } else { 0.0 };
                assert!(out.iter().all(|out| same(*out, value)), "{row}: {out:?}");
            }
        }
    }
}

#[test]
fn lengths_must_agree() {
    for row in supported() {
        let name = row.name();
        let mut out = [42.0; 2];
        assert!(row.relu(&[0.0; 3], &mut out).is_err(), "{name}");
        let refused = row.relu_backward(&[0.0; 2], &[0.0; 3], &mut out);
        assert!(refused.is_err(), "{name}");
        let refused = row.relu_backward(&[0.0; 3], &[0.0; 3], &mut out);
        assert!(refused.is_err(), "{name}");
        assert_eq!(out, [42.0; 2], "{name}: nothing is written");
    }
}
