//! This project: its products and additions on a pool where there are threads, layers also of weights that are packed beforehand.

use abi::{Benchmark, Suite};
use kernels::add::Operation;
use suites::model_training::linear_forward_packed;
use suites::{Float, THREADS, tensor_ops};

use crate::peer::own;
use crate::request::{Case, Op, Request, Type};

pub(super) fn suite(request: &Request) -> Suite {
    let threads = request.threads;
    let mut benchmarks = Vec::new();
    for case in &request.cases {
        benchmarks.push(match case.dtype {
            Type::F32 => benchmark::<f32>(case, threads),
            Type::F64 => benchmark::<f64>(case, threads),
        });
        if let (Op::LinearForward, &[batch, inputs, outputs]) = (case.op, &*case.shape) {
            let name = case.benchmark_name("kernels-packed");
            benchmarks.push(linear_forward_packed(&name, [batch, inputs, outputs]));
        }
    }
    Suite {
        threads: Some(THREADS),
        ..Suite::new("kernels", "This project's kernels", benchmarks)
    }
}

fn benchmark<T: Float>(case: &Case, threads: usize) -> Benchmark {
    let benchmark = own::<T>("kernels", case);
    match *case.shape {
        [m, k, n] if case.op == Op::Matmul && threads > 1 => Benchmark {
            name: benchmark.name,
            ..tensor_ops::matmul_parallel::<T>("", [m, k, n])
        },
        [rows, columns] if case.op == Op::Add && threads > 1 => Benchmark {
            name: benchmark.name,
            ..tensor_ops::elementwise_parallel::<T>("", Operation::Add, [rows, columns])
        },
        _ => benchmark,
    }
}
