//! Sigmoid, tanh and their gradients against double precision, within what the module's table says.

use kernels::activation::Implementation;
use kernels::{Error, Isa};

use super::{mixed, supported};
use crate::support::{Random, same};

type Forward = fn(&Implementation, &[f32], &mut [f32]) -> Result<(), Error>;
type Backward = fn(&Implementation, &[f32], &[f32], &mut [f32]) -> Result<(), Error>;
/// Name, kernel, oracle, and the largest errors of `avx512`, `avx2` and `portable`, in units in the last place.
type ForwardCase = (&'static str, Forward, fn(f64) -> f64, [f64; 3]);
type BackwardCase = (&'static str, Backward, fn(f64, f64) -> f64);

/// What was computed in f64, and rounded.
const EXACT: f64 = 0.51;

const FORWARD: [ForwardCase; 2] = [
    (
        "sigmoid",
        Implementation::sigmoid,
        |x| 1.0 / (1.0 + (-x).exp()),
        [1.6, 1.6, EXACT],
    ),
    ("tanh", Implementation::tanh, f64::tanh, [0.75, 1.3, EXACT]),
];

const BACKWARD: [BackwardCase; 2] = [
    ("sigmoid", Implementation::sigmoid_backward, |y, grad| {
        grad * (y * (1.0 - y))
    }),
    ("tanh", Implementation::tanh_backward, |y, grad| {
        grad * (1.0 - y * y)
    }),
];

/// The largest error of an implementation, of those for the instruction sets, widest first.
fn bound(implementation: &Implementation, bounds: [f64; 3]) -> f64 {
    let mut rows = Isa::ALL.into_iter().zip(bounds);
    let row = rows.find(|(isa, _)| *isa == implementation.isa());
    row.expect("a bound for each").1
}

/// Whether `found` is `exact` within so many units in the last place, and as NaN, infinite or negative as it.
fn close(found: f32, exact: f64, units: f64) -> bool {
    let nearest = exact as f32;
    if !nearest.is_finite() || exact == 0.0 {
        return same(found, nearest);
    }
    let exponent = (exact.abs().to_bits() >> 52) as i32 - 1023;
    let unit = 2f64.powi(exponent.max(-126) - 23);
    (f64::from(found) - exact).abs() <= units * unit && found.is_sign_negative() == (exact < 0.0)
}

/// Every `stride`-th pattern of bits, NaN, infinities and subnormal numbers among them.
fn sweep((name, run, exact, bounds): ForwardCase, stride: usize) {
    const PART: u32 = 1 << 16;
    for start in (0..=u32::MAX).step_by(PART as usize) {
        // Other places in each part.
        let first = start + (start / PART) % stride as u32;
        let patterns = (first..=start + (PART - 1)).step_by(stride);
        let x: Vec<f32> = patterns.map(f32::from_bits).collect();
        let expected: Vec<f64> = x.iter().map(|x| exact(f64::from(*x))).collect();
        let mut out = vec![0.0; x.len()];
        for implementation in supported() {
            let units = bound(implementation, bounds);
            run(implementation, &x, &mut out).unwrap();
            for ((x, out), expected) in x.iter().zip(&out).zip(&expected) {
                assert!(
                    close(*out, *expected, units),
                    "{} {name} of {x:e}: {out:e}, not {expected:e}",
                    implementation.name()
                );
            }
        }
    }
}

#[test]
fn numbers_of_every_size() {
    FORWARD.into_iter().for_each(|case| sweep(case, 9973));
}

/// `cargo test --release -p kernels --test kernels -- --ignored of_every_number`, with the next.
#[test]
#[ignore = "takes minutes: every f32"]
fn sigmoid_of_every_number() {
    sweep(FORWARD[0], 1);
}

#[test]
#[ignore = "takes minutes: every f32"]
fn tanh_of_every_number() {
    sweep(FORWARD[1], 1);
}

#[test]
fn every_length_and_offset() {
    let mut random = Random(1);
    for (len, offset) in (0..40)
        .chain([63, 65, 1024, 4099])
        .flat_map(|len| [0, 1, 3].map(|offset| (len, offset)))
    {
        let x = mixed(&mut random, len + offset);
        let grad = mixed(&mut random, len + 2 * offset);
        let (x, grad) = (&x[offset..], &grad[2 * offset..]);
        let mut out = vec![42.0; len + 2];
        for implementation in supported() {
            for (name, run, exact, bounds) in FORWARD {
                let row = format!("{} {name} len {len}", implementation.name());
                run(implementation, x, &mut out[1..=len]).unwrap();
                for (x, out) in x.iter().zip(&out[1..]) {
                    let close = close(*out, exact(f64::from(*x)), bound(implementation, bounds));
                    assert!(close, "{row}: {x} gave {out}");
                }
            }
            for (name, run, exact) in BACKWARD {
                let row = format!("{} {name}_backward len {len}", implementation.name());
                run(implementation, x, grad, &mut out[1..=len]).unwrap();
                for ((y, grad), out) in x.iter().zip(grad).zip(&out[1..]) {
                    let expected = exact(f64::from(*y), f64::from(*grad));
                    assert!(
                        close(*out, expected, EXACT),
                        "{row}: {grad} at {y} gave {out}"
                    );
                }
            }
            assert!(out[0] == 42.0 && out[len + 1] == 42.0, "wrote outside");
        }
    }
}

#[test]
fn special_values() {
    let (tiny, inf, nan) = (f32::from_bits(1), f32::INFINITY, f32::NAN);
    let table = [
        // x, sigmoid, tanh
        (0.0, 0.5, 0.0),
        (-0.0, 0.5, -0.0),
        (tiny, 0.5, tiny),
        (-tiny, 0.5, -tiny),
        (f32::MAX, 1.0, 1.0),
        (f32::MIN, 0.0, -1.0),
        (inf, 1.0, 1.0),
        (-inf, 0.0, -1.0),
        (nan, nan, nan),
    ];
    // In whole vectors, and in what is left beside them.
    for (implementation, len) in supported().flat_map(|row| [1, 64].map(|len| (row, len))) {
        for (x, sigmoid, tanh) in table {
            let row = format!("{} {x}", implementation.name());
            let mut out = vec![42.0; len];
            implementation.sigmoid(&vec![x; len], &mut out).unwrap();
            assert!(out.iter().all(|out| same(*out, sigmoid)), "{row}: {out:?}");
            implementation.tanh(&vec![x; len], &mut out).unwrap();
            assert!(out.iter().all(|out| same(*out, tanh)), "{row}: {out:?}");
        }
    }
}

#[test]
fn lengths_must_agree() {
    for implementation in supported() {
        for (name, run, ..) in FORWARD {
            let refused = run(implementation, &[0.0; 3], &mut [0.0; 2]);
            assert!(refused.is_err(), "{name}");
        }
        for (name, run, _) in BACKWARD {
            for [y, grad, out] in [[3, 2, 2], [2, 3, 2], [2, 2, 3]] {
                let refused = run(
                    implementation,
                    &vec![0.0; y],
                    &vec![0.0; grad],
                    &mut vec![0.0; out],
                );
                assert!(refused.is_err(), "{name}");
            }
        }
    }
}
