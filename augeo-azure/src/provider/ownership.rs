//! Marks: how a resource is proven to be a stack's, and what else is kept with it.
//!
//! A mark is written with each write and taken out of the shape with each read, so it is never
//! compared. A mark proves nothing on a resource whose own id it does not fit: tags are copied
//! and inherited.

use std::collections::BTreeMap;

use augeo_core::mutant::{self, Mutant};
use augeo_core::name::{ResourceId, StackName};
use augeo_core::resource::Ownership;
use augeo_core::value::{Object, PropertyPath, Value};

use crate::arm_id::ArmId;
use crate::schema::{ArmType, OwnershipMark};

/// The tag by which a stack's resources are found.
pub(super) const STACK_TAG: &str = "augeo-stack";
/// The form of the digest in the mark.
const DECLARED_FORM: &str = "1:";

/// The parts of a mark, in the order in which a text holds them.
const PARTS: [&str; 4] = ["stack", "owner", "declared", "secrets"];

/// What is kept with a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Whose it is, as `project/environment`.
    pub(super) stack: String,
    /// The digest of its own id.
    pub(super) owner: String,
    /// The digest of the declaration at its last write.
    pub(super) declared: Option<String>,
    /// The version of each secret that it was given, by dotted path.
    pub(super) secret_versions: BTreeMap<String, String>,
}

/// What proves that a mark is a resource's own.
pub(super) fn owner_digest(id: &ResourceId) -> String {
    Value::from(id.key()).digest()
}

/// The tags that prove a resource a stack's, as a command takes them.
pub(super) fn proof(stack: &StackName, id: &ResourceId) -> String {
    let [stack_key, owner_key] = [tag_key("stack"), tag_key("owner")];
    format!("{stack_key}={stack} {owner_key}={}", owner_digest(id))
}

impl Marks {
    pub(super) fn new(
        stack: &StackName,
        id: &ResourceId,
        declared: &str,
        secret_versions: &BTreeMap<String, String>,
    ) -> Self {
        Self {
            stack: stack.to_string(),
            owner: owner_digest(id),
            declared: Some(declared.to_owned()),
            secret_versions: secret_versions.clone(),
        }
    }

    fn parts(&self) -> Vec<(&'static str, String)> {
        let mut parts = vec![("stack", self.stack.clone()), ("owner", self.owner.clone())];
        parts.extend(
            self.declared
                .iter()
                .map(|digest| ("declared", format!("{DECLARED_FORM}{digest}"))),
        );
        if !self.secret_versions.is_empty() {
            let pairs: Vec<_> = self
                .secret_versions
                .iter()
                .map(|(path, version)| format!("{}={}", escape(path), escape(version)))
                .collect();
            parts.push(("secrets", pairs.join(",")));
        }
        parts
    }

    fn from_parts(parts: &BTreeMap<&str, String>) -> Option<Self> {
        let declared = parts
            .get("declared")
            .and_then(|text| text.strip_prefix(DECLARED_FORM));
        let secrets = parts.get("secrets").map(String::as_str).unwrap_or_default();
        Some(Self {
            stack: parts.get("stack")?.clone(),
            owner: parts.get("owner").cloned().unwrap_or_default(),
            declared: declared.map(Into::into),
            secret_versions: secrets
                .split(',')
                .filter_map(|pair| pair.split_once('='))
                .map(|(path, version)| (unescape(path), unescape(version)))
                .collect(),
        })
    }
}

/// Writes the marks into a value that is about to be sent.
pub(super) fn mark(ty: &ArmType, value: &mut Value, marks: &Marks) {
    match ty.ownership {
        OwnershipMark::Tag => mark_map(value, "tags", marks, tag_key),
        OwnershipMark::Metadata(property) => mark_map(value, property, marks, metadata_key),
        OwnershipMark::Field(property) => {
            let Some(object) = value.as_object_mut() else {
                return;
            };
            let parts = marks.parts();
            let text: Vec<_> = parts
                .iter()
                .map(|(part, text)| format!("{}={text}", tag_key(part)))
                .collect();
            let text = match object.get(property).and_then(Value::as_str) {
                Some(own) => format!("{own} {}", text.join(" ")),
                None => text.join(" "),
            };
            object.insert(property.to_owned(), text.into());
        }
        OwnershipMark::NamePrefix | OwnershipMark::Exclusive | OwnershipMark::Singleton => {}
    }
}

/// Takes the marks out of an observed value.
pub(super) fn unmark(ty: &ArmType, value: &mut Value) -> Option<Marks> {
    match ty.ownership {
        OwnershipMark::Tag => unmark_map(value, "tags", tag_key),
        OwnershipMark::Metadata(property) => unmark_map(value, property, metadata_key),
        OwnershipMark::Field(property) => {
            let object = value.as_object_mut()?;
            let text = object.get(property)?.as_str()?.to_owned();
            let begin = format!("{}=", tag_key("stack"));
            let at = text.rfind(&begin)?;
            let own = match &text[..at] {
                "" => None,
                own => Some(own.strip_suffix(' ')?.to_owned()),
            };
            let found = text[at..]
                .split(' ')
                .filter_map(|word| word.split_once('='));
            let parts = PARTS.iter().filter_map(|part| {
                let key = tag_key(part);
                found
                    .clone()
                    .find(|(found, _)| *found == key)
                    .map(|(_, text)| (*part, text.to_owned()))
            });
            let marks = Marks::from_parts(&parts.collect())?;
            match own {
                Some(own) => object.insert(property.to_owned(), own.into()),
                None => object.shift_remove(property),
            };
            Some(marks)
        }
        OwnershipMark::NamePrefix | OwnershipMark::Exclusive | OwnershipMark::Singleton => None,
    }
}

fn tag_key(part: &str) -> String {
    format!("augeo-{part}")
}

fn metadata_key(part: &str) -> String {
    format!("augeo{part}")
}

fn mark_map(value: &mut Value, property: &str, marks: &Marks, key: fn(&str) -> String) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    let map = object
        .entry(property.to_owned())
        .or_insert_with(|| Value::Object(Object::new()));
    if !matches!(map, Value::Object(_)) {
        *map = Value::Object(Object::new());
    }
    let Some(map) = map.as_object_mut() else {
        return;
    };
    for (part, text) in marks.parts() {
        map.insert(key(part), text.into());
    }
}

fn unmark_map(value: &mut Value, property: &str, key: fn(&str) -> String) -> Option<Marks> {
    let map = value.as_object_mut()?.get_mut(property)?.as_object_mut()?;
    let mut parts = BTreeMap::new();
    for part in PARTS {
        let key = key(part);
        // Names of tags are compared without regard to case.
        let Some(found) = map
            .keys()
            .find(|found| found.eq_ignore_ascii_case(&key))
            .cloned()
        else {
            continue;
        };
        if let Some(Value::String(text)) = map.shift_remove(&found) {
            parts.insert(part, text);
        }
    }
    Marks::from_parts(&parts)
}

/// Adds the keys that are observed and not declared, so that a write keeps what others set.
pub(super) fn keep_foreign_keys(ty: &ArmType, value: &mut Value, observed: &Value) {
    let property = match ty.ownership {
        OwnershipMark::Metadata(property) => property,
        OwnershipMark::Tag
        | OwnershipMark::Field(_)
        | OwnershipMark::NamePrefix
        | OwnershipMark::Exclusive
        | OwnershipMark::Singleton => "tags",
    };
    let whole = ty
        .facts
        .whole_maps
        .iter()
        .any(|path| PropertyPath::parse(path) == property.into());
    let found = observed.field(property).and_then(Value::as_object);
    let (Some(found), Some(object), false) = (found, value.as_object_mut(), whole) else {
        return;
    };
    let drops = mutant::is_on(Mutant::DropOthersTags);
    if found.is_empty() || ty.top_level.is_empty() || drops {
        return;
    }
    let map = object
        .entry(property.to_owned())
        .or_insert_with(|| Value::Object(Object::new()));
    if *map == Value::Null {
        *map = Value::Object(Object::new());
    }
    let Some(map) = map.as_object_mut() else {
        return;
    };
    for (key, text) in found {
        if !map.keys().any(|own| own.eq_ignore_ascii_case(key)) {
            map.insert(key.clone(), text.clone());
        }
    }
}

/// Whose a resource is. `parent` is whose the resource is that it lives in.
pub(super) fn judge(
    ty: &ArmType,
    id: &ArmId,
    marks: Option<&Marks>,
    stack: &StackName,
    parent: Option<&Ownership>,
) -> Ownership {
    if ty.makes_itself(id.name()) {
        return Ownership::Foreign;
    }
    match ty.ownership {
        OwnershipMark::Tag | OwnershipMark::Field(_) | OwnershipMark::Metadata(_) => match marks {
            Some(marks) if marks.owner == owner_digest(&id.to_resource_id()) => {
                if marks.stack == stack.to_string() {
                    Ownership::Ours
                } else {
                    Ownership::Other {
                        stack: marks.stack.clone(),
                    }
                }
            }
            _ if mutant::is_on(Mutant::TakeForeignForOurs) => Ownership::Ours,
            _ => Ownership::Foreign,
        },
        OwnershipMark::NamePrefix => {
            let prefix = format!("{}-{}-", stack.project(), stack.environment());
            if id.name().to_ascii_lowercase().starts_with(&prefix) {
                Ownership::Ours
            } else {
                Ownership::Foreign
            }
        }
        OwnershipMark::Exclusive | OwnershipMark::Singleton => {
            parent.cloned().unwrap_or(Ownership::Foreign)
        }
    }
}

/// Whether whose a resource is follows from whose its parent is.
pub(super) fn follows_parent(ty: &ArmType) -> bool {
    matches!(
        ty.ownership,
        OwnershipMark::Exclusive | OwnershipMark::Singleton
    )
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '%' => out.push_str("%25"),
            ',' => out.push_str("%2C"),
            '=' => out.push_str("%3D"),
            ' ' => out.push_str("%20"),
            c => out.push(c),
        }
        out
    })
}

fn unescape(text: &str) -> String {
    text.replace("%20", " ")
        .replace("%3D", "=")
        .replace("%2C", ",")
        .replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn of(ownership: OwnershipMark) -> ArmType {
        let mut ty = ArmType::REGIONAL.named("Test.Space/things", "2025-01-01", "Thing");
        ty.ownership = ownership;
        ty.made_by_service = &["postgres"];
        ty
    }

    fn stack(environment: &str) -> StackName {
        StackName::parse("augeo", environment).unwrap()
    }

    fn id(name: &str) -> ArmId {
        ArmId::parse(&format!(
            "/subscriptions/s/resourceGroups/rg/providers/Test.Space/things/{name}"
        ))
        .unwrap()
    }

    fn marks(name: &str) -> Marks {
        let versions = BTreeMap::from([("a.b".to_owned(), "v1".to_owned())]);
        Marks::new(&stack("dev"), &id(name).to_resource_id(), "00ff", &versions)
    }

    #[test]
    fn only_the_resources_own_mark_proves_anything() {
        let ty = of(OwnershipMark::Tag);
        let own = |name: &str, marks: Option<&Marks>, environment: &str| {
            judge(
                &ty,
                &id(name),
                marks,
                &stack(environment),
                Some(&Ownership::Ours),
            )
        };
        assert_eq!(own("one", Some(&marks("one")), "dev"), Ownership::Ours);
        assert_eq!(own("ONE", Some(&marks("one")), "dev"), Ownership::Ours);
        assert_eq!(
            own("one", Some(&marks("one")), "prod"),
            Ownership::Other {
                stack: "augeo/dev".to_owned()
            }
        );
        assert_eq!(own("one", Some(&marks("two")), "dev"), Ownership::Foreign);
        assert_eq!(own("one", None, "dev"), Ownership::Foreign);
        assert_eq!(
            own("postgres", Some(&marks("postgres")), "dev"),
            Ownership::Foreign
        );
    }

    #[test]
    fn what_has_no_mark_follows_its_parent_or_its_name() {
        let exclusive = of(OwnershipMark::Exclusive);
        let other = Ownership::Other {
            stack: "x/y".to_owned(),
        };
        for parent in [Ownership::Ours, other, Ownership::Foreign] {
            assert_eq!(
                judge(&exclusive, &id("a"), None, &stack("dev"), Some(&parent)),
                parent
            );
        }
        assert_eq!(
            judge(&exclusive, &id("a"), None, &stack("dev"), None),
            Ownership::Foreign
        );
        assert_eq!(
            judge(
                &exclusive,
                &id("postgres"),
                None,
                &stack("dev"),
                Some(&Ownership::Ours)
            ),
            Ownership::Foreign
        );
        let prefixed = of(OwnershipMark::NamePrefix);
        assert_eq!(
            judge(&prefixed, &id("augeo-dev-x"), None, &stack("dev"), None),
            Ownership::Ours
        );
        assert_eq!(
            judge(&prefixed, &id("augeo-dev"), None, &stack("dev"), None),
            Ownership::Foreign
        );
    }

    #[test]
    fn foreign_keys_are_kept_and_declared_ones_win() {
        let ty = of(OwnershipMark::Tag);
        let mut value = Value::from(json!({"tags": {"Owner": "me"}}));
        let observed = json!({"tags": {"owner": "them", "hidden-link": "x"}}).into();
        keep_foreign_keys(&ty, &mut value, &observed);
        assert_eq!(
            value,
            json!({"tags": {"Owner": "me", "hidden-link": "x"}}).into()
        );
        let mut none = Value::from(json!({}));
        keep_foreign_keys(&ty, &mut none, &observed);
        assert_eq!(none.field("tags"), observed.field("tags"));
    }

    fn text() -> impl Strategy<Value = String> {
        "[a-zA-Z0-9.,=% _-]{1,12}"
    }

    proptest! {
        #[test]
        fn marks_are_read_back_and_leave_no_trace(
            versions in prop::collection::btree_map(text(), text(), 0..3),
            own in prop::option::of("[a-z =]{0,12}"),
            keys in prop::collection::btree_map("[a-z]{1,4}", "[a-z]{0,4}", 0..3),
            kind in 0_usize..3,
        ) {
            let property = ["tags", "metadata", "notes"][kind];
            let ty = of([OwnershipMark::Tag, OwnershipMark::Metadata("metadata"), OwnershipMark::Field("notes")][kind]);
            let mut value = Value::from(json!({"other": 1}));
            let declared = match kind {
                2 => own.map(Value::from),
                _ => Some(Value::Object(keys.into_iter().map(|(key, text)| (key, text.into())).collect())),
            };
            if let Some(declared) = &declared {
                value.as_object_mut().unwrap().insert(property.to_owned(), declared.clone());
            }
            let before = value.clone();
            let marks = Marks::new(&stack("dev"), &id("x").to_resource_id(), "0f", &versions);
            mark(&ty, &mut value, &marks);
            prop_assert_ne!(&value, &before);
            prop_assert_eq!(unmark(&ty, &mut value), Some(marks));
            prop_assert_eq!(value, before);
        }
    }
}
