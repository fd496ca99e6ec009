//! The resource types, one file per area: structs with what users set, and the facts beside them.
//!
//! [`CATALOGUE`] lists every type that is described here; [`lookup`] finds one by name. A type
//! that is not described can be used as [`Generic`].

pub mod authorization;
pub mod blob;
mod existing;
mod facts;
pub mod generic;
pub mod identity;
pub mod key_vault;
pub mod managed_redis;
pub mod management;
pub mod monitor;
pub mod output;
pub mod postgresql;
pub mod postgresql_config;
pub mod redis;
pub mod storage;
pub mod web;
pub mod web_config;

use augeo_core::name::TypeName;

pub use authorization::{PrincipalType, Role, RoleAssignment};
pub use blob::{Container, LifecycleRule, ManagementPolicy, PublicAccess};
pub use existing::ExistingError;
pub use facts::Switch;
pub use generic::Generic;
pub use identity::{IdentityType, ManagedIdentity, UserAssignedIdentity};
pub use key_vault::{Vault, VaultSecret};
pub use managed_redis::{
    ClusteringPolicy, ManagedRedis, ManagedRedisAccess, ManagedRedisDatabase, RedisPersistence,
};
pub use management::ResourceGroup;
pub use monitor::{Component, Workspace};
pub use postgresql::{
    AvailabilityMode, FirewallRule, PostgresDatabase, PostgresServer, PostgresSku,
};
pub use postgresql_config::{AdministratorType, PostgresAdministrator, PostgresParameter};
pub use redis::{
    RedisAccess, RedisAccessPolicyAssignment, RedisCache, RedisConfiguration, RedisFirewallRule,
    RedisPatchSchedule, RedisPatchWindow, RedisSku,
};
pub use storage::{AccessTier, BlobService, RetentionPolicy, StorageAccount, StorageSku};
pub use web::{AppServicePlan, WebApp};
pub use web_config::{AppSettings, WebConfig};

use crate::schema::ArmType;

/// Every type that is described here, parents before their children.
pub static CATALOGUE: &[&ArmType] = &[
    &management::RESOURCE_GROUP,
    &identity::USER_ASSIGNED_IDENTITY,
    &authorization::ROLE_ASSIGNMENT,
    &monitor::WORKSPACE,
    &monitor::COMPONENT,
    &storage::STORAGE_ACCOUNT,
    &storage::BLOB_SERVICE,
    &blob::CONTAINER,
    &blob::MANAGEMENT_POLICY,
    &key_vault::VAULT,
    &key_vault::VAULT_SECRET,
    &postgresql::POSTGRES_SERVER,
    &postgresql::POSTGRES_DATABASE,
    &postgresql::FIREWALL_RULE,
    &postgresql_config::POSTGRES_PARAMETER,
    &postgresql_config::POSTGRES_ADMINISTRATOR,
    &redis::REDIS_CACHE,
    &redis::REDIS_FIREWALL_RULE,
    &redis::REDIS_PATCH_SCHEDULE,
    &redis::REDIS_ACCESS_POLICY_ASSIGNMENT,
    &managed_redis::MANAGED_REDIS,
    &managed_redis::MANAGED_REDIS_DATABASE,
    &managed_redis::MANAGED_REDIS_ACCESS,
    &web::APP_SERVICE_PLAN,
    &web::WEB_APP,
    &web_config::APP_SETTINGS,
    &web_config::WEB_CONFIG,
];

/// The facts of a type, if the catalogue has it; of several that differ in the one name that each
/// may have, such as a web app's settings, the first.
pub fn lookup(name: &TypeName) -> Option<&'static ArmType> {
    CATALOGUE.iter().find(|ty| ty.name() == name).copied()
}
