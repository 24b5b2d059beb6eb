//! From a peer's functions to a suite of benchmarks.

use std::hint::black_box;
use std::sync::Arc;

use abi::{Benchmark, Body, Context, Role, Suite};
use suites::model_training::{self, Activation, Optimizer};
use suites::{Float, data_loading, tensor_ops};

use crate::request::{Case, Op, Request, Type};

/// `out = a + b` on elements of `T`.
pub type Add<T> = Arc<dyn Fn(&[T], &[T], &mut [T]) -> Result<(), String> + Send + Sync>;

/// `c = a · b`, row-major, for m, k and n.
pub type Matmul<T> =
    Arc<dyn Fn([usize; 3], &[T], &[T], &mut [T]) -> Result<(), String> + Send + Sync>;

/// Any other operation: the shape, and the buffers of this project's benchmark for it, those that are only read and those that are written.
pub type Other<T> =
    Arc<dyn Fn(&[usize], &[&[T]], &mut [&mut [T]]) -> Result<(), String> + Send + Sync>;

/// Others approximate exponentials more coarsely: so many times what this project's kernels may err is no wrong result.
const COARSER: f64 = 4.0;

/// The functions of a peer on one element type.
pub struct Functions<T> {
    /// Element-wise addition.
    pub add: Option<Add<T>>,
    /// The product.
    pub matmul: Option<Matmul<T>>,
    /// All others.
    pub others: Vec<(Op, Other<T>)>,
}

impl<T> Default for Functions<T> {
    /// None.
    fn default() -> Self {
        Functions {
            add: None,
            matmul: None,
            others: Vec::new(),
        }
    }
}

impl<T> Functions<T> {
    /// Of a peer that only multiplies matrices.
    pub fn matmul(
        matmul: impl Fn([usize; 3], &[T], &[T], &mut [T]) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Functions {
            matmul: Some(Arc::new(matmul)),
            ..Functions::default()
        }
    }

    /// The same, which also adds.
    pub fn and_add(
        self,
        add: impl Fn(&[T], &[T], &mut [T]) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Functions {
            add: Some(Arc::new(add)),
            ..self
        }
    }

    /// Of a peer that only adds.
    pub fn add(
        add: impl Fn(&[T], &[T], &mut [T]) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Functions::default().and_add(add)
    }
}

/// The suite of a peer called `name`: a benchmark for each case that it has a function for.
pub fn suite(name: &str, request: &Request, f32: &Functions<f32>, f64: &Functions<f64>) -> Suite {
    let benchmark = |case: &Case| match case.dtype {
        Type::F32 => benchmark(name, case, f32),
        Type::F64 => benchmark(name, case, f64),
    };
    let benchmarks = request.cases.iter().filter_map(benchmark).collect();
    Suite::new(name, format!("The kernels of {name}"), benchmarks)
}

fn benchmark<T: Float>(peer: &str, case: &Case, functions: &Functions<T>) -> Option<Benchmark> {
    let benchmark = of_others::<T>(peer, case);
    let run: Body = match case.op {
        Op::Add => {
            let add = functions.add.clone()?;
            Box::new(move |call: &Context<'_>| {
                let (a, b, sum) = (call.take(0)?, call.take(1)?, call.take(2)?);
                (0..call.iterations())
                    .try_for_each(|_| add(black_box(a), black_box(b), black_box(sum)))
            })
        }
        Op::Matmul => {
            let matmul = functions.matmul.clone()?;
            let shape = [case.shape[0], case.shape[1], case.shape[2]];
            Box::new(move |call: &Context<'_>| {
                let (a, b, c) = (call.take(0)?, call.take(1)?, call.take(2)?);
                (0..call.iterations())
                    .try_for_each(|_| matmul(shape, black_box(a), black_box(b), black_box(c)))
            })
        }
        op => {
            let (_, function) = functions.others.iter().find(|(other, _)| *other == op)?;
            let (function, shape) = (Arc::clone(function), case.shape.clone());
            let roles: Vec<Role> = benchmark.buffers.iter().map(|buffer| buffer.role).collect();
            Box::new(move |call: &Context<'_>| {
                let (mut read, mut written) = (Vec::new(), Vec::new());
                for (index, role) in roles.iter().enumerate() {
                    let buffer: &mut [T] = call.take(index)?;
                    match role {
                        Role::Input => read.push(&*buffer),
                        _ => written.push(buffer),
                    }
                }
                (0..call.iterations())
                    .try_for_each(|_| function(&shape, black_box(&read), black_box(&mut written)))
            })
        }
    };
    Some(Benchmark {
        implementation: peer.to_owned(),
        run,
        ..benchmark
    })
}

/// This project's benchmark for `case`, with the tolerance for results of others.
pub fn of_others<T: Float>(candidate: &str, case: &Case) -> Benchmark {
    let own = own::<T>(candidate, case);
    let coarser = match case.op {
        Op::Sigmoid | Op::Tanh => COARSER,
        _ => 1.0,
    };
    Benchmark {
        tolerance: coarser * own.tolerance,
        ..own
    }
}

/// This project's benchmark for `case`.
pub fn own<T: Float>(candidate: &str, case: &Case) -> Benchmark {
    let benchmark = match (case.op, &*case.shape) {
        (Op::Add, &[rows, columns]) => tensor_ops::add::<T>("", [rows, columns]),
        (Op::Matmul, &[m, k, n]) => tensor_ops::matmul::<T>("", [m, k, n]),
        (Op::Gather, &[rows, count]) => data_loading::gather("", rows, count),
        (Op::Normalise, &[i, j, k]) => data_loading::given("", [i, j, k]),
        (Op::NormaliseComputed, &[i, j, k]) => data_loading::computed("", [i, j, k]),
        (Op::NormaliseBytes, &[i, j, k]) => data_loading::from_bytes("", [i, j, k]),
        (Op::LinearForward, &[i, j, k]) => model_training::linear_forward("", [i, j, k]),
        (Op::LinearBackward, &[i, j, k]) => model_training::linear_backward("", [i, j, k]),
        (Op::Relu, &[i, j]) => model_training::forward("", Activation::Relu, [i, j]),
        (Op::Sigmoid, &[i, j]) => model_training::forward("", Activation::Sigmoid, [i, j]),
        (Op::Tanh, &[i, j]) => model_training::forward("", Activation::Tanh, [i, j]),
        (Op::Sgd, &[parameters]) => model_training::step("", Optimizer::Sgd, parameters),
        (Op::Momentum, &[parameters]) => model_training::step("", Optimizer::Momentum, parameters),
        (Op::Adam, &[parameters]) => model_training::step("", Optimizer::Adam, parameters),
        _ => panic!(
            "{} has {} dimensions, not {:?}",
            case.op.name(),
            case.op.rank(),
            case.shape
        ),
    };
    Benchmark {
        name: case.benchmark_name(candidate),
        ..benchmark
    }
}
