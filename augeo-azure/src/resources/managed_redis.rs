//! Azure Managed Redis: clusters, the one database of each, and who may work with its data.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Input, OutputPath};
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, named, usual};
use super::identity::{ManagedIdentity, with_space};
use super::management::ResourceGroup;
use crate::schema::{ArmType, Compare, LeftOut, NameAlphabet, NameRule, UpdateMode};

/// The port of every database.
pub const MANAGED_REDIS_PORT: u16 = 10_000;

/// A [cluster of Azure Managed Redis](https://learn.microsoft.com/azure/templates/microsoft.cache/redisenterprise):
/// what is paid for, and the name that clients reach. The data are in its database.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ManagedRedis {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its identities.
    #[serde(serialize_with = "with_space")]
    pub identity: Option<ManagedIdentity>,
    /// Its size, such as `Balanced_B1`.
    #[serde(serialize_with = "named")]
    pub sku: String,
    /// Whether it has a second node. It cannot be changed; without one, maintenance and a change of
    /// the size lose the data, and Azure promises nothing.
    pub high_availability: Switch,
    /// The lowest version of TLS.
    pub minimum_tls_version: String,
    /// Whether it is reached over public addresses; there is no firewall for those.
    pub public_network_access: Switch,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl ManagedRedis {
    /// The name under which clients reach it, at [`MANAGED_REDIS_PORT`].
    pub const HOST_NAME: OutputPath<Self, String> = OutputPath::new("hostName");
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// A cluster outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a cluster.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&MANAGED_REDIS, id)
    }

    /// A cluster of a size in a group, in the group's region: two nodes, TLS 1.2, reached over
    /// public addresses.
    pub fn within(group: &Added<ResourceGroup>, sku: impl Into<String>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            identity: None,
            sku: sku.into(),
            high_availability: Switch::Enabled,
            minimum_tls_version: "1.2".to_owned(),
            public_network_access: Switch::Enabled,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for ManagedRedis {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&MANAGED_REDIS.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of clusters. One that failed while it was made
/// [must be deleted first](https://github.com/hashicorp/terraform-provider-azurerm/pull/32610). Azure
/// can switch a second node on later; what it takes to do so is unverified, so that it counts as
/// something that cannot be changed.
pub static MANAGED_REDIS: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Cache/redisEnterprise",
        "2025-07-01",
        "Managed Redis",
    );
    ty.facts.immutable = &["location", "highAvailability"];
    ty.facts.holds_data = true;
    ty.facts.stillborn = &["CreateFailed"];
    ty.facts.usual = usual(360_000, 144_000, 300_000);
    ty.update = UpdateMode::Patch;
    ty.compare = &[
        ("sku.name", Compare::IgnoreCase),
        ("identity.type", Compare::IgnoreCase),
    ];
    ty.stillborn_when = Some(("resourceState", "CreateFailed"));
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::LowerAlphanumericDash,
        length_min: 1,
        length_max: 60,
        global: true,
    };
    ty
};

/// How the data are spread, and what clients must know of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ClusteringPolicy {
    /// One address for all; plain clients work.
    EnterpriseCluster,
    /// Clients must speak the protocol of Redis clusters.
    #[serde(rename = "OSSCluster")]
    OssCluster,
    /// All on one shard, up to 25 GB; plain clients work, and so do commands across keys.
    NoCluster,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// What is kept on disk; at most one of the two. It is no backup: nobody restores from it but the
/// cluster itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RedisPersistence {
    /// Whether each write is logged.
    pub aof_enabled: bool,
    /// How often the log is written: `1s`.
    pub aof_frequency: Option<String>,
    /// Whether a copy is kept.
    pub rdb_enabled: bool,
    /// The time between two copies: `1h`, `6h` or `12h`.
    pub rdb_frequency: Option<String>,
}

impl RedisPersistence {
    /// Nothing is kept.
    pub const fn off() -> Self {
        Self {
            aof_enabled: false,
            aof_frequency: None,
            rdb_enabled: false,
            rdb_frequency: None,
        }
    }

    /// A log, written every second.
    pub fn aof() -> Self {
        Self {
            aof_enabled: true,
            aof_frequency: Some("1s".to_owned()),
            ..Self::off()
        }
    }

    /// Copies, so far apart: `1h`, `6h` or `12h`.
    pub fn rdb(frequency: impl Into<String>) -> Self {
        Self {
            rdb_enabled: true,
            rdb_frequency: Some(frequency.into()),
            ..Self::off()
        }
    }
}

/// The [database](https://learn.microsoft.com/azure/templates/microsoft.cache/redisenterprise/databases)
/// of a cluster; there is one, called `default`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ManagedRedisDatabase {
    /// Whether clients speak TLS: `Encrypted` or `Plaintext`; cannot be changed.
    pub client_protocol: String,
    /// How the data are spread; cannot be changed.
    pub clustering_policy: ClusteringPolicy,
    /// What goes when the memory is full, such as `VolatileLRU`.
    pub eviction_policy: String,
    /// What is kept on disk.
    pub persistence: RedisPersistence,
    /// Whether the two access keys open it. Without them, only Entra's tokens do.
    pub access_keys_authentication: Switch,
    #[serde(skip)]
    scope: Scope,
}

impl ManagedRedisDatabase {
    /// The database of a cluster: TLS, one address for plain clients, nothing on disk, Entra's
    /// tokens only.
    pub fn within(cluster: &Added<ManagedRedis>) -> Self {
        Self {
            client_protocol: "Encrypted".to_owned(),
            clustering_policy: ClusteringPolicy::EnterpriseCluster,
            eviction_policy: "VolatileLRU".to_owned(),
            persistence: RedisPersistence::off(),
            access_keys_authentication: Switch::Disabled,
            scope: Scope::Within(cluster.name().clone()),
        }
    }
}

impl Resource for ManagedRedisDatabase {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&MANAGED_REDIS_DATABASE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of databases. That the protocol cannot be changed is unverified.
pub static MANAGED_REDIS_DATABASE: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Cache/redisEnterprise/databases",
        "2025-07-01",
        "Managed Redis database",
    );
    ty.facts.immutable = &["clientProtocol", "clusteringPolicy"];
    ty.facts.holds_data = true;
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.stillborn = &["CreateFailed"];
    ty.facts.usual = usual(90_000, 60_000, 60_000);
    ty.update = UpdateMode::Patch;
    // Older versions of the contract told nothing of what is kept on disk.
    ty.left_out = &[
        ("persistence.aofEnabled", LeftOut::Flag(false)),
        ("persistence.rdbEnabled", LeftOut::Flag(false)),
    ];
    ty.stillborn_when = Some(("resourceState", "CreateFailed"));
    ty.name = NameRule::Fixed("default");
    ty
};

/// Who works with the data.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RedisUser {
    /// The id of the principal's object in the directory.
    pub object_id: Input<String>,
}

/// An [access policy assignment](https://learn.microsoft.com/azure/templates/microsoft.cache/redisenterprise/databases/accesspolicyassignments):
/// lets a principal work with the data.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ManagedRedisAccess {
    /// What it may do: `default` is everything, and all that there is so far; cannot be changed.
    pub access_policy_name: String,
    /// Who; cannot be changed.
    pub user: RedisUser,
    /// Its name on the database, where it is not made of the last part of the resource's name.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl ManagedRedisAccess {
    /// Lets a principal do everything with the data of a database.
    pub fn within(
        database: &Added<ManagedRedisDatabase>,
        object_id: impl Into<Input<String>>,
    ) -> Self {
        let object_id = object_id.into();
        Self {
            access_policy_name: "default".to_owned(),
            user: RedisUser { object_id },
            physical_name: None,
            scope: Scope::Within(database.name().clone()),
        }
    }
}

impl Resource for ManagedRedisAccess {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&MANAGED_REDIS_ACCESS.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of access policy assignments. The contract has names without dashes, and the portal
/// makes [names with them](https://github.com/Azure/azure-cli/issues/33568).
pub static MANAGED_REDIS_ACCESS: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments",
        "2025-07-01",
        "Managed Redis access policy assignment",
    );
    ty.facts.immutable = &["accessPolicyName", "user"];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(30_000, 30_000, 30_000);
    ty.compare = &[
        ("accessPolicyName", Compare::IgnoreCase),
        ("user.objectId", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::AlphanumericOfOurs,
        length_min: 1,
        length_max: 60,
    };
    ty
};
