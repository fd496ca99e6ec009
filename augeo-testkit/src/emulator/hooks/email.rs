//! E-mail: domains and the records that prove them, who may send, and what is linked.

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::overlay::{Shape, Verb, VerbFacts};
use super::super::path::Address;
use super::super::tree::{self, Body};
use super::super::world::{Call, Reply, World};
use super::super::write::{Draft, read_object};

const SERVICES: &str = "Microsoft.Communication/communicationServices";
const DOMAINS: &str = "Microsoft.Communication/emailServices/domains";
/// The prefix of an operation's resource where it looks for the records of a domain.
pub(crate) const VERIFY: &str = "verify:";
/// What is verified, each by itself.
const RECORDS: [&str; 5] = ["Domain", "SPF", "DKIM", "DKIM2", "DMARC"];
/// How long it takes until Azure has looked: its documentation says 15 to 30 minutes
/// (<https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains>).
const VERIFY_SECONDS: f64 = 900.0;
/// How long the request for it is under way.
const REQUEST_SECONDS: f64 = 2.0;
/// What lets Azure send for a domain.
const SPF: &str = "include:spf.protection.outlook.com";

const VERIFIED: &str = "Verified";
const UNDER_WAY: &str = "VerificationInProgress";

fn is_azure_managed(body: &Body) -> bool {
    tree::text(body, "properties.domainManagement").is_some_and(|word| word == "AzureManaged")
}

fn status<'a>(body: &'a Body, record: &str) -> &'a str {
    tree::text(
        body,
        &format!("properties.verificationStates.{record}.status"),
    )
    .unwrap_or_default()
}

/// Whether mail can be sent from a domain.
fn is_verified(body: &Body) -> bool {
    ["Domain", "SPF", "DKIM", "DKIM2"]
        .iter()
        .all(|record| status(body, record) == VERIFIED)
}

impl World {
    /// Whether a domain counts as verified from the start.
    fn is_known_domain(&self, name: &str) -> bool {
        let mut known = self.options.known_domains.iter();
        known.any(|domain| domain.eq_ignore_ascii_case(name))
    }
}

pub(super) fn fill_domain(world: &World, draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let managed = is_azure_managed(&entry.body);
    if managed != (entry.name == "AzureManagedDomain") {
        return Err(ArmError::bad_request(
            "BadRequest",
            "A domain that Azure manages is called AzureManagedDomain, and no other is.",
        ));
    }
    let part = |entry: &Entry, template: &str| world.fill(entry, template).unwrap_or_default();
    let sender = if managed {
        format!("{}.azurecomm.net", part(entry, "uuid:domain"))
    } else {
        entry.name.clone()
    };
    let token = part(entry, "uuid:verification");
    let service = draft.address.parent().map(|service| service.key());
    let location = service
        .and_then(|service| world.store.resource(&service))
        .and_then(|service| tree::text(&service.body, "properties.dataLocation"))
        .unwrap_or_default()
        .to_owned();
    for (property, text) in [
        ("dataLocation", &location),
        ("fromSenderDomain", &sender),
        ("mailFromSenderDomain", &sender),
    ] {
        tree::set(
            &mut entry.body,
            &format!("properties.{property}"),
            json!(text),
        );
    }
    if !managed {
        let record = |kind: &str, name: &str, value: String| json!({"type": kind, "name": name, "value": value, "ttl": 3600});
        let selector = |n: u8| format!("selector{n}-azurecomm-prod-net._domainkey");
        let records = json!({
            "Domain": record("TXT", &entry.name, format!("ms-domain-verification={token}")),
            "SPF": record("TXT", &entry.name, format!("v=spf1 {SPF} -all")),
            "DKIM": record("CNAME", &selector(1), format!("{}.azurecomm.net", selector(1))),
            "DKIM2": record("CNAME", &selector(2), format!("{}.azurecomm.net", selector(2))),
            "DMARC": record("TXT", "_dmarc", "v=DMARC1; p=none".to_owned()),
        });
        tree::set(&mut entry.body, "properties.verificationRecords", records);
    }
    let former = draft.existing.as_ref();
    let former = former.and_then(|entry| tree::get(&entry.body, "properties.verificationStates"));
    let states = former.cloned().unwrap_or_else(|| {
        let begins_as = if managed || world.is_known_domain(&entry.name) {
            VERIFIED
        } else {
            "NotStarted"
        };
        let states = RECORDS.map(|record| (record.to_owned(), json!({ "status": begins_as })));
        Value::Object(states.into_iter().collect())
    });
    tree::set(&mut entry.body, "properties.verificationStates", states);
    Ok(())
}

/// `initiateVerification`: one record of a domain at a time, the domain itself first.
pub(super) fn domain_action(
    world: &mut World,
    call: &Call<'_>,
    entry: &Entry,
    action: &str,
) -> Option<Result<Reply, ArmError>> {
    action
        .eq_ignore_ascii_case("initiateVerification")
        .then(|| begin_verification(world, call, entry))
}

fn begin_verification(
    world: &mut World,
    call: &Call<'_>,
    entry: &Entry,
) -> Result<Reply, ArmError> {
    let sent = read_object(call)?;
    let wanted = tree::text(&sent, "verificationType").unwrap_or_default();
    let known = RECORDS
        .iter()
        .find(|record| record.eq_ignore_ascii_case(wanted));
    let Some(record) = known else {
        let message = format!("'{wanted}' is no type of verification.");
        return Err(
            ArmError::bad_request("InvalidVerificationType", message).at("verificationType")
        );
    };
    let key = entry.id.to_lowercase();
    if is_azure_managed(&entry.body) {
        let message = "A domain that Azure manages is not verified.";
        return Err(ArmError::bad_request("BadRequest", message));
    }
    if *record != "Domain" && status(&entry.body, "Domain") != VERIFIED {
        let message = "The domain must be verified first.";
        return Err(ArmError::bad_request("DomainNotVerified", message));
    }
    if RECORDS
        .iter()
        .any(|record| status(&entry.body, record) == UNDER_WAY)
    {
        let message = format!("Another verification of '{}' is in progress.", entry.name);
        return Err(ArmError::conflict("VerificationInProgress", message));
    }
    if status(&entry.body, record) == VERIFIED {
        return Ok(Reply::new(200));
    }
    set_status(world, &key, record, &json!({"status": UNDER_WAY}));
    let verb_facts = VerbFacts {
        status: 202,
        shape: Shape::Location,
        seconds: VERIFY_SECONDS,
        retry_after: 5,
        instant_status: None,
        _source: None,
    };
    let durations = world.options.durations;
    let resource = format!("{VERIFY}{record}:{key}");
    let length = durations.seconds(VERIFY_SECONDS);
    let mut operation = world.begin(call, &resource, &key, Verb::Update, &verb_facts, length);
    if length.is_zero() {
        return Ok(Reply::new(200));
    }
    // The request is over long before Azure has looked.
    let asked = time::Duration::try_from(durations.seconds(REQUEST_SECONDS)).unwrap_or_default();
    operation.told = Some(call.now.saturating_add(asked));
    world.store.put_operation(operation.clone());
    let url = world.operation_url(call, &entry.address(), &operation, true);
    let wait = durations.retry_after(5).to_string();
    let reply = Reply::new(202).header("location", url);
    Ok(reply.header("retry-after", wait))
}

fn set_status(world: &mut World, key: &str, record: &str, state: &Value) {
    let Some(mut entry) = world.store.resource(key).cloned() else {
        return;
    };
    let path = format!("properties.verificationStates.{record}");
    tree::set(&mut entry.body, &path, state.clone());
    entry.version += 1;
    world.store.put_resource(key, entry);
}

impl World {
    /// Looks for a record of a domain; `what` is the record and the key of the domain.
    pub(crate) fn verify(&mut self, what: &str) {
        let Some((record, key)) = what.split_once(':') else {
            return;
        };
        let Some(entry) = self.store.resource(key) else {
            return;
        };
        let state = if has_record(self, entry, record) {
            json!({"status": VERIFIED})
        } else {
            json!({"status": "VerificationFailed", "errorCode": "RecordNotFound"})
        };
        set_status(self, key, record, &state);
    }
}

fn has_record(world: &World, domain: &Entry, record: &str) -> bool {
    let wanted = |part: &str| {
        let path = format!("properties.verificationRecords.{record}.{part}");
        tree::text(&domain.body, &path)
            .unwrap_or_default()
            .to_owned()
    };
    let below = |name: &str| format!("{name}.{}", domain.name);
    let starts = |text: &String, word: &str| text.to_lowercase().starts_with(word);
    match record {
        "Domain" => world
            .resolve(&domain.name, "TXT")
            .contains(&wanted("value")),
        "SPF" => {
            let mut texts = world.resolve(&domain.name, "TXT");
            texts.retain(|text| starts(text, "v=spf1"));
            // Receivers take two for none: https://datatracker.ietf.org/doc/html/rfc7208#section-4.5
            matches!(texts.as_slice(), [only] if only.split(' ').any(|word| word == SPF))
        }
        "DMARC" => {
            let texts = world.resolve(&below("_dmarc"), "TXT");
            texts.iter().any(|text| starts(text, "v=dmarc1"))
        }
        _ => {
            let names = world.resolve(&below(&wanted("name")), "CNAME");
            let is = |name: &String| {
                name.trim_end_matches('.')
                    .eq_ignore_ascii_case(&wanted("value"))
            };
            names.iter().any(is)
        }
    }
}

fn linked(service: &Entry) -> Vec<String> {
    let ids = tree::get(&service.body, "properties.linkedDomains").and_then(Value::as_array);
    let ids = ids.into_iter().flatten().filter_map(Value::as_str);
    ids.map(str::to_owned).collect()
}

pub(super) fn guard_domain(world: &World, entry: &Entry) -> Result<(), ArmError> {
    let services = world.store.of_type(SERVICES, "/subscriptions/");
    let mut services = services.filter_map(|key| world.store.resource(key));
    let user = services.find(|service| {
        let mut domains = linked(service).into_iter();
        domains.any(|id| id.eq_ignore_ascii_case(&entry.id))
    });
    match user {
        Some(service) => Err(ArmError::conflict(
            "DomainLinked",
            format!(
                "The domain '{}' is linked to the communication service '{}'.",
                entry.name, service.name
            ),
        )),
        None => Ok(()),
    }
}

/// Whether Azure would delete a service with domains in it is unverified: here it does not.
pub(super) fn guard_service(world: &World, entry: &Entry) -> Result<(), ArmError> {
    let below = format!("{}/domains/", entry.id.to_lowercase());
    match world.store.of_type(DOMAINS, &below).next() {
        Some(_) => Err(ArmError::conflict(
            "ResourceHasChildren",
            format!("The e-mail service '{}' has domains.", entry.name),
        )),
        None => Ok(()),
    }
}

pub(super) fn fill_sender(world: &World, draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    let user = tree::text(&entry.body, "properties.username").unwrap_or_default();
    if !user.eq_ignore_ascii_case(&entry.name) {
        let message = "The user name is not the name of the resource.";
        return Err(ArmError::bad_request("BadRequest", message).at("properties.username"));
    }
    let domain = draft.address.parent().map(|domain| domain.key());
    let domain = domain.and_then(|domain| world.store.resource(&domain));
    let Some(domain) = domain else {
        return Ok(());
    };
    // https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-multiple-senders
    let limited = is_azure_managed(&domain.body) || !world.is_known_domain(&domain.name);
    if draft.existing.is_some() {
        return Ok(());
    }
    if limited {
        return Err(ArmError::bad_request(
            "SenderUsernamesNotAllowed",
            "Sender usernames cannot be added to a domain with the default sending limits.",
        ));
    }
    if !is_verified(&domain.body) {
        let message = "The domain is not verified.";
        return Err(ArmError::bad_request("DomainNotVerified", message));
    }
    Ok(())
}

/// A sender is where its domain is.
pub(super) fn show_sender(world: &World, entry: &Entry, body: &mut Body) {
    let domain = entry.address().parent().map(|domain| domain.key());
    let domain = domain.and_then(|domain| world.store.resource(&domain));
    let location = domain.and_then(|domain| tree::get(&domain.body, "properties.dataLocation"));
    if let Some(location) = location {
        tree::set(body, "properties.dataLocation", location.clone());
    }
}

pub(super) fn fill_communication(world: &World, entry: &mut Entry) -> Result<(), ArmError> {
    for id in linked(entry) {
        let domain = Address::parse(&id).and_then(|at| world.store.resource(&at.key()));
        let ready = domain.is_some_and(|domain| domain.is(DOMAINS) && is_verified(&domain.body));
        if !ready {
            return Err(ArmError::bad_request(
                "DomainValidationError",
                "Requested domains are not in a valid state for linking.",
            )
            .at("properties.linkedDomains"));
        }
    }
    let place = tree::text(&entry.body, "properties.dataLocation").unwrap_or_default();
    let place: String = place.split_whitespace().collect();
    let host = format!("{}.{}.communication.azure.com", entry.name, place).to_lowercase();
    tree::set(&mut entry.body, "properties.hostName", json!(host));
    Ok(())
}
