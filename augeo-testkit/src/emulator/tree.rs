//! Reading, setting and merging inside JSON bodies by dotted paths.

use serde_json::{Map, Value};

/// A JSON object.
pub(crate) type Body = Map<String, Value>;

/// The value at a dotted path.
pub(crate) fn get<'a>(body: &'a Body, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut value = body.get(parts.next()?)?;
    for part in parts {
        value = value.as_object()?.get(part)?;
    }
    Some(value)
}

/// The text at a dotted path.
pub(crate) fn text<'a>(body: &'a Body, path: &str) -> Option<&'a str> {
    get(body, path)?.as_str()
}

/// Sets the value at a dotted path, making the objects on the way.
pub(crate) fn set(body: &mut Body, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            body.insert(path.to_owned(), value);
        }
        Some((head, rest)) => {
            let slot = body
                .entry(head)
                .or_insert_with(|| Value::Object(Map::new()));
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            if let Value::Object(inner) = slot {
                set(inner, rest, value);
            }
        }
    }
}

/// Lays `over` upon the object at a dotted path, making it where there is none.
pub(crate) fn set_all(body: &mut Body, path: &str, over: &Body) {
    let mut inner = get(body, path)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    overlay(&mut inner, over);
    set(body, path, Value::Object(inner));
}

/// Removes the value at a dotted path and returns it.
pub(crate) fn remove(body: &mut Body, path: &str) -> Option<Value> {
    match path.split_once('.') {
        None => body.remove(path),
        Some((head, rest)) => match body.get_mut(head)? {
            Value::Object(inner) => remove(inner, rest),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => None,
        },
    }
}

/// Lays `over` upon `body`: objects merge, anything else replaces.
pub(crate) fn overlay(body: &mut Body, over: &Body) {
    for (key, value) in over {
        match (body.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(added)) => overlay(inner, added),
            (_, value) => {
                body.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Fills what `body` lacks from `defaults`.
pub(crate) fn underlay(body: &mut Body, defaults: &Body) {
    for (key, value) in defaults {
        match (body.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(added)) => underlay(inner, added),
            (Some(_), _) => {}
            (None, value) => {
                body.insert(key.clone(), value.clone());
            }
        }
    }
}

/// A merge as PATCH means it (RFC 7396): null removes, objects merge, anything else replaces.
pub(crate) fn patch(body: &mut Body, change: &Body) {
    for (key, value) in change {
        match (body.get_mut(key), value) {
            (_, Value::Null) => {
                body.remove(key);
            }
            (Some(Value::Object(inner)), Value::Object(added)) => patch(inner, added),
            (_, value) => {
                body.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Drops nulls from objects, at any depth.
pub(crate) fn drop_nulls(body: &mut Body) {
    body.retain(|_, value| !value.is_null());
    for value in body.values_mut() {
        if let Value::Object(inner) = value {
            drop_nulls(inner);
        }
    }
}

/// Equality as Azure judges immutable properties: text without regard to case.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: &Value) -> Body {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn paths_reach_and_make_nested_values() {
        let mut b = body(&json!({"a": {"b": 1}}));
        set(&mut b, "a.c.d", json!(2));
        assert_eq!(get(&b, "a.c.d"), Some(&json!(2)));
        assert_eq!(remove(&mut b, "a.b"), Some(json!(1)));
        assert_eq!(Value::Object(b), json!({"a": {"c": {"d": 2}}}));
    }

    #[test]
    fn a_patch_removes_nulls_and_merges_objects() {
        let mut b = body(&json!({"a": {"b": 1, "c": 2}, "l": [1]}));
        patch(&mut b, &body(&json!({"a": {"b": null, "d": 3}, "l": []})));
        assert_eq!(Value::Object(b), json!({"a": {"c": 2, "d": 3}, "l": []}));
    }
}
