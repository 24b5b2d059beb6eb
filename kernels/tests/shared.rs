//! Element-wise operations on a pool: the bits of one thread, on either side of the size from which they are shared.

use kernels::add::{Operation, Stores, selected};
use kernels::convert::Format;
use kernels::{Element, Pool, SHARE_FROM_BYTES, convert, create};

use crate::support::{Random, for_each_element};

for_each_element!(element_wise);

/// Elements of `bytes` bytes in all, and as many as make parts uneven.
fn lengths(bytes: usize) -> [usize; 5] {
    let limit = SHARE_FROM_BYTES / bytes;
    [0, 100, limit - 1, limit, 2 * limit + 77]
}

fn element_wise<T: Element>() {
    let mut random = Random(9);
    for (threads, len) in [1, 2, 3]
        .into_iter()
        .flat_map(|threads| lengths(3 * size_of::<T>()).map(|len| (threads, len)))
    {
        let pool = Pool::new(threads).unwrap();
        let (a, b): (Vec<T>, Vec<T>) = (random.vector(len), random.vector(len));
        for stores in [Stores::Auto, Stores::Streaming] {
            let row = format!("{threads} threads, len {len}, {stores:?}");
            let (mut alone, mut shared) = (vec![T::ZERO; len], vec![T::ONE; len]);
            let op = Operation::Multiply;
            selected().binary(op, &a, &b, &mut alone, stores).unwrap();
            selected()
                .binary_parallel(op, &a, &b, &mut shared, stores, &pool)
                .unwrap();
            assert_eq!(alone, shared, "{row}");
            selected()
                .fill_parallel(T::from_f64(0.5), &mut shared, stores, &pool)
                .unwrap();
            assert!(shared.iter().all(|x| x.to_f64() == 0.5), "{row}");
            create::uniform(len as u64, &mut alone);
            create::selected()
                .uniform_parallel(len as u64, &mut shared, &pool)
                .unwrap();
            assert_eq!(alone, shared, "{row}, uniform");
        }
        let refused = selected().binary_parallel(
            Operation::Add,
            &a,
            &a,
            &mut vec![T::ZERO; len + 1],
            Stores::Auto,
            &pool,
        );
        assert!(refused.is_err(), "{threads} threads, len {len}");
    }
}

#[test]
fn conversions() {
    let mut random = Random(10);
    let pool = Pool::new(3).unwrap();
    for len in lengths(6) {
        let x: Vec<f32> = random.vector(len);
        for format in [Format::F16, Format::Bf16] {
            let (mut alone, mut shared) = (vec![0; len], vec![1; len]);
            convert::narrow(format, &x, &mut alone).unwrap();
            convert::selected()
                .narrow_parallel(format, &x, &mut shared, &pool)
                .unwrap();
            assert_eq!(alone, shared, "{format:?} len {len}");
            let (mut wide, mut wide_shared) = (vec![0.0; len], vec![1.0; len]);
            convert::widen(format, &alone, &mut wide).unwrap();
            convert::selected()
                .widen_parallel(format, &alone, &mut wide_shared, &pool)
                .unwrap();
            assert_eq!(wide, wide_shared, "{format:?} len {len}");
        }
    }
}
