//! What a subscription may have of a service in a region, and how much of that it has.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ArmError;
use super::facts::facts;
use super::path::Address;
use super::tree::{self, Body};
use super::world::{Reply, World};

/// The counters of a service.
#[derive(Debug, Deserialize)]
struct Quotas {
    #[serde(rename = "type")]
    counted: String,
    limits: BTreeMap<String, u64>,
}

/// They are data, by namespace.
static QUOTAS: LazyLock<BTreeMap<String, Quotas>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/quotas.json"))
        .expect("the data are built into the program")
});

impl World {
    /// The counters of a service in a region.
    pub(crate) fn usages(&self, at: &Address) -> Result<Reply, ArmError> {
        let region = at.pairs.first().map_or("", |(_, name)| name.as_str());
        let mut quotas = QUOTAS.iter();
        let quotas = quotas.find(|(key, _)| key.eq_ignore_ascii_case(&at.namespace));
        let (Some((_, quotas)), Some(region)) = (quotas, facts().cloud.location(region)) else {
            let text = format!("There are no usages of '{}' in '{region}'.", at.namespace);
            return Err(ArmError::not_found("NotFound", text));
        };
        let all: Vec<Value> = quotas
            .limits
            .iter()
            .map(|(name, limit)| {
                let limit = self.options.quotas.get(name).unwrap_or(limit);
                let resources = self.store.resources().iter();
                let here = resources.filter(|(_, entry)| {
                    let location = entry.body.get("location").and_then(Value::as_str);
                    entry.type_name.eq_ignore_ascii_case(&quotas.counted)
                        && entry.address().scope.get(1) == at.scope.get(1)
                        && location.and_then(|it| facts().cloud.location(it)) == Some(region)
                });
                let used: u64 = here.map(|(_, entry)| taken(name, &entry.body)).sum();
                json!({
                    "name": {"value": name, "localizedValue": name},
                    "currentValue": used,
                    "limit": limit,
                    "unit": "Count",
                    "id": "",
                })
            })
            .collect();
        Ok(Reply::json(200, json!({ "value": all })))
    }
}

/// How much of a counter a resource takes: one of its own, or the cores of its size.
fn taken(counter: &str, body: &Body) -> u64 {
    let family = counter.strip_prefix("standard");
    let family = family.and_then(|it| it.strip_suffix("Family"));
    if family.is_none() && counter != "cores" {
        return 1;
    }
    let size = tree::get(body, "sku.name").and_then(Value::as_str);
    let size = size.and_then(|it| it.strip_prefix("Standard_"));
    let Some(size) = size else { return 0 };
    let (series, version) = size.split_once('_').unwrap_or((size, ""));
    let digits = |c: char| c.is_ascii_digit();
    let cores: String = series.chars().filter(|c| digits(*c)).collect();
    let letters: String = series.chars().filter(|c| !digits(*c)).collect();
    let own = match letters.as_str() {
        // What differs in memory only is counted together.
        burstable if burstable.starts_with('B') => "BS".to_owned(),
        letters => format!("{}{version}", letters.to_uppercase()),
    };
    if family.is_some_and(|family| family != own) {
        return 0;
    }
    let mode = tree::get(body, "properties.highAvailability.mode").and_then(Value::as_str);
    let servers = if mode.is_none_or(|mode| mode == "Disabled") {
        1
    } else {
        2
    };
    cores.parse().unwrap_or(0) * servers
}
