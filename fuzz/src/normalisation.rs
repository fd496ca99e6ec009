//! Canonical forms: the form of a form is itself, no order that means nothing is left in it, and it
//! keeps what is unknown or secret.

use std::collections::BTreeSet;

use augeo_azure::normalize::canonical;
use augeo_azure::resources::CATALOGUE;
use augeo_azure::schema::{ArmType, Compare};
use augeo_core::value::Value;

/// A type in the first line; a value, as plans write it, in the rest.
pub fn normalisation(data: &[u8]) {
    if let Some((ty, value)) = read(data) {
        check(ty, &value, &|value| canonical(ty, value));
    }
}

/// The type that a line names, else one that its length chooses.
pub(crate) fn type_of(line: &[u8]) -> &'static ArmType {
    let name = String::from_utf8_lossy(line);
    CATALOGUE
        .iter()
        .find(|ty| ty.name().as_str() == name.trim())
        .unwrap_or(&CATALOGUE[line.len() % CATALOGUE.len()])
}

fn read(data: &[u8]) -> Option<(&'static ArmType, Value)> {
    let end = data.iter().position(|byte| *byte == b'\n')?;
    let value = Value::from_plan_json(serde_json::from_slice(&data[end + 1..]).ok()?).ok()?;
    // ARM has no two properties whose names differ only in case.
    has_plain_keys(&value).then(|| (type_of(&data[..end]), value))
}

pub(crate) fn has_plain_keys(value: &Value) -> bool {
    match value {
        Value::Object(object) => {
            let keys: BTreeSet<String> =
                object.keys().map(|key| key.to_ascii_lowercase()).collect();
            keys.len() == object.len() && object.values().all(has_plain_keys)
        }
        Value::Array(items) => items.iter().all(has_plain_keys),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Unknown(_)
        | Value::Secret(_) => true,
    }
}

fn check(ty: &ArmType, value: &Value, form: &dyn Fn(&Value) -> Value) {
    let once = form(value);
    assert_eq!(form(&once), once, "the form of the form of {value:?}");
    let other = turned(&unordered(ty), &[], value);
    assert_eq!(form(&other), once, "{value:?} in another order");
    assert_eq!(kept(&once), kept(value), "what {value:?} holds");
}

/// The paths of lists whose order means nothing.
fn unordered(ty: &ArmType) -> Vec<Vec<String>> {
    let lists = ty
        .compare
        .iter()
        .filter(|(_, compare)| matches!(compare, Compare::Set | Compare::Keyed(_)))
        .map(|(path, _)| *path);
    ty.key_sets
        .iter()
        .copied()
        .chain(lists)
        .map(|path| {
            path.replace("[]", ".[]")
                .split('.')
                .map(str::to_ascii_lowercase)
                .collect()
        })
        .collect()
}

/// The same value with its properties, and the lists at these paths, the other way round.
fn turned(lists: &[Vec<String>], path: &[String], value: &Value) -> Value {
    let below = |step: &str, child: &Value| {
        let path = [path, &[step.to_ascii_lowercase()]].concat();
        turned(lists, &path, child)
    };
    let here = |pattern: &Vec<String>| {
        pattern.len() == path.len()
            && pattern
                .iter()
                .zip(path)
                .all(|(wanted, found)| wanted == found || (wanted == "*" && found != "[]"))
    };
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .rev()
                .map(|(key, child)| (key.clone(), below(key, child)))
                .collect(),
        ),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| below("[]", item)).collect();
            if lists.iter().any(here) {
                items.reverse();
            }
            Value::Array(items)
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Unknown(_)
        | Value::Secret(_) => value.clone(),
    }
}

/// Every unknown and secret; a set may hold one of them twice.
fn kept(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    value.walk(&mut |_, value| {
        if matches!(value, Value::Unknown(_) | Value::Secret(_)) {
            found.insert(format!("{value:?}"));
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::damage::{corpus, input};

    proptest! {
        #[test]
        fn values_have_one_form(data in input("normalisation")) {
            normalisation(&data);
        }
    }

    /// Whether a form would pass on the whole corpus.
    fn passes(form: fn(&ArmType, &Value) -> Value) -> bool {
        corpus("normalisation").iter().all(|data| {
            let (ty, value) = read(data).unwrap();
            std::panic::catch_unwind(|| check(ty, &value, &|value| form(ty, value))).is_ok()
        })
    }

    #[test]
    fn defective_forms_would_be_told() {
        assert!(passes(canonical));
        assert!(!passes(|_, value| value.clone()), "order");
        assert!(
            !passes(|ty, value| Value::Array(vec![canonical(ty, value)])),
            "idempotence"
        );
        assert!(
            !passes(|ty, value| Value::from(canonical(ty, value).to_json().unwrap_or_default())),
            "unknowns"
        );
    }
}
