//! Vaults and their secrets as Azure Resource Manager sees them.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::tree;
use super::super::world::World;
use super::super::write::Draft;

pub(super) fn fill_vault(draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    for (property, message) in [
        (
            "enablePurgeProtection",
            "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.",
        ),
        (
            "enableSoftDelete",
            "The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft delete' functionality is an irreversible action.",
        ),
    ] {
        let path = format!("properties.{property}");
        if tree::get(&draft.sent, &path) == Some(&Value::Bool(false)) {
            return Err(ArmError::bad_request("BadRequest", message).at(path));
        }
    }
    if let Some(Value::Array(rules)) =
        tree::get(&entry.body, "properties.networkAcls.ipRules").cloned()
    {
        let rules: Vec<Value> = rules
            .into_iter()
            .map(|mut rule| {
                if let Some(address) = rule
                    .get("value")
                    .and_then(Value::as_str)
                    .filter(|a| !a.contains('/'))
                {
                    rule["value"] = json!(format!("{address}/32"));
                }
                rule
            })
            .collect();
        tree::set(
            &mut entry.body,
            "properties.networkAcls.ipRules",
            Value::Array(rules),
        );
    }
    if let Some(Value::Array(rules)) =
        tree::get(&entry.body, "properties.networkAcls.virtualNetworkRules").cloned()
    {
        let rules: Vec<Value> = rules
            .into_iter()
            .map(|mut rule| {
                if let Some(id) = rule.get("id").and_then(Value::as_str) {
                    rule["id"] = json!(id.to_lowercase());
                }
                rule
            })
            .collect();
        tree::set(
            &mut entry.body,
            "properties.networkAcls.virtualNetworkRules",
            Value::Array(rules),
        );
    }
    Ok(())
}

/// Each PUT with a value makes a version; the value itself goes nowhere.
pub(super) fn fill_secret(world: &World, draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let valued = tree::get(&draft.sent, "properties.value").is_some_and(Value::is_string);
    if draft.existing.is_none() && !valued {
        return Err(
            ArmError::bad_request("BadRequest", "The secret has no value.").at("properties.value"),
        );
    }
    if valued {
        let version = world
            .fill(entry, &format!("hex:32:version-{}", entry.version))
            .unwrap_or_default();
        entry
            .hidden
            .insert("secretVersion".to_owned(), json!(version));
    }
    let version = tree::text(&entry.hidden, "secretVersion")
        .unwrap_or_default()
        .to_owned();
    let uri = tree::text(&entry.body, "properties.secretUri")
        .unwrap_or_default()
        .to_owned();
    tree::set(
        &mut entry.body,
        "properties.secretUriWithVersion",
        json!(format!("{uri}/{version}")),
    );
    tree::set(
        &mut entry.body,
        "properties.attributes.created",
        json!(entry.created.unix_timestamp()),
    );
    tree::set(
        &mut entry.body,
        "properties.attributes.updated",
        json!(entry.changed.unix_timestamp()),
    );
    Ok(())
}
