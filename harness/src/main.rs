//! The program `bench`.
fn main() {}
