//! Batches out of a mapped IDX file, whose pages are in memory.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

use abi::{Benchmark, Buffer, Context, DType, Fill, State, Work};
use kernels::gather::shuffled;
use kernels::idx::Mapped;
use kernels::normalise::{Statistics, selected};

use crate::float::bytes;

/// Images of the file, 28×28 each: 7.8 MB.
const IMAGES: usize = 10_000;
const SIDE: usize = 28;
const PIXELS: usize = SIDE * SIDE;

/// MNIST's statistics, of pixels from 0 to 1.
const MNIST: Statistics = Statistics {
    mean: 0.1307,
    std: 0.3081,
};

/// `count` images in random order with their labels, pixels normalised; an item is an image.
///
/// The tolerance is that of normalisation from bytes.
pub(super) fn read(name: &str, count: usize) -> Benchmark {
    let read = count * (PIXELS + size_of::<u8>() + size_of::<u32>());
    Benchmark {
        description: format!("{count} images and labels of mapped IDX files, normalised"),
        implementation: selected().name().into(),
        shape: vec![count, SIDE, SIDE],
        buffers: vec![
            Buffer::input("index", DType::U32, &[IMAGES]).filled(Fill::Custom),
            Buffer::in_out("place", DType::U64, &[1]).filled(Fill::Zeros),
            Buffer::output("batch", DType::F32, &[count, SIDE, SIDE]),
            Buffer::output("batch_labels", DType::I64, &[count]),
        ],
        work: Work {
            flops: (2 * count * PIXELS) as u64,
            bytes_read: read as u64,
            bytes_written: bytes::<f32>(count * PIXELS) + bytes::<i64>(count),
            items: count as u64,
            item: "images",
        },
        tolerance: 3.0 * f64::from(f32::EPSILON),
        setup: Some(Box::new(|seed| {
            Files::new(seed).map(|files| Box::new(files) as State)
        })),
        fill: Some(Box::new(|call| {
            shuffled(call.seed(), call.take(0)?);
            Ok(())
        })),
        ..Benchmark::new(
            name,
            DType::U8,
            move |call| run(call, count),
            move |call| reference(call, count),
        )
    }
}

/// Images and labels, as MNIST has them in two files.
struct Files {
    images: Mapped,
    labels: Mapped,
}

impl Files {
    /// Writes both, maps them, and takes their names away: the system frees them with the maps.
    fn new(seed: u64) -> Result<Files, String> {
        let mut pixels = vec![0.0f32; IMAGES * PIXELS];
        kernels::create::uniform(seed, &mut pixels);
        let pixels = pixels.iter().map(|pixel| (pixel * 256.0) as u8);
        let header = |dimensions: &[usize]| {
            let sides = dimensions.iter().map(|side| (*side as u32).to_be_bytes());
            let mut header = vec![0, 0, 8, dimensions.len() as u8];
            header.extend(sides.flatten());
            header
        };
        let images = header(&[IMAGES, SIDE, SIDE]).into_iter().chain(pixels);
        let labels = header(&[IMAGES])
            .into_iter()
            .chain((0..IMAGES).map(|i| (i % 10) as u8));
        Ok(Files {
            images: mapped("images", images.collect())?,
            labels: mapped("labels", labels.collect())?,
        })
    }
}

fn mapped(name: &str, content: Vec<u8>) -> Result<Mapped, String> {
    let path = unused(name);
    let map = fs::write(&path, content)
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
        .and_then(|()| Mapped::open(&path).map_err(|error| error.to_string()));
    // Gone already, if it could not be written.
    let _ = fs::remove_file(&path);
    map
}

/// A path in the folder of temporary files that no other call and no other process has.
fn unused(name: &str) -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static CALLS: AtomicU32 = AtomicU32::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    // Two builds in one process have each a count of their own.
    let place = &raw const CALLS as usize;
    let process = std::process::id();
    std::env::temp_dir().join(format!("suites-{process}-{place:x}-{call}-{name}.idx"))
}

fn run(call: &Context<'_>, count: usize) -> Result<(), String> {
    let files = call.state::<Files>()?;
    let (index, place) = (call.take::<u32>(0)?, call.take::<u64>(1)?);
    let (batch, labels) = (call.take(2)?, call.take(3)?);
    for _ in 0..call.iterations() {
        let start = place[0] as usize * count;
        place[0] = (place[0] + 1) % (IMAGES / count) as u64;
        let index = black_box(&index[start..][..count]);
        // Headers are read each time, as by a loader that holds maps alone.
        let images = files.images.idx();
        images
            .and_then(|images| images.batch(index, MNIST, black_box(&mut *batch)))
            .and_then(|()| files.labels.idx()?.labels(index, black_box(&mut *labels)))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn reference(call: &Context<'_>, count: usize) -> Result<(), String> {
    let files = call.state::<Files>()?;
    let (index, place) = (call.take::<u32>(0)?, call.take::<u64>(1)?[0] as usize);
    call.expected(1)?[0] = ((place + 1) % (IMAGES / count)) as f64;
    let (batch, labels) = (call.expected(2)?, call.expected(3)?);
    // What stands in the file, headers of 16 and 8 bytes left out.
    let (images, numbers) = (&files.images.bytes()[16..], &files.labels.bytes()[8..]);
    for (i, row) in index[place * count..][..count].iter().enumerate() {
        let row = *row as usize;
        labels[i] = f64::from(numbers[row]);
        for pixel in 0..PIXELS {
            let value = f64::from(images[row * PIXELS + pixel]) / 255.0;
            batch[i * PIXELS + pixel] = (value - f64::from(MNIST.mean)) / f64::from(MNIST.std);
        }
    }
    Ok(())
}
