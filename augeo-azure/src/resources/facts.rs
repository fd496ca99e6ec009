//! What the facts and the shapes of several types share.

use std::time::Duration;

use augeo_core::resource::UsualDuration;
use augeo_core::value::Value;
use serde::{Deserialize, Serialize, Serializer};

/// Whether something is on, in the word that ARM has for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Switch {
    /// On.
    Enabled,
    /// Off.
    Disabled,
    /// Any other word, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// How long changes usually take, in milliseconds.
pub(super) const fn usual(create: u64, update: u64, delete: u64) -> UsualDuration {
    UsualDuration {
        create: Duration::from_millis(create),
        update: Duration::from_millis(update),
        delete: Duration::from_millis(delete),
    }
}

/// Writes `value` as the object `{"name": value}`, which is how ARM spells most SKUs.
pub(super) fn named<T: Serialize, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Named<'a, T> {
        name: &'a T,
    }
    Named { name: value }.serialize(serializer)
}

/// Whether a flag is off: Azure refuses some properties when they are sent as `false`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
pub(super) fn is_off(flag: &bool) -> bool {
    !flag
}

/// What follows the last slash: ids of role definitions come with and without a scope before it.
pub(super) fn last_segment(value: &Value) -> Value {
    value.map_leaves(&|leaf| {
        let text = leaf.as_str()?.trim_end_matches('/').to_ascii_lowercase();
        text.rsplit('/').next().map(Value::from)
    })
}

/// An address as the range that holds only it: services add `/32` to single addresses.
pub(super) fn address_range(value: &Value) -> Value {
    value.map_leaves(&|leaf| {
        let text = leaf.as_str()?;
        let single = text.parse::<std::net::Ipv4Addr>().is_ok();
        single.then(|| Value::from(format!("{text}/32")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(json: serde_json::Value) -> Value {
        Value::from(json)
    }

    #[test]
    fn forms_are_idempotent_and_equal_for_equals() {
        type Form = fn(&Value) -> Value;
        let cases: [(Form, _, _); 2] = [
            (
                last_segment,
                json!("/subscriptions/s/providers/A/roleDefinitions/AB-1"),
                json!("/providers/A/roleDefinitions/ab-1"),
            ),
            (address_range, json!("10.0.0.4"), json!("10.0.0.4/32")),
        ];
        for (form, one, other) in cases {
            let (one, other) = (form(&value(one)), form(&value(other)));
            assert_eq!(one, other);
            assert_eq!(form(&one), one);
        }
    }
}
