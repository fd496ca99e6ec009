//! Differences: none between a value and itself, none only where both values are the same, and what
//! is not declared never counts.

use augeo_azure::normalize::canonical;
use augeo_core::diff::differing;
use augeo_core::resource::ResourceType;
use augeo_core::value::Value;
use serde_json::{Deserializer, Value as Json};

use crate::normalisation::{has_plain_keys, type_of};

type Differences = fn(&ResourceType, &Value, &Value) -> bool;

/// A type in the first line; two JSON values in the rest.
///
/// # Panics
/// Where a promise is broken.
pub fn difference(data: &[u8]) {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let mut values = Deserializer::from_slice(&data[end + 1..]).into_iter::<Json>();
    let mut next = || values.next()?.ok().map(Value::from).filter(has_plain_keys);
    let (Some(one), Some(other)) = (next(), next()) else {
        return;
    };
    let ty = type_of(&data[..end]);
    for value in [&one, &other] {
        let form = canonical(ty, value);
        let found = differing(&ty.facts, &form, &form);
        assert!(found.is_empty(), "{value:?} differs from itself: {found:?}");
    }
    check(&one, &other, do_differ);
}

fn do_differ(ty: &ResourceType, planned: &Value, observed: &Value) -> bool {
    !differing(ty, planned, observed).is_empty()
}

/// Holds two values against each other; `differ` tells whether they differ.
fn check(one: &Value, other: &Value, differ: Differences) {
    let ty = &ResourceType::BASE;
    let property = |value: &Value| {
        let name = "property".to_owned();
        essence(&Value::Object(
            std::iter::once((name, value.clone())).collect(),
        ))
    };
    let (one, other) = (property(one), property(other));
    let differs = differ(ty, &one, &other) || differ(ty, &other, &one);
    assert_eq!(differs, one != other, "{one:?} and {other:?}");
    if let (Value::Object(declared), Value::Object(_)) = (&one, &other) {
        let mut more = declared.clone();
        more.insert("undeclared".to_owned(), other.clone());
        assert!(
            !differ(ty, &one, &Value::Object(more)),
            "{one:?}: undeclared"
        );
    }
}

/// A value without what equals absence, its properties named in small letters.
fn essence(value: &Value) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Unknown(_)
        | Value::Secret(_) => false,
    };
    match value {
        Value::Array(items) => {
            let items = items.iter().map(essence).filter(|item| !is_empty(item));
            Value::Array(items.collect())
        }
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(key, child)| (key.to_ascii_lowercase(), essence(child)))
                .filter(|(_, child)| !is_empty(child))
                .collect(),
        ),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Unknown(_)
        | Value::Secret(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::damage::input;

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            (0..3).prop_map(Json::from),
            "[ab]{0,2}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
                prop::collection::btree_map("[abc]", inner, 0..3)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn damaged_values_are_survived(data in input("difference")) {
            difference(&data);
        }

        #[test]
        fn small_values_are_told_apart(one in value(), other in value()) {
            difference(format!("\n{one} {other}").as_bytes());
        }

        #[test]
        fn spelling_does_not_count(one in value()) {
            let upper = one.to_string().replace("\"a\":", "\"A\":");
            difference(format!("\n{one} {upper}").as_bytes());
        }
    }

    #[test]
    fn defective_diffs_would_be_told() {
        let told = |one: Json, other: Json, differ: Differences| {
            let (one, other) = (Value::from(one), Value::from(other));
            std::panic::catch_unwind(|| check(&one, &other, differ)).is_err()
        };
        let (one, other) = (json!({"a": [1]}), json!({"a": [1, 2]}));
        assert!(!told(one.clone(), other.clone(), do_differ));
        assert!(told(one.clone(), other.clone(), |_, one, other| one != other));
        assert!(told(one.clone(), other, |_, _, _| false));
        assert!(told(one.clone(), one, |_, _, _| true));
    }
}
