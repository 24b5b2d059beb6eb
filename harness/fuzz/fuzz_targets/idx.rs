//! An IDX file is refused, or each of its rows lies in it.
#![no_main]

use kernels::idx::Idx;
use kernels::normalise::Statistics;

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let Ok(idx) = Idx::parse(file) else { return };
    let (rows, len) = (idx.rows(), idx.row_len());
    let product = idx
        .dimensions()
        .iter()
        .map(|&side| side as usize)
        .product::<usize>();
    assert_eq!(rows * len, product);
    assert!(idx.row(rows).is_none());
    let Some(last) = rows.checked_sub(1) else {
        return;
    };
    assert_eq!(idx.row(last).unwrap().len(), len);
    let index = [0, last as u32, u32::MAX];
    let with = Statistics {
        mean: 0.5,
        std: 0.25,
    };
    let mut out = vec![0.0; 2 * len];
    idx.batch(&index[..2], with, &mut out).unwrap();
    assert!(idx.batch(&index[1..], with, &mut out).is_err());
    let mut labels = [0; 2];
    assert_eq!(idx.labels(&index[..2], &mut labels).is_ok(), len > 0);
});
