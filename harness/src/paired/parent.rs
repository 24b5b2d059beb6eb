//! The parent: processes round by round, until every benchmark is settled or the budget ends.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::child::{Answer, Draw, Request};
use super::fast::{self, Fast};
use super::place::{self, Places};
use super::plan::Plan;
use super::spell;
use crate::affinity;
use crate::child::{Child, Failure};
use crate::random::Random;
use crate::stats::sequential::{Judgement, Rule};

/// Processes of the first benchmark that look for the probe's fast time where none is stored.
const CALIBRATION_PROCESSES: usize = 20;
/// Processes that each benchmark gets, even where fewer settle it: what is drawn once a process is drawn a few times.
const LEAST_PROCESSES: usize = 4;
/// Draws of each of these: together as many units as settle a benchmark without noise.
const FIRST_DRAWS: usize = 4;
/// After a round in which a slow spell left nothing, wait so long.
const SPELL_PAUSE: Duration = Duration::from_millis(100);
/// So much rejected time on end, over all benchmarks, and the comparison gives up: longer than a spell lasts.
const SPELL_LIMIT: Duration = Duration::from_secs(60);

/// How to compare.
#[derive(Clone, Debug)]
pub struct Options {
    /// The shared objects, baseline first.
    pub libraries: [PathBuf; 2],
    /// What is decided, with which risk.
    pub rule: Rule,
    /// Processes that each benchmark gets even where fewer settle it, if more than usual.
    pub least_processes: usize,
    /// Seeds buffers, places and orders.
    pub seed: u64,
    /// The CPU to pin to; none where pinning is not possible.
    pub cpu: Option<u32>,
    /// The CPUs that may be used at all.
    pub allowed: Vec<u32>,
    /// The CPUs of the suites' pools, the first of them `cpu`.
    pub pool: Vec<u32>,
    /// For all benchmarks together.
    pub budget: Duration,
    /// For one process.
    pub timeout: Duration,
    /// What makes hosts comparable: the key under which the probe's fast time is kept.
    pub host: String,
}

/// Why a benchmark's comparison ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Its claim is settled.
    Settled,
    /// The budget ended first.
    Budget,
    /// The comparison was interrupted.
    Interrupted,
    /// Nothing but a slow spell for too long.
    SlowSpell,
    /// It cannot be paired, or failed.
    Failed(String),
}

/// What became of one benchmark.
#[derive(Clone, Debug)]
pub struct Row {
    /// The benchmark's name.
    pub name: String,
    /// What is known.
    pub judgement: Judgement,
    /// The median over its draws of the baseline's median slice, ns an iteration.
    pub baseline_ns: Option<f64>,
    /// Pairs that counted.
    pub pairs: usize,
    /// Draws that counted, one unit each.
    pub units: usize,
    /// Draws that a slow spell cost.
    pub rejected: usize,
    /// Time spent on it.
    pub spent: Duration,
    /// Why it ended.
    pub stop: Stop,
}

/// How a comparison goes, told between two processes.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The next process belongs to `benchmark`.
    Starting {
        /// Its name.
        benchmark: &'a str,
        /// Benchmarks that are decided.
        decided: usize,
        /// Benchmarks that are compared.
        total: usize,
    },
    /// A benchmark is decided.
    Decided {
        /// Its name.
        benchmark: &'a str,
        /// The estimate of its change.
        percent: f64,
    },
}

/// Compares the benchmarks `names`, which both libraries have, until all are settled, `interrupted` or out of budget.
///
/// Rows come in the order of `names`.
pub fn run(
    names: &[String],
    options: &Options,
    interrupted: &AtomicBool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Vec<Row> {
    let mut session = Session {
        options,
        interrupted,
        start: Instant::now(),
        random: Random::new(options.seed, 2),
        fast_ns: f64::INFINITY,
        series: names.iter().map(|name| Series::new(name)).collect(),
        places: Places::new(&options.libraries),
    };
    let machine = fast::machine(&options.host);
    let elsewhere = options
        .cpu
        .map(|cpu| affinity::Elsewhere::move_from(cpu, &options.allowed));
    session.learn_fast_time(&machine);
    session.rounds(tell);
    drop(elsewhere);
    if session.fast_ns.is_finite() {
        Fast::store(&machine, session.fast_ns);
    }
    let row = |series: &Series| series.row(&options.rule, session.fast_ns);
    session.series.iter().map(row).collect()
}

struct Session<'a> {
    options: &'a Options,
    interrupted: &'a AtomicBool,
    start: Instant,
    random: Random,
    /// The least level of the probe that was seen, ns.
    fast_ns: f64,
    series: Vec<Series>,
    places: Places,
}

/// The processes of one benchmark.
struct Series {
    name: String,
    plan: Option<Plan>,
    answers: Vec<Answer>,
    spent: Duration,
    stop: Option<Stop>,
}

impl Session<'_> {
    /// Takes the stored fast time, or looks for one with a few processes whose pairs count like all others.
    fn learn_fast_time(&mut self, machine: &str) {
        if let Some(fast_ns) = Fast::load(machine) {
            self.fast_ns = fast_ns;
            return;
        }
        for turn in 0..CALIBRATION_PROCESSES {
            let index = turn % self.series.len().max(1);
            if self
                .series
                .get(index)
                .is_some_and(|series| series.stop.is_none())
            {
                self.process(index);
            }
        }
    }

    fn rounds(&mut self, tell: &mut dyn FnMut(Event<'_>)) {
        let mut rejected = Duration::ZERO;
        loop {
            let mut order = self.judge(tell);
            if order.is_empty() {
                return;
            }
            self.random.shuffle(&mut order);
            let (before, counted) = (Instant::now(), self.counted());
            for index in order {
                let decided = self.decided();
                tell(Event::Starting {
                    benchmark: &self.series[index].name,
                    decided,
                    total: self.series.len(),
                });
                self.process(index);
            }
            if self.counted() > counted {
                rejected = Duration::ZERO;
                continue;
            }
            std::thread::sleep(SPELL_PAUSE);
            rejected += before.elapsed();
            if rejected > SPELL_LIMIT {
                self.stop_open(&Stop::SlowSpell);
            }
        }
    }

    /// Ends the series that are settled or out of time, and returns the others.
    fn judge(&mut self, tell: &mut dyn FnMut(Event<'_>)) -> Vec<usize> {
        if self.interrupted.load(Ordering::Relaxed) {
            self.stop_open(&Stop::Interrupted);
        } else if self.start.elapsed() >= self.options.budget {
            self.stop_open(&Stop::Budget);
        }
        let mut open = Vec::new();
        for (index, series) in self.series.iter_mut().enumerate() {
            if series.stop.is_some() {
                continue;
            }
            let units = series.units(self.fast_ns);
            let judgement = self.options.rule.judge(&units);
            let least = self.options.least_processes.max(LEAST_PROCESSES);
            if judgement.settled && series.answers.len() >= least {
                series.stop = Some(Stop::Settled);
                tell(Event::Decided {
                    benchmark: &series.name,
                    percent: 100.0 * judgement.estimate.unwrap_or(0.0).exp_m1(),
                });
            } else {
                open.push(index);
            }
        }
        open
    }

    fn decided(&self) -> usize {
        self.series
            .iter()
            .filter(|series| series.stop.is_some())
            .count()
    }

    fn stop_open(&mut self, stop: &Stop) {
        for series in self
            .series
            .iter_mut()
            .filter(|series| series.stop.is_none())
        {
            series.stop = Some(stop.clone());
        }
    }

    fn counted(&self) -> usize {
        self.series
            .iter()
            .map(|series| series.units(self.fast_ns).len())
            .sum()
    }

    /// Launches one process of a series and keeps its answer.
    fn process(&mut self, index: usize) {
        let started = Instant::now();
        let left = self.options.budget.saturating_sub(self.start.elapsed());
        let deadline = started + left.min(self.options.timeout);
        let request = self.request(index);
        let padding = "x".repeat(self.random.below(place::ENVIRONMENT_BYTES));
        let answer = launch(&request, &padding, deadline, self.interrupted);
        if !answer
            .as_ref()
            .is_ok_and(|answer| answer.draws.len() == request.most_draws)
        {
            self.places.forget();
        }
        self.places.renew(started.elapsed());
        let series = &mut self.series[index];
        series.spent += started.elapsed();
        match answer {
            Ok(answer) => {
                let probes_ns: Vec<f64> = answer
                    .draws
                    .iter()
                    .flat_map(|draw| &draw.probes_ns)
                    .copied()
                    .collect();
                if let Some(level_ns) = spell::level_ns(&probes_ns) {
                    self.fast_ns = self.fast_ns.min(level_ns);
                }
                series.plan = Some(answer.plan);
                series.answers.push(answer);
            }
            Err(Failure::Interrupted) => series.stop = Some(Stop::Interrupted),
            Err(Failure::TimedOut(_)) if left < self.options.timeout => {
                series.stop = Some(Stop::Budget);
            }
            Err(failure) => series.stop = Some(Stop::Failed(failure.to_string())),
        }
    }

    fn request(&mut self, index: usize) -> Request {
        let series = &self.series[index];
        let mut draws = series.plan.map_or(FIRST_DRAWS, |plan| plan.draws);
        if series.answers.len() < LEAST_PROCESSES {
            draws = draws.min(FIRST_DRAWS);
        }
        let draws = draws.min(self.places.draws());
        Request {
            libraries: self.options.libraries.clone(),
            benchmark: series.name.clone(),
            seed: self.options.seed,
            process_seed: self.random.next(),
            cpu: self.options.cpu,
            allowed: self.options.allowed.clone(),
            pool: self.options.pool.clone(),
            plan: series.plan,
            most_draws: draws,
            places: self.places.draw(draws, &mut self.random),
            verify: series.answers.is_empty(),
        }
    }
}

impl Series {
    fn new(name: &str) -> Self {
        Series {
            name: name.to_owned(),
            plan: None,
            answers: Vec::new(),
            spent: Duration::ZERO,
            stop: None,
        }
    }

    fn draws(&self) -> impl Iterator<Item = &Draw> {
        self.answers.iter().flat_map(|answer| &answer.draws)
    }

    /// One unit for each draw that counts.
    fn units(&self, fast_ns: f64) -> Vec<f64> {
        self.draws()
            .filter_map(|draw| spell::unit(&draw.pairs_ns, &draw.probes_ns, fast_ns))
            .collect()
    }

    fn row(&self, rule: &Rule, fast_ns: f64) -> Row {
        let units = self.units(fast_ns);
        let baselines: Vec<f64> = self
            .draws()
            .filter_map(|draw| {
                let baseline: Vec<f64> = draw.pairs_ns.iter().map(|pair| pair[0]).collect();
                spell::level_ns(&baseline)
            })
            .collect();
        Row {
            name: self.name.clone(),
            judgement: rule.judge(&units),
            baseline_ns: spell::level_ns(&baselines),
            pairs: units.len() * self.plan.map_or(0, |plan| plan.pairs),
            units: units.len(),
            rejected: self.draws().count() - units.len(),
            spent: self.spent,
            stop: self.stop.clone().unwrap_or(Stop::Settled),
        }
    }
}

fn launch(
    request: &Request,
    padding: &str,
    deadline: Instant,
    interrupted: &AtomicBool,
) -> Result<Answer, Failure> {
    let mut child = Child::start(super::VERB, request, |command| {
        command.env("BENCH_PADDING", padding);
    })?;
    let answer: Option<Answer> = child.next(deadline, interrupted)?;
    let answer = answer.ok_or_else(|| Failure::Died("ended without an answer".into()))?;
    // A crash on the way out is a fault of the benchmark too.
    match child.next::<Answer>(deadline, interrupted)? {
        None => Ok(answer),
        Some(_) => Err(Failure::Garbage("two answers to one request".into())),
    }
}
