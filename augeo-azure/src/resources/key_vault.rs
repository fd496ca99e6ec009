//! Key vaults and their secrets, as ARM has them: secrets are written and listed, never read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Lifecycle, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Input, OutputPath, SecretRef};
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, address_range, is_off, usual};
use super::management::ResourceGroup;
use super::storage::NetworkAction;
use crate::schema::{
    ArmType, Compare, ENVELOPE_WITHOUT_SKU, NameAlphabet, NameCheck, NameRule, OwnershipMark,
    SoftDelete,
};

/// What protects a vault's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VaultTier {
    /// Software.
    Standard,
    /// Hardware.
    Premium,
}

/// The tier of a vault.
#[derive(Clone, Debug, Serialize)]
pub struct VaultSku {
    family: &'static str,
    /// What protects its keys.
    pub name: VaultTier,
}

/// Who reaches a vault over the network; its control plane is not closed by it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VaultNetwork {
    /// What happens to everybody else.
    pub default_action: NetworkAction,
    /// Which of Azure's own services pass. App Service is not one of them.
    pub bypass: String,
    /// Public addresses and ranges that pass.
    pub ip_rules: Vec<VaultAddress>,
    /// Subnets that pass; each needs the service endpoint `Microsoft.KeyVault`.
    pub virtual_network_rules: Vec<VaultSubnet>,
}

impl Default for VaultNetwork {
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
pub struct VaultAddress {
    /// The address, or the range as `address/bits`.
    pub value: Input<String>,
}

/// A subnet that passes.
#[derive(Clone, Debug, Serialize)]
pub struct VaultSubnet {
    /// The subnet's id.
    pub id: Input<String>,
}

/// What a principal may do, in vaults that do not go by roles.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AccessPolicy {
    /// The principal's directory.
    pub tenant_id: Input<String>,
    /// The principal.
    pub object_id: Input<String>,
    /// For `keys`, `secrets`, `certificates` and `storage`: what it may do.
    pub permissions: BTreeMap<String, Vec<String>>,
}

/// A [key vault](https://learn.microsoft.com/azure/templates/microsoft.keyvault/vaults).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "ARM has them as flags")]
pub struct Vault {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The directory whose principals it knows.
    pub tenant_id: Input<String>,
    /// Its tier.
    pub sku: VaultSku,
    /// Whether access goes by roles, not by its own policies.
    pub enable_rbac_authorization: bool,
    /// Its own policies, where access goes by them.
    pub access_policies: Vec<AccessPolicy>,
    /// Whether virtual machines get certificates from it.
    pub enabled_for_deployment: bool,
    /// Whether disk encryption gets keys from it.
    pub enabled_for_disk_encryption: bool,
    /// Whether deployments of templates get secrets from it.
    pub enabled_for_template_deployment: bool,
    /// For how many days a deleted vault or secret can be brought back: 7 to 90, for ever the same.
    pub soft_delete_retention_in_days: u16,
    /// Whether nobody can end that time early. It cannot be switched off again, and Azure refuses
    /// `false`, so it is left out where it is off.
    #[serde(skip_serializing_if = "is_off")]
    pub enable_purge_protection: bool,
    /// Whether it is reached over public addresses.
    pub public_network_access: Switch,
    /// Who reaches it.
    pub network_acls: VaultNetwork,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl Vault {
    /// Where its data are reached.
    pub const URI: OutputPath<Self, String> = OutputPath::new("vaultUri");
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// A vault outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a vault.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&VAULT, id)
    }

    /// A vault in a group, in the group's region, whose access goes by roles. The directory is
    /// usually an output, such as a managed identity's.
    pub fn within(group: &Added<ResourceGroup>, tenant_id: impl Into<Input<String>>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            tenant_id: tenant_id.into(),
            sku: VaultSku {
                family: "A",
                name: VaultTier::Standard,
            },
            enable_rbac_authorization: true,
            access_policies: Vec::new(),
            enabled_for_deployment: false,
            enabled_for_disk_encryption: false,
            enabled_for_template_deployment: false,
            soft_delete_retention_in_days: 90,
            enable_purge_protection: false,
            public_network_access: Switch::Enabled,
            network_acls: VaultNetwork::default(),
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for Vault {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&VAULT.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of vaults.
pub static VAULT: ArmType = {
    let mut ty = ArmType::REGIONAL.named("Microsoft.KeyVault/vaults", "2026-02-01", "Key vault");
    ty.facts.immutable = &["location", "tenantId", "softDeleteRetentionInDays"];
    ty.facts.write_only = &["createMode"];
    ty.facts.holds_data = true;
    ty.facts.usual = usual(5_000, 2_000, 5_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.compare = &[
        ("sku.name", Compare::IgnoreCase),
        ("publicNetworkAccess", Compare::IgnoreCase),
        ("accessPolicies", Compare::Keyed("objectId")),
        ("networkAcls.ipRules[].value", Compare::By(address_range)),
        ("networkAcls.ipRules", Compare::Keyed("value")),
        ("networkAcls.virtualNetworkRules", Compare::Keyed("id")),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 3,
        length_max: 24,
        global: true,
    };
    ty.name_check = Some(NameCheck {
        path: "providers/Microsoft.KeyVault/checkNameAvailability",
        type_name: "Microsoft.KeyVault/vaults",
    });
    ty.soft_delete = Some(SoftDelete {
        list: "providers/Microsoft.KeyVault/deletedVaults",
        id_at: "properties.vaultId",
        location_at: "properties.location",
        retention: Some(("properties.deletionDate", "softDeleteRetentionInDays")),
        kept_days: None,
        purge_at: Some("properties.scheduledPurgeDate"),
        recover: Some(("createMode", "recover")),
    });
    ty
};

/// Whether a secret can be used.
#[derive(Clone, Debug, Serialize)]
pub struct SecretAttributes {
    /// Whether it can be read at all.
    pub enabled: bool,
}

/// A [secret](https://learn.microsoft.com/azure/templates/microsoft.keyvault/vaults/secrets) in a
/// vault. ARM can write and list secrets; it can neither read nor delete them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct VaultSecret {
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Where its value comes from.
    pub value: SecretRef,
    /// What kind of text it is, for people.
    pub content_type: Option<String>,
    /// Whether it can be used.
    pub attributes: SecretAttributes,
    /// Its name in the vault, where it is not the last part of the resource's name.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl VaultSecret {
    /// Where its newest version is read.
    pub const URI: OutputPath<Self, String> = OutputPath::new("secretUri");

    /// A secret whose value is made while it is sent: `length` characters.
    pub fn generated(vault: &Added<Vault>, length: usize) -> Self {
        Self {
            tags: BTreeMap::new(),
            value: SecretRef::Generated { length },
            content_type: None,
            attributes: SecretAttributes { enabled: true },
            physical_name: None,
            scope: Scope::Within(vault.name().clone()),
        }
    }

    /// The app setting by which App Service reads a secret with the app's own identity.
    pub fn reference(secret: &Added<Self>) -> Input<String> {
        Input::format([
            "@Microsoft.KeyVault(SecretUri=".into(),
            secret.output(Self::URI).into(),
            ")".into(),
        ])
    }
}

impl Resource for VaultSecret {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&VAULT_SECRET.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of secrets.
pub static VAULT_SECRET: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.KeyVault/vaults/secrets",
        "2026-02-01",
        "Key vault secret",
    );
    ty.facts.write_only = &["value"];
    ty.facts.secret = &["value"];
    ty.facts.lifecycle = Lifecycle::Undeletable;
    ty.facts.usual = usual(400, 400, 400);
    ty.top_level = &["tags"];
    ty.key_sets = &[];
    ty.ownership = OwnershipMark::Tag;
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 127,
    };
    ty.secret_version_at = Some("secretUriWithVersion");
    ty
};
