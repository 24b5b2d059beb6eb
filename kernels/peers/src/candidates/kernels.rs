//! This project.

use abi::Suite;

use crate::peer::own;
use crate::request::{Request, Type};

pub(super) fn suite(request: &Request) -> Suite {
    let benchmarks = request.cases.iter().map(|case| match case.dtype {
        Type::F32 => own::<f32>("kernels", case),
        Type::F64 => own::<f64>("kernels", case),
    });
    Suite::new("kernels", "This project's kernels", benchmarks.collect())
}
