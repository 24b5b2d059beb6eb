//! Worker threads for products large enough: awake while they are needed, asleep when not.
//!
//! # How it works
//! A job is a number of parts, 32 at most. Workers and the caller claim parts one at a time until none is left, each its own
//! share first, so that a repeated job finds its data in the caches of the same cores; the caller returns when all are done. A worker that finds nothing to claim spins for a while ([`SPINS`]), because waking it costs
//! more than a small product, and then sleeps. Since the caller claims too, a worker that comes late costs nothing but its help.
//!
//! # Any number of callers
//! One job at a time owns the workers. A caller who finds them taken computes its parts alone, so callers never wait
//! for each other, and a job may start another one.
//!
//! # Why there is no race
//! - `state` holds a job's number and its unclaimed parts in one word. Claiming is a compare-and-swap on the whole word, so
//!   a worker that was delayed cannot claim a part of a job other than the one it saw: numbers repeat after 2³² jobs only,
//!   and it would have to sleep through exactly so many.
//! - The task is read only *after* a successful claim. It was written before `state` was (release, acquire), and
//!   its owner, who waits until every claimed part is done, cannot take it away before.
//! - A worker announces that it will sleep, then looks at `state` once more; a caller changes `state`, then looks for announcements.
//!   Both are sequentially consistent, so one of them sees the other; and a wake-up that comes before the sleep makes it return at once.
//!
//! The test `sleepers_are_never_missed` and its neighbours drive each of these by force.
#![expect(
    unsafe_code,
    reason = "a job's task is borrowed from its caller's stack"
)]

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle, Thread};

/// Rounds that a worker without work waits awake, each a `pause` of some 10 to 40 ns: a few hundred µs. Shorter, and
/// products that follow each other at leisure find it asleep; longer, and it burns a CPU that somebody may want.
const SPINS: u32 = 10_000;

/// Work, in multiply-adds times bytes of an element, that pays for waking a sleeping worker: about 100 µs on one
/// thread of 512-bit vectors, where waking costs the caller some 5 µs and the worker comes 30 to 60 µs later.
const WAKE_FOR: usize = 48 << 20;

/// The most parts of a job: `state` has a bit for each that is unclaimed, and the job's number above them.
pub(crate) const MOST_PARTS: usize = 32;

/// A pool of threads, of which the caller of a product is one.
///
/// ```
/// use kernels::Pool;
/// use kernels::matmul::{Shape, matmul_parallel};
///
/// let pool = Pool::new(2)?;
/// let a = vec![1.0f64; 200 * 200];
/// let mut c = vec![0.0; 200 * 200];
/// matmul_parallel(&a, &a, &mut c, Shape::square(200), &pool)?;
/// assert!(c.iter().all(|c| *c == 200.0));
/// pool.park(); // Until the next product.
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<Worker>,
}

#[derive(Debug)]
struct Worker {
    thread: Thread,
    handle: Option<JoinHandle<()>>,
}

/// What workers and callers share. Each on a line of its own, for they are written by different threads.
#[derive(Debug)]
struct Shared {
    job: Line<Job>,
    /// Claimed or unclaimed parts of the job that are not done.
    pending: Line<AtomicUsize>,
    /// Whether a caller owns the workers.
    taken: Line<AtomicBool>,
    /// A worker's panic, for the caller.
    panicked: AtomicBool,
    /// Do not spin.
    parked: AtomicBool,
    closed: AtomicBool,
    /// Work that was done alone because the workers slept.
    missed: AtomicUsize,
    asleep: Vec<Line<AtomicBool>>,
}

/// What a worker must know to begin, on one line: on three, a hand-over takes 0.1 µs longer.
#[derive(Debug)]
struct Job {
    /// The job's number and its unclaimed parts.
    state: AtomicU64,
    /// Parts of a thread's own share. A hint: a stale value costs time alone.
    share: AtomicUsize,
    task: UnsafeCell<Task>,
}

#[derive(Debug, Default)]
#[repr(align(128))]
struct Line<T>(T);

/// What to do with a part. The lifetime is that of the job, which outlasts every claim.
type Task = Option<*const (dyn Fn(usize) + Sync)>;

// SAFETY: everything but the task is atomic. The task is written by the one caller who has `taken` the workers, while no
// part is unclaimed or pending, and read by those who have claimed a part; what it points to is `Sync`.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

impl Pool {
    /// A pool of `threads` threads, the caller's included: `threads - 1` workers are started.
    ///
    /// # Errors
    /// If the operating system refuses a thread.
    pub fn new(threads: usize) -> std::io::Result<Pool> {
        Self::with_start(threads, |_| {})
    }

    /// As [`Pool::new`]; each worker first calls `start` with its number, from 1 on: to pin itself, for example.
    /// Returns when all have done so.
    ///
    /// # Errors
    /// If the operating system refuses a thread, or `start` panics.
    pub fn with_start(
        threads: usize,
        start: impl Fn(usize) + Send + Sync + 'static,
    ) -> std::io::Result<Pool> {
        let count = threads.saturating_sub(1);
        let shared = Arc::new(Shared::new(count));
        let start = Arc::new(start);
        let (report, started) = mpsc::channel();
        let mut pool = Pool {
            shared: shared.clone(),
            workers: Vec::with_capacity(count),
        };
        for worker in 0..count {
            let (shared, start, report) = (shared.clone(), start.clone(), report.clone());
            let work = move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| start(worker + 1)));
                // The receiver is gone if another thread could not be started: then the pool is closed already.
                let _ = report.send(outcome.is_ok());
                drop((start, report));
                shared.work(worker);
            };
            let handle = thread::Builder::new()
                .name(format!("kernels-{}", worker + 1))
                .spawn(work)?;
            pool.workers.push(Worker {
                thread: handle.thread().clone(),
                handle: Some(handle),
            });
        }
        drop(report);
        if started.iter().all(|succeeded| succeeded) {
            return Ok(pool);
        }
        Err(std::io::Error::other(
            "the start function of a worker panicked",
        ))
    }

    /// Threads, the caller's included.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Puts the workers to sleep, and returns when they are. The next product that pays for it wakes them.
    pub fn park(&self) {
        self.shared.parked.store(true, Ordering::SeqCst);
        while !self
            .shared
            .asleep
            .iter()
            .all(|asleep| asleep.0.load(Ordering::SeqCst))
        {
            thread::yield_now();
        }
    }

    /// Calls `task` once for each of `parts`, on whichever threads come first, and returns when all are done.
    /// `work`, in multiply-adds times bytes of an element, decides whether sleeping workers are worth waking.
    ///
    /// # Panics
    /// If `task` does, after all parts are done.
    pub(crate) fn run(&self, parts: usize, work: usize, task: &(dyn Fn(usize) + Sync)) {
        let alone = parts < 2 || self.workers.is_empty() || parts > MOST_PARTS;
        if alone || self.shared.taken.0.swap(true, Ordering::Acquire) {
            return (0..parts).for_each(task);
        }
        let shared = &*self.shared;
        shared.publish(parts, task);
        // Also returns the workers if `task` panics here, once nobody uses it any more.
        let finish = Finish { shared };
        self.wake(work);
        while let Some(part) = shared.claim(0) {
            let done = Done {
                pending: &shared.pending.0,
            };
            task(part);
            drop(done);
        }
        drop(finish);
    }

    /// Wakes sleeping workers if enough work has come to pay for it.
    fn wake(&self, work: usize) {
        let shared = &*self.shared;
        if !shared
            .asleep
            .iter()
            .any(|asleep| asleep.0.load(Ordering::SeqCst))
        {
            return;
        }
        let missed = shared.missed.load(Ordering::Relaxed).saturating_add(work);
        if missed < WAKE_FOR {
            return shared.missed.store(missed, Ordering::Relaxed);
        }
        shared.missed.store(0, Ordering::Relaxed);
        self.wake_all();
    }

    fn wake_all(&self) {
        self.shared.parked.store(false, Ordering::SeqCst);
        for (worker, asleep) in self.workers.iter().zip(&self.shared.asleep) {
            if asleep.0.swap(false, Ordering::SeqCst) {
                worker.thread.unpark();
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.wake_all();
        for worker in &mut self.workers {
            worker.thread.unpark();
            // A worker catches panics, so that joining it cannot fail.
            let _ = worker.handle.take().map(JoinHandle::join);
        }
    }
}

impl Shared {
    fn new(workers: usize) -> Shared {
        Shared {
            job: Line(Job {
                state: AtomicU64::new(0),
                share: AtomicUsize::new(1),
                task: UnsafeCell::new(None),
            }),
            pending: Line::default(),
            taken: Line::default(),
            panicked: AtomicBool::new(false),
            parked: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            missed: AtomicUsize::new(0),
            asleep: (0..workers).map(|_| Line::default()).collect(),
        }
    }

    /// Offers the parts of a job. The caller has `taken` the workers.
    fn publish(&self, parts: usize, task: &(dyn Fn(usize) + Sync)) {
        // SAFETY: lengthens the borrow's lifetime; it is used for claimed parts alone, and `Finish` waits for those.
        let task: &'static (dyn Fn(usize) + Sync) = unsafe { std::mem::transmute(task) };
        self.pending.0.store(parts, Ordering::Relaxed);
        let job = &self.job.0;
        // SAFETY: nobody reads the task now: no part is unclaimed, and none is pending.
        unsafe { job.task.get().write(Some(task)) };
        let share = parts.div_ceil(self.asleep.len() + 1);
        job.share.store(share, Ordering::Relaxed);
        let number = (job.state.load(Ordering::Relaxed) >> MOST_PARTS).wrapping_add(1);
        let unclaimed = u64::MAX >> (64 - parts);
        job.state
            .store(number << MOST_PARTS | unclaimed, Ordering::SeqCst);
    }

    /// A part of the current job that is now the caller's to do, if one is left: thread `thread`'s own share first.
    fn claim(&self, thread: usize) -> Option<usize> {
        let job = &self.job.0;
        let mut state = job.state.load(Ordering::SeqCst);
        loop {
            let unclaimed = state as u32;
            if unclaimed == 0 {
                return None;
            }
            let share = thread * job.share.load(Ordering::Relaxed) % MOST_PARTS;
            let part = (unclaimed.rotate_right(share as u32).trailing_zeros() as usize + share)
                % MOST_PARTS;
            let without = state & !(1 << part);
            match job.state.compare_exchange_weak(
                state,
                without,
                Ordering::Acquire,
                Ordering::SeqCst,
            ) {
                Ok(_) => return Some(part),
                Err(now) => state = now,
            }
        }
    }

    /// A worker's life.
    fn work(&self, worker: usize) {
        let mut spins = 0;
        while !self.closed.load(Ordering::Acquire) {
            if let Some(part) = self.claim(worker + 1) {
                let done = Done {
                    pending: &self.pending.0,
                };
                // SAFETY: a part is claimed, so the task has been written and stays.
                let task = unsafe { self.job.0.task.get().read() };
                // SAFETY: as above.
                let call = || task.map(|task| unsafe { (*task)(part) });
                if catch_unwind(AssertUnwindSafe(call)).is_err() {
                    self.panicked.store(true, Ordering::Relaxed);
                }
                drop(done);
                spins = 0;
            } else if spins < SPINS && !self.parked.load(Ordering::Relaxed) {
                std::hint::spin_loop();
                spins += 1;
            } else {
                self.sleep(worker);
                spins = 0;
            }
        }
    }

    /// Sleeps until woken, unless there is something to do.
    fn sleep(&self, worker: usize) {
        let asleep = &self.asleep[worker].0;
        asleep.store(true, Ordering::SeqCst);
        let work = self.job.0.state.load(Ordering::SeqCst) as u32 > 0;
        if work {
            asleep.store(false, Ordering::SeqCst);
            return;
        }
        while asleep.load(Ordering::SeqCst) && !self.closed.load(Ordering::SeqCst) {
            thread::park();
        }
    }
}

/// A claimed part; done when dropped.
struct Done<'a> {
    pending: &'a AtomicUsize,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.pending.fetch_sub(1, Ordering::Release);
    }
}

/// A published job. Dropped, it withdraws what is unclaimed, waits for what is not done, and returns the workers.
struct Finish<'a> {
    shared: &'a Shared,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        // Something is left only if the task panicked in this thread.
        while self.shared.claim(0).is_some() {
            self.shared.pending.0.fetch_sub(1, Ordering::Relaxed);
        }
        let mut spins = 0;
        while self.shared.pending.0.load(Ordering::Acquire) > 0 {
            if spins < SPINS {
                std::hint::spin_loop();
                spins += 1;
            } else {
                // A worker has lost its CPU in the middle of a part: it may need this one.
                thread::yield_now();
            }
        }
        let panicked = self.shared.panicked.swap(false, Ordering::Relaxed);
        self.shared.taken.0.store(false, Ordering::Release);
        assert!(
            !panicked || thread::panicking(),
            "a part of a parallel product panicked"
        );
    }
}

#[cfg(test)]
mod tests;
