//! A record of every ARM request, without its secrets, for whoever wants to keep one.

use std::fmt::Debug;

use augeo_core::mutant::{self, Mutant};
use serde::Serialize;
use serde_json::Value as Json;

/// What stands where a secret was. Schema checkers take text in brackets for an expression that
/// fits any type, so a redacted body still validates.
pub const REDACTED: &str = "[redacted]";

/// Keys whose values are secrets in any body, in lower case.
const SECRET_KEYS: [&str; 14] = [
    "accountkey",
    "adminpassword",
    "administratorloginpassword",
    "clientsecret",
    "connectionstring",
    "key1",
    "key2",
    "password",
    "primarykey",
    "publishingpassword",
    "repositorytoken",
    "secondarykey",
    "secret",
    "sharedkey",
];

/// One request as it was sent. Headers are never in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceRecord {
    /// The method, in capitals.
    pub method: &'static str,
    /// The path, without the query.
    pub path: String,
    /// The api-version; empty in links that carry none.
    pub api_version: String,
    /// The body, redacted.
    pub body: Option<Json>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// How long it took to answer, in milliseconds.
    pub duration_ms: u64,
}

/// Takes records; called once for each attempt, in the order of the answers.
pub trait TraceSink: Debug + Send + Sync {
    /// A request was answered, or failed.
    fn on_request(&self, record: &TraceRecord);
}

/// Which parts of a body are secret.
///
/// A path is dotted, compared without regard to case; `*` is any key, `[]` any item. A path
/// without a dot is a key anywhere in the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    paths: Vec<String>,
}

impl Redaction {
    /// Redacts what these paths point at, besides what is a secret anywhere.
    pub fn of<S: Into<String>>(paths: impl IntoIterator<Item = S>) -> Self {
        Self {
            paths: paths.into_iter().map(Into::into).collect(),
        }
    }

    /// The body with [`REDACTED`] in place of each secret.
    #[must_use]
    pub fn apply(&self, body: &Json) -> Json {
        self.redacted(body, &mut Vec::new())
    }

    fn redacted(&self, value: &Json, path: &mut Vec<String>) -> Json {
        match value {
            Json::Object(object) => object
                .iter()
                .map(|(key, child)| {
                    path.push(key.to_ascii_lowercase());
                    let child = if !child.is_null() && self.is_secret(path) {
                        Json::from(REDACTED)
                    } else {
                        self.redacted(child, path)
                    };
                    path.pop();
                    (key.clone(), child)
                })
                .collect(),
            Json::Array(items) => items
                .iter()
                .map(|item| {
                    path.push("[]".to_owned());
                    let item = if self.is_secret(path) {
                        Json::from(REDACTED)
                    } else {
                        self.redacted(item, path)
                    };
                    path.pop();
                    item
                })
                .collect(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.clone(),
        }
    }

    fn is_secret(&self, path: &[String]) -> bool {
        let Some(key) = path.last().filter(|_| !mutant::is_on(Mutant::TraceSecrets)) else {
            return false;
        };
        SECRET_KEYS.contains(&key.as_str())
            || self.paths.iter().any(|pattern| {
                let pattern: Vec<&str> = pattern.split('.').collect();
                match pattern.as_slice() {
                    [single] => single.eq_ignore_ascii_case(key),
                    pattern => {
                        pattern.len() == path.len()
                            && pattern.iter().zip(path).all(|(wanted, segment)| {
                                *wanted == "*" || wanted.eq_ignore_ascii_case(segment)
                            })
                    }
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_replaced_and_the_rest_is_kept() {
        let body = json!({
            "location": "westeurope",
            "properties": {
                "value": "planted",
                "administratorLoginPassword": "planted",
                "settings": {"A": "planted", "B": {"deep": "planted"}},
                "items": [{"token": "planted", "name": "n"}],
                "password": null,
            },
        });
        let redacted =
            Redaction::of(["properties.value", "properties.settings.*", "TOKEN"]).apply(&body);
        assert!(!redacted.to_string().contains("planted"), "{redacted}");
        assert_eq!(
            redacted,
            json!({
                "location": "westeurope",
                "properties": {
                    "value": "[redacted]",
                    "administratorLoginPassword": "[redacted]",
                    "settings": {"A": "[redacted]", "B": "[redacted]"},
                    "items": [{"token": "[redacted]", "name": "n"}],
                    "password": null,
                },
            })
        );
        assert_eq!(redacted, Redaction::default().apply(&redacted));
    }

    #[test]
    fn records_have_the_published_form() {
        let record = TraceRecord {
            method: "PUT",
            path: "/subscriptions/s".into(),
            api_version: "2025-01-01".into(),
            body: None,
            status: Some(201),
            duration_ms: 7,
        };
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            r#"{"method":"PUT","path":"/subscriptions/s","apiVersion":"2025-01-01","body":null,"status":201,"durationMs":7}"#
        );
    }
}
