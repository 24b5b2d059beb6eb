//! The hidden suite `ceilings`: what this machine can do at most, in arithmetic and in bandwidth.
//!
//! A share of the ceiling is a share of what these benchmarks reach in the same run. One thread.

use std::hint::black_box;

use abi::{Benchmark, Buffer, Context, Suite, Work};
use kernels::add::Stores;
use kernels::{Isa, ceilings};

use crate::float::{Float, bytes, dtype, named};

/// Multiply-adds a lane in one iteration: long enough that loading and storing the sums is nothing.
const STEPS: usize = 1000;

/// Bytes of three arrays together: half of a usual L1, half of a usual L2, the 1000×1000 addition in f64, and beyond any L3.
const WORKING_SETS: &[(&str, usize, Stores)] = &[
    ("ceiling_triad_l1", 24 << 10, Stores::Cached),
    ("ceiling_triad_l2", 480 << 10, Stores::Cached),
    ("ceiling_triad_l3", 4800 << 10, Stores::Cached),
    ("ceiling_triad_24mb", 24_000_000, Stores::Cached),
    ("ceiling_triad_24mb_stream", 24_000_000, Stores::Streaming),
    ("ceiling_triad_dram", 192 << 20, Stores::Cached),
    ("ceiling_triad_dram_stream", 192 << 20, Stores::Streaming),
];

/// Multiply-adds in registers, f32 and f64, and the triad on each working set.
pub(crate) fn suite() -> Suite {
    let mut benchmarks = vec![multiply_add::<f32>(), multiply_add::<f64>()];
    benchmarks.extend(
        WORKING_SETS
            .iter()
            .map(|(name, bytes, stores)| triad(name, *bytes, *stores)),
    );
    Suite {
        hidden: true,
        ..Suite::new(
            "ceilings",
            "Register-only multiply-adds and the bandwidth of each level of memory",
            benchmarks,
        )
    }
}

/// `sum = sum · factor + addend` in every lane of as many registers as keep the units busy.
///
/// From 0, with a factor of ½ and an addend of 1, every sum has reached 2 exactly after as many steps as there are digits.
fn multiply_add<T: Float + ceilings::Ceiling>() -> Benchmark {
    let dtype = dtype::<T>();
    let lanes = ceilings::multiply_add_lanes::<T>(Isa::widest());
    let multiply_adds = (lanes * STEPS) as u64;
    Benchmark {
        description: format!("Register-only multiply-adds, {}", dtype.name()),
        implementation: Isa::widest().to_string(),
        shape: vec![lanes, STEPS],
        buffers: vec![Buffer::output("sums", dtype, &[lanes])],
        work: Work {
            flops: 2 * multiply_adds,
            items: multiply_adds,
            item: "multiply-adds",
            ..Work::default()
        },
        ..Benchmark::new(
            named::<T>("ceiling_multiply_add"),
            dtype,
            |call| {
                let sums = call.take::<T>(0)?;
                let isa = Isa::widest();
                let (factor, addend) = black_box((T::from_f64(0.5), T::ONE));
                for _ in 0..call.iterations() {
                    ceilings::multiply_add(isa, STEPS, factor, addend, black_box(sums))
                        .map_err(|error| error.to_string())?;
                }
                Ok(())
            },
            |call| {
                call.expected(0)?.fill(2.0);
                Ok(())
            },
        )
    }
}

/// `out = x + 3·y` in f64, on three arrays of `total` bytes together.
///
/// The product and the sum round once each, or once together: at most an epsilon of the largest sum, and the reference as much.
fn triad(name: &str, total: usize, stores: Stores) -> Benchmark {
    let dtype = dtype::<f64>();
    // Whole cache lines, so that every store is aligned.
    let elements = total / (3 * 64) * 8;
    let shape = [elements];
    Benchmark {
        description: format!(
            "out = x + 3·y, {:.1} MB, {} stores",
            total as f64 / 1e6,
            match stores {
                Stores::Streaming => "non-temporal",
                _ => "ordinary",
            }
        ),
        implementation: Isa::widest().to_string(),
        shape: shape.into(),
        buffers: vec![
            Buffer::input("x", dtype, &shape),
            Buffer::input("y", dtype, &shape),
            Buffer::output("out", dtype, &shape),
        ],
        work: Work {
            flops: 2 * elements as u64,
            bytes_read: bytes::<f64>(2 * elements),
            bytes_written: bytes::<f64>(elements),
            items: elements as u64,
            item: "elements",
        },
        tolerance: 2.0 * f64::EPSILON,
        ..Benchmark::new(
            name,
            dtype,
            move |call| triad_run(call, stores),
            triad_reference,
        )
    }
}

fn triad_run(call: &Context<'_>, stores: Stores) -> Result<(), String> {
    let (x, y, out) = (call.take::<f64>(0)?, call.take(1)?, call.take(2)?);
    for _ in 0..call.iterations() {
        let (x, y, out) = black_box((&*x, &*y, &mut *out));
        ceilings::triad(Isa::widest(), 3.0, x, y, out, stores)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn triad_reference(call: &Context<'_>) -> Result<(), String> {
    let (x, y, out) = (
        call.take::<f64>(0)?,
        call.take::<f64>(1)?,
        call.expected(2)?,
    );
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = *x + 3.0 * *y;
    }
    Ok(())
}
