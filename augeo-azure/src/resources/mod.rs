//! The resource types, one file per area: structs with what users set, and the facts beside them.
//!
//! [`CATALOGUE`] lists every type that is described here; [`lookup`] finds one by name.

pub mod blob;
mod facts;
pub mod identity;
pub mod management;
pub mod storage;

use augeo_core::name::TypeName;

pub use blob::{Container, LifecycleRule, ManagementPolicy};
pub use identity::{ManagedIdentity, UserAssignedIdentity};
pub use management::ResourceGroup;
pub use storage::{BlobService, StorageAccount, StorageSku};

use crate::schema::ArmType;

/// Every type that is described here, parents before their children.
pub static CATALOGUE: &[&ArmType] = &[
    &management::RESOURCE_GROUP,
    &identity::USER_ASSIGNED_IDENTITY,
    &storage::STORAGE_ACCOUNT,
    &storage::BLOB_SERVICE,
    &blob::CONTAINER,
    &blob::MANAGEMENT_POLICY,
];

/// The facts of a type, if the catalogue has it.
pub fn lookup(name: &TypeName) -> Option<&'static ArmType> {
    CATALOGUE.iter().find(|ty| ty.name() == name).copied()
}
