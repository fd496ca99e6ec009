//! Role assignments: who may be assigned what, once per scope.

use serde_json::json;

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::path::join;
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
    let subscription = draft.address.subscription().unwrap_or_default();
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
