//! IDX files: a sound one is read, and whatever is not is an error, never a panic.

use std::fs;

use kernels::idx::{Error, Idx, Mapped};
use kernels::normalise::{Statistics, from_bytes};

use crate::support::Random;

fn file(magic: [u8; 4], sides: &[u32], elements: usize) -> Vec<u8> {
    let sides = sides.iter().flat_map(|side| side.to_be_bytes());
    let elements = (0..elements).map(|i| i as u8);
    magic.into_iter().chain(sides).chain(elements).collect()
}

#[test]
fn rows_and_labels_of_a_mapped_file() {
    let path = std::env::temp_dir().join(format!("kernels-test-{}.idx", std::process::id()));
    fs::write(&path, file([0, 0, 8, 3], &[5, 2, 3], 30)).unwrap();
    let map = Mapped::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let idx = map.idx().unwrap();
    assert_eq!(idx.dimensions(), [5, 2, 3]);
    assert_eq!((idx.rows(), idx.row_len()), (5, 6));
    assert_eq!(idx.row(4), Some(&[24, 25, 26, 27, 28, 29][..]));
    assert_eq!(idx.row(5), None);
    let with = Statistics {
        mean: 0.5,
        std: 0.25,
    };
    let (mut batch, mut row) = ([0.0; 12], [0.0; 6]);
    idx.batch(&[3, 0], with, &mut batch).unwrap();
    for (entry, batch) in [3, 0].into_iter().zip(batch.chunks(6)) {
        from_bytes(idx.row(entry).unwrap(), with, &mut row).unwrap();
        assert_eq!(batch, row, "row {entry}");
    }
    let mut labels = [0; 3];
    idx.labels(&[4, 0, 2], &mut labels).unwrap();
    assert_eq!(labels, [24, 0, 12]);
}

#[test]
fn a_batch_that_does_not_fit_is_an_error() {
    let bytes = file([0, 0, 8, 2], &[3, 2], 6);
    let idx = Idx::parse(&bytes).unwrap();
    let with = Statistics {
        mean: 0.0,
        std: 1.0,
    };
    let table: [(&[u32], usize, &str); 3] = [
        (&[0, 1], 3, "out has 3 elements where 4 are needed"),
        (&[3], 2, "entry 3 of the index is no row of a set of 3 rows"),
        (&[u32::MAX], 2, "entry 4294967295 of the index is no row"),
    ];
    for (index, len, expected) in table {
        let error = idx.batch(index, with, &mut vec![0.0; len]).unwrap_err();
        assert!(
            error.to_string().starts_with(expected),
            "{index:?}: {error}"
        );
    }
    assert!(idx.labels(&[3], &mut [0]).is_err(), "no such row");
    assert!(idx.labels(&[0], &mut []).is_err(), "no room");
    let hollow = file([0, 0, 8, 2], &[2, 0], 0);
    let hollow = Idx::parse(&hollow).unwrap();
    assert!(hollow.batch(&[1, 0], with, &mut []).is_ok());
    assert!(
        hollow.labels(&[1], &mut [0]).is_err(),
        "a row of nothing has no label"
    );
}

#[test]
fn malformed_headers_are_errors() {
    let huge = u32::MAX;
    let table: [(&str, Vec<u8>, &str); 15] = [
        ("empty", vec![], "0 bytes are too few"),
        ("three bytes", vec![0, 0, 8], "3 bytes are too few"),
        ("no dimension", vec![0, 0, 8, 1], "4 bytes are too few"),
        (
            "half a dimension",
            vec![0, 0, 8, 1, 0, 0],
            "6 bytes are too few",
        ),
        (
            "gzip",
            file([0x1f, 0x8b, 8, 0], &[], 20),
            "it begins with 0x1f8b",
        ),
        (
            "little-endian",
            file([3, 8, 0, 0], &[1, 1, 1], 1),
            "it begins with 0x0308",
        ),
        (
            "floats",
            file([0, 0, 0x0d, 1], &[1], 4),
            "its elements have type 0x0d",
        ),
        ("rank 0", file([0, 0, 8, 0], &[], 1), "it has 0 dimensions"),
        (
            "rank 5",
            file([0, 0, 8, 5], &[1; 5], 1),
            "it has 5 dimensions",
        ),
        (
            "rank 255",
            file([0, 0, 8, 255], &[1; 4], 1),
            "it has 255 dimensions",
        ),
        (
            "short",
            file([0, 0, 8, 2], &[2, 3], 5),
            "its dimensions [2, 3] ask for 6",
        ),
        (
            "long",
            file([0, 0, 8, 2], &[2, 3], 7),
            "its dimensions [2, 3] ask for 6",
        ),
        (
            "wraps 32 bits",
            file([0, 0, 8, 2], &[1 << 16; 2], 0),
            "its dimensions [65536, 65536]",
        ),
        (
            "wraps 64 bits",
            file([0, 0, 8, 4], &[1 << 16; 4], 0),
            "its dimensions [65536, ",
        ),
        (
            "largest",
            file([0, 0, 8, 4], &[huge; 4], 9),
            "its dimensions [4294967295, ",
        ),
    ];
    for (what, bytes, expected) in table {
        let error = Idx::parse(&bytes).expect_err(what).to_string();
        assert!(error.starts_with(expected), "{what}: {error}");
    }
    let missing = Mapped::open("/nowhere/at all".as_ref()).unwrap_err();
    assert!(matches!(missing, Error::Io { .. }) && missing.to_string().contains("/nowhere/at all"));
}

/// Every truncation of a file, and every byte of its header at hostile values: read or refused, and what is read is consistent.
#[test]
fn no_bytes_make_it_panic() {
    let whole = file([0, 0, 8, 3], &[2, 2, 2], 8);
    let mut files: Vec<Vec<u8>> = (0..whole.len()).map(|len| whole[..len].to_vec()).collect();
    for (place, value) in (0..16).flat_map(|place| [0, 1, 4, 127, 128, 255].map(|v| (place, v))) {
        let mut changed = whole.clone();
        changed[place] = value;
        files.push(changed);
    }
    let mut random = Random(1);
    for _ in 0..5000 {
        let len = random.below(40);
        let mut noise: Vec<u8> = (0..len).map(|_| (random.bits() & 3) as u8).collect();
        for (byte, good) in noise.iter_mut().zip([0, 0, 8]) {
            *byte = good;
        }
        files.push(noise);
    }
    let mut sound = 0;
    for bytes in files {
        let Ok(idx) = Idx::parse(&bytes) else {
            continue;
        };
        sound += 1;
        let elements: usize = (0..idx.rows().min(100))
            .map(|row| idx.row(row).unwrap().len())
            .sum();
        assert!(elements <= bytes.len(), "{bytes:?}");
        let with = Statistics {
            mean: 0.0,
            std: 1.0,
        };
        let mut out = vec![0.0; idx.row_len()];
        let batch = idx.batch(&[0], with, &mut out);
        assert_eq!(batch.is_ok(), idx.rows() > 0, "{bytes:?}");
    }
    assert!(
        sound > 10,
        "only {sound} of them are sound: the table tests little"
    );
}
