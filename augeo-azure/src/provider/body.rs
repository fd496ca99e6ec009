//! The two forms of a resource's properties: ARM's body, and our shape of it.
//!
//! The shape has what ARM keeps under `properties` beside what it keeps at the top, text as ARM
//! wrote it, and none of what only identifies the resource, but for its name.

use std::collections::BTreeSet;

use augeo_core::name::ResourceId;
use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::value::{Object, PropertyPath, SecretRef, Segment, Value};
use serde_json::{Map, Value as Json};

use super::merge::edit;
use crate::arm_id::ArmId;
use crate::normalize::is_id;
use crate::schema::ArmType;

/// What only identifies a resource, or is about its record.
const NOT_IN_SHAPE: [&str; 6] = ["id", "name", "type", "systemData", "etag", "properties"];

/// The shape of an observed body.
pub(super) fn to_shape(ty: &ArmType, id: &ArmId, body: Json) -> Value {
    let Json::Object(mut body) = body else {
        return Value::Object(Object::new());
    };
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
    shape.extend(
        envelope
            .into_iter()
            .map(|(key, value)| (key, Value::from(value))),
    );
    for (key, value) in properties {
        shape.entry(key).or_insert_with(|| value.into());
    }
    for (key, value) in rest {
        if !NOT_IN_SHAPE
            .iter()
            .any(|hidden| hidden.eq_ignore_ascii_case(&key))
        {
            shape.entry(key).or_insert_with(|| value.into());
        }
    }
    shape
        .entry("name".to_owned())
        .or_insert_with(|| id.name().into());
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
pub(super) fn to_body(
    ty: &ArmType,
    shape: &Value,
    reveal: &mut Reveal<'_>,
) -> Result<Body, ProviderError> {
    let mut shape = shape.clone();
    for path in ty.key_sets {
        edit(&mut shape, &PropertyPath::parse(path), &mut |value| {
            if let Value::Array(items) = value {
                let keys = items.iter().filter_map(Value::as_str);
                let map: Object = keys
                    .map(|key| (key.to_owned(), Value::Object(Object::new())))
                    .collect();
                *value = if map.is_empty() {
                    Value::Null
                } else {
                    Value::Object(map)
                };
            }
        });
    }
    let mut secret_paths = Vec::new();
    let mut envelope = Map::new();
    let mut properties = Map::new();
    let root = PropertyPath::root();
    for (key, value) in shape.as_object().into_iter().flatten() {
        let top = ty.top_level.iter().any(|top| top.eq_ignore_ascii_case(key));
        let place = if top {
            root.clone()
        } else {
            root.key("properties")
        };
        let mut writer = Writer {
            reveal,
            secret_paths: &mut secret_paths,
        };
        let json = writer.write(&root.key(key), &place.key(key), value)?;
        if let Some(json) = json {
            let target = if top { &mut envelope } else { &mut properties };
            target.insert(key.clone(), json);
        }
    }
    if !properties.is_empty() || ty.top_level.is_empty() {
        envelope.insert("properties".to_owned(), properties.into());
    }
    Ok(Body {
        json: envelope.into(),
        secret_paths,
    })
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
                let kind = ErrorKind::Invalid {
                    property: Some(path.to_string()),
                };
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

/// Every resource that a body mentions, and what each of them lives in; neither itself, nor what
/// it lives in, nor what is inside it.
pub(super) fn mentions(body: &Json, own: &ArmId) -> BTreeSet<ResourceId> {
    let mut found = BTreeSet::new();
    let own_key = own.key();
    collect_mentions(body, &own_key, &mut found);
    found
}

fn collect_mentions(body: &Json, own_key: &str, found: &mut BTreeSet<ResourceId>) {
    let mut mention = |text: &str| {
        // Most ids in a body are its own, or of what is inside it.
        let own = text
            .get(..own_key.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(own_key));
        let inside_own = own && matches!(text.as_bytes().get(own_key.len()), None | Some(b'/'));
        if inside_own || !is_id(text) {
            return;
        }
        let Ok(mentioned) = ArmId::parse(text) else {
            return;
        };
        let with_outer = std::iter::successors(Some(mentioned), ArmId::parent);
        // Groups and subscriptions hold everything: being in the same one orders nothing.
        for id in with_outer.take_while(|id| id.target().is_some() || id.subscription().is_none()) {
            let key = id.key();
            let inside = |outer: &str, inner: &str| {
                inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if !inside(own_key, &key) && !inside(&key, own_key) {
                found.insert(id.to_resource_id());
            }
        }
    };
    match body {
        Json::String(text) => mention(text),
        Json::Array(items) => items
            .iter()
            .for_each(|item| collect_mentions(item, own_key, found)),
        Json::Object(object) => {
            object.keys().for_each(|key| mention(key));
            object
                .values()
                .for_each(|value| collect_mentions(value, own_key, found));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// A `PATCH` takes a key out of a map only when it is told to.
pub(super) fn remove_from_sets(ty: &ArmType, body: &mut Json, observed: &Value) {
    for path in ty.key_sets {
        let Some(Value::Array(before)) = observed.get(&PropertyPath::parse(path)) else {
            continue;
        };
        let first = path.split('.').next().unwrap_or_default();
        let top = ty
            .top_level
            .iter()
            .any(|top| top.eq_ignore_ascii_case(first));
        let root = if top {
            Some(&mut *body)
        } else {
            body.get_mut("properties")
        };
        let found = path
            .split('.')
            .fold(root, |at, key| at.and_then(|at| at.get_mut(key)));
        let Some(map) = found.and_then(Json::as_object_mut) else {
            continue;
        };
        for key in before.iter().filter_map(Value::as_str) {
            if !map.keys().any(|kept| kept.eq_ignore_ascii_case(key)) {
                map.insert(key.to_owned(), Json::Null);
            }
        }
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
        let map = ArmType {
            top_level: &[],
            key_sets: &[],
            ..TYPE.clone()
        };
        let shape = Value::from(json!({"tags": "t", "location": "l", "name": "n"}));
        let body = to_body(&map, &shape, &mut |_, _| Ok(None)).unwrap().json;
        assert_eq!(
            body,
            json!({"properties": {"tags": "t", "location": "l", "name": "n"}})
        );
        assert_eq!(to_shape(&map, &own(), body), shape);
        let empty = to_body(&map, &json!({}).into(), &mut |_, _| Ok(None))
            .unwrap()
            .json;
        assert_eq!(empty, json!({"properties": {}}));
    }

    #[test]
    fn secrets_are_put_in_place_and_their_places_told() {
        let secret = Value::Secret(SecretRef::Generated { length: 40 });
        let inner: Object = [
            ("a.b".to_owned(), secret.clone()),
            ("c".to_owned(), secret.clone()),
        ]
        .into_iter()
        .collect();
        let shape: Object = [
            ("login".to_owned(), secret),
            ("map".to_owned(), Value::Object(inner)),
            (
                "known".to_owned(),
                Value::Secret(SecretRef::KeptBy(ResourceName::parse("k").unwrap())),
            ),
        ]
        .into_iter()
        .collect();
        let mut reveal = |_: &PropertyPath, secret: &SecretRef| {
            Ok(matches!(secret, SecretRef::Generated { .. }).then(|| "s3cret".to_owned()))
        };
        let body = to_body(&TYPE, &Value::Object(shape), &mut reveal).unwrap();
        assert_eq!(
            body.json["properties"],
            json!({"login": "s3cret", "map": {"a.b": "s3cret", "c": "s3cret"}})
        );
        let shown = crate::trace::Redaction::of(body.secret_paths).apply(&body.json);
        assert!(!shown.to_string().contains("s3cret"), "{shown}");
        assert!(shown.to_string().contains("a.b"));
    }

    #[test]
    fn what_is_not_known_is_not_sent() {
        let reference = OutputRef {
            resource: ResourceName::parse("other").unwrap(),
            path: "x".into(),
        };
        let shape: Object = [(
            "a".to_owned(),
            Value::Unknown(Expression::Output(reference)),
        )]
        .into_iter()
        .collect();
        let error = to_body(&TYPE, &Value::Object(shape), &mut |_, _| Ok(None))
            .err()
            .unwrap();
        assert_eq!(error.code, "augeo/output-missing");
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
        let found: Vec<String> = mentions(&body, &own())
            .iter()
            .map(|id| id.key().replace(group, ""))
            .collect();
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
