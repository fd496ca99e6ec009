//! Workspaces and components.

use serde_json::json;

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::path::Address;
use super::super::tree;
use super::super::world::{Reply, World};

pub(super) fn fill_workspace(entry: &Entry) -> Result<(), ArmError> {
    let days = tree::get(&entry.body, "properties.retentionInDays")
        .and_then(serde_json::Value::as_i64)
        .unwrap_or(30);
    let free = tree::text(&entry.body, "properties.sku.name")
        .is_some_and(|sku| sku.eq_ignore_ascii_case("Free"));
    let allowed = if free {
        days == 7
    } else {
        (30..=730).contains(&days)
    };
    if allowed {
        return Ok(());
    }
    Err(ArmError::bad_request(
        "InvalidParameter",
        format!("'RetentionInDays' property doesn't match the SKU limits: {days}."),
    )
    .at("properties.retentionInDays"))
}

pub(super) fn workspace_action(
    world: &World,
    entry: &Entry,
    action: &str,
) -> Option<Result<Reply, ArmError>> {
    if !action.eq_ignore_ascii_case("sharedKeys") {
        return None;
    }
    let key = |name: &str| {
        world
            .fill(entry, &format!("hex:86:{name}"))
            .map(|value| format!("{value}=="))
    };
    Some(Ok(Reply::json(
        200,
        json!({"primarySharedKey": key("primary"), "secondarySharedKey": key("secondary")}),
    )))
}

pub(super) fn fill_component(world: &World, entry: &mut Entry) -> Result<(), ArmError> {
    let Some(id) = tree::text(&entry.body, "properties.WorkspaceResourceId").map(str::to_owned)
    else {
        // Azure makes a workspace of its own in a managed group; the component then says who ingests.
        tree::set(
            &mut entry.body,
            "properties.IngestionMode",
            json!("ApplicationInsights"),
        );
        return Ok(());
    };
    let known = Address::parse(&id)
        .and_then(|a| world.store.resource(&a.key()))
        .filter(|e| e.is("Microsoft.OperationalInsights/workspaces"));
    match known {
        Some(_) => Ok(()),
        None => Err(ArmError::bad_request(
            "WorkspaceNotFound",
            format!("The workspace '{id}' of the component does not exist."),
        )
        .at("properties.WorkspaceResourceId")),
    }
}
