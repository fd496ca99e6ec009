//! What is set on a `PostgreSQL` flexible server: its parameters, and who administers it by Entra.

use std::borrow::Cow;

use augeo_core::resource::{Exclusion, Lifecycle, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::{Input, Value};
use serde::{Deserialize, Serialize};

use super::facts::usual;
use super::postgresql::PostgresServer;
use crate::schema::{ArmType, Compare, NameAlphabet, NameRule, Reset};

/// A [server parameter](https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers/configurations).
/// A server has each from the start; one that leaves the stack is set back to its default.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PostgresParameter {
    /// What it is set to, as Azure writes it: `on`, `off`, a number without a unit, a list with
    /// commas.
    pub value: Input<String>,
    source: &'static str,
    #[serde(skip)]
    physical_name: String,
    #[serde(skip)]
    scope: Scope,
}

impl PostgresParameter {
    /// A parameter of a server, by the name that `PostgreSQL` has for it, such as
    /// `require_secure_transport`.
    pub fn within(
        server: &Added<PostgresServer>,
        name: impl Into<String>,
        value: impl Into<Input<String>>,
    ) -> Self {
        Self {
            value: value.into(),
            source: "user-override",
            physical_name: name.into(),
            scope: Scope::Within(server.name().clone()),
        }
    }
}

impl Resource for PostgresParameter {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&POSTGRES_PARAMETER.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.physical_name.clone())
    }
}

/// Azure lists several hundred parameters with a server; only those that the stack sets and those
/// that anybody has overridden count. Which source it tells for one that is set to what is its
/// default anyway is unverified: such a one is taken for not set.
pub static POSTGRES_PARAMETER: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
        "2025-08-01",
        "PostgreSQL parameter",
    );
    ty.facts.lifecycle = Lifecycle::Resettable;
    ty.facts.write_only = &["source"];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(20_000, 20_000, 20_000);
    ty.compare = &[("value", Compare::By(parameter_form))];
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::Any,
        length_min: 1,
        length_max: 256,
    };
    ty.reset = Some(Reset {
        value: "value",
        default: "defaultValue",
        source: ("source", "system-default"),
        read_only: "isReadOnly",
    });
    ty
};

/// The service writes words of parameters in either case, and lists with or without spaces. No
/// parameter that Azure lets anybody set tells two values apart by that.
fn parameter_form(value: &Value) -> Value {
    value.map_leaves(&|leaf| {
        let text = leaf.as_str()?.to_ascii_lowercase();
        let items: Vec<&str> = text.split(',').map(str::trim).collect();
        Some(Value::from(items.join(",")))
    })
}

/// What kind of principal administers a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AdministratorType {
    /// A person.
    User,
    /// A group of them.
    Group,
    /// An application, or the identity of a resource.
    ServicePrincipal,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// An [administrator](https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/flexibleservers/administrators)
/// of a server, known by Entra: it signs in with a token. Roles with fewer rights are made by SQL.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PostgresAdministrator {
    /// What kind of principal it is; cannot be changed.
    pub principal_type: AdministratorType,
    /// The name that it signs in with; cannot be changed.
    pub principal_name: String,
    /// The directory that it is in.
    pub tenant_id: Input<String>,
    #[serde(skip)]
    object_id: String,
    #[serde(skip)]
    scope: Scope,
}

impl PostgresAdministrator {
    /// An administrator by the id of its object in the directory. The server must know people by
    /// Entra.
    pub fn within(
        server: &Added<PostgresServer>,
        object_id: impl Into<String>,
        principal_name: impl Into<String>,
        tenant_id: impl Into<Input<String>>,
    ) -> Self {
        Self {
            principal_type: AdministratorType::User,
            principal_name: principal_name.into(),
            tenant_id: tenant_id.into(),
            object_id: object_id.into(),
            scope: Scope::Within(server.name().clone()),
        }
    }
}

impl Resource for PostgresAdministrator {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&POSTGRES_ADMINISTRATOR.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.object_id.clone())
    }
}

/// The facts of administrators. That none can be changed in place is how the
/// [other tools](https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/postgresql_flexible_server_active_directory_administrator)
/// treat them.
pub static POSTGRES_ADMINISTRATOR: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.DBforPostgreSQL/flexibleServers/administrators",
        "2025-08-01",
        "PostgreSQL administrator",
    );
    ty.facts.immutable = &["principalType", "principalName"];
    ty.only_where = Some(("authConfig.activeDirectoryAuth", "Enabled"));
    ty.facts.write_only = &["tenantId"];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(60_000, 60_000, 30_000);
    ty.compare = &[
        ("principalType", Compare::IgnoreCase),
        ("principalName", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Guid;
    ty
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_parameters_are_the_same_in_any_case_and_with_any_spaces() {
        let form = |text: &str| parameter_form(&Value::from(text.to_owned()));
        assert_eq!(form("PGCRYPTO, uuid-ossp"), form("pgcrypto,UUID-OSSP"));
        assert_eq!(form("ON"), form("on"));
        assert_ne!(form("on"), form("off"));
        assert_eq!(form("a , b"), parameter_form(&form("a , b")));
    }
}
