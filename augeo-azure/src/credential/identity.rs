//! Who a token was issued to, as far as it tells; for people to read, never to decide by.

use std::fmt;

use azure_core::base64::decode_url_safe;
use serde_json::Value as Json;

/// What a token says about its owner. Nothing is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// A person's sign-in name or name.
    pub user: Option<String>,
    /// An application's, or managed identity's, client id.
    pub application: Option<String>,
    /// The object's id in its directory.
    pub object: Option<String>,
    /// The directory.
    pub tenant: Option<String>,
}

impl Identity {
    /// Reads a token; an opaque one tells nothing.
    pub fn of_token(token: &str) -> Self {
        let claims = token
            .split('.')
            .nth(1)
            .and_then(|part| decode_url_safe(part.trim_end_matches('=')).ok())
            .and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok())
            .unwrap_or_default();
        let claim = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| claims.get(name)?.as_str())
                .filter(|text| !text.is_empty() && !text.chars().any(char::is_control))
                .map(str::to_owned)
        };
        Self {
            user: claim(&["upn", "unique_name", "preferred_username", "name"]),
            application: claim(&["appid", "azp"]),
            object: claim(&["oid"]),
            tenant: claim(&["tid"]),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.user, &self.application, &self.object) {
            (Some(user), ..) => f.write_str(user),
            (None, Some(application), _) => write!(f, "application {application}"),
            (None, None, Some(object)) => write!(f, "object {object}"),
            (None, None, None) => f.write_str("unknown identity"),
        }
    }
}
