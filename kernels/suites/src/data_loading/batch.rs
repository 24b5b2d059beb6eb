//! Assembly of batches from a shuffled index, and the index.
//!
//! Each iteration takes the next batch of the epoch: the same rows again and again would lie in the caches, however large the set.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, Fill, Work};
use kernels::gather::{Batch, Set, selected, shuffled};

use crate::float::bytes;

/// Elements of a row: MNIST's 28×28.
const WIDTH: usize = 784;

/// `count` rows of a set of `rows`, with their labels; an item is a row. Exact.
pub fn gather(name: &str, rows: usize, count: usize) -> Benchmark {
    let custom =
        |name, dtype, shape: &[usize]| Buffer::input(name, dtype, shape).filled(Fill::Custom);
    let batch_bytes = bytes::<f32>(count * WIDTH) + bytes::<i64>(count);
    Benchmark {
        description: format!("{count} rows of {WIDTH} f32 and labels, of {rows} in random order"),
        implementation: selected().name().into(),
        shape: vec![count, WIDTH],
        buffers: vec![
            custom("set", DType::F32, &[rows, WIDTH]),
            custom("labels", DType::I64, &[rows]),
            custom("index", DType::U32, &[rows]),
            Buffer::in_out("place", DType::U64, &[1]).filled(Fill::Zeros),
            Buffer::output("batch", DType::F32, &[count, WIDTH]),
            Buffer::output("batch_labels", DType::I64, &[count]),
        ],
        work: Work {
            bytes_read: batch_bytes + bytes::<u32>(count),
            bytes_written: batch_bytes,
            items: count as u64,
            item: "rows",
            ..Work::default()
        },
        fill: Some(Box::new(fill)),
        ..Benchmark::new(
            name,
            DType::F32,
            move |call| run(call, count),
            move |call| reference(call, count),
        )
    }
}

/// Rows that are told apart, labels from 0 to 9, and the order of an epoch.
fn fill(call: &Context<'_>) -> Result<(), String> {
    let (set, labels, index) = (call.take::<f32>(0)?, call.take::<i64>(1)?, call.take(2)?);
    kernels::create::uniform(call.seed(), set);
    shuffled(call.seed(), index);
    for (label, row) in labels.iter_mut().zip(&*index) {
        *label = i64::from(*row % 10);
    }
    Ok(())
}

/// Where the batch at `place` begins, and the place of the next: whole batches of an epoch, over and over.
fn next(place: u64, rows: usize, count: usize) -> (usize, u64) {
    let batches = (rows / count) as u64;
    ((place % batches) as usize * count, (place + 1) % batches)
}

fn run(call: &Context<'_>, count: usize) -> Result<(), String> {
    let (set, labels, index) = (
        call.take::<f32>(0)?,
        call.take::<i64>(1)?,
        call.take::<u32>(2)?,
    );
    let (place, batch, batch_labels) = (call.take::<u64>(3)?, call.take(4)?, call.take(5)?);
    for _ in 0..call.iterations() {
        let (start, following) = next(place[0], index.len(), count);
        place[0] = following;
        let set = Set {
            rows: set,
            width: WIDTH,
            labels,
        };
        let batch = Batch {
            rows: &mut *batch,
            labels: &mut *batch_labels,
        };
        let index = black_box(&index[start..][..count]);
        let done = selected().batch(black_box(set), index, black_box(batch));
        done.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn reference(call: &Context<'_>, count: usize) -> Result<(), String> {
    let (set, labels, index) = (
        call.take::<f32>(0)?,
        call.take::<i64>(1)?,
        call.take::<u32>(2)?,
    );
    let (start, following) = next(call.take::<u64>(3)?[0], index.len(), count);
    call.expected(3)?[0] = following as f64;
    let (batch, batch_labels) = (call.expected(4)?, call.expected(5)?);
    for (i, row) in index[start..][..count].iter().enumerate() {
        let row = *row as usize;
        batch_labels[i] = labels[row] as f64;
        for column in 0..WIDTH {
            batch[i * WIDTH + column] = f64::from(set[row * WIDTH + column]);
        }
    }
    Ok(())
}

/// The order of an epoch of `rows` rows, from the run's seed; an item is an entry.
pub(super) fn shuffle(name: &str, rows: usize) -> Benchmark {
    Benchmark {
        description: format!("A random order of {rows} rows"),
        implementation: "scalar".into(),
        shape: vec![rows],
        buffers: vec![Buffer::output("index", DType::U32, &[rows])],
        work: Work {
            bytes_written: bytes::<u32>(rows),
            items: rows as u64,
            item: "entries",
            ..Work::default()
        },
        ..Benchmark::new(name, DType::U32, run_shuffle, shuffle_reference)
    }
}

fn run_shuffle(call: &Context<'_>) -> Result<(), String> {
    let index = call.take(0)?;
    for _ in 0..call.iterations() {
        shuffled(black_box(call.seed()), black_box(&mut *index));
    }
    Ok(())
}

/// The shuffle as its documentation states it, with remainders for Lemire's products.
fn shuffle_reference(call: &Context<'_>) -> Result<(), String> {
    let index = call.expected(0)?;
    for (place, entry) in index.iter_mut().enumerate() {
        *entry = place as f64;
    }
    let mut state = call.seed();
    for bound in (2..=index.len() as u128).rev() {
        let fair = (1 << 32) / bound * bound;
        let chosen = loop {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let product = u128::from((z ^ (z >> 31)) >> 32) * bound;
            // As many products of each result are fair: those whose lower half is at least what is left over.
            if product % (1 << 32) >= (1 << 32) - fair {
                break product >> 32;
            }
        };
        index.swap(bound as usize - 1, chosen as usize);
    }
    Ok(())
}
