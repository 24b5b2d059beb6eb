//! Text for people: names made visible, and numbers with a unit.

pub mod escape;
pub mod units;

pub use escape::visible;
