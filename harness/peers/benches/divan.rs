//! divan, which compares nothing itself: its users hold two medians side by side.

fn main() {
    peers::pin();
    divan::main();
}

#[divan::bench(args = peers::names())]
fn operation(bencher: divan::Bencher, name: &str) {
    let mut run = peers::operation(name);
    bencher.bench_local(|| run(1));
}
