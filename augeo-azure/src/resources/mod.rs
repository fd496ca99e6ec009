//! The resource types, one file per area: structs with what users set, and the facts beside them.
//!
//! [`CATALOGUE`] lists every type that is described here; [`lookup`] finds one by name. A type
//! that is not described can be used as [`Generic`].

pub mod authorization;
pub mod autoscale;
pub mod blob;
pub mod budget;
pub mod communication;
pub mod dns;
pub mod dns_records;
mod documentation;
pub mod email;
pub mod email_verification;
mod existing;
mod facts;
pub mod generic;
pub mod host_name;
pub mod identity;
pub mod key_vault;
pub mod lock;
pub mod managed_redis;
pub mod management;
pub mod monitor;
pub mod output;
pub mod postgresql;
pub mod postgresql_config;
pub mod redis;
pub mod static_site;
pub mod storage;
pub mod web;
pub mod web_config;
pub mod web_logs;
pub mod web_publishing;
pub mod web_slot;
pub mod web_sticky;

use augeo_core::name::TypeName;

pub use authorization::{Permission, PrincipalType, Role, RoleAssignment, RoleDefinition};
pub use autoscale::AutoscaleSetting;
pub use blob::{Container, LifecycleRule, ManagementPolicy, PublicAccess};
pub use budget::{Budget, Notification, ThresholdType, TimeGrain};
pub use communication::{CommunicationService, LinkedDomains};
pub use dns::{DnsZone, RecordSet, Records};
pub use dns_records::{ARecords, CnameRecord, MxRecords, NsRecords, TxtRecords};
pub use documentation::reference;
pub use email::{DomainManagement, EmailDomain, EmailService, SenderUsername};
pub use email_verification::{EmailVerification, VerifiedRecord};
pub use existing::ExistingError;
pub use facts::Switch;
pub use generic::Generic;
pub use host_name::{HostNameBinding, ManagedCertificate, SecureHostName};
pub use identity::{FederatedCredential, IdentityType, ManagedIdentity, UserAssignedIdentity};
pub use key_vault::{Vault, VaultSecret};
pub use lock::{Lock, LockLevel};
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
pub use static_site::{StaticSite, StaticSiteDomain, StaticSiteSettings};
pub use storage::{AccessTier, BlobService, RetentionPolicy, StorageAccount, StorageSku};
pub use web::{AppServicePlan, WebApp};
pub use web_config::{AppSettings, ConnectionStringType, ConnectionStrings, WebConfig};
pub use web_logs::SiteLogs;
pub use web_publishing::{PublishingMethod, PublishingPolicy};
pub use web_slot::{Site, WebAppSlot};
pub use web_sticky::SlotConfigNames;

use crate::schema::ArmType;

/// Every type that is described here, parents before their children.
pub static CATALOGUE: &[&ArmType] = &[
    &management::RESOURCE_GROUP,
    &identity::USER_ASSIGNED_IDENTITY,
    &identity::FEDERATED_CREDENTIAL,
    &authorization::ROLE_DEFINITION,
    &authorization::ROLE_ASSIGNMENT,
    &lock::LOCK,
    &budget::BUDGET,
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
    &web_config::CONNECTION_STRINGS,
    &web_config::WEB_CONFIG,
    &web_logs::SITE_LOGS,
    &web_sticky::SLOT_CONFIG_NAMES,
    &web_publishing::PUBLISHING_POLICY,
    &web_slot::WEB_APP_SLOT,
    &web_config::SLOT_APP_SETTINGS,
    &web_config::SLOT_CONNECTION_STRINGS,
    &web_config::SLOT_WEB_CONFIG,
    &web_logs::SLOT_LOGS,
    &web_publishing::SLOT_PUBLISHING_POLICY,
    &host_name::HOST_NAME_BINDING,
    &host_name::MANAGED_CERTIFICATE,
    &host_name::SECURE_HOST_NAME,
    &static_site::STATIC_SITE,
    &static_site::STATIC_SITE_SETTINGS,
    &static_site::STATIC_SITE_DOMAIN,
    &autoscale::AUTOSCALE_SETTING,
    &dns::DNS_ZONE,
    &dns_records::A_RECORDS,
    &dns_records::CNAME_RECORD,
    &dns_records::TXT_RECORDS,
    &dns_records::MX_RECORDS,
    &dns_records::NS_RECORDS,
    &communication::COMMUNICATION_SERVICE,
    &email::EMAIL_SERVICE,
    &email::EMAIL_DOMAIN,
    &email_verification::VERIFY_DOMAIN,
    &email_verification::VERIFY_SPF,
    &email_verification::VERIFY_DKIM,
    &email_verification::VERIFY_DKIM2,
    &email::SENDER_USERNAME,
    &communication::LINKED_DOMAINS,
];

/// The facts of a type, if the catalogue has it; of several that differ in the one name that each
/// may have, such as a web app's settings, the first.
pub fn lookup(name: &TypeName) -> Option<&'static ArmType> {
    CATALOGUE.iter().find(|ty| ty.name() == name).copied()
}
