//! Inside a storage account: containers, and the rules by which blobs age.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::OutputPath;
use serde::{Deserialize, Serialize};

use super::facts::usual;
use super::storage::StorageAccount;
use crate::schema::{ArmType, Compare, NameAlphabet, NameRule, OwnershipMark, ReadPlan};

/// What anybody may read of a container without an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublicAccess {
    /// Nothing.
    None,
    /// Blobs whose name is known.
    Blob,
    /// Blobs and the list of them.
    Container,
}

/// A [container of blobs](https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts/blobservices/containers).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Container {
    /// What anybody may read.
    pub public_access: PublicAccess,
    /// Its metadata; keys are letters and digits.
    pub metadata: BTreeMap<String, String>,
    /// Its name in Azure, where it is not the last part of the resource's name.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl Container {
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// A private container in an account.
    pub fn within(account: &Added<StorageAccount>) -> Self {
        Self {
            public_access: PublicAccess::None,
            metadata: BTreeMap::new(),
            physical_name: None,
            scope: Scope::Within(account.name().clone()),
        }
    }
}

impl Resource for Container {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&CONTAINER.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of containers.
pub static CONTAINER: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        "2026-04-01",
        "Blob container",
    );
    ty.facts.holds_data = true;
    ty.facts.usual = usual(1_000, 1_000, 1_000);
    ty.ownership = OwnershipMark::Metadata("metadata");
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::LowerAlphanumericDash,
        length_min: 3,
        length_max: 63,
    };
    ty.made_by_service = &["$logs", "$web", "$blobchangefeed"];
    ty
};

/// How many days after its last change something happens to a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Age {
    /// More than so many days after the last change.
    pub days_after_modification_greater_than: u32,
}

/// What happens to blobs as they age.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BlobActions {
    /// When they move to the cool tier.
    pub tier_to_cool: Option<Age>,
    /// When they move to the archive, from which reading takes hours. Block blobs only.
    pub tier_to_archive: Option<Age>,
    /// When they are deleted.
    pub delete: Option<Age>,
}

/// What happens as blobs age, by kind of copy.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleActions {
    /// What happens to the blobs themselves.
    pub base_blob: BlobActions,
}

/// Which blobs a rule is about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RuleFilters {
    /// `blockBlob`, `appendBlob`.
    pub blob_types: Vec<String>,
    /// `container` or `container/beginning`; empty means all.
    pub prefix_match: Vec<String>,
}

/// What a rule does, and to which blobs.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RuleDefinition {
    /// What it does.
    pub actions: RuleActions,
    /// To which blobs.
    pub filters: RuleFilters,
}

/// One rule by which blobs age.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LifecycleRule {
    /// Letters, digits and dashes.
    pub name: String,
    /// Always `Lifecycle`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whether it is followed.
    pub enabled: bool,
    /// What it does.
    pub definition: RuleDefinition,
}

impl LifecycleRule {
    /// A rule for block blobs that begin with one of the prefixes; all of them if there is none.
    /// What it does is added to `definition.actions`.
    pub fn for_block_blobs(
        name: impl Into<String>,
        prefixes: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            name: name.into(),
            kind: "Lifecycle",
            enabled: true,
            definition: RuleDefinition {
                actions: RuleActions::default(),
                filters: RuleFilters {
                    blob_types: vec!["blockBlob".to_owned()],
                    prefix_match: prefixes.into_iter().collect(),
                },
            },
        }
    }

    /// Archives them that many days after their last change.
    #[must_use]
    pub fn archive_after(mut self, days: u32) -> Self {
        self.definition.actions.base_blob.tier_to_archive = Some(Age {
            days_after_modification_greater_than: days,
        });
        self
    }
}

/// The rules of an account.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LifecyclePolicy {
    /// In any order.
    pub rules: Vec<LifecycleRule>,
}

/// The [lifecycle rules](https://learn.microsoft.com/azure/templates/microsoft.storage/storageaccounts/managementpolicies)
/// of a storage account: all of them, always written as one.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ManagementPolicy {
    /// The rules.
    pub policy: LifecyclePolicy,
    #[serde(skip)]
    scope: Scope,
}

impl ManagementPolicy {
    /// The rules of an account.
    pub fn within(account: &Added<StorageAccount>, rules: Vec<LifecycleRule>) -> Self {
        Self {
            policy: LifecyclePolicy { rules },
            scope: Scope::Within(account.name().clone()),
        }
    }
}

impl Resource for ManagementPolicy {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&MANAGEMENT_POLICY.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of lifecycle rules.
pub static MANAGEMENT_POLICY: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Storage/storageAccounts/managementPolicies",
        "2026-04-01",
        "Storage lifecycle policy",
    );
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(1_000, 1_000, 1_000);
    ty.read = ReadPlan::Get;
    ty.compare = &[
        ("policy.rules", Compare::Keyed("name")),
        ("policy.rules[].definition.filters.blobTypes", Compare::Set),
        (
            "policy.rules[].definition.filters.prefixMatch",
            Compare::Set,
        ),
    ];
    ty.name = NameRule::Fixed("default");
    ty
};
