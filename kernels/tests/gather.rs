//! Batches and shuffled indices against the obvious.

use kernels::Error;
use kernels::gather::{Batch, Implementation, Set, implementations, shuffled};

use crate::support::Random;

const WIDTHS: [usize; 9] = [0, 1, 3, 15, 16, 17, 33, 100, 784];
const COUNTS: [usize; 5] = [0, 1, 2, 7, 128];

fn supported() -> impl Iterator<Item = &'static Implementation> {
    implementations().iter().filter(|row| row.is_supported())
}

/// Bits of every kind, NaN and subnormal numbers among them: a copy changes none.
fn bits(random: &mut Random, len: usize) -> Vec<f32> {
    (0..len)
        .map(|_| f32::from_bits(random.bits() as u32))
        .collect()
}

#[test]
fn rows_and_labels_are_those_of_the_index() {
    let mut random = Random(1);
    for (implementation, width) in supported().flat_map(|row| WIDTHS.map(|width| (row, width))) {
        for (count, offset) in COUNTS
            .into_iter()
            .flat_map(|count| [0, 1, 5].map(|offset| (count, offset)))
        {
            let rows = 11;
            let row = format!(
                "{} {count} of width {width}, offset {offset}",
                implementation.name()
            );
            let set = bits(&mut random, offset + rows * width);
            let labels: Vec<i64> = (0..rows).map(|_| random.bits() as i64).collect();
            let index: Vec<u32> = (0..count).map(|_| random.below(rows) as u32).collect();
            let guard = 42.0f32;
            let mut out = vec![guard; offset + count * width + 3];
            let mut out_labels = vec![0; count];
            let set = Set {
                rows: &set[offset..],
                width,
                labels: &labels,
            };
            let batch = Batch {
                rows: &mut out[offset..][..count * width],
                labels: &mut out_labels,
            };
            implementation.batch(set, &index, batch).unwrap();
            for (i, entry) in index.iter().map(|entry| *entry as usize).enumerate() {
                let bits = |row: &[f32]| row.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                let got = &out[offset + i * width..][..width];
                assert_eq!(
                    bits(got),
                    bits(&set.rows[entry * width..][..width]),
                    "{row}, row {i}"
                );
                assert_eq!(out_labels[i], labels[entry], "{row}, label {i}");
            }
            let outside = out[..offset].iter().chain(&out[offset + count * width..]);
            assert!(
                outside.into_iter().all(|x| *x == guard),
                "{row}: wrote outside"
            );
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let set = Set {
        rows: &[1.0; 6],
        width: 2,
        labels: &[1, 2, 3],
    };
    let short = Set {
        rows: &[1.0; 5],
        ..set
    };
    let length = |operand, expected, actual| Error::Length {
        operand,
        expected,
        actual,
    };
    let wide = Set {
        width: usize::MAX,
        ..set
    };
    let table = [
        ("set", short, &[0][..], 2, 1, length("set", 6, 5)),
        ("batch", set, &[0, 1], 3, 2, length("batch", 4, 3)),
        ("labels", set, &[0, 1], 4, 1, length("labels", 2, 1)),
        (
            "entry",
            set,
            &[0, 3],
            4,
            2,
            Error::Index { entry: 3, rows: 3 },
        ),
        ("overflow", wide, &[0], 2, 1, length("set", usize::MAX, 6)),
    ];
    for implementation in supported() {
        for (what, set, index, elements, count, expected) in &table {
            let (mut rows, mut labels) = (vec![9.0; *elements], vec![9; *count]);
            let batch = Batch {
                rows: &mut rows,
                labels: &mut labels,
            };
            let refused = implementation.batch(*set, index, batch);
            let row = format!("{} {what}", implementation.name());
            assert_eq!(refused, Err(expected.clone()), "{row}");
            assert!(rows.iter().all(|x| *x == 9.0), "{row}: nothing is written");
        }
    }
}

#[test]
fn a_shuffled_index_is_a_permutation_that_the_seed_decides() {
    for len in [0, 1, 2, 3, 100, 10_000] {
        let mut index = vec![7; len];
        shuffled(1, &mut index);
        let mut again = vec![8; len];
        shuffled(1, &mut again);
        assert_eq!(index, again, "len {len}");
        let mut other = vec![9; len];
        shuffled(2, &mut other);
        assert!(len < 4 || index != other, "len {len}: another seed");
        index.sort_unstable();
        assert!(
            index.iter().enumerate().all(|(i, x)| i == *x as usize),
            "len {len}"
        );
    }
}

/// All 24 orders of four, each within five deviations of its share.
#[test]
fn every_order_is_as_likely() {
    let draws = 24_000;
    let mut seen = std::collections::HashMap::new();
    for seed in 0..draws {
        let mut index = [0; 4];
        shuffled(seed * 0x9e37_79b9, &mut index);
        *seen.entry(index).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 24);
    let deviation = (draws as f64 / 24.0 * (23.0 / 24.0)).sqrt();
    for (order, count) in seen {
        let off = (f64::from(count) - draws as f64 / 24.0).abs();
        assert!(off < 5.0 * deviation, "{order:?} came {count} times");
    }
}
