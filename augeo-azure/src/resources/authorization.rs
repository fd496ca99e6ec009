//! Who may do what: role assignments, the roles that Azure has built in, and roles of one's own.

use std::borrow::Cow;

use augeo_core::name::ResourceName;
use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::{Input, OutputPath};
use serde::{Deserialize, Serialize, Serializer};

use super::facts::{last_segment, usual};
use super::management::ResourceGroup;
use crate::schema::{ArmScope, ArmType, Compare, NameRule, OwnershipMark, ReadPlan};

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
    /// Sending mail with a communication service, and changing it: there is no smaller one.
    pub const COMMUNICATION_AND_EMAIL_SERVICE_OWNER: Self =
        Self::built_in("09976791-48a7-449e-bb21-39d1a415f350");
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
    pub role: Input<Role>,
    /// Who: the id of the principal in Entra.
    pub principal_id: Input<String>,
    /// What the principal is.
    pub principal_type: PrincipalType,
    #[serde(skip)]
    scope: Scope,
}

impl RoleAssignment {
    /// Lets software do with `resource` what the role allows.
    pub fn on<R>(
        resource: &Added<R>,
        role: impl Into<Input<Role>>,
        principal: impl Into<Input<String>>,
    ) -> Self {
        Self::at(Scope::On(resource.name().clone()), role, principal)
    }

    /// Lets software do in the whole subscription what the role allows.
    pub fn at_subscription(
        role: impl Into<Input<Role>>,
        principal: impl Into<Input<String>>,
    ) -> Self {
        Self::at(Scope::Stack, role, principal)
    }

    fn at(scope: Scope, role: impl Into<Input<Role>>, principal: impl Into<Input<String>>) -> Self {
        Self {
            role: role.into(),
            principal_id: principal.into(),
            principal_type: PrincipalType::ServicePrincipal,
            scope,
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

/// What a role allows: operations by name, each with `*` for any part of it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Permission {
    /// Operations that are allowed.
    pub actions: Vec<String>,
    /// Operations among them that are not.
    pub not_actions: Vec<String>,
    /// Operations on data that are allowed.
    pub data_actions: Vec<String>,
    /// Operations on data among them that are not.
    pub not_data_actions: Vec<String>,
}

impl Permission {
    /// These operations, and none on data.
    pub fn actions(actions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            actions: actions.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// A [role of one's own](https://learn.microsoft.com/azure/templates/microsoft.authorization/roledefinitions),
/// which can be assigned anywhere in the subscription. It is in no group; one of the stack's keeps
/// a sign of it, by which it is found again.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RoleDefinition {
    /// What people call it: no two roles of a tenant have the same. `{subscription}` in it stands
    /// for the subscription's id.
    pub role_name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// Where it can be assigned. `{subscription}` in it stands for the subscription's id.
    pub assignable_scopes: Vec<String>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip)]
    sign_keeper: ResourceName,
}

impl RoleDefinition {
    /// The role, to be assigned.
    pub const ROLE: OutputPath<Self, Role> = OutputPath::new("id");

    /// A role of this name that allows this, with its sign in a group.
    pub fn within(
        group: &Added<ResourceGroup>,
        role_name: impl Into<String>,
        permission: Permission,
    ) -> Self {
        Self {
            role_name: role_name.into(),
            description: None,
            permissions: vec![permission],
            assignable_scopes: vec!["/subscriptions/{subscription}".to_owned()],
            kind: "CustomRole",
            sign_keeper: group.name().clone(),
        }
    }
}

impl Resource for RoleDefinition {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&ROLE_DEFINITION.facts)
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn sign_keeper(&self) -> Option<ResourceName> {
        Some(self.sign_keeper.clone())
    }
}

/// The facts of roles of one's own.
pub static ROLE_DEFINITION: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Authorization/roleDefinitions",
        "2022-04-01",
        "Role",
    );
    ty.facts.sign_at = Some("tags.augeo-roles");
    ty.facts.usual = usual(1_500, 1_500, 1_500);
    ty.scope = ArmScope::Subscription;
    // Without a filter the list has every built-in role:
    // https://learn.microsoft.com/rest/api/authorization/role-definitions/list
    ty.read = ReadPlan::List {
        query: &[("$filter", "type eq 'CustomRole'")],
    };
    ty.ownership = OwnershipMark::Field("description");
    ty.compare = &[
        ("permissions[].actions", Compare::Set),
        ("permissions[].notActions", Compare::Set),
        ("permissions[].dataActions", Compare::Set),
        ("permissions[].notDataActions", Compare::Set),
        ("assignableScopes", Compare::Set),
        ("type", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Guid;
    ty.subscription_in = &["roleName", "assignableScopes[]"];
    ty
};
