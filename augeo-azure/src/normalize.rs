//! The canonical form of a value: the form in which equal things are equal.
//!
//! It is made of both sides while they are compared, and is never sent nor shown. It is
//! idempotent, and it keeps unknowns and secrets.

use std::cmp::Ordering;

use augeo_core::value::{PropertyPath, Segment, Value};
use serde_json::Number;

use crate::schema::{ArmType, Compare};

/// The canonical form of a value of a type.
pub fn canonical(ty: &ArmType, value: &Value) -> Value {
    let mut rules: Vec<(PropertyPath, Compare)> =
        vec![(PropertyPath::parse("location"), Compare::Location)];
    rules.extend(
        ty.key_sets
            .iter()
            .map(|path| (PropertyPath::parse(path), Compare::Set)),
    );
    rules.extend(
        ty.compare
            .iter()
            .map(|(path, compare)| (PropertyPath::parse(path), *compare)),
    );
    let rules: Vec<_> = rules
        .iter()
        .map(|(path, compare)| (path.segments(), *compare))
        .collect();
    if ty.top_level.is_empty() {
        // The value is a map of the user's own keys: `location` is one like any other.
        return canonical_at(&rules[1..], value, &mut Vec::new());
    }
    canonical_at(&rules, value, &mut Vec::new())
}

/// One step of the way to a value, without owning its key.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item,
}

fn canonical_at<'a>(
    rules: &[(&[Segment], Compare)],
    value: &'a Value,
    path: &mut Vec<Step<'a>>,
) -> Value {
    let inner = match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .map(|(key, child)| {
                    path.push(Step::Key(key));
                    let child = canonical_at(rules, child, path);
                    path.pop();
                    (key.clone(), child)
                })
                .collect(),
        ),
        Value::Array(items) => {
            path.push(Step::Item);
            let items = items
                .iter()
                .map(|item| canonical_at(rules, item, path))
                .collect();
            path.pop();
            Value::Array(items)
        }
        Value::String(text) if is_id(text) => {
            Value::String(text.trim_end_matches('/').to_ascii_lowercase())
        }
        Value::Number(number) => Value::Number(whole(number)),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Unknown(_) | Value::Secret(_) => {
            value.clone()
        }
    };
    rules
        .iter()
        .filter(|(pattern, _)| matches(pattern, path))
        .fold(inner, |value, (_, compare)| apply(*compare, value))
}

fn matches(pattern: &[Segment], path: &[Step<'_>]) -> bool {
    pattern.len() == path.len()
        && pattern
            .iter()
            .zip(path)
            .all(|(wanted, found)| match (wanted, found) {
                (Segment::Key(wanted), Step::Key(found)) => {
                    wanted == "*" || wanted.eq_ignore_ascii_case(found)
                }
                (Segment::Key(wanted), Step::Item) => wanted.is_empty(),
                (Segment::Index(_), _) => false,
            })
}

fn apply(compare: Compare, value: Value) -> Value {
    match (compare, value) {
        (Compare::IgnoreCase, value) => texts(&value, &|text| text.to_ascii_lowercase()),
        (Compare::Location, value) => texts(&value, &location),
        (Compare::Set, Value::Array(mut items)) => {
            items.sort_by(order);
            items.dedup();
            Value::Array(items)
        }
        (Compare::Keyed(key), Value::Array(mut items)) => {
            items.sort_by(|one, other| {
                let keys = (one.get(&key.into()), other.get(&key.into()));
                match keys {
                    (Some(one_key), Some(other_key)) => {
                        order(one_key, other_key).then_with(|| order(one, other))
                    }
                    (one_key, other_key) => one_key
                        .is_some()
                        .cmp(&other_key.is_some())
                        .then_with(|| order(one, other)),
                }
            });
            Value::Array(items)
        }
        (Compare::By(form), value) => form(&value),
        (Compare::Set | Compare::Keyed(_), value) => value,
    }
}

fn texts(value: &Value, form: &dyn Fn(&str) -> String) -> Value {
    value.map_leaves(&|leaf| leaf.as_str().map(|text| Value::String(form(text))))
}

/// Whether text is an ARM id.
pub fn is_id(text: &str) -> bool {
    let begins = |prefix: &str| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    begins("/subscriptions/") || begins("/providers/")
}

/// The short form of a region: `West Europe` is `westeurope`.
pub fn location(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// A number without a fraction in its integer form.
fn whole(number: &Number) -> Number {
    let text = number.to_string();
    text.strip_suffix(".0")
        .filter(|whole| *whole != "-0")
        .and_then(|whole| whole.parse::<i64>().ok())
        .map_or_else(
            || {
                if text == "-0.0" {
                    0.into()
                } else {
                    number.clone()
                }
            },
            Into::into,
        )
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
        Value::Unknown(_) => 6,
        Value::Secret(_) => 7,
    }
}

/// A total order of values in which the order of properties does not count.
fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => {
            let values = (
                one.as_f64().unwrap_or_default(),
                other.as_f64().unwrap_or_default(),
            );
            values
                .0
                .total_cmp(&values.1)
                .then_with(|| one.to_string().cmp(&other.to_string()))
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Array(one), Value::Array(other)) => one
            .iter()
            .zip(other)
            .map(|(one, other)| order(one, other))
            .find(|ordering| ordering.is_ne())
            .unwrap_or_else(|| one.len().cmp(&other.len())),
        (Value::Object(one), Value::Object(other)) => {
            let sorted = |object: &'_ augeo_core::value::Object| -> Vec<String> {
                let mut keys: Vec<_> = object.keys().cloned().collect();
                keys.sort();
                keys
            };
            let (one_keys, other_keys) = (sorted(one), sorted(other));
            one_keys
                .iter()
                .zip(&other_keys)
                .map(|(one_key, other_key)| {
                    one_key
                        .cmp(other_key)
                        .then_with(|| order(&one[one_key.as_str()], &other[other_key.as_str()]))
                })
                .find(|ordering| ordering.is_ne())
                .unwrap_or_else(|| one_keys.len().cmp(&other_keys.len()))
        }
        (Value::Unknown(one), Value::Unknown(other)) => one.cmp(other),
        (Value::Secret(one), Value::Secret(other)) => one.to_string().cmp(&other.to_string()),
        _ => rank(one).cmp(&rank(other)),
    }
}

#[cfg(test)]
mod tests {
    use augeo_core::name::ResourceName;
    use augeo_core::value::{Expression, Object, OutputRef, SecretRef};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    static TYPE: ArmType = {
        let mut ty = ArmType::REGIONAL.named("Test.Space/things", "2025-01-01", "Thing");
        ty.compare = &[
            ("set", Compare::Set),
            ("keyed", Compare::Keyed("name")),
            ("tier", Compare::IgnoreCase),
            ("rules[].kind", Compare::IgnoreCase),
            ("places.*", Compare::Location),
        ];
        ty
    };

    fn form(json: serde_json::Value) -> Value {
        canonical(&TYPE, &Value::from(json))
    }

    #[test]
    fn equal_things_have_one_form() {
        for (one, other) in [
            (
                json!({"location": "West Europe"}),
                json!({"location": "westeurope"}),
            ),
            (
                json!({"planId": "/subscriptions/S/resourceGroups/RG/"}),
                json!({"planId": "/Subscriptions/s/resourcegroups/rg"}),
            ),
            (json!({"set": [3, 1, 2.0]}), json!({"set": [2, 3, 1]})),
            (
                json!({"set": [{"b": 1, "a": 2}, {"a": 1}]}),
                json!({"set": [{"a": 1}, {"a": 2, "b": 1}]}),
            ),
            (
                json!({"keyed": [{"name": "b", "x": 1}, {"name": "a"}]}),
                json!({"keyed": [{"name": "a"}, {"name": "b", "x": 1}]}),
            ),
            (
                json!({"tier": "Standard", "count": 1.0}),
                json!({"tier": "STANDARD", "count": 1}),
            ),
            (
                json!({"rules": [{"kind": "A"}]}),
                json!({"rules": [{"kind": "a"}]}),
            ),
            (
                json!({"places": {"main": "West US 2"}}),
                json!({"places": {"main": "westus2"}}),
            ),
            (
                json!({"identity": {"userAssignedIdentities": ["/subscriptions/S/B", "/subscriptions/S/a"]}}),
                json!({"identity": {"userAssignedIdentities": ["/subscriptions/s/A", "/subscriptions/s/b"]}}),
            ),
        ] {
            assert_eq!(form(one.clone()), form(other.clone()), "{one} and {other}");
        }
    }

    #[test]
    fn different_things_keep_different_forms() {
        for (one, other) in [
            (json!({"list": [1, 2]}), json!({"list": [2, 1]})),
            (json!({"name": "A"}), json!({"name": "a"})),
            (
                json!({"inner": {"location": "West Europe"}}),
                json!({"inner": {"location": "westeurope"}}),
            ),
            (json!({"count": "1"}), json!({"count": 1})),
            (json!({"count": 1.5}), json!({"count": 1})),
        ] {
            assert_ne!(form(one.clone()), form(other.clone()), "{one} and {other}");
        }
        let map = ArmType {
            top_level: &[],
            ..TYPE.clone()
        };
        let value = Value::from(json!({"location": "West Europe"}));
        assert_eq!(canonical(&map, &value), value);
    }

    fn value() -> impl Strategy<Value = Value> {
        let unknown = || {
            Value::Unknown(Expression::Output(OutputRef {
                resource: ResourceName::parse("other").unwrap(),
                path: "id".into(),
            }))
        };
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (-3_i32..3).prop_map(|n| Value::from(json!(n))),
            (-3_i32..3).prop_map(|n| Value::from(json!(f64::from(n) / 2.0))),
            "[aAbB ]{0,3}".prop_map(Value::from),
            "/subscriptions/[aA]/?".prop_map(Value::from),
            Just(unknown()),
            Just(Value::Secret(SecretRef::Generated { length: 32 })),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let key = prop_oneof![
                "set", "keyed", "tier", "name", "location", "rules", "kind", "places"
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::vec((key, inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect::<Object>())),
            ]
        })
    }

    fn kept(value: &Value) -> (usize, usize) {
        let mut counts = (0, 0);
        value.walk(&mut |_, value| match value {
            Value::Unknown(_) => counts.0 += 1,
            Value::Secret(_) => counts.1 += 1,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {}
        });
        counts
    }

    fn reversed(value: &Value) -> Value {
        let Some(object) = value.as_object() else {
            return value.clone();
        };
        Value::Object(
            object
                .iter()
                .rev()
                .map(|(key, child)| {
                    let child = match (key.as_str(), child) {
                        ("set", Value::Array(items)) => {
                            Value::Array(items.iter().rev().cloned().collect())
                        }
                        _ => child.clone(),
                    };
                    (key.clone(), child)
                })
                .collect(),
        )
    }

    proptest! {
        #[test]
        fn the_form_is_idempotent(value in value()) {
            let once = canonical(&TYPE, &value);
            prop_assert_eq!(canonical(&TYPE, &once), once);
        }

        #[test]
        fn the_order_of_sets_and_properties_does_not_count(value in value()) {
            prop_assert_eq!(canonical(&TYPE, &reversed(&value)), canonical(&TYPE, &value));
        }

        #[test]
        fn unknowns_and_secrets_stay(value in value()) {
            let plain = ArmType { compare: &[("tier", Compare::IgnoreCase)], ..TYPE.clone() };
            prop_assert_eq!(kept(&canonical(&plain, &value)), kept(&value));
        }
    }
}
