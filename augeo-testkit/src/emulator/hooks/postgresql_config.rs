//! Parameters and administrators of flexible servers.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::tree::{self, Body};
use super::super::world::World;
use super::super::write::Draft;

const DEFAULT: &str = "system-default";
const OVERRIDE: &str = "user-override";

/// A value that was sent must be one that the parameter takes; one of the static kind works after
/// a restart.
pub(super) fn fill_parameter(draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let body = &mut entry.body;
    let refuse = |message: String| {
        Err(ArmError::bad_request("InvalidParameterValue", message).at("properties.value"))
    };
    let name = draft.address.name();
    if tree::get(body, "properties.isReadOnly") == Some(&Value::Bool(true)) {
        return refuse(format!("The parameter '{name}' is read-only."));
    }
    let default = tree::text(body, "properties.defaultValue")
        .unwrap_or_default()
        .to_owned();
    let rests = tree::text(&draft.sent, "properties.source")
        .is_some_and(|source| source.eq_ignore_ascii_case(DEFAULT));
    let value = if rests {
        default
    } else {
        tree::text(&draft.sent, "properties.value").map_or(default, str::to_owned)
    };
    let kind = tree::text(body, "properties.dataType").unwrap_or_default();
    let allowed = tree::text(body, "properties.allowedValues").unwrap_or_default();
    if !admits(kind, allowed, &value) {
        return refuse(format!(
            "The value '{value}' of the parameter '{name}' is not one of: {allowed}."
        ));
    }
    let former = draft
        .existing
        .as_ref()
        .and_then(|former| tree::text(&former.body, "properties.value"));
    let dynamic = tree::get(body, "properties.isDynamicConfig") == Some(&Value::Bool(true));
    if !dynamic && former != Some(value.as_str()) {
        tree::set(body, "properties.isConfigPendingRestart", json!(true));
    }
    tree::set(body, "properties.value", json!(value));
    let source = if rests { DEFAULT } else { OVERRIDE };
    tree::set(body, "properties.source", json!(source));
    Ok(())
}

fn admits(kind: &str, allowed: &str, value: &str) -> bool {
    match kind {
        "Boolean" | "Enumeration" => allowed
            .split(',')
            .any(|word| word.eq_ignore_ascii_case(value)),
        "Integer" | "Numeric" => {
            let bounds = allowed.rsplit_once('-');
            let bounds = bounds.and_then(|(low, high)| {
                Some((low.parse::<f64>().ok()?, high.parse::<f64>().ok()?))
            });
            let number = value.parse::<f64>().ok();
            number.is_some_and(|n| bounds.is_none_or(|(low, high)| n >= low && n <= high))
        }
        "Set" => {
            let known: Vec<String> = allowed.split(',').map(str::to_lowercase).collect();
            let words = value.split(',').map(|word| word.trim().to_lowercase());
            words
                .filter(|word| !word.is_empty())
                .all(|word| known.contains(&word))
        }
        _ => true,
    }
}

/// What nobody has written comes from the system.
pub(super) fn show_parameter(body: &mut Body) {
    for (property, value) in [
        ("source", json!(DEFAULT)),
        ("isDynamicConfig", json!(true)),
        ("isReadOnly", json!(false)),
        ("isConfigPendingRestart", json!(false)),
    ] {
        let path = format!("properties.{property}");
        if tree::get(body, &path).is_none() {
            tree::set(body, &path, value);
        }
    }
    if tree::get(body, "properties.value").is_none()
        && let Some(default) = tree::get(body, "properties.defaultValue").cloned()
    {
        tree::set(body, "properties.value", default);
    }
}

/// Only a server that knows people by Entra has administrators.
pub(super) fn fill_administrator(
    world: &World,
    draft: &Draft,
    entry: &mut Entry,
) -> Result<(), ArmError> {
    let server = draft
        .address
        .parent()
        .and_then(|parent| world.store.resource(&parent.key()));
    let knows = server.is_some_and(|server| {
        tree::text(&server.body, "properties.authConfig.activeDirectoryAuth")
            .is_some_and(|word| word.eq_ignore_ascii_case("Enabled"))
    });
    if !knows {
        return Err(ArmError::bad_request(
            "AadAuthOperationCannotBePerformedWhenServerIsNotAccessible",
            "Microsoft Entra authentication is not enabled on the server.",
        ));
    }
    for property in ["principalName", "principalType"] {
        let path = format!("properties.{property}");
        if tree::text(&entry.body, &path).is_none_or(str::is_empty) {
            return Err(ArmError::bad_request(
                "InvalidParameterValue",
                format!("'{property}' is missing."),
            )
            .at(&path));
        }
    }
    tree::set(
        &mut entry.body,
        "properties.objectId",
        json!(draft.address.name()),
    );
    Ok(())
}
