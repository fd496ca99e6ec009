//! The augeo binary.
fn main() {}
