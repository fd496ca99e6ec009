//! Storage: accounts and what is set once per account. Containers and lifecycle rules are beside.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Input, OutputPath};
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, named, usual};
use super::identity::ManagedIdentity;
use super::management::ResourceGroup;
use crate::schema::{ArmType, Compare, Counted, NameAlphabet, NameCheck, NameRule, Quota};

/// How often and where a storage account keeps its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StorageSku {
    /// Three copies in one place.
    #[serde(rename = "Standard_LRS")]
    StandardLrs,
    /// Three copies in the region and three in the paired one.
    #[serde(rename = "Standard_GRS")]
    StandardGrs,
    /// The same, and the second region can be read.
    #[serde(rename = "Standard_RAGRS")]
    StandardRagrs,
    /// One copy in each of three zones.
    #[serde(rename = "Standard_ZRS")]
    StandardZrs,
    /// Zones here, three copies in the paired region.
    #[serde(rename = "Standard_GZRS")]
    StandardGzrs,
    /// Solid-state disks, three copies in one place.
    #[serde(rename = "Premium_LRS")]
    PremiumLrs,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// What a storage account can hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StorageKind {
    /// Blobs, files, queues and tables.
    StorageV2,
    /// Block blobs on solid-state disks.
    BlockBlobStorage,
    /// Files on solid-state disks.
    FileStorage,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// For how often its data are read an account is priced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AccessTier {
    /// Often.
    Hot,
    /// Rarely.
    Cool,
    /// Very rarely, and soon when it is.
    Cold,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// What happens to a request that no rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NetworkAction {
    /// It passes.
    Allow,
    /// It is refused.
    Deny,
}

/// Who reaches a storage account over the network.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StorageNetwork {
    /// What happens to everybody else.
    pub default_action: NetworkAction,
    /// Which of Azure's own services pass, comma-separated.
    pub bypass: String,
    /// Public addresses and ranges that pass.
    pub ip_rules: Vec<StorageAddress>,
    /// Subnets that pass.
    pub virtual_network_rules: Vec<StorageSubnet>,
}

impl Default for StorageNetwork {
    fn default() -> Self {
        Self {
            default_action: NetworkAction::Allow,
            bypass: "AzureServices".to_owned(),
            ip_rules: Vec::new(),
            virtual_network_rules: Vec::new(),
        }
    }
}

/// A public address or range that passes.
#[derive(Clone, Debug, Serialize)]
pub struct StorageAddress {
    /// The address, or the range as `address/bits`.
    pub value: Input<String>,
    /// What happens to its requests.
    pub action: NetworkAction,
}

/// A subnet that passes.
#[derive(Clone, Debug, Serialize)]
pub struct StorageSubnet {
    /// The subnet's id.
    pub id: Input<String>,
    /// What happens to its requests.
    pub action: NetworkAction,
}

/// A [storage account](https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "ARM has them as flags")]
pub struct StorageAccount {
    /// Its region.
    pub location: Input<String>,
    /// How often and where data are kept.
    #[serde(serialize_with = "named")]
    pub sku: StorageSku,
    /// What it can hold.
    pub kind: StorageKind,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its identities.
    pub identity: Option<ManagedIdentity>,
    /// The tier of blobs that do not say; only some kinds have one.
    pub access_tier: Option<AccessTier>,
    /// Whether plain HTTP is refused.
    pub supports_https_traffic_only: bool,
    /// The lowest version of TLS, such as `TLS1_2`.
    pub minimum_tls_version: String,
    /// Whether containers may be opened to everybody.
    pub allow_blob_public_access: bool,
    /// Whether account keys are accepted.
    pub allow_shared_key_access: bool,
    /// Whether data may be copied into accounts of other tenants.
    pub allow_cross_tenant_replication: bool,
    /// Whether the portal uses Entra instead of the account's keys.
    #[serde(rename = "defaultToOAuthAuthentication")]
    pub default_to_oauth_authentication: bool,
    /// Whether it is reached over public addresses.
    pub public_network_access: Switch,
    /// Who reaches it.
    pub network_acls: StorageNetwork,
    /// Whether it has real directories; cannot be changed.
    pub is_hns_enabled: Option<bool>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl StorageAccount {
    /// Where its blobs are reached.
    pub const BLOB_ENDPOINT: OutputPath<Self, String> = OutputPath::new("primaryEndpoints.blob");
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");
    /// Its region.
    pub const LOCATION: OutputPath<Self, String> = OutputPath::new("location");

    /// An account outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a storage account.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&STORAGE_ACCOUNT, id)
    }

    /// A general-purpose account in a group, in the group's region.
    pub fn within(group: &Added<ResourceGroup>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            sku: StorageSku::StandardLrs,
            kind: StorageKind::StorageV2,
            tags: BTreeMap::new(),
            identity: None,
            access_tier: Some(AccessTier::Hot),
            supports_https_traffic_only: true,
            minimum_tls_version: "TLS1_2".to_owned(),
            allow_blob_public_access: false,
            allow_shared_key_access: true,
            allow_cross_tenant_replication: false,
            default_to_oauth_authentication: false,
            public_network_access: Switch::Enabled,
            network_acls: StorageNetwork::default(),
            is_hns_enabled: None,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for StorageAccount {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&STORAGE_ACCOUNT.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of storage accounts.
pub static STORAGE_ACCOUNT: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Storage/storageAccounts",
        "2026-04-01",
        "Storage account",
    );
    ty.facts.immutable = &["location", "kind", "isHnsEnabled"];
    ty.facts.holds_data = true;
    ty.facts.usual = usual(20_000, 8_000, 5_000);
    ty.compare = &[
        ("kind", Compare::IgnoreCase),
        ("sku.name", Compare::IgnoreCase),
        ("identity.type", Compare::IgnoreCase),
        ("networkAcls.ipRules", Compare::Keyed("value")),
        ("networkAcls.virtualNetworkRules", Compare::Keyed("id")),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::LowerAlphanumeric,
        length_min: 3,
        length_max: 24,
        global: true,
    };
    ty.principal_at = Some("identity.principalId");
    // https://learn.microsoft.com/rest/api/storagerp/usages/list-by-location
    ty.quota = Some(Quota {
        path: "providers/Microsoft.Storage/locations/{location}/usages",
        counted: Counted::Each("StorageAccounts"),
    });
    ty.name_check = Some(NameCheck {
        path: "providers/Microsoft.Storage/checkNameAvailability",
        type_name: "Microsoft.Storage/storageAccounts",
    });
    ty
};

/// Whether deleted things are kept, and for how long.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RetentionPolicy {
    /// Whether they are kept.
    pub enabled: bool,
    /// For so many days, if they are.
    pub days: Option<u16>,
}

impl RetentionPolicy {
    /// Keeps deleted things for so many days.
    pub fn days(days: u16) -> Self {
        Self {
            enabled: true,
            days: Some(days),
        }
    }
}

/// The [blob service](https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts/blobservices)
/// that every account has.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BlobService {
    /// How long deleted blobs are kept.
    pub delete_retention_policy: RetentionPolicy,
    /// How long deleted containers are kept.
    pub container_delete_retention_policy: RetentionPolicy,
    /// Whether earlier versions of blobs are kept.
    pub is_versioning_enabled: bool,
    #[serde(skip)]
    scope: Scope,
}

impl BlobService {
    /// The blob service of an account; nothing deleted is kept.
    pub fn within(account: &Added<StorageAccount>) -> Self {
        Self {
            delete_retention_policy: RetentionPolicy::default(),
            container_delete_retention_policy: RetentionPolicy::default(),
            is_versioning_enabled: false,
            scope: Scope::Within(account.name().clone()),
        }
    }
}

impl Resource for BlobService {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&BLOB_SERVICE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of blob services.
pub static BLOB_SERVICE: ArmType = {
    let mut ty = ArmType::SINGLETON.named(
        "Microsoft.Storage/storageAccounts/blobServices",
        "2026-04-01",
        "Blob service",
    );
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(1_000, 1_000, 1_000);
    ty
};
