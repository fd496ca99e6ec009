//! Plans, sites and their configuration.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::facts::facts;
use super::super::path::Address;
use super::super::tree::{self, Body};
use super::super::world::{Call, Reply, World};
use super::super::write::Draft;

const PLANS: &str = "Microsoft.Web/serverfarms";
const SITES: &str = "Microsoft.Web/sites";
const SLOTS: &str = "Microsoft.Web/sites/slots";

/// Tier and family of a plan's SKU by the start of its name, the longest first.
const TIERS: [(&str, &str, &str); 13] = [
    ("P0v3", "Premium0V3", "Pv3"),
    ("EP", "ElasticPremium", "EP"),
    ("WS", "WorkflowStandard", "WS"),
    ("FC", "FlexConsumption", "FC"),
    ("Pv4", "PremiumV4", "Pv4"),
    ("Pv3", "PremiumV3", "Pv3"),
    ("Pv2", "PremiumV2", "Pv2"),
    ("F", "Free", "F"),
    ("D", "Shared", "D"),
    ("B", "Basic", "B"),
    ("S", "Standard", "S"),
    ("Y", "Dynamic", "Y"),
    ("P", "Premium", "P"),
];

fn tier_of(name: &str) -> Option<(&'static str, &'static str)> {
    let upper = name.to_uppercase();
    let version = ["V4", "V3", "V2"]
        .iter()
        .find(|v| upper.starts_with('P') && upper.ends_with(**v));
    let found = match version {
        _ if upper == "P0V3" => TIERS.iter().find(|(start, _, _)| *start == "P0v3"),
        Some(version) => TIERS
            .iter()
            .find(|(start, _, _)| start.to_uppercase() == format!("P{version}")),
        None => TIERS
            .iter()
            .filter(|(start, _, _)| start.len() <= 2)
            .find(|(start, _, _)| {
                upper
                    .strip_prefix(&start.to_uppercase())
                    .is_some_and(|rest| {
                        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())
                    })
            }),
    };
    found.map(|(_, tier, family)| (*tier, *family))
}

pub(super) fn fill_plan(entry: &mut Entry) -> Result<(), ArmError> {
    let name = tree::text(&entry.body, "sku.name")
        .unwrap_or("F1")
        .to_owned();
    let Some((tier, family)) = tier_of(&name) else {
        return Err(ArmError::bad_request(
            "InvalidSku",
            format!("The pricing tier '{name}' is not known."),
        )
        .at("sku.name"));
    };
    if let Some(sent) = tree::text(&entry.body, "sku.tier")
        && !sent.eq_ignore_ascii_case(tier)
    {
        return Err(ArmError::bad_request(
            "InvalidSku",
            format!("The tier '{sent}' does not go with the pricing tier '{name}'."),
        )
        .at("sku.tier"));
    }
    for (property, value) in [
        ("name", &*name),
        ("tier", tier),
        ("size", &*name),
        ("family", family),
    ] {
        tree::set(&mut entry.body, &format!("sku.{property}"), json!(value));
    }
    let capacity = tree::get(&entry.body, "sku.capacity")
        .and_then(Value::as_i64)
        .unwrap_or(i64::from(!matches!(tier, "Free" | "Shared" | "Dynamic")));
    let limit = match tier {
        "Free" | "Shared" | "Dynamic" => 1,
        "Basic" => 3,
        "Standard" => 10,
        _ => 30,
    };
    if capacity > limit {
        return Err(ArmError::bad_request(
            "InvalidSkuCapacity",
            format!("The tier '{tier}' has at most {limit} instances."),
        )
        .at("sku.capacity"));
    }
    if tree::get(&entry.body, "properties.zoneRedundant") == Some(&Value::Bool(true))
        && !tier.starts_with("Premium")
    {
        return Err(ArmError::bad_request(
            "ZoneRedundancyNotSupported",
            format!("The tier '{tier}' is not zone redundant."),
        )
        .at("properties.zoneRedundant"));
    }
    tree::set(&mut entry.body, "sku.capacity", json!(capacity));
    tree::set(
        &mut entry.body,
        "properties.numberOfWorkers",
        json!(capacity.max(1)),
    );
    tree::set(
        &mut entry.body,
        "properties.maximumNumberOfWorkers",
        json!(limit),
    );
    let linux = tree::get(&entry.body, "properties.reserved") == Some(&Value::Bool(true));
    if linux && tree::text(&entry.body, "kind").is_none_or(|kind| kind == "app") {
        entry.body.insert("kind".to_owned(), json!("linux"));
    }
    Ok(())
}

/// The sites on a plan.
fn sites_on<'a>(world: &'a World, plan: &'a str) -> impl Iterator<Item = &'a Entry> {
    let subscription = plan.split('/').take(3).collect::<Vec<_>>().join("/");
    let keys: Vec<String> = world
        .store
        .of_type(SITES, &subscription)
        .map(str::to_owned)
        .collect();
    keys.into_iter()
        .filter_map(|key| world.store.resource(&key))
        .filter(move |site| plan_key(site).as_deref() == Some(plan))
}

fn plan_key(site: &Entry) -> Option<String> {
    Some(Address::parse(tree::text(&site.body, "properties.serverFarmId")?)?.key())
}

pub(super) fn show_plan(world: &World, entry: &Entry, body: &mut Body) {
    tree::set(
        body,
        "properties.numberOfSites",
        json!(sites_on(world, &entry.id.to_lowercase()).count()),
    );
}

pub(super) fn guard_plan(world: &World, entry: &Entry) -> Result<(), ArmError> {
    let key = entry.id.to_lowercase();
    let names: Vec<_> = sites_on(world, &key)
        .map(|site| site.name.as_str())
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(ArmError::conflict(
        "Conflict",
        format!(
            "Server farm '{}' cannot be deleted because it has web app(s) {} assigned to it.",
            entry.name,
            names.join(", ")
        ),
    ))
}

pub(super) fn fill_site(world: &World, draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let Some(id) = tree::text(&entry.body, "properties.serverFarmId").map(str::to_owned) else {
        return Err(ArmError::bad_request(
            "BadRequest",
            "The site names no plan, and the emulator does not make one.",
        )
        .at("properties.serverFarmId"));
    };
    let plan = Address::parse(&id)
        .and_then(|a| world.store.resource(&a.key()))
        .filter(|e| e.is(PLANS));
    let Some(plan) = plan else {
        return Err(ArmError::not_found(
            "NotFound",
            format!(
                "Cannot find serverFarm with name {}.",
                id.rsplit('/').next().unwrap_or_default()
            ),
        ));
    };
    let location = |e: &Entry| {
        facts()
            .cloud
            .location(tree::text(&e.body, "location").unwrap_or_default())
    };
    if location(plan) != location(entry) {
        return Err(ArmError::conflict(
            "Conflict",
            "The plan and the site are in different locations.",
        )
        .at("location"));
    }
    let linux = tree::get(&plan.body, "properties.reserved") == Some(&Value::Bool(true));
    let kind = tree::text(&entry.body, "kind").unwrap_or("app").to_owned();
    let sent = tree::get(&draft.sent, "properties.reserved").and_then(Value::as_bool);
    if sent.is_some_and(|reserved| reserved != linux) || (kind.contains("linux") && !linux) {
        return Err(ArmError::conflict(
            "Conflict",
            "The operating system of the site is not that of its plan.",
        )
        .at("properties.reserved"));
    }
    if linux && !kind.contains("linux") {
        entry
            .body
            .insert("kind".to_owned(), json!(format!("{kind},linux")));
    }
    check_always_on(
        plan,
        tree::get(&draft.sent, "properties.siteConfig.alwaysOn"),
    )?;
    let tier = tree::text(&plan.body, "sku.tier")
        .unwrap_or_default()
        .to_owned();
    let is_slot = draft.address.pairs.len() > 1;
    if is_slot && draft.existing.is_none() {
        check_slots(world, draft, &tier)?;
    }
    let suffix = world.fill(entry, "hex:16:host").unwrap_or_default();
    let region = location(entry).unwrap_or_default();
    // Since 2024 a default host name carries a hash and the region: nobody can compute it.
    let own = if is_slot {
        format!("{}-{}", draft.address.root_name(), entry.name)
    } else {
        entry.name.clone()
    };
    let host = format!(
        "{}-{suffix}.{region}-01.azurewebsites.net",
        own.to_lowercase()
    );
    let scm = host.replacen('.', ".scm.", 1);
    let state =
        |name: &str, kind: &str| json!({"name": name, "sslState": "Disabled", "hostType": kind});
    for (path, value) in [
        ("reserved", json!(linux)),
        ("serverFarmId", json!(plan.id)),
        ("sku", json!(tier)),
        ("defaultHostName", json!(host)),
        ("hostNames", json!([host])),
        ("enabledHostNames", json!([host, scm])),
        (
            "hostNameSslStates",
            json!([state(&host, "Standard"), state(&scm, "Repository")]),
        ),
    ] {
        tree::set(&mut entry.body, &format!("properties.{path}"), value);
    }
    Ok(())
}

/// How many [slots](https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-app-service-limits)
/// a site may have.
fn check_slots(world: &World, draft: &Draft, tier: &str) -> Result<(), ArmError> {
    let most = match tier {
        "Free" | "Shared" | "Basic" | "Dynamic" => 0,
        "Standard" => 5,
        _ => 20,
    };
    let site = draft.address.root_key();
    let prefix = format!("{site}/slots/");
    if world.store.of_type(SLOTS, &prefix).count() < most {
        return Ok(());
    }
    Err(ArmError::conflict(
        "Conflict",
        format!(
            "Cannot complete the operation because the site will exceed the number of slots allowed for the '{tier}' SKU."
        ),
    ))
}

fn check_always_on(plan: &Entry, value: Option<&Value>) -> Result<(), ArmError> {
    let tier = tree::text(&plan.body, "sku.tier").unwrap_or_default();
    if value == Some(&Value::Bool(true)) && matches!(tier, "Free" | "Shared" | "Dynamic") {
        return Err(ArmError::conflict("Conflict", format!("AlwaysOn cannot be set for this site as the plan does not allow it: its tier is {tier}.")).at("properties.siteConfig.alwaysOn"));
    }
    Ok(())
}

/// Spreads the write-only `siteConfig` over the configuration that it stands for.
pub(super) fn apply_site_config(world: &mut World, draft: &Draft) {
    let Some(Value::Object(mut config)) = tree::get(&draft.sent, "properties.siteConfig").cloned()
    else {
        return;
    };
    let pairs = |value: Value, text: &dyn Fn(&Value) -> Value| -> Body {
        let items = value.as_array().cloned().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| Some((item.get("name")?.as_str()?.to_owned(), text(item))))
            .collect()
    };
    let settings = config
        .remove("appSettings")
        .map(|v| pairs(v, &|item| item.get("value").cloned().unwrap_or_default()));
    let connections = config.remove("connectionStrings").map(|v| {
        pairs(v, &|item| json!({"value": item.get("connectionString").cloned().unwrap_or_default(), "type": item.get("type").cloned().unwrap_or_else(|| json!("Custom"))}))
    });
    config.remove("metadata");
    config.remove("machineKey");
    for (name, values) in [
        ("appsettings", settings),
        ("connectionstrings", connections),
    ] {
        if let Some(values) = values {
            edit_config(world, draft, name, &|body| {
                body.insert("properties".to_owned(), Value::Object(values.clone()));
            });
        }
    }
    edit_config(world, draft, "web", &|body| {
        tree::set_all(body, "properties", &config);
    });
}

fn edit_config(world: &mut World, draft: &Draft, name: &str, edit: &dyn Fn(&mut Body)) {
    let mut address = draft.address.clone();
    address.pairs.push(("config".to_owned(), name.to_owned()));
    let key = address.key();
    let Some(mut entry) = world.store.resource(&key).cloned() else {
        return;
    };
    edit(&mut entry.body);
    entry.version += 1;
    entry.changed = draft.now;
    world.store.put_resource(&key, entry);
}

/// The configuration of a site never shows on the site itself.
pub(super) fn show_site(body: &mut Body) {
    tree::set(body, "properties.siteConfig", Value::Null);
}

pub(super) fn fill_config(world: &World, draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    if entry.name.eq_ignore_ascii_case("slotConfigNames") {
        // Empty lists show as null.
        for list in [
            "appSettingNames",
            "connectionStringNames",
            "azureStorageConfigNames",
        ] {
            let path = format!("properties.{list}");
            if tree::get(&entry.body, &path).is_none() {
                tree::set(&mut entry.body, &path, Value::Null);
            }
        }
    }
    if entry.name.eq_ignore_ascii_case("web")
        && let Some(site) = draft
            .address
            .parent()
            .and_then(|p| world.store.resource(&p.key()))
        && let Some(plan) = plan_key(site).and_then(|key| world.store.resource(&key))
    {
        check_always_on(plan, tree::get(&entry.body, "properties.alwaysOn"))?;
    }
    Ok(())
}

pub(super) fn config_action(
    world: &World,
    entry: &Entry,
    action: &str,
) -> Option<Result<Reply, ArmError>> {
    let overlay = facts().of(&entry.type_name)?.overlay;
    let readable = overlay
        .post_lists
        .iter()
        .any(|name| name.eq_ignore_ascii_case(&entry.name));
    (action.eq_ignore_ascii_case("list") && readable)
        .then(|| Ok(Reply::json(200, world.view(entry, super::Aspect::Current))))
}

pub(super) fn site_action(action: &str) -> Option<Result<Reply, ArmError>> {
    ["restart", "start", "stop", "sync"]
        .iter()
        .any(|known| action.eq_ignore_ascii_case(known))
        .then(|| Ok(Reply::new(200)))
}

/// Remembers whether the plan is to go with its last site.
pub(super) fn note_plan_wish(world: &mut World, call: &Call<'_>, entry: &Entry) {
    let keeps = call
        .at
        .parameter("deleteEmptyServerFarm")
        .is_some_and(|v| v.eq_ignore_ascii_case("false"));
    let key = entry.id.to_lowercase();
    if let Some(mut stored) = world.store.resource(&key).cloned() {
        stored.hidden.insert("keepPlan".to_owned(), json!(keeps));
        world.store.put_resource(&key, stored);
    }
}

/// The last site takes its plan along, unless it was told not to.
pub(super) fn site_removed(world: &mut World, entry: &Entry) {
    let Some(plan) = plan_key(entry) else { return };
    let asked = entry.hidden.get("keepPlan") == Some(&Value::Bool(false));
    if asked
        && sites_on(world, &plan).next().is_none()
        && world
            .store
            .resource(&plan)
            .is_some_and(|p| p.pending.is_none())
    {
        world.remove_tree(&plan, entry.changed, true);
    }
}
