//! Statistics: pure functions, numbers in and numbers out.
//!
//! Nothing here knows what a benchmark is. Functions on slices say what an empty one and a slice of one number give;
//! no input may hold NaN. Where a method has a source, the source stands beside it.

pub mod changepoints;
pub mod order;
pub mod sequential;
pub mod shift;
pub mod student;
