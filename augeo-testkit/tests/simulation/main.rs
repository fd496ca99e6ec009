//! The scenarios: what goes wrong in Azure, one test each, with the real planner, executor, provider
//! and client against the emulator's world, in one process and under tokio's paused clock.
//!
//! Each asserts that the fault was met, what the report says, what the world holds, and when the
//! requests went out.

mod access;
mod clock;
mod conflicts;
mod connections;
mod consistency;
mod corpus;
mod crashes;
mod exhaustive;
mod operations;
mod people;
mod rig;
mod seeds;
mod stacks;
mod throttling;
