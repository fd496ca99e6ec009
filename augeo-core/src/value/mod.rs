//! The value tree: what a resource's properties are made of before anything is sent.
//!
//! Beside plain data a [`Value`] can hold two things that no data format has: an expression over
//! other resources' outputs (unknown until they exist), and a [`SecretRef`], which stands for a
//! value that never enters the tree.

mod input;
mod path;
pub(crate) mod plan_form;
mod serializer;

use std::fmt;

use indexmap::IndexMap;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

pub use input::{Id, Input, Output, OutputPath, Piece, Secret, SecretRef};
pub use path::{PropertyPath, Segment};
pub use serializer::{ValueError, to_value};

use crate::name::ResourceName;

/// The properties of an object, in the order in which they were written.
pub type Object = IndexMap<String, Value>;

/// A pointer to a property of another resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OutputRef {
    /// The resource that has the property.
    pub resource: ResourceName,
    /// Where in its observed value; `id` is the resource's id.
    pub path: PropertyPath,
}

impl fmt::Display for OutputRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.resource, self.path)
    }
}

/// What a value will be made of once the resources it mentions exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expression {
    /// Another resource's property.
    Output(OutputRef),
    /// Text with properties in it.
    Format(Vec<Piece>),
}

impl Expression {
    /// The properties that it needs.
    pub fn references(&self) -> impl Iterator<Item = &OutputRef> {
        let (single, pieces) = match self {
            Self::Output(reference) => (Some(reference), [].as_slice()),
            Self::Format(pieces) => (None, pieces.as_slice()),
        };
        single
            .into_iter()
            .chain(pieces.iter().filter_map(|piece| match piece {
                Piece::Output(reference) => Some(reference),
                Piece::Text(_) => None,
            }))
    }
}

/// A tree of properties.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Value {
    /// Declared as nothing.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A number, kept as written.
    Number(serde_json::Number),
    /// Text.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// Named properties.
    Object(Object),
    /// Not known yet: what it will be made of.
    Unknown(Expression),
    /// A secret, by reference.
    Secret(SecretRef),
}

/// Where an object has a key: exactly so, else without regard to case.
fn position(object: &Object, key: &str) -> Option<usize> {
    let same = |other: &String| other.eq_ignore_ascii_case(key);
    object
        .get_index_of(key)
        .or_else(|| object.keys().position(same))
}

/// The property of an object: named exactly so, else without regard to case.
pub(crate) fn find<'a>(object: &'a Object, key: &str) -> Option<&'a Value> {
    object
        .get_index(position(object, key)?)
        .map(|(_, value)| value)
}

impl Value {
    /// The property at `path`, if it is there.
    pub fn get(&self, path: &PropertyPath) -> Option<&Self> {
        path.segments()
            .iter()
            .try_fold(self, |value, segment| match (value, segment) {
                (Self::Object(object), Segment::Key(key)) => find(object, key),
                (Self::Array(items), Segment::Index(index)) => items.get(*index),
                _ => None,
            })
    }

    /// The property at `path`, if it is there, to be changed.
    pub(crate) fn get_mut(&mut self, path: &PropertyPath) -> Option<&mut Self> {
        path.segments()
            .iter()
            .try_fold(self, |value, segment| match (value, segment) {
                (Self::Object(object), Segment::Key(key)) => {
                    let at = position(object, key)?;
                    object.get_index_mut(at).map(|(_, value)| value)
                }
                (Self::Array(items), Segment::Index(index)) => items.get_mut(*index),
                _ => None,
            })
    }

    /// The property named `key`, if this is an object that has it.
    pub fn field(&self, key: &str) -> Option<&Self> {
        self.as_object().and_then(|object| object.get(key))
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The properties, if this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        if let Self::Object(object) = self {
            Some(object)
        } else {
            None
        }
    }

    /// The properties, if this is an object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        if let Self::Object(object) = self {
            Some(object)
        } else {
            None
        }
    }

    /// The items, if this is a list.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// Calls `visit` for this value and everything below it, with its path.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&PropertyPath, &'a Self)) {
        fn go<'a>(
            value: &'a Value,
            path: &PropertyPath,
            visit: &mut dyn FnMut(&PropertyPath, &'a Value),
        ) {
            visit(path, value);
            match value {
                Value::Object(object) => {
                    for (key, child) in object {
                        go(child, &path.key(key), visit);
                    }
                }
                Value::Array(items) => {
                    for (index, child) in items.iter().enumerate() {
                        go(child, &path.index(index), visit);
                    }
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Unknown(_)
                | Value::Secret(_) => {}
            }
        }
        go(self, &PropertyPath::root(), visit);
    }

    /// The tree with every leaf that `replace` answers for exchanged.
    #[must_use]
    pub fn map_leaves(&self, replace: &dyn Fn(&Self) -> Option<Self>) -> Self {
        match self {
            Self::Object(object) => Self::Object(
                object
                    .iter()
                    .map(|(key, value)| (key.clone(), value.map_leaves(replace)))
                    .collect(),
            ),
            Self::Array(items) => {
                Self::Array(items.iter().map(|item| item.map_leaves(replace)).collect())
            }
            leaf @ (Self::Null
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::Unknown(_)
            | Self::Secret(_)) => replace(leaf).unwrap_or_else(|| leaf.clone()),
        }
    }

    /// The same, where what replaces a leaf depends on its path.
    pub(crate) fn map_leaves_at(
        &self,
        replace: &dyn Fn(&PropertyPath, &Self) -> Option<Self>,
    ) -> Self {
        fn go(
            value: &Value,
            path: &PropertyPath,
            replace: &dyn Fn(&PropertyPath, &Value) -> Option<Value>,
        ) -> Value {
            match value {
                Value::Object(object) => Value::Object(
                    object
                        .iter()
                        .map(|(key, value)| (key.clone(), go(value, &path.key(key), replace)))
                        .collect(),
                ),
                Value::Array(items) => {
                    let items = items.iter().enumerate();
                    items
                        .map(|(at, item)| go(item, &path.index(at), replace))
                        .collect()
                }
                leaf @ (Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Unknown(_)
                | Value::Secret(_)) => replace(path, leaf).unwrap_or_else(|| leaf.clone()),
            }
        }
        go(self, &PropertyPath::root(), replace)
    }

    /// The properties of other resources that anything in it needs.
    pub(crate) fn references(&self) -> Vec<&OutputRef> {
        let mut found = Vec::new();
        self.walk(&mut |_, value| {
            if let Self::Unknown(expression) = value {
                found.extend(expression.references());
            }
        });
        found
    }

    /// Whether anything in it is not known yet.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Object(object) => object.values().any(Self::has_unknown),
            Self::Array(items) => items.iter().any(Self::has_unknown),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) | Self::Secret(_) => {
                false
            }
        }
    }

    /// Plain data, unless an expression or a secret is in it.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        Some(match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => serde_json::Value::Number(value.clone()),
            Self::String(value) => value.clone().into(),
            Self::Array(items) => {
                serde_json::Value::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?)
            }
            Self::Object(object) => serde_json::Value::Object(
                object
                    .iter()
                    .map(|(key, value)| Some((key.clone(), value.to_json()?)))
                    .collect::<Option<_>>()?,
            ),
            Self::Unknown(_) | Self::Secret(_) => return None,
        })
    }

    /// A short digest (16 hex digits) of the tree: equal for equal trees, whatever the order of
    /// properties. References count by what they point at, secrets by their source, never by value.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        feed(self, &mut hasher);
        hasher
            .finalize()
            .iter()
            .take(8)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

fn feed(value: &Value, hasher: &mut Sha256) {
    let mut text = |tag: &str, text: &str| {
        hasher.update(format!("{tag}{}:", text.len()));
        hasher.update(text);
    };
    match value {
        Value::Null => text("n", ""),
        Value::Bool(value) => text("b", if *value { "1" } else { "0" }),
        Value::Number(value) => text("d", &value.to_string()),
        Value::String(value) => text("s", value),
        Value::Unknown(expression) => text("u", &format!("{expression:?}")),
        Value::Secret(secret) => text("x", &format!("{secret:?}")),
        Value::Array(items) => {
            text("a", &items.len().to_string());
            for item in items {
                feed(item, hasher);
            }
        }
        Value::Object(object) => {
            text("o", &object.len().to_string());
            let mut sorted: Vec<_> = object.iter().collect();
            sorted.sort_by(|one, other| one.0.cmp(other.0));
            for (key, value) in sorted {
                hasher.update(format!("k{}:", key.len()));
                hasher.update(key);
                feed(value, hasher);
            }
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(value) => Self::Number(value),
            serde_json::Value::String(value) => Self::String(value),
            serde_json::Value::Array(items) => {
                Self::Array(items.into_iter().map(Into::into).collect())
            }
            serde_json::Value::Object(object) => Self::Object(
                object
                    .into_iter()
                    .map(|(key, value)| (key, value.into()))
                    .collect(),
            ),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// Grafts this tree into the tree that [`to_value`] builds; any other serializer gets plain data,
/// or an error where there is none.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown(_) | Self::Secret(_) => input::graft(self.clone(), serializer),
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::String(value) => serializer.serialize_str(value),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value) in object {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
