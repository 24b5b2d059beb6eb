//! A plain loop, vectorised by the compiler: the yardstick of an addition with ordinary stores.

use abi::Suite;

use crate::peer::{self, Functions};
use crate::request::Request;

/// The loop for `$element`, compiled for `$features`.
macro_rules! functions {
    ($element:ty, $features:tt) => {{
        #[target_feature(enable = $features)]
        fn add(a: &[$element], b: &[$element], sum: &mut [$element]) {
            for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
                *sum = a + b;
            }
        }
        Functions::<$element>::add(|a, b, sum| {
            if !is_x86_feature_detected!($features) {
                return Err(concat!("this CPU has no ", $features).into());
            }
            // SAFETY: the CPU has the feature.
            unsafe { add(a, b, sum) };
            Ok(())
        })
    }};
}

pub(super) fn suites(request: &Request) -> [Suite; 2] {
    let avx2 = (functions!(f32, "avx2"), functions!(f64, "avx2"));
    let avx512 = (functions!(f32, "avx512f"), functions!(f64, "avx512f"));
    [
        peer::suite("loop-avx2", request, &avx2.0, &avx2.1),
        peer::suite("loop-avx512", request, &avx512.0, &avx512.1),
    ]
}
