//! Static web apps: their settings, and the host names that they show.

use serde_json::json;

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::tree::{self, Body};
use super::super::world::{Reply, World};
use super::super::write::Draft;
use super::Aspect;
use super::host_name::resolves;

const DOMAINS: &str = "Microsoft.Web/staticSites/customDomains";

/// The names that it is reached under, beside its own.
pub(super) fn show(world: &World, entry: &Entry, body: &mut Body) {
    let prefix = format!("{}/customdomains/", entry.id.to_lowercase());
    let names: Vec<&str> = world
        .store
        .of_type(DOMAINS, &prefix)
        .filter_map(|key| Some(world.store.resource(key)?.name.as_str()))
        .collect();
    tree::set(body, "properties.customDomains", json!(names));
}

/// A name must lead to the site before it is given to it.
pub(super) fn ensure_resolves(world: &World, draft: &Draft, entry: &Entry) -> Result<(), ArmError> {
    if draft.existing.is_some() || resolves(world, &entry.name) {
        return Ok(());
    }
    let message = format!("CNAME Record is invalid. {} does not resolve.", entry.name);
    Err(ArmError::bad_request("BadRequest", message))
}

/// The settings are told by an action of the site.
pub(super) fn action(
    world: &World,
    entry: &Entry,
    action: &str,
) -> Option<Result<Reply, ArmError>> {
    let name = match action.to_ascii_lowercase().as_str() {
        "listappsettings" => "appsettings",
        "listfunctionappsettings" => "functionappsettings",
        _ => return None,
    };
    let key = format!("{}/config/{name}", entry.id.to_lowercase());
    let settings = world.store.resource(&key)?;
    Some(Ok(Reply::json(200, world.view(settings, Aspect::Current))))
}
