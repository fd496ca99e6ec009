//! The blueprint from the outside: the stacks that `augeo.toml` makes, and its mistakes.

mod bad_input;
mod custom_resources;
mod data;
mod environments;
mod findings;
mod modules;
mod names;
mod references;
mod shared;
mod shown;
