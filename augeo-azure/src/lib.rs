//! Azure for Augeo: the ARM client, the resource types, the generic provider, the platform.
#![doc = include_str!("../README.md")]

pub mod arm_id;
pub mod client;
pub mod cloud;
pub mod credential;
pub mod durations;
pub mod error;
pub mod naming;
pub mod normalize;
pub mod operation;
pub mod outputs;
pub mod platform;
pub mod provider;
pub mod resources;
pub mod rules;
pub mod schema;
pub mod throttle;
pub mod trace;

pub use provider::{Azure, AzureOptions};
