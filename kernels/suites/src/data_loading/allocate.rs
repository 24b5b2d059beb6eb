//! Memory for what a batch needs: blocks of the system's allocator against a pool of blocks.

use std::cell::RefCell;
use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, DType, State, Work};
use kernels::Blocks;

/// Blocks that are held at once, as by a loader that prepares a few batches.
const HELD: usize = 64;

/// [`HELD`] blocks of `bytes` bytes allocated, written to and freed; an item is a block.
pub(super) fn system(name: &str, bytes: usize) -> Benchmark {
    let take = move |(): &mut (), mark| {
        let mut block = Vec::with_capacity(bytes);
        block.push(mark);
        block
    };
    Benchmark {
        description: format!("{HELD} blocks of {bytes} bytes from the system's allocator"),
        implementation: "system".into(),
        ..benchmark(name, bytes, move |call| {
            hold(call, &mut (), take, |(), block: Vec<u8>| drop(block))
        })
    }
}

/// The same, from a pool and back.
pub(super) fn pooled(name: &str, bytes: usize) -> Benchmark {
    let take = |blocks: &mut Blocks, mark| {
        let mut block = blocks.take();
        block[0] = mark;
        block
    };
    Benchmark {
        description: format!("{HELD} blocks of {bytes} bytes from a pool"),
        implementation: "pool".into(),
        setup: Some(Box::new(move |_| {
            Ok(Box::new(RefCell::new(Blocks::new(bytes, HELD))) as State)
        })),
        ..benchmark(name, bytes, move |call| {
            let mut blocks = call.state::<RefCell<Blocks>>()?.borrow_mut();
            hold(call, &mut *blocks, take, Blocks::give)
        })
    }
}

fn benchmark(
    name: &str,
    bytes: usize,
    run: impl Fn(&Context<'_>) -> Result<(), String> + Send + Sync + 'static,
) -> Benchmark {
    Benchmark {
        shape: vec![HELD, bytes],
        buffers: vec![Buffer::output("sum", DType::U64, &[1])],
        work: Work {
            bytes_read: HELD as u64,
            bytes_written: HELD as u64 + size_of::<u64>() as u64,
            items: HELD as u64,
            item: "blocks",
            ..Work::default()
        },
        ..Benchmark::new(name, DType::U8, run, |call| {
            call.expected(0)?[0] = (HELD * (HELD - 1) / 2) as f64;
            Ok(())
        })
    }
}

/// Takes the blocks, marks each, adds up the marks, and gives all back.
fn hold<S, B: AsRef<[u8]>>(
    call: &Context<'_>,
    from: &mut S,
    take: impl Fn(&mut S, u8) -> B,
    give: impl Fn(&mut S, B),
) -> Result<(), String> {
    let sum = call.take::<u64>(0)?;
    let mut held = Vec::with_capacity(HELD);
    for _ in 0..call.iterations() {
        held.extend((0..HELD).map(|mark| black_box(take(from, mark as u8))));
        let marks = held.iter().map(|block| u64::from(block.as_ref()[0]));
        sum[0] = marks.sum();
        held.drain(..).for_each(|block| give(from, block));
    }
    Ok(())
}
