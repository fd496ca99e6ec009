//! DNS zones and their record sets: what Azure makes and keeps, what cannot stand beside what, and
//! what a name leads to.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::facts::facts;
use super::super::path::Address;
use super::super::tree::{self, Body};
use super::super::world::{Call, Reply, World};
use super::super::write::Draft;

const ZONES: &str = "Microsoft.Network/dnsZones";
/// How many bytes one string of a TXT record holds.
const STRING_MAX: usize = 255;

/// The type of the records of a set, such as `CNAME`.
fn kind(entry: &Entry) -> &str {
    entry.type_name.rsplit('/').next().unwrap_or_default()
}

fn refuse(message: impl Into<String>) -> ArmError {
    ArmError::bad_request("BadRequest", message)
}

/// How many record sets there are.
pub(super) fn show_zone(world: &World, entry: &Entry, body: &mut Body) {
    let below = format!("{}/", entry.id.to_lowercase());
    let sets = world.store.resources().under(&below);
    let sets = sets.filter(|(key, _)| !key[below.len()..].contains("providers/"));
    tree::set(body, "properties.numberOfRecordSets", json!(sets.count()));
}

/// The types of the other record sets of the same name.
fn kinds_beside(world: &World, draft: &Draft) -> Vec<String> {
    let zone = format!("{}/", draft.address.root_key());
    let name = draft.address.name();
    let sets = world.store.resources().under(&zone);
    sets.filter(|(key, set)| *key != draft.key && set.name.eq_ignore_ascii_case(name))
        .map(|(_, set)| kind(set).to_owned())
        .collect()
}

pub(super) fn fill_record(world: &World, draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let (own, name) = (kind(entry).to_owned(), entry.name.clone());
    if own == "CNAME" {
        if name == "@" {
            return Err(refuse(
                "A CNAME record set cannot be created at the apex of a zone.",
            ));
        }
        if let Some(other) = kinds_beside(world, draft).first() {
            return Err(refuse(format!(
                "The CNAME record set '{name}' cannot be created because a record set of type '{other}' with the same name exists."
            )));
        }
    } else if kinds_beside(world, draft)
        .iter()
        .any(|other| other == "CNAME")
    {
        return Err(refuse(format!(
            "The record set '{name}' cannot be created because a CNAME record set with the same name exists."
        )));
    }
    let apex = name == "@" && matches!(own.as_str(), "NS" | "SOA");
    if apex && draft.existing.is_none() {
        return Err(refuse(format!(
            "The {own} record set of a zone is made with it."
        )));
    }
    if own == "NS" && apex {
        keep_own_servers(draft, entry)?;
    }
    for item in items(&entry.body, "properties.ARecords") {
        let text = item["ipv4Address"].as_str().unwrap_or_default();
        if text.parse::<std::net::Ipv4Addr>().is_err() {
            return Err(refuse(format!("'{text}' is no IPv4 address.")).at("properties.ARecords"));
        }
    }
    cut_texts(&mut entry.body);
    let zone = draft.address.root_name();
    let fqdn = if name == "@" {
        format!("{zone}.")
    } else {
        format!("{name}.{zone}.")
    };
    tree::set(&mut entry.body, "properties.fqdn", json!(fqdn));
    Ok(())
}

fn items(body: &Body, path: &str) -> Vec<Value> {
    tree::get(body, path)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// Name servers may be added to those of Azure, which stay.
fn keep_own_servers(draft: &Draft, entry: &Entry) -> Result<(), ArmError> {
    let servers = |body: &Body| -> Vec<String> {
        items(body, "properties.NSRecords")
            .iter()
            .filter_map(|item| Some(item["nsdname"].as_str()?.to_lowercase()))
            .collect()
    };
    let kept = servers(&entry.body);
    let former = draft.existing.iter().flat_map(|entry| servers(&entry.body));
    for server in former.filter(|server| server.contains(".azure-dns.")) {
        if !kept.contains(&server) {
            return Err(refuse(format!(
                "The name server '{server}' cannot be removed."
            )));
        }
    }
    Ok(())
}

/// A string that is too long shows as several.
fn cut_texts(body: &mut Body) {
    let mut records = items(body, "properties.TXTRecords");
    if records.is_empty() {
        return;
    }
    for record in &mut records {
        let strings = record["value"].as_array().cloned().unwrap_or_default();
        let strings = strings.iter().filter_map(Value::as_str);
        let cut: Vec<String> = strings.flat_map(pieces).collect();
        record["value"] = json!(cut);
    }
    tree::set(body, "properties.TXTRecords", Value::Array(records));
}

fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in text.chars() {
        match pieces.last_mut() {
            Some(last) if last.len() + c.len_utf8() <= STRING_MAX => last.push(c),
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
}

/// What a zone is made with stays as long as it.
pub(super) fn guard_record(entry: &Entry) -> Result<(), ArmError> {
    if entry.name == "@" && matches!(kind(entry), "NS" | "SOA") {
        return Err(refuse(format!(
            "The {} record set at the apex of a zone cannot be deleted.",
            kind(entry)
        )));
    }
    Ok(())
}

impl World {
    /// All record sets of a zone, of every type: `all`, and `recordsets`, which is the same
    /// (<https://learn.microsoft.com/rest/api/dns/record-sets/list-all-by-dns-zone>).
    pub(crate) fn record_sets(
        &self,
        call: &Call<'_>,
        zone: &Address,
        kind: &str,
    ) -> Option<Result<Reply, ArmError>> {
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        let asked = zone.type_name().eq_ignore_ascii_case(ZONES) && (is("all") || is("recordsets"));
        asked.then(|| self.list_record_sets(call, zone))
    }

    fn list_record_sets(&self, call: &Call<'_>, zone: &Address) -> Result<Reply, ArmError> {
        let known = Self::type_facts(call, ZONES)?;
        if !self.store.resources().contains(&zone.key()) {
            self.check_surroundings(zone)?;
            return Err(super::super::check::missing(zone));
        }
        let below = format!("{}/", zone.key());
        let known_types = facts().overlays.values();
        let types: Vec<&str> = known_types
            .filter_map(|overlay| {
                let rest = overlay.type_name.strip_prefix(ZONES)?;
                rest.starts_with('/').then_some(overlay.type_name.as_str())
            })
            .collect();
        let mut keys: Vec<String> = types
            .iter()
            .flat_map(|name| self.store.of_type(name, &below).map(str::to_owned))
            .collect();
        keys.sort_unstable();
        let shown = self.seen_of(
            call,
            keys,
            &|key, entry| types.iter().any(|name| entry.is(name)) && key.starts_with(&below),
            &|_, _| true,
        );
        let size = known.overlay.page_size.unwrap_or(100);
        Ok(self.page(call, shown, size, &|entry| {
            self.view(entry, super::Aspect::Current)
        }))
    }

    /// What the zones of this world say of a name: the values of its records of one type. The zone
    /// that is nearest to the name answers.
    pub(crate) fn resolve(&self, name: &str, kind: &str) -> Vec<String> {
        let name = name.trim_end_matches('.').to_lowercase();
        let zones = self.store.of_type(ZONES, "/subscriptions/");
        let zones = zones.filter_map(|key| Some((key, self.store.resource(key)?)));
        let mut around: Vec<(&str, String)> = zones
            .filter_map(|(key, zone)| {
                let rest = name.strip_suffix(&zone.name.to_lowercase())?;
                match rest.strip_suffix('.') {
                    _ if rest.is_empty() => Some((key, "@".to_owned())),
                    Some(relative) => Some((key, relative.to_owned())),
                    None => None,
                }
            })
            .collect();
        let nearest = around.iter().map(|(_, relative)| relative.len()).min();
        around.retain(|(_, relative)| Some(relative.len()) == nearest);
        let sets = around.iter().filter_map(|(zone, relative)| {
            let key = format!("{zone}/{}/{relative}", kind.to_lowercase());
            self.store.resource(&key)
        });
        sets.flat_map(|set| values(&set.body)).collect()
    }
}

/// The records of a set as text.
fn values(body: &Body) -> Vec<String> {
    let texts = items(body, "properties.TXTRecords");
    let texts = texts.iter().map(|record| {
        let strings = record["value"].as_array().into_iter().flatten();
        strings.filter_map(Value::as_str).collect::<String>()
    });
    let name = tree::text(body, "properties.CNAMERecord.cname");
    texts.chain(name.map(str::to_owned)).collect()
}
