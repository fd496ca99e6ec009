//! The rows of the world: resources, operations, what was deleted softly, names, registrations.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::fault::Leaves;
use super::overlay::{Shape, Verb};
use super::path::Address;
use super::tree::Body;

/// An operation that still runs on a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) operation: String,
    pub(crate) verb: Verb,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) ends: OffsetDateTime,
}

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
    /// It was cancelled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) canceled: bool,
}

/// One resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The id in the spelling of its creation.
    pub(crate) id: String,
    pub(crate) type_name: String,
    pub(crate) name: String,
    /// Everything but id, name, type and state.
    pub(crate) body: Body,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) changed: OffsetDateTime,
    /// How many times something with this id was created before and now.
    pub(crate) incarnation: u64,
    /// Counts the writes of this incarnation.
    pub(crate) version: u64,
    pub(crate) pending: Option<Pending>,
    pub(crate) failure: Option<Failure>,
    /// What never shows: facts that a hook keeps.
    #[serde(default)]
    pub(crate) hidden: Body,
}

impl Entry {
    pub(crate) fn address(&self) -> Address {
        Address::parse(&self.id).unwrap_or_else(|| Address {
            scope: Vec::new(),
            namespace: self.type_name.clone(),
            pairs: Vec::new(),
        })
    }

    pub(crate) fn is(&self, type_name: &str) -> bool {
        self.type_name.eq_ignore_ascii_case(type_name)
    }

    pub(crate) fn is_deleting(&self) -> bool {
        self.pending
            .as_ref()
            .is_some_and(|p| p.verb == Verb::Delete)
    }
}

/// How an operation ends, should a fault want it so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Doom {
    pub(crate) failure: Failure,
    pub(crate) leaves: Leaves,
}

/// The URL of an operation answers as if there were none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lost {
    /// So often still; `None` is for ever.
    pub(crate) polls: Option<u32>,
}

/// The end of an operation that has none.
pub(crate) const NEVER: OffsetDateTime = time::macros::datetime!(9999-12-31 00:00 UTC);

/// An operation, kept for a day after its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) id: String,
    /// The key of the resource.
    pub(crate) resource: String,
    /// The key under which other operations exclude this one.
    pub(crate) root: String,
    pub(crate) verb: Verb,
    pub(crate) shape: ShapeRow,
    pub(crate) retry_after: u32,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) started: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) ends: OffsetDateTime,
    pub(crate) doom: Option<Doom>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lost: Option<Lost>,
    /// When it says that it succeeded, where that is before its end.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub(crate) told: Option<OffsetDateTime>,
    /// The parameter of the request that deletes for good.
    #[serde(default)]
    pub(crate) force: bool,
    pub(crate) done: bool,
}

impl Operation {
    /// When who asks for it hears of its end.
    pub(crate) fn heard(&self) -> OffsetDateTime {
        self.told.unwrap_or(self.ends)
    }
}

/// [`Shape`] as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ShapeRow {
    Sync,
    Async,
    Location,
    Body,
}

impl From<Shape> for ShapeRow {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Sync => Self::Sync,
            Shape::Async => Self::Async,
            Shape::Location => Self::Location,
            Shape::Body => Self::Body,
        }
    }
}

/// A resource that was deleted and can come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SoftDeleted {
    pub(crate) entry: Entry,
    pub(crate) children: Vec<Entry>,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) deleted: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) purge: OffsetDateTime,
}

/// Who holds a name that is unique in the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NameHold {
    /// The key of the resource; empty where somebody else in the cloud holds it.
    pub(crate) owner: String,
}

/// Whether a namespace may be used in the subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) registered: bool,
    /// When a registration under way is over.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) until: Option<OffsetDateTime>,
}

/// A principal of the directory that a resource brought with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Principal {
    pub(crate) owner: String,
    /// When the directory knows it everywhere.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) known: OffsetDateTime,
}
