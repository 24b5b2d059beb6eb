//! The program `peers`: measures this project and every peer that this machine has, in one run.
//!
//! Each process ([`run::child`]) loads all candidates, and measures them on the same buffers in an order drawn anew each
//! round, or, where there are several threads, one candidate; this one starts the processes, one after the other, and reports ([`run::report`]).

mod run;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Parser, ValueEnum};
use peers::request::{Case, Op, Request, Type};

use run::{Plan, install, report};

/// Measures this project's kernels and every peer on this machine, in turn, in one run, on the same buffers
///
/// Peers: faer, gemm, matrixmultiply, ndarray, nalgebra, plain loops, OpenBLAS, BLIS, MKL, Eigen, libxsmm, oneDNN, SLEEF, and numpy, PyTorch and ONNX Runtime in
/// processes of their own. One that is absent is a row that says so; --install fetches what is missing. Every result is checked.
///
/// Times are medians of rounds over processes, and a round takes the candidates in a new random order. The ceiling is measured in the same
/// run: multiply-adds in registers for a product, the triad on the same buffers for an addition.
/// With several threads each candidate has a process of its own, which is stopped while another takes its turn.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask peers", version)]
struct Arguments {
    /// Only this operation [default: add and matmul]
    #[arg(long, value_enum)]
    op: Option<Op>,
    /// Sizes, separated by commas: N, or ROWSxCOLUMNS for add, MxKxN for matmul, SETxBATCH for gather, IMAGESxROWSxCOLUMNS for normalise,
    /// BATCHxINPUTSxOUTPUTS for linear, ROWSxCOLUMNS for activations, PARAMETERS for optimisers [default: those of the suites]
    #[arg(long, value_delimiter = ',', value_parser = size)]
    sizes: Vec<Vec<usize>>,
    /// Only this type of element [default: both]
    #[arg(long, value_enum)]
    dtype: Option<Type>,
    /// Only these candidates, separated by commas
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Threads that each candidate may use
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Rounds of each process
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Processes, one after the other: memory lies elsewhere in each
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    processes: u64,
    /// Of the order of candidates and the contents of buffers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Shared objects of further candidates, made with `abi::export!` or in any other language
    #[arg(long)]
    lib: Vec<PathBuf>,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Fetch what is missing with apt and pip, and measure nothing
    #[arg(long)]
    install: bool,
    /// What a child is to do, as JSON
    #[arg(long, hide = true)]
    child: Option<String>,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Tables for a terminal
    Text,
    /// A list of rows
    Json,
    /// Tables for a document
    Markdown,
}

fn main() -> ExitCode {
    match work(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn work(arguments: Arguments) -> anyhow::Result<()> {
    if let Some(plan) = &arguments.child {
        let plan: Plan = serde_json::from_str(plan).context("the plan of a child")?;
        let measured = run::child::run(&plan)?;
        if plan.serve.is_some() {
            return Ok(());
        }
        println!("{}", serde_json::to_string(&measured)?);
        return Ok(());
    }
    if arguments.install {
        return install::run();
    }
    let cases = arguments.cases()?;
    let request = Request {
        cases,
        threads: arguments.threads,
    };
    let plan = arguments.plan()?;
    let show = std::io::stderr().is_terminal();
    let measured = run::processes(&plan, &request, arguments.processes, show)?;
    let rows = report::rows(&request, &measured);
    for only in &arguments.only {
        let there = rows.iter().any(|row| row.is_of(only));
        ensure!(
            there,
            "no candidate is called {only}: run without --only to see them all"
        );
    }
    ensure!(!rows.is_empty(), "no candidate does this");
    match arguments.format {
        Format::Text => print!("{}", report::text(&rows)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&rows)?),
        Format::Markdown => print!("{}", report::markdown(&rows)),
    }
    ensure!(
        rows.iter().all(|row| !row.wrong()),
        "a result is wrong: see the rows"
    );
    Ok(())
}

impl Arguments {
    fn cases(&self) -> anyhow::Result<Vec<Case>> {
        let mut cases = Vec::new();
        let wanted = |op: &Op| match self.op {
            Some(only) => only == *op,
            None => matches!(op, Op::Add | Op::Matmul),
        };
        for op in Op::ALL.into_iter().filter(wanted) {
            for shape in self.shapes(op) {
                for &dtype in op.types() {
                    let shape = shape.clone();
                    if self.dtype.is_none_or(|only| only == dtype) {
                        cases.push(Case { op, dtype, shape });
                    }
                }
            }
        }
        ensure!(!cases.is_empty(), "none of the sizes fits the operation");
        Ok(cases)
    }

    /// The sizes that fit `op`.
    fn shapes(&self, op: Op) -> Vec<Vec<usize>> {
        if self.sizes.is_empty() {
            return op.shapes();
        }
        let fitting = self.sizes.iter().filter_map(|size| match size.len() {
            1 => Some(vec![size[0]; op.rank()]),
            rank if rank == op.rank() => Some(size.clone()),
            // Meant for another operation.
            _ => None,
        });
        fitting.collect()
    }

    fn plan(&self) -> anyhow::Result<Plan> {
        let allowed = harness::affinity::allowed();
        ensure!(
            (1..=allowed.len()).contains(&self.threads),
            "{} threads asked for, {} CPUs allowed",
            self.threads,
            allowed.len()
        );
        // The last ones: the first serves the system's interrupts.
        let cpus = allowed[allowed.len() - self.threads..].to_vec();
        let program = std::env::current_exe().context("where this program lies")?;
        let mut libraries = vec![program.with_file_name("libpeers.so")];
        libraries.extend(self.lib.clone());
        Ok(Plan {
            libraries,
            only: self.only.clone(),
            rounds: self.rounds,
            seed: self.seed,
            process: 0,
            cpus,
            serve: None,
        })
    }
}

fn size(text: &str) -> Result<Vec<usize>, String> {
    let sides: Result<Vec<usize>, _> = text.split(['x', '×']).map(str::parse).collect();
    match sides {
        Ok(sides) if sides.iter().all(|&side| side > 0) => Ok(sides),
        _ => Err("a size is N, ROWSxCOLUMNS or MxKxN".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_size_belongs_to_the_operations_that_it_fits() {
        let arguments =
            Arguments::parse_from(["peers", "--sizes", "8,2x3,4x5x6", "--dtype", "f64"]);
        let shapes: Vec<_> = arguments
            .cases()
            .unwrap()
            .into_iter()
            .map(|case| (case.op, case.shape))
            .collect();
        let expected = [
            (Op::Add, vec![8, 8]),
            (Op::Add, vec![2, 3]),
            (Op::Matmul, vec![8, 8, 8]),
            (Op::Matmul, vec![4, 5, 6]),
        ];
        assert_eq!(shapes, expected);
        assert!(size("3x").is_err() && size("0").is_err());
    }
}
