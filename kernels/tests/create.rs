//! Filling: with a value, and with the stream of random numbers as its documentation states it.

use kernels::add::{Stores, implementations as elementwise};
use kernels::create::{BLOCK, Implementation, implementations, ones, zeros};
use kernels::{Element, Error};

use crate::support::{Random, for_each_element};

for_each_element!(
    uniform_is_the_stream,
    uniform_is_uniform,
    fills_reach_the_ends,
    zeros_and_ones,
);

const LENGTHS: [usize; 12] = [
    0,
    1,
    7,
    8,
    9,
    15,
    16,
    17,
    1000,
    BLOCK,
    BLOCK + 1,
    2 * BLOCK + 13,
];

fn supported<T: Element>() -> impl Iterator<Item = &'static Implementation<T>> {
    implementations::<T>()
        .iter()
        .filter(|implementation| implementation.is_supported())
}

/// A generator as its authors print it (xoshiro256plusplus.c).
fn xoshiro(s: &mut [u64; 4]) -> u64 {
    let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
    let t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3].rotate_left(45);
    result
}

/// The finaliser of SplitMix64: its first number from a state that is one increment less.
fn mix(z: u64) -> u64 {
    Random(z.wrapping_sub(0x9e37_79b9_7f4a_7c15)).bits()
}

/// The words of a block, one at a time.
fn words(seed: u64, block: u64) -> impl Iterator<Item = u64> {
    let mut split_mix = Random(mix(mix(seed).wrapping_add(block)));
    let mut generators: [[u64; 4]; 8] =
        std::array::from_fn(|_| std::array::from_fn(|_| split_mix.bits()));
    (0..).map(move |j: usize| xoshiro(&mut generators[j % 8]))
}

fn stream<T: Element>(seed: u64, len: usize) -> Vec<T> {
    let block = |block: usize| -> Vec<T> {
        let words = words(seed, block as u64);
        let fraction = |bits: u64, digits: i32| T::from_f64(bits as f64 * 2f64.powi(-digits));
        if T::DTYPE == "f64" {
            return words.take(BLOCK).map(|w| fraction(w >> 12, 52)).collect();
        }
        let halves = words.flat_map(|w| [w & 0xffff_ffff, w >> 32]);
        halves.take(BLOCK).map(|h| fraction(h >> 9, 23)).collect()
    };
    let mut all: Vec<T> = (0..len.div_ceil(BLOCK)).flat_map(block).collect();
    all.truncate(len);
    all
}

fn uniform_is_the_stream<T: Element>() {
    for (len, seed) in LENGTHS
        .into_iter()
        .flat_map(|len| [0, 1, u64::MAX].map(|seed| (len, seed)))
    {
        let expected = stream::<T>(seed, len);
        for implementation in supported::<T>() {
            let row = format!("{} seed {seed} len {len}", implementation.name());
            let guard = T::from_f64(42.0);
            let mut out = vec![guard; len + 3];
            implementation.uniform(seed, &mut out[1..=len]).unwrap();
            assert_eq!(out[1..=len], expected, "{row}");
            assert!(
                out[0] == guard && out[len + 1..] == [guard; 2],
                "{row}: wrote outside"
            );
        }
    }
}

/// Moments of a million numbers within five deviations, and no word of two blocks or seeds alike.
fn uniform_is_uniform<T: Element>() {
    let len = 1_000_000;
    let mut x = vec![T::ZERO; len];
    kernels::create::uniform(5, &mut x);
    let x: Vec<f64> = x.iter().map(|x| x.to_f64()).collect();
    assert!(x.iter().all(|x| (0.0..1.0).contains(x)));
    let mean = |power: i32| x.iter().map(|x| (x - 0.5).powi(power)).sum::<f64>() / len as f64;
    let deviation = (1.0 / 12.0 / len as f64).sqrt();
    assert!(mean(1).abs() < 5.0 * deviation, "mean {}", mean(1));
    let deviation = (1.0 / 180.0 / len as f64).sqrt();
    assert!(
        (mean(2) - 1.0 / 12.0).abs() < 5.0 * deviation,
        "variance {}",
        mean(2)
    );
    let lags = [1, 2, 8, 16, BLOCK];
    for lag in lags {
        let pairs = x.iter().zip(&x[lag..]);
        let covariance = pairs.map(|(a, b)| (a - 0.5) * (b - 0.5)).sum::<f64>() / len as f64;
        let deviation = (1.0 / 144.0 / len as f64).sqrt();
        assert!(
            covariance.abs() < 5.0 * deviation,
            "lag {lag}: {covariance}"
        );
    }
    let first = |seed| stream::<T>(seed, 16);
    assert_ne!(first(5), first(6), "another seed is another stream");
}

fn fills_reach_the_ends<T: Element>() {
    let guard = T::from_f64(42.0);
    let stores = [Stores::Auto, Stores::Cached, Stores::Streaming];
    for implementation in elementwise::<T>().iter().filter(|row| row.is_supported()) {
        for (len, offset, stores) in LENGTHS
            .into_iter()
            .flat_map(|len| [0, 1, 3].map(|offset| (len, offset)))
            .flat_map(|(len, offset)| stores.map(|stores| (len, offset, stores)))
        {
            for value in [f64::NAN, f64::NEG_INFINITY, -0.0, 1e-310].map(T::from_f64) {
                let row = format!(
                    "{} {stores:?} len {len} offset {offset}",
                    implementation.name()
                );
                let mut out = vec![guard; offset + len + 2];
                implementation
                    .fill(value, &mut out[offset..][..len], stores)
                    .unwrap();
                let bits = |x: T| x.to_f64().to_bits();
                let (filled, after) = out[offset..].split_at(len);
                assert!(filled.iter().all(|x| bits(*x) == bits(value)), "{row}");
                assert!(
                    out[..offset].iter().chain(after).all(|x| *x == guard),
                    "{row}"
                );
            }
        }
    }
}

fn zeros_and_ones<T: Element>() {
    let mut out = vec![T::from_f64(3.0); 100];
    zeros(&mut out[..50]);
    ones(&mut out[50..]);
    assert!(out[..50].iter().all(|x| *x == T::ZERO));
    assert!(out[50..].iter().all(|x| *x == T::ONE));
    for implementation in implementations::<T>() {
        let refused = implementation.uniform(1, &mut out);
        assert_eq!(refused.is_ok(), implementation.is_supported());
        assert!(matches!(refused, Ok(()) | Err(Error::Unsupported { .. })));
    }
}
