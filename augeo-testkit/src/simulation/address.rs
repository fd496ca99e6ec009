//! How requests and resources are told from one another.

use crate::emulator::{ArmRequest, LiveResource, Method};

/// A path as it is compared: without host and query, in lower case.
pub(super) fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| {
        rest.find('/').map_or("/", |slash| &rest[slash..])
    });
    let path = rest.split(['?', '#']).next().unwrap_or(rest);
    path.trim_end_matches('/').to_lowercase()
}

/// An address with its query, as it is compared.
pub(super) fn address_of(url: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    format!("{}?{query}", path_of(url))
}

/// What tells one request from another: several names are asked for at one URL.
pub(super) fn key_of(request: &ArmRequest) -> (Method, String) {
    let mut key = address_of(&request.url);
    if request.method == Method::Post {
        key.push(' ');
        key.push_str(&String::from_utf8_lossy(&request.body));
    }
    (request.method, key)
}

/// The state of a resource as far as its type tells one.
pub(super) fn told_state(live: &LiveResource) -> &'static str {
    let properties = live.body.get("properties");
    let tells = ["provisioningState", "state"].iter().any(|key| {
        let told = properties.and_then(|properties| properties.get(key));
        told.and_then(|told| told.as_str()) == Some(live.state)
    });
    if tells { live.state } else { "Succeeded" }
}

pub(super) fn is_within(id: &str, of: &str) -> bool {
    id == of
        || id
            .strip_prefix(of)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// Whether nothing is under way, and nothing failed.
pub(super) fn is_at_rest(state: &str) -> bool {
    ["Succeeded", "Ready"].contains(&state)
}
