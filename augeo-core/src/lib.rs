//! The provider-agnostic engine: a stack becomes a plan, a plan becomes a report.

pub mod clock;
pub mod finding;
pub mod name;
pub mod plan;
pub mod provider;
pub mod report;
pub mod resource;
pub mod stack;
pub mod value;
