//! Azure Cache for Redis ("classic"): caches, who is let in, and when they are patched. Azure takes
//! new ones only from those who had one before April 2026; who begins takes
//! [`ManagedRedis`](super::ManagedRedis).

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Input, OutputPath};
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, usual};
use super::identity::{ManagedIdentity, with_space};
use super::management::ResourceGroup;
use crate::schema::{
    ArmType, Compare, ENVELOPE_WITHOUT_SKU, LeftOut, NameAlphabet, NameCheck, NameRule, UpdateMode,
};

/// The size of a cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RedisSku {
    /// `Basic`, `Standard` or `Premium`.
    pub name: String,
    /// `C` for Basic and Standard, `P` for Premium.
    pub family: String,
    /// The number of the size: 0 to 6 for `C`, 1 to 5 for `P`.
    pub capacity: u8,
}

impl RedisSku {
    /// A size by its tier and the number behind the letter: `Standard` and 1 for C1.
    pub fn new(tier: impl Into<String>, capacity: u8) -> Self {
        let name = tier.into();
        let family = if name == "Premium" { "P" } else { "C" };
        Self {
            name,
            family: family.to_owned(),
            capacity,
        }
    }
}

/// How a cache is set; Azure has each as text, and adds many of its own. `None` leaves what Azure
/// chooses.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RedisConfiguration {
    /// Whether Entra's tokens are taken: `true` or `false`.
    pub aad_enabled: String,
    /// What goes when the memory is full.
    pub maxmemory_policy: String,
    /// Megabytes that are kept for other things than data.
    pub maxmemory_reserved: Option<String>,
    /// Megabytes that are kept for fragmentation.
    pub maxfragmentationmemory_reserved: Option<String>,
    /// Which changes of keys are told.
    pub notify_keyspace_events: Option<String>,
    /// Whether each write is logged to a storage account; Premium only.
    pub aof_backup_enabled: Option<String>,
    /// Where that log is kept.
    #[serde(rename = "aof-storage-connection-string-0")]
    pub aof_storage_connection_string: Option<Input<String>>,
    /// Whether copies are kept in a storage account; Premium only.
    pub rdb_backup_enabled: Option<String>,
    /// The minutes between two copies: 15, 30, 60, 360, 720 or 1440.
    pub rdb_backup_frequency: Option<String>,
    /// Where the copies are kept.
    pub rdb_storage_connection_string: Option<Input<String>>,
    /// How the cache proves itself to the storage account: `SAS` or `ManagedIdentity`.
    pub preferred_data_persistence_auth_method: Option<String>,
    /// The subscription of the storage account.
    pub storage_subscription_id: Option<Input<String>>,
}

impl Default for RedisConfiguration {
    fn default() -> Self {
        Self {
            aad_enabled: "false".to_owned(),
            maxmemory_policy: "volatile-lru".to_owned(),
            maxmemory_reserved: None,
            maxfragmentationmemory_reserved: None,
            notify_keyspace_events: None,
            aof_backup_enabled: None,
            aof_storage_connection_string: None,
            rdb_backup_enabled: None,
            rdb_backup_frequency: None,
            rdb_storage_connection_string: None,
            preferred_data_persistence_auth_method: None,
            storage_subscription_id: None,
        }
    }
}

/// A [classic cache](https://learn.microsoft.com/azure/templates/microsoft.cache/redis).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RedisCache {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its identities.
    #[serde(serialize_with = "with_space")]
    pub identity: Option<ManagedIdentity>,
    /// Its size; it can be raised, and not lowered to another tier.
    pub sku: RedisSku,
    /// How it is set.
    pub redis_configuration: RedisConfiguration,
    /// Whether clients may speak without TLS.
    pub enable_non_ssl_port: bool,
    /// The lowest version of TLS.
    pub minimum_tls_version: String,
    /// Whether it is reached over public addresses.
    pub public_network_access: Switch,
    /// Whether the two access keys are refused; Entra must be on.
    pub disable_access_key_authentication: bool,
    /// How many shards it has; Premium only.
    pub shard_count: Option<u16>,
    /// The subnet that it is put into; Premium only, and it cannot be changed.
    pub subnet_id: Option<Input<String>>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl RedisCache {
    /// The name under which clients reach it.
    pub const HOST_NAME: OutputPath<Self, String> = OutputPath::new("hostName");
    /// The port for TLS.
    pub const SSL_PORT: OutputPath<Self, u16> = OutputPath::new("sslPort");
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// A cache outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a classic cache.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&REDIS_CACHE, id)
    }

    /// A cache in a group, in the group's region: TLS 1.2, open to public addresses until a
    /// firewall rule names those that are let in, with access keys.
    pub fn within(group: &Added<ResourceGroup>, sku: RedisSku) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            identity: None,
            sku,
            redis_configuration: RedisConfiguration::default(),
            enable_non_ssl_port: false,
            minimum_tls_version: "1.2".to_owned(),
            public_network_access: Switch::Enabled,
            disable_access_key_authentication: false,
            shard_count: None,
            subnet_id: None,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for RedisCache {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&REDIS_CACHE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of classic caches. A smaller tier is refused
/// ([scaling](https://learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-scale)), which no
/// fact says: a rule does.
pub static REDIS_CACHE: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Cache/redis",
        "2024-11-01",
        "Redis cache (classic)",
    );
    ty.facts.immutable = &["location", "subnetId"];
    // Whether they are told again, and how, is unverified.
    ty.facts.write_only = &[
        "redisConfiguration.aof-storage-connection-string-0",
        "redisConfiguration.rdb-storage-connection-string",
    ];
    ty.facts.holds_data = true;
    ty.facts.usual = usual(960_000, 384_000, 360_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    // What others set besides, such as a reserve of memory, stays.
    ty.update = UpdateMode::Patch;
    ty.compare = &[
        ("sku.name", Compare::IgnoreCase),
        ("sku.family", Compare::IgnoreCase),
        ("identity.type", Compare::IgnoreCase),
        ("redisConfiguration.aad-enabled", Compare::IgnoreCase),
        ("redisConfiguration.aof-backup-enabled", Compare::IgnoreCase),
        ("redisConfiguration.rdb-backup-enabled", Compare::IgnoreCase),
        ("redisConfiguration.maxmemory-policy", Compare::IgnoreCase),
    ];
    // Published answers of caches without Entra tell neither; that Azure always does so is unverified.
    ty.left_out = &[
        ("redisConfiguration.aad-enabled", LeftOut::Text("false")),
        (
            "redisConfiguration.maxmemory-policy",
            LeftOut::Text("volatile-lru"),
        ),
        (
            "redisConfiguration.aof-backup-enabled",
            LeftOut::Text("false"),
        ),
        (
            "redisConfiguration.rdb-backup-enabled",
            LeftOut::Text("false"),
        ),
        ("disableAccessKeyAuthentication", LeftOut::Flag(false)),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::LowerAlphanumericDash,
        length_min: 1,
        length_max: 63,
        global: true,
    };
    ty.name_check = Some(NameCheck {
        path: "providers/Microsoft.Cache/CheckNameAvailability",
        type_name: "Microsoft.Cache/Redis",
    });
    ty
};

/// A [firewall rule](https://learn.microsoft.com/azure/templates/microsoft.cache/redis/firewallrules)
/// of a classic cache: public addresses that reach it. Addresses of a subnet are no public ones, so
/// a rule for them lets nobody in.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RedisFirewallRule {
    /// The first address.
    #[serde(rename = "startIP")]
    pub start_ip: Input<String>,
    /// The last address.
    #[serde(rename = "endIP")]
    pub end_ip: Input<String>,
    /// Its name on the cache, where it is not the last part of the resource's name.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl RedisFirewallRule {
    /// Admits the addresses from `start` to `end`, both included.
    pub fn within(
        cache: &Added<RedisCache>,
        start: impl Into<Input<String>>,
        end: impl Into<Input<String>>,
    ) -> Self {
        Self {
            start_ip: start.into(),
            end_ip: end.into(),
            physical_name: None,
            scope: Scope::Within(cache.name().clone()),
        }
    }
}

impl Resource for RedisFirewallRule {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&REDIS_FIREWALL_RULE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of firewall rules. Their names take letters, digits and underscores
/// ([limits](https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcache)).
pub static REDIS_FIREWALL_RULE: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Cache/redis/firewallRules",
        "2024-11-01",
        "Redis firewall rule",
    );
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(3_000, 3_000, 3_000);
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::LowerAlphanumeric,
        length_min: 1,
        length_max: 256,
    };
    ty
};

/// When Azure may patch on a day of the week.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RedisPatchWindow {
    /// The day, such as `Sunday`.
    pub day_of_week: String,
    /// The hour in UTC at which it begins.
    pub start_hour_utc: u8,
    /// How long it may take, as ISO 8601 has it; at least five hours.
    pub maintenance_window: String,
}

impl RedisPatchWindow {
    /// Five hours from an hour in UTC on.
    pub fn new(day_of_week: impl Into<String>, start_hour_utc: u8) -> Self {
        Self {
            day_of_week: day_of_week.into(),
            start_hour_utc,
            maintenance_window: "PT5H".to_owned(),
        }
    }
}

/// [When Azure may patch](https://learn.microsoft.com/azure/templates/microsoft.cache/redis/patchschedules)
/// a classic cache. Each cache has at most one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RedisPatchSchedule {
    /// One entry per day.
    pub schedule_entries: Vec<RedisPatchWindow>,
    #[serde(skip)]
    scope: Scope,
}

impl RedisPatchSchedule {
    /// The schedule of a cache.
    pub fn within(cache: &Added<RedisCache>, windows: Vec<RedisPatchWindow>) -> Self {
        Self {
            schedule_entries: windows,
            scope: Scope::Within(cache.name().clone()),
        }
    }
}

impl Resource for RedisPatchSchedule {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&REDIS_PATCH_SCHEDULE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of patch schedules.
pub static REDIS_PATCH_SCHEDULE: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Cache/redis/patchSchedules",
        "2024-11-01",
        "Redis patch schedule",
    );
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(3_000, 3_000, 3_000);
    ty.compare = &[("scheduleEntries", Compare::Keyed("dayOfWeek"))];
    ty.name = NameRule::Fixed("default");
    ty
};

/// What a principal may do with the data of a cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RedisAccess {
    /// Everything.
    #[serde(rename = "Data Owner")]
    Owner,
    /// Reads and writes, and no command that changes the server.
    #[serde(rename = "Data Contributor")]
    Contributor,
    /// Reads.
    #[serde(rename = "Data Reader")]
    Reader,
    /// The name of any other policy of the cache.
    #[serde(untagged)]
    Custom(String),
}

/// An [access policy assignment](https://learn.microsoft.com/azure/templates/microsoft.cache/redis/accesspolicyassignments)
/// of a classic cache that takes Entra's tokens.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RedisAccessPolicyAssignment {
    /// The id of the principal's object in the directory; cannot be changed.
    pub object_id: Input<String>,
    /// A name for it that people read; cannot be changed.
    pub object_id_alias: Input<String>,
    /// What it may do; cannot be changed.
    pub access_policy_name: RedisAccess,
    /// Its name on the cache, where it is not the last part of the resource's name.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl RedisAccessPolicyAssignment {
    /// Lets a principal work with the data of a cache.
    pub fn within(
        cache: &Added<RedisCache>,
        object_id: impl Into<Input<String>>,
        object_id_alias: impl Into<Input<String>>,
        access: RedisAccess,
    ) -> Self {
        Self {
            object_id: object_id.into(),
            object_id_alias: object_id_alias.into(),
            access_policy_name: access,
            physical_name: None,
            scope: Scope::Within(cache.name().clone()),
        }
    }
}

impl Resource for RedisAccessPolicyAssignment {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&REDIS_ACCESS_POLICY_ASSIGNMENT.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of access policy assignments. That they cannot be changed is unverified: replacing one
/// is right in any case.
pub static REDIS_ACCESS_POLICY_ASSIGNMENT: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Cache/redis/accessPolicyAssignments",
        "2024-11-01",
        "Redis access policy assignment",
    );
    ty.facts.immutable = &["objectId", "objectIdAlias", "accessPolicyName"];
    ty.only_where = Some(("redisConfiguration.aad-enabled", "true"));
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(60_000, 60_000, 30_000);
    ty.compare = &[
        ("objectId", Compare::IgnoreCase),
        ("accessPolicyName", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 3,
        length_max: 63,
    };
    ty
};
