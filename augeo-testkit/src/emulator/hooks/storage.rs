//! Storage accounts: redundancy and keys.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::tree;
use super::super::world::{Reply, World};

/// The region that Azure pairs with another; accounts elsewhere have their second copy in the same place.
const PAIRS: [(&str, &str); 12] = [
    ("westeurope", "northeurope"),
    ("northeurope", "westeurope"),
    ("germanywestcentral", "germanynorth"),
    ("swedencentral", "swedensouth"),
    ("francecentral", "francesouth"),
    ("uksouth", "ukwest"),
    ("ukwest", "uksouth"),
    ("eastus", "westus"),
    ("westus", "eastus"),
    ("eastus2", "centralus"),
    ("centralus", "eastus2"),
    ("westus2", "westcentralus"),
];

pub(super) fn fill_account(entry: &mut Entry) {
    let sku = tree::text(&entry.body, "sku.name")
        .unwrap_or_default()
        .to_owned();
    let tier = sku
        .split('_')
        .next()
        .unwrap_or_default()
        .trim_end_matches("V2")
        .to_owned();
    tree::set(&mut entry.body, "sku.tier", json!(tier));
    for path in [
        "properties.secondaryLocation",
        "properties.statusOfSecondary",
        "properties.secondaryEndpoints",
    ] {
        tree::remove(&mut entry.body, path);
    }
    if !sku.contains("GRS") && !sku.contains("GZRS") {
        return;
    }
    let location = tree::text(&entry.body, "location")
        .unwrap_or_default()
        .to_owned();
    let other = PAIRS
        .iter()
        .find(|(own, _)| *own == location)
        .map_or(location.as_str(), |(_, pair)| pair);
    tree::set(
        &mut entry.body,
        "properties.secondaryLocation",
        json!(other),
    );
    tree::set(
        &mut entry.body,
        "properties.statusOfSecondary",
        json!("available"),
    );
    if sku.contains("RAG") {
        let name = &entry.name;
        let endpoints: Value = ["blob", "dfs", "queue", "table", "web"]
            .iter()
            .map(|service| {
                let zone = if *service == "web" { "z6.web" } else { service };
                (
                    (*service).to_owned(),
                    json!(format!("https://{name}-secondary.{zone}.core.windows.net/")),
                )
            })
            .collect::<tree::Body>()
            .into();
        tree::set(&mut entry.body, "properties.secondaryEndpoints", endpoints);
    }
}

pub(super) fn action(
    world: &World,
    entry: &Entry,
    action: &str,
) -> Option<Result<Reply, ArmError>> {
    if !action.eq_ignore_ascii_case("listKeys") {
        return None;
    }
    let keys: Vec<Value> = ["key1", "key2"]
        .iter()
        .map(|name| {
            let value = world.fill(entry, &format!("hex:86:{name}")).unwrap_or_default();
            json!({"keyName": name, "value": format!("{value}=="), "permissions": "FULL", "creationTime": super::super::world::stamp(entry.created)})
        })
        .collect();
    Some(Ok(Reply::json(200, json!({ "keys": keys }))))
}
