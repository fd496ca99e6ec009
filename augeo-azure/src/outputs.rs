//! What is worth showing of a resource that is there: where it answers, and what others use of it.
//!
//! What Azure's names call a key, a password or a token is not among it, whoever uses it.

use std::collections::{BTreeMap, BTreeSet};

use augeo_core::name::ResourceName;
use augeo_core::resource::Observed;
use augeo_core::stack::Stack;
use augeo_core::value::{OutputRef, Value};
use serde::Serialize;

/// Ends of property names that hold an address.
const ADDRESSES: [&str; 5] = ["hostname", "domainname", "endpoint", "uri", "loginserver"];

/// Parts of property names whose values are not for the screen, whoever uses them.
const SENSITIVE: [&str; 5] = ["connectionstring", "key", "password", "secret", "token"];

/// The outputs of one resource, by dotted path; none of them is a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Outputs(BTreeMap<String, String>);

/// The properties that the resources of a stack use of each other.
pub fn referenced(stack: &Stack) -> BTreeSet<OutputRef> {
    let mut found = BTreeSet::new();
    for resource in stack.resources() {
        resource.value.walk(&mut |_, value| {
            if let Value::Unknown(expression) = value {
                found.extend(expression.references().cloned());
            }
        });
    }
    found
}

impl Outputs {
    /// What an observed resource tells: addresses, and whatever of it is among `referenced`.
    pub fn of(name: &ResourceName, observed: &Observed, referenced: &BTreeSet<OutputRef>) -> Self {
        let mut found = BTreeMap::new();
        observed.value.walk(&mut |path, value| {
            let Some(text) = value.as_str().filter(|text| !text.is_empty()) else {
                return;
            };
            let path = path.to_string();
            let used = || {
                referenced
                    .iter()
                    .any(|output| output.resource == *name && output.path.to_string() == path)
            };
            if !is_sensitive(&path) && (is_address(&path, text) || used()) {
                found.insert(path, text.to_owned());
            }
        });
        Self(found)
    }

    /// Each with its dotted path, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

fn is_address(path: &str, text: &str) -> bool {
    let key = last_key(path);
    text.starts_with("https://") || ADDRESSES.iter().any(|end| key.ends_with(end))
}

fn is_sensitive(path: &str) -> bool {
    let key = last_key(path);
    SENSITIVE.iter().any(|part| key.contains(part))
}

fn last_key(path: &str) -> String {
    path.rsplit('.').next().unwrap_or(path).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_and_secrets_never() {
        for (path, text, shown) in [
            ("defaultHostName", "app.example.net", true),
            ("primaryEndpoints.blob", "https://a.example.net/", true),
            ("vaultUri", "https://v.example.net/", true),
            ("location", "westeurope", false),
            ("primaryKey", "https://looks-like-an-address", false),
            ("connectionString", "IngestionEndpoint=https://x", false),
        ] {
            let found = !is_sensitive(path) && is_address(path, text);
            assert_eq!(found, shown, "{path}");
        }
    }
}
