//! Normalisation against double precision, within the bounds that its documentation states.

use kernels::normalise::{Implementation, Statistics, implementations};

use crate::support::{Random, same};

const LENGTHS: [usize; 11] = [0, 1, 7, 8, 15, 16, 17, 31, 33, 1000, 25_088];

/// Half an epsilon.
const U: f64 = f32::EPSILON as f64 / 2.0;

fn supported() -> impl Iterator<Item = &'static Implementation> {
    implementations().iter().filter(|row| row.is_supported())
}

#[test]
fn given_statistics() {
    let mut random = Random(1);
    let table = [
        (0.0, 1.0),
        (0.1307, 0.3081),
        (-3.0, 1e-3),
        (0.5, 1e30),
        (0.25, -2.0),
    ];
    for (implementation, (mean, std)) in supported().flat_map(|row| table.map(|with| (row, with))) {
        for (len, offset) in LENGTHS.into_iter().flat_map(|len| [0, 3].map(|o| (len, o))) {
            let row = format!(
                "{} len {len} offset {offset} {mean} {std}",
                implementation.name()
            );
            let x: Vec<f32> = random.vector(len + offset);
            let x = &x[offset..];
            let mut out = vec![42.0; len + 2];
            let with = Statistics { mean, std };
            implementation
                .normalise(x, with, &mut out[1..=len])
                .unwrap();
            for (x, out) in x.iter().zip(&out[1..]) {
                let exact = (f64::from(*x) - f64::from(mean)) / f64::from(std);
                let error = (f64::from(*out) - exact).abs();
                assert!(
                    error <= 3.01 * U * exact.abs(),
                    "{row}: {x} gave {out}, not {exact}"
                );
            }
            assert!(
                out[0] == 42.0 && out[len + 1] == 42.0,
                "{row}: wrote outside"
            );
        }
    }
}

/// What a division gives, where a reciprocal would overflow, vanish or lose digits too.
#[test]
fn special_values_are_those_of_a_division() {
    let (tiny, inf, nan) = (f32::from_bits(1), f32::INFINITY, f32::NAN);
    let subnormal = 1e-40;
    let x = [
        0.0,
        -0.0,
        1.0,
        tiny,
        -subnormal,
        f32::MAX,
        f32::MIN,
        inf,
        -inf,
        nan,
    ];
    let table = [
        (0.0, 0.0),
        (1.0, 0.0),
        (0.0, tiny),
        (0.0, subnormal),
        (0.0, f32::MAX),
        (0.0, inf),
        (inf, 1.0),
        (nan, 1.0),
        (1.0, nan),
        (f32::MAX, 0.5),
    ];
    for (implementation, (mean, std)) in supported().flat_map(|row| table.map(|with| (row, with))) {
        let mut out = [0.0; 10];
        let with = Statistics { mean, std };
        implementation.normalise(&x, with, &mut out).unwrap();
        for (x, out) in x.into_iter().zip(out) {
            let expected = (x - mean) / std;
            let row = format!("{} ({x} - {mean})/{std}", implementation.name());
            assert!(same(out, expected), "{row}: {out} instead of {expected}");
        }
    }
}

/// Two passes in f64.
fn exact(x: &[f32]) -> [f64; 2] {
    let n = x.len() as f64;
    let mean = x.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let squares = x
        .iter()
        .map(|x| (f64::from(*x) - mean).powi(2))
        .sum::<f64>();
    [mean, (squares / n).sqrt()]
}

#[test]
fn computed_statistics_are_stable() {
    let mut random = Random(2);
    for (len, centre) in LENGTHS
        .into_iter()
        .skip(1)
        .flat_map(|len| [0.0, 1.0, 1e4, -1e6, 1e30].map(|centre| (len, centre)))
    {
        let spread = if centre == 1e30 { 1e28 } else { 1.0 };
        let x: Vec<f32> = random
            .vector::<f32>(len)
            .iter()
            .map(|x| x * spread + centre)
            .collect();
        let [mean, std] = exact(&x);
        let mut first = None;
        for implementation in supported() {
            let row = format!("{} len {len} around {centre}", implementation.name());
            let found = implementation.statistics(&x).unwrap();
            let off = (f64::from(found.mean) - mean).abs();
            assert!(
                off <= 1.01 * U * mean.abs().max(1e-9),
                "{row}: mean {found:?}, not {mean}"
            );
            let off = (f64::from(found.std) - std).abs();
            assert!(
                off <= 1.01 * U * std + 1e-12 * mean.abs(),
                "{row}: {found:?}, not {std}"
            );
            assert_eq!(*first.get_or_insert(found), found, "{row}: as every other");
        }
    }
}

#[test]
fn statistics_of_special_arrays() {
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    // So many times the smallest number.
    let least = f32::from_bits;
    let table: [(&str, &[f32], f32, f32); 7] = [
        ("nothing", &[], nan, nan),
        ("one", &[3.5], 3.5, 0.0),
        ("constant", &[0.1; 1000], 0.1, 0.0),
        ("subnormal", &[least(2), least(6)], least(4), least(2)),
        ("NaN", &[1.0, nan, 2.0], nan, nan),
        ("infinity", &[1.0, inf], inf, nan),
        ("infinity first", &[-inf, 1.0], -inf, nan),
    ];
    for (implementation, (what, x, mean, std)) in
        supported().flat_map(|row| table.map(|case| (row, case)))
    {
        let found = implementation.statistics(x).unwrap();
        let row = format!("{} {what}: {found:?}", implementation.name());
        assert!(same(found.mean, mean) && same(found.std, std), "{row}");
    }
}

#[test]
fn bytes_in_one_pass() {
    let all: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let table = [(0.0, 1.0), (0.1307, 0.3081), (0.5, 0.5), (-2.0, 1e-3)];
    for (implementation, (mean, std)) in supported().flat_map(|row| table.map(|with| (row, with))) {
        for (len, offset) in [0, 1, 15, 16, 17, 63, 256, 997]
            .into_iter()
            .flat_map(|len| [0, 1, 3].map(|offset| (len, offset)))
        {
            let row = format!(
                "{} len {len} offset {offset} {mean} {std}",
                implementation.name()
            );
            let x = &all[offset..][..len];
            let mut out = vec![42.0; len + 2];
            let with = Statistics { mean, std };
            implementation
                .from_bytes(x, with, &mut out[1..=len])
                .unwrap();
            let (mean, std) = (f64::from(mean), f64::from(std));
            let allowed = 5.0 * U * (1.0 / std).max((mean / std).abs());
            for (x, out) in x.iter().zip(&out[1..]) {
                let exact = (f64::from(*x) / 255.0 - mean) / std;
                let error = (f64::from(*out) - exact).abs();
                assert!(error <= allowed, "{row}: {x} gave {out}, not {exact}");
            }
            assert!(
                out[0] == 42.0 && out[len + 1] == 42.0,
                "{row}: wrote outside"
            );
        }
    }
}

#[test]
fn lengths_must_agree() {
    let with = Statistics {
        mean: 0.0,
        std: 1.0,
    };
    for implementation in supported() {
        let refused = implementation.normalise(&[0.0; 2], with, &mut [0.0; 3]);
        assert!(refused.is_err(), "{}", implementation.name());
        let refused = implementation.from_bytes(&[0; 3], with, &mut [0.0; 2]);
        assert!(refused.is_err(), "{}", implementation.name());
    }
}
