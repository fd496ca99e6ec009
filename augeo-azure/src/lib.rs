//! Azure for Augeo: the ARM client, the resource types, the generic provider, the platform.

pub mod arm_id;
pub mod client;
pub mod cloud;
pub mod credential;
pub mod error;
pub mod operation;
pub mod resources;
pub mod schema;
pub mod throttle;
pub mod trace;
