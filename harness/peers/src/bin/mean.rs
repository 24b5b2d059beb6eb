//! The rule that this project started from: the mean of one process's samples. Prints ns for the benchmark named.

use std::time::Instant;

/// Samples, after a tenth as many that warm up.
const SAMPLES: u64 = 100;

fn main() {
    peers::pin();
    let name = std::env::args().nth(1).unwrap_or_default();
    let mut run = peers::operation(&name);
    (0..SAMPLES / 10).for_each(|_| run(1));
    let start = Instant::now();
    (0..SAMPLES).for_each(|_| run(1));
    println!("{}", start.elapsed().as_nanos() as f64 / SAMPLES as f64);
}
