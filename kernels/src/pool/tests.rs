use super::*;

/// Runs a job whose parts count themselves, and checks that each ran once.
fn count_parts(pool: &Pool, parts: usize, work: usize) {
    let counts: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
    pool.run(parts, work, &|part| {
        counts[part].fetch_add(1, Ordering::Relaxed);
    });
    for (part, count) in counts.iter().enumerate() {
        assert_eq!(count.load(Ordering::Relaxed), 1, "part {part} of {parts}");
    }
}

#[test]
fn every_part_runs_once() {
    for threads in [0, 1, 2, 3, 5] {
        let pool = Pool::new(threads).unwrap();
        assert_eq!(pool.threads(), threads.max(1));
        for parts in [0, 1, 2, 3, 7, 100] {
            count_parts(&pool, parts, 0);
            count_parts(&pool, parts, WAKE_FOR);
        }
    }
}

#[test]
fn sleepers_are_never_missed() {
    let pool = Pool::new(3).unwrap();
    for round in 0..2000 {
        if round % 3 == 0 {
            pool.park();
        }
        count_parts(
            &pool,
            2 + round % 5,
            if round % 2 == 0 { WAKE_FOR } else { 1 },
        );
    }
}

#[test]
fn callers_at_once_do_not_meet() {
    let pool = Pool::new(3).unwrap();
    thread::scope(|scope| {
        for caller in 0..4 {
            let pool = &pool;
            scope.spawn(move || {
                (0..500).for_each(|round| count_parts(pool, 1 + (caller + round) % 9, WAKE_FOR))
            });
        }
    });
}

#[test]
fn a_job_may_start_another() {
    let pool = Pool::new(2).unwrap();
    pool.run(4, WAKE_FOR, &|_| count_parts(&pool, 5, WAKE_FOR));
}

#[test]
fn a_panic_reaches_the_caller_and_leaves_the_pool_usable() {
    let pool = Pool::new(2).unwrap();
    for round in 0..50 {
        let failing = round % 4;
        // `resume_unwind` unwinds as a panic does, without the message.
        let task = |part| {
            if part == failing {
                std::panic::resume_unwind(Box::new("on purpose"))
            }
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| pool.run(4, WAKE_FOR, &task)));
        assert!(outcome.is_err(), "round {round}");
        count_parts(&pool, 6, WAKE_FOR);
    }
}

#[test]
fn workers_start_with_their_number_before_the_pool_is_there() {
    let seen = Arc::new(AtomicUsize::new(0));
    let record = seen.clone();
    let pool = Pool::with_start(4, move |worker| {
        record.fetch_or(1 << worker, Ordering::Relaxed);
    });
    assert_eq!(pool.unwrap().threads(), 4);
    assert_eq!(seen.load(Ordering::Relaxed), 0b1110);
}

#[test]
fn little_work_lets_sleepers_sleep_until_it_adds_up() {
    let pool = Pool::new(2).unwrap();
    pool.park();
    let asleep = || pool.shared.asleep[0].0.load(Ordering::SeqCst);
    for _ in 0..3 {
        count_parts(&pool, 2, WAKE_FOR / 4);
        assert!(asleep());
    }
    assert_eq!(pool.shared.missed.load(Ordering::Relaxed), WAKE_FOR / 4 * 3);
    count_parts(&pool, 2, WAKE_FOR / 4);
    assert_eq!(
        pool.shared.missed.load(Ordering::Relaxed),
        0,
        "woken, and counted anew"
    );
}
