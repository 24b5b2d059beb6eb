//! A noisy neighbour: streams over memory on one CPU, and sleeps between bursts, until it is killed.
//! Arguments: the CPU, ms of a burst, ms of sleep.

use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse().ok())
        .collect();
    let [cpu, busy_ms, idle_ms] = numbers[..] else {
        eprintln!("usage: neighbour CPU BUSY_MS IDLE_MS");
        std::process::exit(2);
    };
    if let Err(error) = harness::affinity::pin(cpu as u32, &harness::affinity::allowed()) {
        eprintln!("{error}");
        std::process::exit(2);
    }
    let mut memory = vec![1.0_f64; 4 << 20];
    loop {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(busy_ms) {
            black_box(&mut memory)
                .iter_mut()
                .for_each(|x| *x *= 1.000_1);
        }
        std::thread::sleep(Duration::from_millis(idle_ms));
    }
}
