//! Roles of one's own, and role assignments: who may be assigned what, once per scope.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::path::join;
use super::super::role::ROLES;
use super::super::tree;
use super::super::world::World;
use super::super::write::Draft;

const ASSIGNMENTS: &str = "Microsoft.Authorization/roleAssignments";

pub(super) fn fill_assignment(
    world: &World,
    draft: &Draft,
    entry: &mut Entry,
) -> Result<(), ArmError> {
    let text = |path: &str| tree::text(&entry.body, path).unwrap_or_default().to_owned();
    let (definition, principal) = (
        text("properties.roleDefinitionId"),
        text("properties.principalId"),
    );
    let lower = definition.to_lowercase();
    let Some((_, role)) = lower
        .rsplit_once("/providers/microsoft.authorization/roledefinitions/")
        .filter(|(_, id)| is_guid(id))
    else {
        return Err(ArmError::bad_request(
            "InvalidRoleDefinitionId",
            format!("'{definition}' is not the id of a role definition."),
        )
        .at("properties.roleDefinitionId"));
    };
    let subscription = draft.address.subscription().unwrap_or_default();
    let custom = format!(
        "/subscriptions/{}/providers/{}/{role}",
        subscription.to_lowercase(),
        ROLES.to_lowercase()
    );
    if World::built_in_role(role).is_none() && !world.store.resources().contains(&custom) {
        return Err(World::no_role(role));
    }
    if !is_guid(&principal) {
        return Err(ArmError::bad_request(
            "InvalidPrincipalId",
            format!("A valid principal ID must be provided: '{principal}' is not a GUID."),
        )
        .at("properties.principalId"));
    }
    let typed = tree::text(&draft.sent, "properties.principalType").is_some();
    let known = world.store.principals().get(&principal);
    if draft.existing.is_none() && !typed && known.is_none_or(|p| p.known > draft.now) {
        return Err(ArmError::bad_request(
            "PrincipalNotFound",
            format!(
                "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.",
                principal.replace('-', ""),
                world.options.tenant
            ),
        ));
    }
    let scope = join(&draft.address.scope);
    let prefix = format!(
        "{}/providers/{}/",
        scope.to_lowercase(),
        ASSIGNMENTS.to_lowercase()
    );
    let twin = world
        .store
        .of_type(ASSIGNMENTS, &prefix)
        .filter(|key| *key != draft.key)
        .filter_map(|key| world.store.resource(key))
        .find(|other| {
            let same = |path: &str, wanted: &str| {
                tree::text(&other.body, path)
                    .is_some_and(|got| got.to_lowercase().ends_with(wanted))
            };
            same("properties.roleDefinitionId", role)
                && same("properties.principalId", &principal.to_lowercase())
        });
    if let Some(twin) = twin {
        return Err(ArmError::conflict(
            "RoleAssignmentExists",
            format!(
                "The role assignment already exists. The ID of the conflicting role assignment is {}.",
                twin.name.replace('-', "")
            ),
        ));
    }
    tree::set(
        &mut entry.body,
        "properties.roleDefinitionId",
        json!(format!(
            "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        )),
    );
    tree::set(&mut entry.body, "properties.scope", json!(scope));
    if tree::text(&entry.body, "properties.principalType").is_none() {
        tree::set(
            &mut entry.body,
            "properties.principalType",
            json!("ServicePrincipal"),
        );
    }
    Ok(())
}

/// No two roles of a directory have one name, and each can be assigned somewhere in it.
pub(super) fn fill_definition(
    world: &World,
    draft: &Draft,
    entry: &mut Entry,
) -> Result<(), ArmError> {
    let refuse =
        |code: &str, message: &str, at: &str| Err(ArmError::bad_request(code, message).at(at));
    let name = tree::text(&entry.body, "properties.roleName").unwrap_or_default();
    if name.is_empty() {
        let message = "A role needs a name.";
        return refuse("InvalidRoleDefinitionName", message, "properties.roleName");
    }
    let scopes = tree::get(&entry.body, "properties.assignableScopes").and_then(Value::as_array);
    let own = draft.address.subscription().unwrap_or_default();
    let known = |scope: &Value| {
        let text = scope.as_str().unwrap_or_default().to_lowercase();
        let own = format!("/subscriptions/{}", own.to_lowercase());
        text == own || text.starts_with(&format!("{own}/resourcegroups/"))
    };
    if !scopes.is_some_and(|scopes| !scopes.is_empty() && scopes.iter().all(known)) {
        return refuse(
            "InvalidAssignableScopes",
            "A role can be assigned in subscriptions and groups that exist, and in one at least.",
            "properties.assignableScopes",
        );
    }
    let twin = world
        .store
        .of_type(ROLES, "")
        .filter(|key| *key != draft.key)
        .filter_map(|key| world.store.resource(key))
        .any(|other| {
            tree::text(&other.body, "properties.roleName")
                .is_some_and(|other| other.eq_ignore_ascii_case(name))
        });
    if twin {
        return Err(ArmError::conflict(
            "RoleDefinitionWithSameNameExists",
            format!(
                "A custom role with the same name '{name}' already exists in this directory. Use a different name."
            ),
        ));
    }
    Ok(())
}

pub(super) fn guard_definition(world: &World, entry: &Entry) -> Result<(), ArmError> {
    let role = format!("/{}", entry.name.to_lowercase());
    let assigned = world
        .store
        .of_type(ASSIGNMENTS, "")
        .filter_map(|key| world.store.resource(key))
        .filter(|assignment| {
            tree::text(&assignment.body, "properties.roleDefinitionId")
                .is_some_and(|id| id.to_lowercase().ends_with(&role))
        })
        .count();
    if assigned == 0 {
        return Ok(());
    }
    Err(ArmError::bad_request(
        "RoleDefinitionHasAssignments",
        format!("There are existing role assignments referencing role (count: {assigned})."),
    ))
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(i, c)| {
            if [8, 13, 18, 23].contains(&i) {
                c == '-'
            } else {
                c.is_ascii_hexdigit()
            }
        })
}
