//! The form in which plan files and events keep a value: lossless, without secrets' values.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Expression, SecretRef, Value};
use crate::name::ResourceName;

/// The key under which a plan file writes what JSON has no form for; user data that holds the
/// same key is wrapped, so it cannot be mistaken for a reference.
const MARK: &str = "$augeo";

/// No service keeps a longer secret, and a damaged file must not ask for memory without bound.
const SECRET_LENGTH_MAX: usize = 1 << 20;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Marked {
    Unknown(Expression),
    #[serde(rename = "secret")]
    Generated {
        length: usize,
    },
    #[serde(rename = "secretKeptBy")]
    KeptBy(ResourceName),
    Object(serde_json::Map<String, serde_json::Value>),
}

impl Value {
    /// The form that plan files keep: lossless, unlike [`Value::to_json`].
    ///
    /// # Panics
    /// Never: references and secrets are plain data.
    pub fn to_plan_json(&self) -> serde_json::Value {
        let marked = |marked: &Marked| {
            let inner = serde_json::to_value(marked).expect("plain data always serialises");
            serde_json::Value::Object([(MARK.to_owned(), inner)].into_iter().collect())
        };
        match self {
            Self::Unknown(expression) => marked(&Marked::Unknown(expression.clone())),
            Self::Secret(SecretRef::Generated { length }) => {
                marked(&Marked::Generated { length: *length })
            }
            Self::Secret(SecretRef::KeptBy(resource)) => marked(&Marked::KeptBy(resource.clone())),
            Self::Array(items) => items.iter().map(Self::to_plan_json).collect(),
            Self::Object(object) => {
                let map: serde_json::Map<_, _> = object
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_plan_json()))
                    .collect();
                if map.contains_key(MARK) {
                    marked(&Marked::Object(map))
                } else {
                    map.into()
                }
            }
            leaf @ (Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_)) => {
                leaf.to_json().unwrap_or_default()
            }
        }
    }

    /// Reads what [`Value::to_plan_json`] wrote.
    ///
    /// # Errors
    /// When a marked object is not one that this version writes.
    pub fn from_plan_json(json: serde_json::Value) -> Result<Self, serde_json::Error> {
        match json {
            serde_json::Value::Object(mut map) if map.len() == 1 && map.contains_key(MARK) => {
                let inner = map.remove(MARK).unwrap_or_default();
                match serde_json::from_value(inner)? {
                    Marked::Unknown(expression) => Ok(Self::Unknown(expression)),
                    Marked::Generated { length } if length > SECRET_LENGTH_MAX => {
                        Err(serde::de::Error::custom("a secret of such a length"))
                    }
                    Marked::Generated { length } => {
                        Ok(Self::Secret(SecretRef::Generated { length }))
                    }
                    Marked::KeptBy(resource) => Ok(Self::Secret(SecretRef::KeptBy(resource))),
                    Marked::Object(map) => Self::object_from_plan_json(map),
                }
            }
            serde_json::Value::Object(map) => Self::object_from_plan_json(map),
            serde_json::Value::Array(items) => items
                .into_iter()
                .map(Self::from_plan_json)
                .collect::<Result<_, _>>()
                .map(Self::Array),
            leaf @ (serde_json::Value::Null
            | serde_json::Value::Bool(_)
            | serde_json::Value::Number(_)
            | serde_json::Value::String(_)) => Ok(leaf.into()),
        }
    }

    fn object_from_plan_json(
        map: serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self, serde_json::Error> {
        map.into_iter()
            .map(|(key, value)| Ok((key, Self::from_plan_json(value)?)))
            .collect::<Result<_, _>>()
            .map(Self::Object)
    }
}

pub(crate) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    value.to_plan_json().serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Arc<Value>, D::Error> {
    let json = serde_json::Value::deserialize(deserializer)?;
    let value = Value::from_plan_json(json).map_err(serde::de::Error::custom)?;
    Ok(Arc::new(value))
}

pub(crate) mod option {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Value};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value
            .as_ref()
            .map(Value::to_plan_json)
            .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Value>, D::Error> {
        Option::<serde_json::Value>::deserialize(deserializer)?
            .map(Value::from_plan_json)
            .transpose()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Value, serde_json::Error> {
        Value::from_plan_json(serde_json::from_str(text).unwrap())
    }

    /// Found by a property: a JSON reader may take a neighbour of the number that was written.
    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [-1.196_431_931_318_602e-308, 0.1 + 0.2, 5e-324, f64::MAX] {
            let value = Value::from(json!(number));
            assert_eq!(read(&value.to_plan_json().to_string()).unwrap(), value);
        }
    }

    #[test]
    fn a_secret_without_bound_is_refused() {
        let secret = |length: usize| {
            read(&format!(
                r#"{{"$augeo": {{"secret": {{"length": {length}}}}}}}"#
            ))
        };
        assert!(secret(SECRET_LENGTH_MAX).is_ok());
        assert!(secret(usize::MAX).is_err());
    }
}
