//! Azure for Augeo: the ARM client, the resource types, the generic provider, the platform.

pub mod resources;
pub mod schema;
