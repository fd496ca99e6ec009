//! The two forms of a resource's properties: ARM's body, and our shape of it.
//!
//! The shape has what ARM keeps under `properties` beside what it keeps at the top, text as ARM
//! wrote it, and none of what only identifies the resource, but for its name.

use std::collections::BTreeSet;

use augeo_core::name::ResourceId;
use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::value::{Object, PropertyPath, SecretRef, Segment, Value};
use serde_json::{Map, Value as Json};

use crate::arm_id::ArmId;
use crate::normalize::is_id;
use crate::schema::ArmType;

/// What only identifies a resource, or is about its record.
const NOT_IN_SHAPE: [&str; 6] = ["id", "name", "type", "systemData", "etag", "properties"];

/// The shape of an observed body.
pub(super) fn to_shape(ty: &ArmType, id: &ArmId, body: Json) -> Value {
    let Json::Object(mut body) = body else { return Value::Object(Object::new()) };
    let properties = match body.remove("properties") {
        Some(Json::Object(properties)) => properties,
        _ => Map::new(),
    };
    if ty.top_level.is_empty() {
        return Value::from(Json::Object(properties));
    }
    let mut shape = Object::with_capacity(body.len() + properties.len() + 1);
    let top = |key: &str| ty.top_level.iter().any(|top| top.eq_ignore_ascii_case(key));
    let (envelope, rest): (Vec<_>, Vec<_>) = body.into_iter().partition(|(key, _)| top(key));
    shape.extend(envelope.into_iter().map(|(key, value)| (key, Value::from(value))));
    for (key, value) in properties {
        shape.entry(key).or_insert_with(|| value.into());
    }
    for (key, value) in rest {
        if !NOT_IN_SHAPE.iter().any(|hidden| hidden.eq_ignore_ascii_case(&key)) {
            shape.entry(key).or_insert_with(|| value.into());
        }
    }
    shape.entry("name".to_owned()).or_insert_with(|| id.name().into());
    let mut shape = Value::Object(shape);
    for path in ty.key_sets {
        edit(&mut shape, &PropertyPath::parse(path), &mut |value| {
            if let Value::Object(map) = value {
                let mut keys: Vec<String> = map.keys().cloned().collect();
                keys.sort();
                *value = Value::Array(keys.into_iter().map(Value::String).collect());
            }
        });
    }
    shape
}

/// Gives the text of a secret; `None` leaves the property out.
pub(super) type Reveal<'a> =
    dyn FnMut(&PropertyPath, &SecretRef) -> Result<Option<String>, ProviderError> + 'a;

/// A body that may be sent, and where in it secrets are.
pub(super) struct Body {
    pub(super) json: Json,
    pub(super) secret_paths: Vec<String>,
}

/// The body of a shape. Nothing is sent for what is declared as nothing.
pub(super) fn to_body(ty: &ArmType, shape: &Value, reveal: &mut Reveal<'_>) -> Result<Body, ProviderError> {
    let mut shape = shape.clone();
    for path in ty.key_sets {
        edit(&mut shape, &PropertyPath::parse(path), &mut |value| {
            if let Value::Array(items) = value {
                let keys = items.iter().filter_map(Value::as_str);
                let map: Object = keys.map(|key| (key.to_owned(), Value::Object(Object::new()))).collect();
                *value = if map.is_empty() { Value::Null } else { Value::Object(map) };
            }
        });
    }
    let mut secret_paths = Vec::new();
    let mut envelope = Map::new();
    let mut properties = Map::new();
    let root = PropertyPath::root();
    for (key, value) in shape.as_object().into_iter().flatten() {
        let top = ty.top_level.iter().any(|top| top.eq_ignore_ascii_case(key));
        let place = if top { root.clone() } else { root.key("properties") };
        let mut writer = Writer { reveal, secret_paths: &mut secret_paths };
        let json = writer.write(&root.key(key), &place.key(key), value)?;
        if let Some(json) = json {
            let target = if top { &mut envelope } else { &mut properties };
            target.insert(key.clone(), json);
        }
    }
    if !properties.is_empty() || ty.top_level.is_empty() {
        envelope.insert("properties".to_owned(), properties.into());
    }
    Ok(Body { json: envelope.into(), secret_paths })
}

struct Writer<'a, 'b> {
    reveal: &'a mut Reveal<'b>,
    secret_paths: &'a mut Vec<String>,
}

impl Writer<'_, '_> {
    /// `path` is where the value is in the shape, `place` where it goes in the body.
    fn write(
        &mut self,
        path: &PropertyPath,
        place: &PropertyPath,
        value: &Value,
    ) -> Result<Option<Json>, ProviderError> {
        Ok(match value {
            Value::Null => None,
            Value::Bool(value) => Some((*value).into()),
            Value::Number(value) => Some(Json::Number(value.clone())),
            Value::String(value) => Some(value.clone().into()),
            Value::Array(items) => {
                let items = items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| self.write(&path.index(at), &place.index(at), item));
                let items: Result<Vec<_>, _> = items.collect();
                Some(items?.into_iter().map(Option::unwrap_or_default).collect())
            }
            Value::Object(object) => {
                let mut map = Map::new();
                for (key, child) in object {
                    if let Some(json) = self.write(&path.key(key), &place.key(key), child)? {
                        map.insert(key.clone(), json);
                    }
                }
                Some(map.into())
            }
            Value::Secret(secret) => {
                let text = (self.reveal)(path, secret)?;
                if text.is_some() {
                    self.secret_paths.push(redaction(place));
                }
                text.map(Json::String)
            }
            Value::Unknown(_) => {
                let message = format!("{path} is not known yet and cannot be sent");
                let kind = ErrorKind::Invalid { property: Some(path.to_string()) };
                return Err(ProviderError::new(kind, "augeo/output-missing", message));
            }
        })
    }
}

/// The pattern by which a trace knows a secret's place; a key with a dot is redacted anywhere.
fn redaction(place: &PropertyPath) -> String {
    let mut words = Vec::new();
    for segment in place.segments() {
        match segment {
            Segment::Key(key) if key.contains('.') => words.push("*".to_owned()),
            Segment::Key(key) => words.push(key.clone()),
            Segment::Index(_) => words.push("[]".to_owned()),
        }
    }
    words.join(".")
}

fn edit(value: &mut Value, path: &PropertyPath, change: &mut dyn FnMut(&mut Value)) {
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
        let kept = |path: &PropertyPath| !patterns.iter().any(|pattern| path.is_at_or_below(pattern));
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
                items.iter().enumerate().map(|(at, item)| go(item, &path.index(at), patterns)).collect(),
            ),
            leaf => leaf.clone(),
        }
    }
    if patterns.is_empty() { value.clone() } else { go(value, &PropertyPath::root(), patterns) }
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
            let Some(object) = target.as_object_mut() else { return };
            let key = object.keys().find(|own| own.eq_ignore_ascii_case(key)).unwrap_or(key).clone();
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

/// Every resource that a body mentions, and what each of them lives in; neither itself, nor what
/// it lives in, nor what is inside it.
pub(super) fn mentions(body: &Json, own: &ArmId) -> BTreeSet<ResourceId> {
    let mut found = BTreeSet::new();
    let own_key = own.key();
    collect_mentions(body, own, &own_key, &mut found);
    found
}

fn collect_mentions(body: &Json, own: &ArmId, own_key: &str, found: &mut BTreeSet<ResourceId>) {
    let mut mention = |text: &str| {
        if !is_id(text) {
            return;
        }
        let Ok(mentioned) = ArmId::parse(text) else { return };
        let with_outer = std::iter::successors(Some(mentioned), ArmId::parent);
        // Groups and subscriptions hold everything: being in the same one orders nothing.
        for id in with_outer.take_while(|id| id.target().is_some() || id.subscription().is_none()) {
            let key = id.key();
            let inside = |outer: &str, inner: &str| {
                inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if !inside(own_key, &key) && !inside(&key, own_key) {
                found.insert(id.to_resource_id());
            }
        }
    };
    match body {
        Json::String(text) => mention(text),
        Json::Array(items) => items.iter().for_each(|item| collect_mentions(item, own, own_key, found)),
        Json::Object(object) => {
            object.keys().for_each(|key| mention(key));
            object.values().for_each(|value| collect_mentions(value, own, own_key, found));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use augeo_core::name::ResourceName;
    use augeo_core::value::{Expression, OutputRef};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    static TYPE: ArmType = ArmType::REGIONAL.named("Test.Space/things", "2025-01-01", "Thing");

    fn own() -> ArmId {
        ArmId::parse("/subscriptions/s/resourceGroups/rg/providers/Test.Space/things/One").unwrap()
    }

    fn plain(shape: &Value) -> Json {
        to_body(&TYPE, shape, &mut |_, _| Ok(None)).unwrap().json
    }

    #[test]
    fn the_envelope_is_flattened_and_put_back() {
        let body = json!({
            "id": "/subscriptions/s/…", "name": "One", "type": "Test.Space/things", "etag": "x",
            "location": "West Europe", "tags": {"a": "b"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/b": {"clientId": "c"}, "/a": {}}},
            "properties": {"type": "inner", "size": 1, "tags": "hidden by the envelope"},
        });
        let shape = to_shape(&TYPE, &own(), body);
        let expected = json!({
            "location": "West Europe", "tags": {"a": "b"},
            "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/a", "/b"]},
            "type": "inner", "size": 1, "name": "One",
        });
        assert_eq!(shape, expected.into());
        let sent = plain(&json!({
            "location": "x", "size": 1, "nothing": null, "identity": {"userAssignedIdentities": ["/a"]},
        }).into());
        assert_eq!(
            sent,
            json!({"location": "x", "identity": {"userAssignedIdentities": {"/a": {}}}, "properties": {"size": 1}})
        );
    }

    #[test]
    fn a_map_of_the_users_own_keys_hoists_nothing() {
        let map = ArmType { top_level: &[], key_sets: &[], ..TYPE.clone() };
        let shape = Value::from(json!({"tags": "t", "location": "l", "name": "n"}));
        let body = to_body(&map, &shape, &mut |_, _| Ok(None)).unwrap().json;
        assert_eq!(body, json!({"properties": {"tags": "t", "location": "l", "name": "n"}}));
        assert_eq!(to_shape(&map, &own(), body), shape);
        let empty = to_body(&map, &json!({}).into(), &mut |_, _| Ok(None)).unwrap().json;
        assert_eq!(empty, json!({"properties": {}}));
    }

    #[test]
    fn secrets_are_put_in_place_and_their_places_told() {
        let secret = Value::Secret(SecretRef::Generated { length: 40 });
        let inner: Object = [("a.b".to_owned(), secret.clone()), ("c".to_owned(), secret.clone())].into_iter().collect();
        let shape: Object = [
            ("login".to_owned(), secret),
            ("map".to_owned(), Value::Object(inner)),
            ("known".to_owned(), Value::Secret(SecretRef::KeptBy(ResourceName::parse("k").unwrap()))),
        ]
        .into_iter()
        .collect();
        let mut reveal = |_: &PropertyPath, secret: &SecretRef| {
            Ok(matches!(secret, SecretRef::Generated { .. }).then(|| "s3cret".to_owned()))
        };
        let body = to_body(&TYPE, &Value::Object(shape), &mut reveal).unwrap();
        assert_eq!(body.json["properties"], json!({"login": "s3cret", "map": {"a.b": "s3cret", "c": "s3cret"}}));
        let shown = crate::trace::Redaction::of(body.secret_paths).apply(&body.json);
        assert!(!shown.to_string().contains("s3cret"), "{shown}");
        assert!(shown.to_string().contains("a.b"));
    }

    #[test]
    fn what_is_not_known_is_not_sent() {
        let reference = OutputRef { resource: ResourceName::parse("other").unwrap(), path: "x".into() };
        let shape: Object = [("a".to_owned(), Value::Unknown(Expression::Output(reference)))].into_iter().collect();
        let error = to_body(&TYPE, &Value::Object(shape), &mut |_, _| Ok(None)).err().unwrap();
        assert_eq!(error.code, "augeo/output-missing");
    }

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
    fn mentions_are_others_only() {
        let group = "/subscriptions/s/resourceGroups/rg";
        let body = json!({
            "id": own().to_string(),
            "parts": [{"id": format!("{own}/parts/p", own = own())}],
            "group": group,
            "subnet": format!("{group}/providers/Test.Net/nets/N/subnets/S"),
            "role": "/providers/Test.Roles/roles/r",
            "text": "/subscriptions and more",
            "map": {format!("{group}/providers/Test.Id/identities/i"): {}},
        });
        let found: Vec<String> = mentions(&body, &own()).iter().map(|id| id.key().replace(group, "")).collect();
        let group = group.to_lowercase();
        let expected = [
            "/providers/test.roles/roles/r".to_owned(),
            format!("{group}/providers/test.id/identities/i"),
            format!("{group}/providers/test.net/nets/n"),
            format!("{group}/providers/test.net/nets/n/subnets/s"),
        ];
        assert_eq!(found, expected);
    }

    fn json_value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Json::from),
            any::<i32>().prop_map(Json::from),
            "[a-z/]{0,6}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
                prop::collection::btree_map("[a-zA-Z.]{1,5}", inner, 0..3)
                    .prop_map(|map| Json::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn shape_and_body_are_inverse(
            fields in prop::collection::btree_map("location|tags|kind|zones|size|mode|sku", json_value(), 0..6),
            identities in prop::collection::btree_set("/[a-z]{1,4}", 1..3),
            map in any::<bool>(),
        ) {
            let ty = if map { ArmType { top_level: &[], key_sets: &[], ..TYPE.clone() } } else { TYPE.clone() };
            let mut shape: Object = fields.into_iter().map(|(key, value)| (key, value.into())).collect();
            if !map {
                let list: Json = identities.into_iter().collect();
                shape.insert("identity".to_owned(), json!({"userAssignedIdentities": list}).into());
                shape.insert("name".to_owned(), "One".into());
            }
            let shape = Value::Object(shape);
            let body = to_body(&ty, &shape, &mut |_, _| Ok(None)).unwrap().json;
            prop_assert_eq!(to_shape(&ty, &own(), body).digest(), shape.digest());
        }
    }
}
