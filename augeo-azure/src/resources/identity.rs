//! Identities that Azure keeps for workloads.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Id, Input, OutputPath};
use serde::{Deserialize, Serialize, Serializer};

use super::existing::{ExistingError, existing};
use super::facts::usual;
use super::management::ResourceGroup;
use crate::schema::{ArmType, Compare, NameAlphabet, NameRule};

/// Which kinds of identity a resource has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum IdentityType {
    /// None.
    None,
    /// One of its own, which lives and dies with it.
    SystemAssigned,
    /// Those that it is given.
    UserAssigned,
    /// Both.
    #[serde(rename = "SystemAssigned,UserAssigned")]
    SystemAssignedUserAssigned,
}

/// The identities of a resource.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ManagedIdentity {
    /// Which kinds it has.
    #[serde(rename = "type")]
    pub kind: IdentityType,
    /// Those that it is given. (ARM has them as a map; here they are a list.)
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_assigned_identities: Vec<Input<Id<UserAssignedIdentity>>>,
}

impl ManagedIdentity {
    /// An identity of its own.
    pub fn system_assigned() -> Self {
        Self {
            kind: IdentityType::SystemAssigned,
            user_assigned_identities: Vec::new(),
        }
    }

    /// This identity, and no other.
    pub fn user_assigned(identity: impl Into<Input<Id<UserAssignedIdentity>>>) -> Self {
        Self {
            kind: IdentityType::UserAssigned,
            user_assigned_identities: vec![identity.into()],
        }
    }
}

/// Writes both kinds with a space between them, as some providers do: `Microsoft.Web` and
/// `Microsoft.Cache`.
#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(super) fn with_space<S: Serializer>(
    identity: &Option<ManagedIdentity>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Both<'a> {
        r#type: &'static str,
        user_assigned_identities: &'a [Input<Id<UserAssignedIdentity>>],
    }
    match identity {
        Some(both) if both.kind == IdentityType::SystemAssignedUserAssigned => Both {
            r#type: "SystemAssigned, UserAssigned",
            user_assigned_identities: &both.user_assigned_identities,
        }
        .serialize(serializer),
        other => other.serialize(serializer),
    }
}

/// A [user-assigned identity](https://learn.microsoft.com/azure/templates/microsoft.managedidentity/userassignedidentities).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserAssignedIdentity {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl UserAssignedIdentity {
    /// What roles are assigned to.
    pub const PRINCIPAL_ID: OutputPath<Self, String> = OutputPath::new("principalId");
    /// What software that uses it is told.
    pub const CLIENT_ID: OutputPath<Self, String> = OutputPath::new("clientId");
    /// The directory that it lives in.
    pub const TENANT_ID: OutputPath<Self, String> = OutputPath::new("tenantId");
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// An identity outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a user-assigned identity.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&USER_ASSIGNED_IDENTITY, id)
    }

    /// An identity in a group, in the group's region.
    pub fn within(group: &Added<ResourceGroup>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for UserAssignedIdentity {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&USER_ASSIGNED_IDENTITY.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of user-assigned identities.
pub static USER_ASSIGNED_IDENTITY: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "2024-11-30",
        "Managed identity",
    );
    ty.facts.immutable = &["location"];
    ty.facts.usual = usual(2_000, 1_000, 2_000);
    ty.principal_at = Some("principalId");
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDashUnderscore,
        length_min: 3,
        length_max: 128,
        global: false,
    };
    ty
};

/// What lets tokens of another issuer act as an identity, as
/// [GitHub's](https://learn.microsoft.com/entra/workload-id/workload-identity-federation) do:
/// a [federated credential](https://learn.microsoft.com/azure/templates/microsoft.managedidentity/userassignedidentities/federatedidentitycredentials).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FederatedCredential {
    /// Who makes the tokens.
    pub issuer: String,
    /// Whom they are about, exactly as the issuer writes it.
    pub subject: String,
    /// Whom they are meant for: exactly one.
    pub audiences: Vec<String>,
    #[serde(skip)]
    scope: Scope,
}

impl FederatedCredential {
    /// Lets workflows of GitHub whose tokens are about `subject` act as an identity.
    pub fn github(identity: &Added<UserAssignedIdentity>, subject: impl Into<String>) -> Self {
        Self::within(
            identity,
            "https://token.actions.githubusercontent.com",
            subject,
        )
    }

    /// Lets whom an issuer's tokens are about act as an identity.
    pub fn within(
        identity: &Added<UserAssignedIdentity>,
        issuer: impl Into<String>,
        subject: impl Into<String>,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            audiences: vec!["api://AzureADTokenExchange".to_owned()],
            scope: Scope::Within(identity.name().clone()),
        }
    }
}

impl Resource for FederatedCredential {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&FEDERATED_CREDENTIAL.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of federated credentials.
pub static FEDERATED_CREDENTIAL: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "2024-11-30",
        "Federated credential",
    );
    // Writes to credentials of one identity must come one after another:
    // https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.sign_at = Some("tags.augeo-credentials");
    ty.facts.usual = usual(3_000, 2_000, 2_000);
    ty.compare = &[("audiences", Compare::Set)];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::AlphanumericDashUnderscore,
        length_min: 3,
        length_max: 120,
    };
    ty
};
