//! Statistics: pure functions that know nothing but numbers.

pub mod sequential;
