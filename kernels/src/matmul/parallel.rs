//! One product by several threads: C in parts, each a product of its own.
#![expect(
    unsafe_code,
    reason = "parts of C are disjoint, which the types cannot tell"
)]

use super::Shape;
use super::even::Even;
use super::problem::Problem;
use super::view::View;
use crate::pool::MOST_PARTS;
use crate::{Element, Pool};

/// Multiply-adds times bytes of an element from which a product is shared. A hand-over between threads that are awake costs
/// some 0.3 µs each way, because lines travel between cores; this is 2 µs of work on one thread of 512-bit vectors (about
/// 50³ in double precision), below which there is little to win and, with a busy neighbour, something to lose.
const SHARE_FROM: usize = 1 << 20;

/// Rows or columns from which a part is cut in two, so that a thread that falls behind leaves some of its share to others. Each packs B for
/// itself: half as many parts of 1000² take a fiftieth less.
const LARGE: usize = 512;

/// Columns of a part where columns are shared: a few panels, else each thread works on narrow ones.
const COLUMNS: usize = 96;

impl<T: Element> Problem<T> {
    /// Calls `solve` with each part of the problem, on the threads of `pool`: no two parts have an element of C in common.
    pub(super) fn share(&self, parts: &Parts, pool: &Pool, solve: impl Fn(&Problem<T>) + Sync) {
        let work = self.shape.work::<T>();
        // Copies, so that another thread finds all in one place.
        let (problem, parts) = (Shared(*self), *parts);
        pool.run(parts.even.parts, work, &move |part| {
            solve(&problem.part(&parts, part))
        });
    }
}

impl Shape {
    /// Multiply-adds times bytes of an element.
    fn work<T>(self) -> usize {
        [self.m, self.k, self.n]
            .into_iter()
            .fold(size_of::<T>(), usize::saturating_mul)
    }
}

/// How C is cut: along rows where there are enough of them, for then each thread reads its own part of A.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    rows: bool,
    even: Even,
}

impl Parts {
    /// Of a product that is worth sharing, of elements of a type.
    pub(super) fn of<T>(shape: Shape, threads: usize) -> Option<Parts> {
        let parts = Parts::new(shape, threads);
        (shape.work::<T>() >= SHARE_FROM && parts.even.parts > 1).then_some(parts)
    }

    fn new(shape: Shape, threads: usize) -> Parts {
        let rows = shape.m >= shape.n.min(16 * threads);
        let (total, unit) = if rows {
            (shape.m, 8)
        } else {
            (shape.n, COLUMNS)
        };
        let parts = if total / threads >= LARGE {
            2 * threads
        } else {
            threads.min(total / unit)
        };
        Parts {
            rows,
            even: Even::new(total, total.div_ceil(parts.clamp(1, MOST_PARTS)).max(1)),
        }
    }
}

struct Shared<T>(Problem<T>);

// SAFETY: the threads that share it read A and B, and write disjoint parts of C.
unsafe impl<T: Sync> Sync for Shared<T> {}

impl<T: Element> Shared<T> {
    fn part(&self, parts: &Parts, part: usize) -> Problem<T> {
        let Problem { shape, a, b, c, .. } = self.0;
        let (start, size) = (parts.even.start(part), parts.even.size(part));
        if parts.rows {
            let a = a.part(start, size, 0, a.columns);
            let c = View {
                data: c.data.wrapping_add(start * c.row_stride),
                rows: size,
                ..c
            };
            return Problem {
                shape: Shape { m: size, ..shape },
                a,
                c,
                ..self.0
            };
        }
        let b = b.part(0, b.rows, start, size);
        let c = View {
            data: c.data.wrapping_add(start),
            columns: size,
            ..c
        };
        Problem {
            shape: Shape { n: size, ..shape },
            b,
            c,
            ..self.0
        }
    }
}
