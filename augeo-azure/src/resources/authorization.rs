//! Who may do what: role assignments, and the roles that Azure has built in.

use std::borrow::Cow;

use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::Input;
use serde::{Deserialize, Serialize, Serializer};

use super::facts::{last_segment, usual};
use crate::schema::{ArmScope, ArmType, Compare, NameRule, OwnershipMark};

/// A role, by the GUID of its definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role(Cow<'static, str>);

impl Role {
    /// Everything, the assignment of roles included.
    pub const OWNER: Self = Self::built_in("8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
    /// Everything but the assignment of roles.
    pub const CONTRIBUTOR: Self = Self::built_in("b24988ac-6180-42a0-ab88-20f7382dd24c");
    /// Reading everything but data and secrets.
    pub const READER: Self = Self::built_in("acdd72a7-3385-48ef-bd42-f606fba81ae7");
    /// Reading the values of a vault's secrets.
    pub const KEY_VAULT_SECRETS_USER: Self = Self::built_in("4633458b-17de-408a-b874-0445c86b69e6");
    /// Reading and writing a vault's secrets.
    pub const KEY_VAULT_SECRETS_OFFICER: Self =
        Self::built_in("b86a8fe4-44ce-4948-aee5-eccb2c155cd7");
    /// Reading, writing and deleting blobs.
    pub const STORAGE_BLOB_DATA_CONTRIBUTOR: Self =
        Self::built_in("ba92f5b4-2d11-453d-a403-e96b0029c9fe");
    /// Reading blobs.
    pub const STORAGE_BLOB_DATA_READER: Self =
        Self::built_in("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1");
    /// Asking for keys with which access to blobs is signed.
    pub const STORAGE_BLOB_DELEGATOR: Self = Self::built_in("db58b8e5-c6ad-4a2a-8342-4190687cbf4a");
    /// Sending telemetry.
    pub const MONITORING_METRICS_PUBLISHER: Self =
        Self::built_in("3913510d-42f4-4e42-8a64-420c390055eb");
    /// Pulling images. Registries in ABAC repository mode do not honour it.
    pub const ACR_PULL: Self = Self::built_in("7f951dda-4ed3-4680-a7ca-43fe172d538d");
    /// Changing the records of a DNS zone.
    pub const DNS_ZONE_CONTRIBUTOR: Self = Self::built_in("befefa01-2a29-4197-83a8-272ff33ce314");

    const fn built_in(guid: &'static str) -> Self {
        Self(Cow::Borrowed(guid))
    }

    /// Any other role, by the GUID of its definition.
    pub fn new(guid: impl Into<String>) -> Self {
        Self(Cow::Owned(guid.into()))
    }

    /// The GUID of its definition.
    pub fn guid(&self) -> &str {
        &self.0
    }
}

/// The id without a subscription, which Azure takes for built-in and custom roles alike and
/// answers with the subscription before it.
impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!(
            "/providers/Microsoft.Authorization/roleDefinitions/{}",
            self.0
        ))
    }
}

/// What a principal is; saying it lets Azure assign roles to one that was made a moment ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PrincipalType {
    /// Software: a managed identity or an application.
    ServicePrincipal,
    /// A person.
    User,
    /// Several of these.
    Group,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// A [role assignment](https://learn.microsoft.com/azure/templates/microsoft.authorization/roleassignments):
/// what a principal may do with a resource and everything in it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RoleAssignment {
    /// What it may do.
    #[serde(rename = "roleDefinitionId")]
    pub role: Role,
    /// Who: the id of the principal in Entra.
    pub principal_id: Input<String>,
    /// What the principal is.
    pub principal_type: PrincipalType,
    #[serde(skip)]
    scope: Scope,
}

impl RoleAssignment {
    /// Lets software do with `resource` what the role allows.
    pub fn on<R>(resource: &Added<R>, role: Role, principal: impl Into<Input<String>>) -> Self {
        Self {
            role,
            principal_id: principal.into(),
            principal_type: PrincipalType::ServicePrincipal,
            scope: Scope::On(resource.name().clone()),
        }
    }
}

impl Resource for RoleAssignment {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&ROLE_ASSIGNMENT.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of role assignments.
pub static ROLE_ASSIGNMENT: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Authorization/roleAssignments",
        "2022-04-01",
        "Role assignment",
    );
    ty.facts.immutable = &["roleDefinitionId", "principalId", "principalType"];
    ty.facts.usual = usual(1_500, 1_500, 1_500);
    ty.scope = ArmScope::Extension;
    ty.ownership = OwnershipMark::Field("description");
    ty.compare = &[
        ("roleDefinitionId", Compare::By(last_segment)),
        ("principalId", Compare::IgnoreCase),
        ("principalType", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Guid;
    ty.principal_filter = Some("principalId eq '{}'");
    ty
};
