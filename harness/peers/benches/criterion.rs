//! criterion, with a saved baseline.

use criterion::{Criterion, criterion_group, criterion_main};

fn benchmarks(criterion: &mut Criterion) {
    peers::pin();
    for name in peers::names() {
        // The operation is made when the name is selected, for criterion calls this only then.
        criterion.bench_function(name, |bencher| {
            let mut run = peers::operation(name);
            bencher.iter(|| run(1));
        });
    }
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
