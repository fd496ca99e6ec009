//! Parts of a value by pattern: taken out, exchanged, put back as they were observed.

use augeo_core::value::{Object, PropertyPath, Segment, Value};

/// Changes everything that a path names; `*` is any key, `[]` any item.
pub(super) fn edit(value: &mut Value, path: &PropertyPath, change: &mut dyn FnMut(&mut Value)) {
    fn go(value: &mut Value, segments: &[Segment], change: &mut dyn FnMut(&mut Value)) {
        let Some((first, rest)) = segments.split_first() else {
            change(value);
            return;
        };
        match (first, value) {
            (Segment::Key(key), Value::Object(object)) => {
                let matching = |found: &String| key == "*" || found.eq_ignore_ascii_case(key);
                for (_, child) in object.iter_mut().filter(|(found, _)| matching(found)) {
                    go(child, rest, change);
                }
            }
            (Segment::Key(key), Value::Array(items)) if key.is_empty() => {
                for item in items {
                    go(item, rest, change);
                }
            }
            (Segment::Index(at), Value::Array(items)) => {
                if let Some(item) = items.get_mut(*at) {
                    go(item, rest, change);
                }
            }
            _ => {}
        }
    }
    go(value, path.segments(), change);
}

/// The value without what the patterns name.
pub(super) fn without(value: &Value, patterns: &[&str]) -> Value {
    fn go(value: &Value, path: &PropertyPath, patterns: &[&str]) -> Value {
        let kept =
            |path: &PropertyPath| !patterns.iter().any(|pattern| path.is_at_or_below(pattern));
        match value {
            Value::Object(object) => Value::Object(
                object
                    .iter()
                    .map(|(key, child)| (path.key(key), key, child))
                    .filter(|(path, ..)| kept(path))
                    .map(|(path, key, child)| (key.clone(), go(child, &path, patterns)))
                    .collect(),
            ),
            Value::Array(items) => Value::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| go(item, &path.index(at), patterns))
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
    if patterns.is_empty() {
        value.clone()
    } else {
        go(value, &PropertyPath::root(), patterns)
    }
}

/// The value with what the patterns name as it was observed; what was not observed is left out.
pub(super) fn with_observed(value: &Value, observed: &Value, patterns: &[&str]) -> Value {
    let mut merged = without(value, patterns);
    observed.walk(&mut |path, found| {
        let named = |pattern: &&str| {
            PropertyPath::parse(pattern).segments().len() == path.segments().len()
                && path.is_at_or_below(pattern)
        };
        if *found != Value::Null && patterns.iter().any(named) {
            insert(&mut merged, path.segments(), found);
        }
    });
    merged
}

/// Puts a value in its place. Objects on the way are made, items of lists are not.
fn insert(target: &mut Value, segments: &[Segment], found: &Value) {
    let Some((first, rest)) = segments.split_first() else {
        *target = found.clone();
        return;
    };
    match (first, target) {
        (Segment::Key(key), target) => {
            if !matches!(target, Value::Object(_) | Value::Array(_)) {
                *target = Value::Object(Object::new());
            }
            let Some(object) = target.as_object_mut() else {
                return;
            };
            let key = object
                .keys()
                .find(|own| own.eq_ignore_ascii_case(key))
                .unwrap_or(key)
                .clone();
            insert(object.entry(key).or_default(), rest, found);
        }
        (Segment::Index(at), Value::Array(items)) => {
            if let Some(item) = items.get_mut(*at) {
                insert(item, rest, found);
            }
        }
        (Segment::Index(_), _) => {}
    }
}

/// Puts text at a path of keys, making the objects on the way.
pub(super) fn set(value: &mut Value, path: &PropertyPath, text: &Value) {
    insert(value, path.segments(), text);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn initial_values_are_sent_back_as_observed() {
        let patterns = ["sku.capacity", "image", "rules[].count", "settings.*.owner"];
        let declared = json!({
            "sku": {"name": "S1", "capacity": 1}, "image": "first",
            "rules": [{"name": "a", "count": 1}], "settings": {"x": {"owner": "us", "v": 1}},
        });
        let observed = json!({
            "sku": {"name": "S2", "capacity": 3}, "rules": [{"name": "b", "count": 9}, {"count": 4}],
            "settings": {"x": {"owner": "release"}}, "image": null,
        });
        let merged = with_observed(&declared.into(), &observed.into(), &patterns);
        let expected = json!({
            "sku": {"name": "S1", "capacity": 3},
            "rules": [{"name": "a", "count": 9}], "settings": {"x": {"v": 1, "owner": "release"}},
        });
        assert_eq!(merged, expected.into());
    }

    #[test]
    fn text_is_put_where_nothing_was() {
        let mut value = Value::from(json!({"a": 1}));
        set(&mut value, &PropertyPath::parse("b.c"), &"x".into());
        assert_eq!(value, json!({"a": 1, "b": {"c": "x"}}).into());
    }
}
