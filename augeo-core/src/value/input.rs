//! What authors of resource types write: inputs, outputs, secrets; and how they reach the tree.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize, Serializer, ser};

use super::{Expression, OutputRef, PropertyPath, Value, to_value};
use crate::name::ResourceName;

/// The marker by which our serializer knows that a value waits for it. Every other serializer
/// leaves the value waiting, which is noticed and refused.
pub(super) const GRAFT: &str = "$augeo";

thread_local! {
    static WAITING: RefCell<Option<Value>> = const { RefCell::new(None) };
}

/// Hands `value` to our serializer.
pub(super) fn graft<S: Serializer>(value: Value, serializer: S) -> Result<S::Ok, S::Error> {
    WAITING.replace(Some(value));
    let result = serializer.serialize_unit_struct(GRAFT);
    if WAITING.take().is_some() {
        return Err(ser::Error::custom(
            "a reference or a secret can only be part of a resource of a stack",
        ));
    }
    result
}

/// Takes the value that [`graft`] left.
pub(super) fn take_grafted() -> Option<Value> {
    WAITING.take()
}

/// A property of type `T` of a resource type `R`, known once the resource exists.
pub struct OutputPath<R, T> {
    path: &'static str,
    marker: PhantomData<fn() -> (R, T)>,
}

impl<R, T> OutputPath<R, T> {
    /// The property at `path` (dotted) of the observed value; `id` is the resource's id.
    pub const fn new(path: &'static str) -> Self {
        Self {
            path,
            marker: PhantomData,
        }
    }

    /// Where it is.
    pub const fn path(&self) -> &'static str {
        self.path
    }
}

impl<R, T> fmt::Debug for OutputPath<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path)
    }
}

/// A property of a resource of this stack, to be used in another one.
pub struct Output<T> {
    reference: OutputRef,
    marker: PhantomData<fn() -> T>,
}

impl<T> Output<T> {
    pub(crate) fn new(resource: ResourceName, path: &str) -> Self {
        Self {
            reference: OutputRef {
                resource,
                path: PropertyPath::parse(path),
            },
            marker: PhantomData,
        }
    }

    /// What it points at.
    pub fn reference(&self) -> &OutputRef {
        &self.reference
    }

    /// The same property as text, for use inside longer text.
    pub fn piece(&self) -> Piece {
        Piece::Output(self.reference.clone())
    }
}

impl<T> Clone for Output<T> {
    fn clone(&self) -> Self {
        Self {
            reference: self.reference.clone(),
            marker: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Output<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output({})", self.reference)
    }
}

/// A part of a text that is put together once its outputs are known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Piece {
    /// Fixed text.
    Text(String),
    /// Another resource's property.
    Output(OutputRef),
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T> From<Output<T>> for Piece {
    fn from(output: Output<T>) -> Self {
        Self::Output(output.reference)
    }
}

/// What a property is set to: a value, another resource's property, or text made of both.
#[derive(Clone, Debug)]
pub enum Input<T> {
    /// A value.
    Known(T),
    /// Another resource's property.
    Output(Output<T>),
    /// Text with other resources' properties in it.
    Format(Vec<Piece>),
}

impl Input<String> {
    /// Text made of pieces, some of which are other resources' properties.
    pub fn format(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self::Format(pieces.into_iter().collect())
    }
}

impl<T> From<T> for Input<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Output<T>> for Input<T> {
    fn from(output: Output<T>) -> Self {
        Self::Output(output)
    }
}

impl<T> From<&Output<T>> for Input<T> {
    fn from(output: &Output<T>) -> Self {
        Self::Output(output.clone())
    }
}

impl From<&str> for Input<String> {
    fn from(text: &str) -> Self {
        Self::Known(text.to_owned())
    }
}

impl From<&String> for Input<String> {
    fn from(text: &String) -> Self {
        Self::Known(text.clone())
    }
}

impl<T: Serialize> Serialize for Input<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = match self {
            Self::Known(value) => to_value(value).map_err(ser::Error::custom)?,
            Self::Output(output) => Value::Unknown(Expression::Output(output.reference.clone())),
            Self::Format(pieces) => Value::Unknown(Expression::Format(pieces.clone())),
        };
        graft(value, serializer)
    }
}

/// The identity of a resource of type `R`, as text: an id of another type does not fit.
pub struct Id<R> {
    text: String,
    marker: PhantomData<fn() -> R>,
}

impl<R> Id<R> {
    /// An identity written by hand: of a resource outside the stack.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            marker: PhantomData,
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<R> Clone for Id<R> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<R> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<R> Serialize for Id<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, R> Deserialize<'de> for Id<R> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Marks an output whose value is secret, so that it cannot be printed or put into plain text.
#[derive(Clone, Copy, Debug)]
pub enum Secret {}

/// Stands for a secret value, which itself never enters a tree, a plan, an event or a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretRef {
    /// Made while it is sent: letters, digits and punctuation, `length` characters.
    Generated {
        /// How many characters.
        length: usize,
    },
    /// The value that this resource of the stack keeps.
    KeptBy(ResourceName),
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated { length } => write!(f, "a generated secret of {length} characters"),
            Self::KeptBy(resource) => write!(f, "the secret kept by {resource}"),
        }
    }
}

impl Serialize for SecretRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        graft(Value::Secret(self.clone()), serializer)
    }
}
