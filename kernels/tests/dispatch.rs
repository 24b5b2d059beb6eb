//! What the choice of an implementation costs a call.

use std::hint::black_box;
use std::time::{Duration, Instant};

use kernels::add::{add, selected};

const ROUNDS: usize = 201;
const CALLS: u32 = 10_000;

/// Prints the first call in this process, the second, and, medians of alternate rounds, a warm call beside one of the chosen implementation.
#[test]
#[ignore = "prints times, of which nothing is demanded"]
fn cost_of_dispatch() {
    let (a, b) = ([1.0f32; 16], [2.0f32; 16]);
    let mut out = [0.0f32; 16];
    let mut chosen = || add(black_box(&a), black_box(&b), black_box(&mut out)).unwrap();
    let first = time(1, &mut chosen);
    let second = time(1, &mut chosen);

    let implementation = selected::<f32>();
    let mut out = [0.0f32; 16];
    let mut direct = || {
        let (a, b) = (black_box(&a), black_box(&b));
        implementation.run(a, b, black_box(&mut out)).unwrap();
    };
    let mut rounds: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|_| {
            [time(CALLS, &mut chosen), time(CALLS, &mut direct)]
                .map(|elapsed| elapsed.as_nanos() as f64 / f64::from(CALLS))
        })
        .collect();
    let [chosen, direct] = [0, 1].map(|side| {
        rounds.sort_by(|x, y| x[side].total_cmp(&y[side]));
        rounds[ROUNDS / 2][side]
    });
    println!(
        "an addition of 16 elements by {}: {chosen:.2} ns chosen, {direct:.2} ns called directly, ratio {:.2} \
         ({ROUNDS} rounds of {CALLS} calls); the first call in the process took {first:?}, the second {second:?}",
        implementation.name(),
        chosen / direct,
    );
}

fn time(calls: u32, call: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        call();
    }
    start.elapsed()
}
