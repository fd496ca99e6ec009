//! What tests and offline runs need: an embedded emulator of ARM, a fake provider, conformance.
#![cfg_attr(feature = "emulator", doc = include_str!("../README.md"))]

#[cfg(all(feature = "emulator", feature = "test"))]
pub mod bound;
#[cfg(feature = "test")]
pub mod conformance;
#[cfg(feature = "emulator")]
pub mod emulator;
#[cfg(feature = "test")]
pub mod fake_provider;
#[cfg(feature = "test")]
pub mod mock;
#[cfg(feature = "simulation")]
pub mod rehearsal;
#[cfg(feature = "simulation")]
pub mod simulation;
#[cfg(feature = "test")]
pub mod snapshot;
