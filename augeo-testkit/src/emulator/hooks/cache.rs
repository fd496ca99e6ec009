//! Caches: what tiers lack, what is filled in, and what a failed creation leaves.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::operation::STILLBORN;
use super::super::overlay::Verb;
use super::super::tree::{self, Body};
use super::super::view::Aspect;
use super::super::world::World;
use super::super::write::Draft;

/// The most clients of each size: Basic and Standard from C0, Premium from P1
/// (<https://learn.microsoft.com/azure/azure-cache-for-redis/cache-configure#default-redis-server-configuration>).
const CLIENTS: [(&str, &[u32]); 2] = [
    ("C", &[256, 1000, 2000, 5000, 10_000, 15_000, 20_000]),
    ("P", &[0, 7500, 15_000, 30_000, 40_000, 40_000]),
];
const TIERS: [&str; 3] = ["Basic", "Standard", "Premium"];
/// The sizes of Managed Redis up to 25 GB, beyond which a database is spread.
const UNDIVIDED: [&str; 14] = [
    "Balanced_B0",
    "Balanced_B1",
    "Balanced_B3",
    "Balanced_B5",
    "Balanced_B10",
    "Balanced_B20",
    "MemoryOptimized_M10",
    "MemoryOptimized_M20",
    "ComputeOptimized_X3",
    "ComputeOptimized_X5",
    "ComputeOptimized_X10",
    "ComputeOptimized_X20",
    "Enterprise_E5",
    "Enterprise_E10",
];

fn refuse(code: &str, message: &str, at: &str) -> ArmError {
    ArmError::bad_request(code, message).at(at)
}

fn is_true(body: &Body, path: &str) -> bool {
    match tree::get(body, path) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

fn tier(body: &Body) -> Option<usize> {
    let name = tree::text(body, "properties.sku.name")?;
    TIERS
        .iter()
        .position(|tier| tier.eq_ignore_ascii_case(name))
}

pub(super) fn fill_cache(draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let body = &mut entry.body;
    let former = draft
        .existing
        .as_ref()
        .and_then(|former| tier(&former.body));
    if let (Some(former), Some(wanted)) = (former, tier(body))
        && wanted < former
    {
        let message = "A cache cannot be scaled from a higher tier to a lower one.";
        return Err(refuse("InvalidRequestBody", message, "properties.sku.name"));
    }
    let family = tree::text(body, "properties.sku.family").unwrap_or("C");
    let capacity = tree::get(body, "properties.sku.capacity")
        .and_then(Value::as_u64)
        .and_then(|capacity| usize::try_from(capacity).ok());
    let clients = CLIENTS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(family))
        .and_then(|(_, clients)| clients.get(capacity?))
        .filter(|clients| **clients > 0);
    let Some(clients) = clients else {
        let message = "The capacity is not one of the sizes of the family.";
        return Err(refuse(
            "InvalidRequestBody",
            message,
            "properties.sku.capacity",
        ));
    };
    let tokens = is_true(body, "properties.redisConfiguration.aad-enabled");
    if is_true(body, "properties.disableAccessKeyAuthentication") && !tokens {
        let message =
            "Access keys can be disabled only where Microsoft Entra authentication is enabled.";
        return Err(refuse(
            "InvalidRequestBody",
            message,
            "properties.disableAccessKeyAuthentication",
        ));
    }
    // What other tiers lack is told by the rules.
    let premium = tier(body) == Some(TIERS.len() - 1);
    for kind in ["aof", "rdb"].into_iter().filter(|_| premium) {
        let on = format!("properties.redisConfiguration.{kind}-backup-enabled");
        let suffix = if kind == "aof" { "-0" } else { "" };
        let place =
            format!("properties.redisConfiguration.{kind}-storage-connection-string{suffix}");
        if is_true(body, &on) && tree::text(body, &place).is_none_or(str::is_empty) {
            let message = "Persistence needs the connection string of a storage account.";
            return Err(refuse("InvalidRequestBody", message, &place));
        }
    }
    tree::set(
        body,
        "properties.redisConfiguration.maxclients",
        json!(clients.to_string()),
    );
    Ok(())
}

/// A cache without Entra says nothing of it.
pub(super) fn show_cache(body: &mut Body) {
    const TOKENS: &str = "properties.redisConfiguration.aad-enabled";
    if !is_true(body, TOKENS) {
        tree::remove(body, TOKENS);
    }
    if !is_true(body, "properties.disableAccessKeyAuthentication") {
        tree::remove(body, "properties.disableAccessKeyAuthentication");
    }
}

pub(super) fn fill_child(world: &World, draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let Some(cache) = draft
        .address
        .parent()
        .and_then(|parent| world.store.resource(&parent.key()))
    else {
        return Ok(());
    };
    let kind = entry.type_name.rsplit('/').next().unwrap_or_default();
    match kind {
        "firewallRules" => check_addresses(&entry.body),
        "patchSchedules" => fill_schedule(&cache.body, &mut entry.body),
        _ if !is_true(&cache.body, "properties.redisConfiguration.aad-enabled") => Err(refuse(
            "InvalidRequestBody",
            "Microsoft Entra authentication is not enabled on the cache.",
            "properties",
        )),
        _ => Ok(()),
    }
}

fn check_addresses(body: &Body) -> Result<(), ArmError> {
    let address = |name: &str| {
        tree::text(body, &format!("properties.{name}"))
            .and_then(|text| text.parse::<std::net::Ipv4Addr>().ok())
    };
    match (address("startIP"), address("endIP")) {
        (Some(start), Some(end)) if start <= end => Ok(()),
        _ => Err(refuse(
            "InvalidRequestBody",
            "A firewall rule needs two IPv4 addresses, the first not above the second.",
            "properties.startIP",
        )),
    }
}

fn fill_schedule(cache: &Body, body: &mut Body) -> Result<(), ArmError> {
    if tier(cache) == Some(0) {
        let message = "Patch schedules are not available for Basic caches.";
        return Err(refuse(
            "InvalidRequestBody",
            message,
            "properties.scheduleEntries",
        ));
    }
    let Some(Value::Array(mut entries)) = tree::remove(body, "properties.scheduleEntries") else {
        return Ok(());
    };
    for window in entries.iter_mut().filter_map(Value::as_object_mut) {
        let hour = window.get("startHourUtc").and_then(Value::as_i64);
        if !hour.is_some_and(|hour| (0..24).contains(&hour)) {
            let message = "The hour must lie between 0 and 23.";
            return Err(refuse(
                "InvalidRequestBody",
                message,
                "properties.scheduleEntries",
            ));
        }
        let window = window.entry("maintenanceWindow");
        window.or_insert_with(|| json!("PT5H"));
    }
    tree::set(body, "properties.scheduleEntries", Value::Array(entries));
    Ok(())
}

/// Children of a cache are told with its name before theirs.
pub(super) fn show_child(entry: &Entry, body: &mut Body) {
    let address = entry.address();
    let name = format!("{}/{}", address.root_name(), entry.name);
    body.insert("name".to_owned(), json!(name));
}

pub(super) fn fill_cluster(draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    if draft.verb == Verb::Create
        && tree::text(&entry.body, "properties.publicNetworkAccess").is_none()
    {
        let message = "The property 'publicNetworkAccess' is required.";
        return Err(refuse(
            "InvalidRequestBody",
            message,
            "properties.publicNetworkAccess",
        ));
    }
    let single = tree::text(&entry.body, "properties.highAvailability")
        .is_some_and(|word| word.eq_ignore_ascii_case("Disabled"));
    let mode = if single { "None" } else { "ZR" };
    tree::set(&mut entry.body, "properties.redundancyMode", json!(mode));
    Ok(())
}

pub(super) fn fill_database(
    world: &World,
    draft: &Draft,
    entry: &mut Entry,
) -> Result<(), ArmError> {
    let body = &mut entry.body;
    let on = |kind: &str| is_true(body, &format!("properties.persistence.{kind}Enabled"));
    let frequency =
        |kind: &str| tree::text(body, &format!("properties.persistence.{kind}Frequency"));
    let problem = if on("aof") && on("rdb") {
        Some("AOF and RDB persistence cannot be enabled together.")
    } else if on("aof") && frequency("aof") != Some("1s") {
        Some("The frequency of AOF persistence must be 1s.")
    } else if on("rdb") && frequency("rdb").is_none() {
        Some("RDB persistence needs a frequency.")
    } else {
        None
    };
    if let Some(message) = problem {
        return Err(refuse("BadRequest", message, "properties.persistence"));
    }
    let undivided = tree::text(body, "properties.clusteringPolicy")
        .is_some_and(|policy| policy.eq_ignore_ascii_case("NoCluster"));
    let cluster = draft
        .address
        .parent()
        .and_then(|parent| world.store.resource(&parent.key()));
    let size = cluster.and_then(|cluster| tree::text(&cluster.body, "sku.name"));
    if undivided && size.is_some_and(|size| !UNDIVIDED.contains(&size)) {
        let message = "The policy NoCluster is available for up to 25 GB.";
        return Err(refuse("BadRequest", message, "properties.clusteringPolicy"));
    }
    Ok(())
}

/// The state in the service's own words. A database that keeps nothing says nothing of it.
pub(super) fn show_managed(entry: &Entry, aspect: Aspect, body: &mut Body) {
    let stillborn = entry.hidden.get(STILLBORN) == Some(&Value::Bool(true));
    let pending = entry
        .pending
        .as_ref()
        .filter(|_| aspect == Aspect::Current)
        .map(|pending| pending.verb);
    let state = match (pending, &entry.failure) {
        (Some(Verb::Create), _) => "Creating",
        (Some(Verb::Update | Verb::Patch), _) => "Updating",
        (Some(Verb::Delete), _) => "Deleting",
        (None, Some(_)) if stillborn => "CreateFailed",
        (None, Some(_)) => "UpdateFailed",
        (None, None) => "Running",
    };
    tree::set(body, "properties.resourceState", json!(state));
    let keeps = ["aof", "rdb"]
        .iter()
        .any(|kind| is_true(body, &format!("properties.persistence.{kind}Enabled")));
    if !keeps {
        tree::remove(body, "properties.persistence");
    }
}
