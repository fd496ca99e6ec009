//! The engine on the fake provider: one module per behaviour.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod apply;
mod cancel;
mod conditions;
mod destroy;
mod drift;
mod exhaustive;
mod failures;
mod forecast;
mod locks;
mod mistakes;
mod mocks;
mod narrow;
mod outputs;
mod ownership;
mod pending;
mod random;
mod removal;
mod replace;
mod saved;
mod scheduling;
mod secrets;
mod stacks;
mod suite;
