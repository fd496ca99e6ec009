//! The provider-agnostic engine: a stack becomes a plan, a plan becomes a report.
#![doc = include_str!("../README.md")]

pub mod clock;
#[doc(hidden)]
pub mod diff;
pub mod engine;
mod executor;
pub mod finding;
pub mod forecast;
pub mod graph;
#[doc(hidden)]
pub mod mutant;
pub mod name;
pub mod pending;
pub mod plan;
mod planner;
pub mod provider;
pub mod render;
pub mod report;
pub mod resource;
pub mod stack;
pub mod suggestion;
pub mod value;

pub use engine::Engine;
pub use planner::{DeleteData, PlanOptions};
pub use stack::Stack;
