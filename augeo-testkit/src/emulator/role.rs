//! Roles as they are asked for: those that Azure has built in, and those of one's own.

use serde_json::{Value, json};

use super::error::ArmError;
use super::facts::facts;
use super::path::{Address, join};
use super::view::Aspect;
use super::world::{Call, Reply, World};

pub(crate) const ROLES: &str = "Microsoft.Authorization/roleDefinitions";

impl World {
    fn built_in() -> impl Iterator<Item = Value> {
        facts().cloud.roles.iter().map(|[id, name]| {
            json!({
                "id": format!("/providers/{ROLES}/{id}"),
                "type": ROLES,
                "name": id,
                "properties": {"roleName": name, "type": "BuiltInRole", "description": name, "assignableScopes": ["/"], "permissions": [{"actions": [], "notActions": [], "dataActions": [], "notDataActions": []}]},
            })
        })
    }

    /// The roles that can be assigned at a scope.
    pub(crate) fn role_definitions(&self, call: &Call<'_>, parent: &Address) -> Reply {
        let filter = call
            .at
            .parameter("$filter")
            .unwrap_or_default()
            .to_lowercase();
        let wanted = filter
            .strip_prefix("rolename eq ")
            .map(|name| name.trim().trim_matches('\'').to_owned());
        let of_kind = |role: &Value| {
            let kind = role["properties"]["type"].as_str().unwrap_or_default();
            !filter.contains("customrole") || kind.eq_ignore_ascii_case("CustomRole")
        };
        let scope = format!("{}/", join(&parent.scope).to_lowercase());
        let subscription = scope.splitn(4, '/').take(3).collect::<Vec<_>>().join("/") + "/";
        let keys = self.store.of_type(ROLES, &subscription);
        let custom = self.seen_of(
            call,
            keys.map(str::to_owned).collect(),
            &|key, entry| entry.is(ROLES) && key.starts_with(&subscription),
            &|_, _| true,
        );
        let custom = custom.into_iter();
        let roles: Vec<Value> = Self::built_in()
            .chain(custom.map(|(_, entry)| self.view(entry, Aspect::Current)))
            .filter(|role| {
                let name = role["properties"]["roleName"].as_str();
                of_kind(role)
                    && wanted.as_ref().is_none_or(|wanted| {
                        name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
                    })
            })
            .collect();
        Reply::json(200, json!({ "value": roles }))
    }

    /// A role that is built in; `None` where it is not.
    pub(crate) fn built_in_role(name: &str) -> Option<Value> {
        Self::built_in().find(|role| {
            role["name"]
                .as_str()
                .is_some_and(|id| id.eq_ignore_ascii_case(name))
        })
    }

    /// A role that is not there: no role of one's own, and none that is built in.
    pub(crate) fn no_role(name: &str) -> ArmError {
        ArmError::not_found(
            "RoleDefinitionDoesNotExist",
            format!("The specified role definition with ID '{name}' does not exist."),
        )
    }
}
