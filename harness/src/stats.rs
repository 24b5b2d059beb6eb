//! Statistics: pure functions, numbers in and numbers out.
//!
//! Nothing here knows what a benchmark is. Functions on slices say what an empty one and a slice of one number give;
//! no input may hold NaN. Where a method has a source, the source stands beside it.
//!
//! ```
//! use harness::stats::order::{median, spread};
//! use harness::stats::shift::shift;
//!
//! let (old, new) = ([5.0, 5.1, 5.2, 5.0, 9.0, 5.1], [6.0, 6.1, 6.2, 6.0, 6.1, 6.2]);
//! assert_eq!(median(&old), Some(5.1));
//! assert!(spread(&old) < 0.2, "one outlier does not count");
//! let shift = shift(&old, &new, 0.05).expect("there are values");
//! assert!((shift.estimate - 1.0).abs() < 1e-9, "{shift:?}");
//! ```

pub mod changepoints;
pub mod order;
pub mod sequential;
pub mod shift;
pub mod student;
