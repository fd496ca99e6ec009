//! Host names of sites, and the certificates that are made for them.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::facts::facts;
use super::super::overlay::Verb;
use super::super::path::Address;
use super::super::tree::{self, Body};
use super::super::view::Aspect;
use super::super::world::World;
use super::super::write::Draft;

const BINDINGS: &str = "Microsoft.Web/sites/hostNameBindings";
const CERTIFICATES: &str = "Microsoft.Web/certificates";
/// How the names end that sites get from Azure.
const OWN: &str = ".azurewebsites.net";

fn of_type<'a>(world: &'a World, type_name: &'a str) -> impl Iterator<Item = &'a Entry> {
    world
        .store
        .of_type(type_name, "/subscriptions/")
        .filter_map(|key| world.store.resource(key))
}

/// Whether DNS leads a name anywhere: where the emulator has the zone, a record of it must. What
/// is served elsewhere is taken for being there.
pub(super) fn resolves(world: &World, host: &str) -> bool {
    let host = host.to_lowercase();
    let relative = |zone: &Entry| {
        let rest = host.strip_suffix(&zone.name.to_lowercase())?;
        match rest.strip_suffix('.') {
            None if rest.is_empty() => Some("@".to_owned()),
            label => label.map(str::to_owned),
        }
    };
    let zones = of_type(world, "Microsoft.Network/dnsZones");
    let zones = zones.filter_map(|zone| Some((zone.id.to_lowercase(), relative(zone)?)));
    // Of zones below one another the innermost answers.
    let Some((zone, label)) = zones.min_by_key(|(_, label)| label.len()) else {
        return true;
    };
    ["cname", "a"].iter().any(|records| {
        let key = format!("{zone}/{records}/{label}");
        world.store.resource(&key).is_some()
    })
}

fn thumbprint(entry: &Entry) -> Option<&str> {
    tree::text(&entry.body, "properties.thumbprint").filter(|text| !text.is_empty())
}

/// Every site is bound to the name that it got from Azure.
pub(super) fn bind_own_name(world: &mut World, draft: &Draft) {
    let site = world.store.resource(&draft.key);
    let host = site.and_then(|site| tree::text(&site.body, "properties.defaultHostName"));
    let (Some(host), [_]) = (host.map(str::to_owned), draft.address.pairs.as_slice()) else {
        return;
    };
    let mut address = draft.address.clone();
    address.pairs.push(("hostNameBindings".to_owned(), host));
    let (key, known) = (address.key(), facts().of(BINDINGS));
    let Some(known) = known.filter(|_| !world.store.resources().contains(&key)) else {
        return;
    };
    let mut entry = World::blank_entry(known, &address, 1, draft.now);
    let site = draft.address.name();
    let body = json!({
        "siteName": site, "hostNameType": "Verified", "customHostNameDnsRecordType": "CName",
        "azureResourceName": site, "azureResourceType": "Website",
        "sslState": "Disabled", "thumbprint": null,
    });
    entry.body.insert("properties".to_owned(), body);
    world.store.put_resource(&key, entry);
}

/// The names that a site is bound to.
pub(super) fn show_names(world: &World, entry: &Entry, body: &mut Body) {
    let prefix = format!("{}/hostnamebindings/", entry.id.to_lowercase());
    let bindings = world.store.of_type(BINDINGS, &prefix);
    let bindings = bindings.filter_map(|key| world.store.resource(key));
    for binding in bindings.filter(|binding| !binding.name.ends_with(OWN)) {
        let ssl = tree::text(&binding.body, "properties.sslState").unwrap_or("Disabled");
        let state = json!({
            "name": binding.name, "sslState": ssl, "hostType": "Standard",
            "thumbprint": thumbprint(binding),
        });
        for (path, item) in [
            ("hostNames", json!(binding.name)),
            ("enabledHostNames", json!(binding.name)),
            ("hostNameSslStates", state),
        ] {
            let path = format!("properties.{path}");
            let items = tree::get(body, &path).and_then(Value::as_array).cloned();
            let mut items = items.unwrap_or_default();
            items.push(item);
            tree::set(body, &path, items.into());
        }
    }
}

pub(super) fn fill_binding(
    world: &World,
    draft: &Draft,
    entry: &mut Entry,
) -> Result<(), ArmError> {
    let site = draft.address.parent().map(|site| site.key());
    let twin = of_type(world, BINDINGS).find(|other| {
        other.name.eq_ignore_ascii_case(&entry.name) && other.id.to_lowercase() != draft.key
    });
    if twin.is_some() {
        return Err(ArmError::conflict(
            "Conflict",
            format!("Hostname '{}' already exists.", entry.name),
        ));
    }
    let plan = site
        .and_then(|site| world.store.resource(&site))
        .and_then(|site| Address::parse(tree::text(&site.body, "properties.serverFarmId")?))
        .and_then(|plan| world.store.resource(&plan.key()));
    let tier = plan.and_then(|plan| tree::text(&plan.body, "sku.tier"));
    if matches!(tier, Some("Free" | "Shared")) {
        return Err(ArmError::conflict(
            "Conflict",
            "The pricing tier of the plan takes no custom host names.",
        ));
    }
    if draft.existing.is_none() && !resolves(world, &entry.name) {
        // https://learn.microsoft.com/azure/app-service/app-service-web-tutorial-custom-domain
        let message = format!(
            "A CNAME record pointing from {} to the site was not found.",
            entry.name
        );
        return Err(ArmError::bad_request("BadRequest", message));
    }
    let name = draft.address.root_name().to_owned();
    tree::set(&mut entry.body, "properties.siteName", json!(name));
    let insecure = !matches!(
        tree::text(&entry.body, "properties.sslState"),
        Some("SniEnabled" | "IpBasedEnabled")
    );
    if insecure {
        tree::set(&mut entry.body, "properties.thumbprint", Value::Null);
        return Ok(());
    }
    let wanted = thumbprint(entry).unwrap_or_default().to_owned();
    let known = of_type(world, CERTIFICATES).any(|known| {
        known.pending.is_none()
            && thumbprint(known).is_some_and(|known| known.eq_ignore_ascii_case(&wanted))
    });
    if known {
        return Ok(());
    }
    Err(
        ArmError::not_found("NotFound", format!("Certificate {wanted} was not found."))
            .at("properties.thumbprint"),
    )
}

/// A certificate is made for a name that is bound to a site on its plan.
pub(super) fn fill_certificate(
    world: &World,
    draft: &Draft,
    entry: &mut Entry,
) -> Result<(), ArmError> {
    let Some(name) = tree::text(&entry.body, "properties.canonicalName").map(str::to_owned) else {
        return Err(ArmError::bad_request(
            "BadRequest",
            "The emulator makes managed certificates only: they need a canonical name.",
        )
        .at("properties.canonicalName"));
    };
    let plan = |body: &Body| {
        let id = tree::text(body, "properties.serverFarmId")?;
        Some(Address::parse(id)?.key())
    };
    let own = plan(&entry.body);
    let bound = of_type(world, BINDINGS)
        .filter(|binding| binding.name.eq_ignore_ascii_case(&name))
        .filter_map(|binding| world.store.resource(&binding.address().parent()?.key()))
        .any(|site| own.is_some() && plan(&site.body) == own);
    if !bound {
        return Err(ArmError::bad_request(
            "BadRequest",
            format!("Properties.CanonicalName is invalid. Hostname {name} is bound to no site of the plan."),
        )
        .at("properties.canonicalName"));
    }
    if draft.existing.is_none() && !resolves(world, &name) {
        let message = format!("Properties.CanonicalName is invalid. {name} does not resolve.");
        return Err(ArmError::bad_request("BadRequest", message).at("properties.canonicalName"));
    }
    let print = draft.existing.as_ref().and_then(thumbprint);
    let print = print.map(str::to_owned);
    let print = print.or_else(|| world.fill(entry, "hex:40:thumbprint"));
    let print = print.unwrap_or_default().to_uppercase();
    tree::set(&mut entry.body, "properties.thumbprint", json!(print));
    tree::set(&mut entry.body, "properties.subjectName", json!(name));
    tree::set(&mut entry.body, "properties.hostNames", json!([name]));
    Ok(())
}

/// Before it is issued, a certificate has nothing of what that gives it.
pub(super) fn show_certificate(entry: &Entry, aspect: Aspect, body: &mut Body) {
    let pending = entry.pending.as_ref();
    let issued = pending.is_none_or(|pending| pending.verb != Verb::Create);
    if issued || aspect == Aspect::Settled {
        return;
    }
    for path in ["thumbprint", "issuer", "issueDate", "valid"] {
        tree::set(body, &format!("properties.{path}"), Value::Null);
    }
}

/// A certificate that a name uses stays.
pub(super) fn guard_certificate(world: &World, entry: &Entry) -> Result<(), ArmError> {
    let user = of_type(world, BINDINGS).find(|binding| {
        let used = thumbprint(binding).zip(thumbprint(entry));
        used.is_some_and(|(used, own)| used.eq_ignore_ascii_case(own))
    });
    match user {
        Some(binding) => Err(ArmError::conflict(
            "Conflict",
            format!(
                "Certificate '{}' cannot be deleted: the host name '{}' uses it.",
                entry.name, binding.name
            ),
        )),
        None => Ok(()),
    }
}

impl World {
    /// Renews every certificate, as Azure does by itself some weeks before it ends: each gets
    /// another thumbprint, and so do the host names that use it.
    pub fn renew_certificates(&mut self) {
        let keys: Vec<String> = of_type(self, CERTIFICATES)
            .chain(of_type(self, BINDINGS))
            .filter(|entry| thumbprint(entry).is_some())
            .map(|entry| entry.id.to_lowercase())
            .collect();
        for key in keys {
            let Some(mut entry) = self.store.resource(&key).cloned() else {
                continue;
            };
            let former = thumbprint(&entry).unwrap_or_default().to_uppercase();
            let renewed = self.seed.hex(40, &["renewed", &former]).to_uppercase();
            tree::set(&mut entry.body, "properties.thumbprint", json!(renewed));
            entry.version += 1;
            self.store.put_resource(&key, entry);
        }
    }
}
