//! Flexible servers: what the service fills in and refuses.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::super::entry::Entry;
use super::super::error::ArmError;
use super::super::overlay::Verb;
use super::super::tree;
use super::super::view::Aspect;
use super::super::write::Draft;

/// Premium storage by size: tier and operations per second.
const TIERS: [(i64, &str, i64); 7] = [
    (32, "P4", 120),
    (64, "P6", 240),
    (128, "P10", 500),
    (256, "P15", 1100),
    (512, "P20", 2300),
    (1024, "P30", 5000),
    (2048, "P40", 7500),
];
const RESERVED_LOGINS: [&str; 7] = [
    "azure_superuser",
    "azure_pg_admin",
    "admin",
    "administrator",
    "root",
    "guest",
    "public",
];

pub(super) fn fill_server(draft: &Draft, entry: &mut Entry) -> Result<(), ArmError> {
    check_login(draft, entry)?;
    let body = &mut entry.body;
    let size = tree::get(body, "properties.storage.storageSizeGB")
        .and_then(Value::as_i64)
        .unwrap_or(32);
    let (_, tier, iops) = TIERS
        .iter()
        .find(|(limit, _, _)| size <= *limit)
        .unwrap_or(&TIERS[TIERS.len() - 1]);
    for (property, value) in [("tier", json!(tier)), ("iops", json!(iops))] {
        let path = format!("properties.storage.{property}");
        if tree::get(&draft.sent, &path).is_none() {
            tree::set(body, &path, value);
        }
    }
    if tree::text(body, "properties.availabilityZone").is_none_or(str::is_empty) {
        tree::set(body, "properties.availabilityZone", json!("1"));
    }
    let mode = tree::text(body, "properties.highAvailability.mode")
        .unwrap_or("Disabled")
        .to_owned();
    if mode == "Disabled" {
        tree::set(
            body,
            "properties.highAvailability.state",
            json!("NotEnabled"),
        );
        tree::remove(body, "properties.highAvailability.standbyAvailabilityZone");
    } else {
        tree::set(body, "properties.highAvailability.state", json!("Healthy"));
        if tree::text(body, "properties.highAvailability.standbyAvailabilityZone")
            .is_none_or(str::is_empty)
        {
            let own = tree::text(body, "properties.availabilityZone")
                .unwrap_or("1")
                .to_owned();
            let standby = match (mode.as_str(), own.as_str()) {
                ("SameZone", own) => own,
                (_, "2") => "1",
                _ => "2",
            };
            let standby = standby.to_owned();
            tree::set(
                body,
                "properties.highAvailability.standbyAvailabilityZone",
                json!(standby),
            );
        }
    }
    Ok(())
}

fn check_login(draft: &Draft, entry: &Entry) -> Result<(), ArmError> {
    let refuse = |message: &str, at: &str| {
        Err(ArmError::bad_request("InvalidParameterValue", message).at(at))
    };
    let passwords = !tree::text(&entry.body, "properties.authConfig.passwordAuth")
        .is_some_and(|v| v.eq_ignore_ascii_case("Disabled"));
    let login = tree::text(&entry.body, "properties.administratorLogin");
    let password = tree::text(&draft.sent, "properties.administratorLoginPassword");
    let fresh = draft.verb == Verb::Create
        && tree::text(&draft.sent, "properties.createMode").is_none_or(|mode| {
            mode.eq_ignore_ascii_case("Default") || mode.eq_ignore_ascii_case("Create")
        });
    let former = draft.existing.as_ref();
    // A server without passwords is given one with the first login.
    let first = former.is_some_and(|former| {
        tree::text(&former.body, "properties.administratorLogin").is_none_or(str::is_empty)
    });
    if (fresh || first) && passwords {
        if login.is_none_or(str::is_empty) {
            return refuse(
                "The administrator login is missing.",
                "properties.administratorLogin",
            );
        }
        if password.is_none() {
            return refuse(
                "The administrator password is missing.",
                "properties.administratorLoginPassword",
            );
        }
    }
    if login.is_some_and(|login| {
        RESERVED_LOGINS
            .iter()
            .any(|r| r.eq_ignore_ascii_case(login))
            || login.to_lowercase().starts_with("pg_")
    }) {
        return refuse(
            "The administrator login is reserved.",
            "properties.administratorLogin",
        );
    }
    if let Some(password) = password {
        let kinds: [fn(&char) -> bool; 4] = [
            char::is_ascii_lowercase,
            char::is_ascii_uppercase,
            char::is_ascii_digit,
            |c| !c.is_ascii_alphanumeric(),
        ];
        let mixed = kinds
            .iter()
            .filter(|kind| password.chars().any(|c| kind(&c)))
            .count();
        if !(8..=128).contains(&password.chars().count()) || mixed < 3 {
            return refuse(
                "Password validation failed: it needs 8 to 128 characters of three kinds.",
                "properties.administratorLoginPassword",
            );
        }
    }
    Ok(())
}

pub(super) fn show_server(entry: &Entry, aspect: Aspect, body: &mut tree::Body) {
    let enabled = tree::text(body, "properties.highAvailability.state") == Some("Healthy");
    let waits = aspect == Aspect::Current
        && entry
            .pending
            .as_ref()
            .is_some_and(|p| p.verb == Verb::Create);
    if enabled && waits {
        tree::set(
            body,
            "properties.highAvailability.state",
            json!("CreatingStandby"),
        );
    }
}

pub(super) fn check_rule(entry: &Entry) -> Result<(), ArmError> {
    let address = |name: &str| {
        tree::text(&entry.body, &format!("properties.{name}"))
            .and_then(|text| text.parse::<Ipv4Addr>().ok())
    };
    match (address("startIpAddress"), address("endIpAddress")) {
        (Some(start), Some(end)) if start <= end => Ok(()),
        _ => Err(ArmError::bad_request(
            "InvalidParameterValue",
            "A firewall rule needs two IPv4 addresses, the first not above the second.",
        )
        .at("properties.startIpAddress")),
    }
}
