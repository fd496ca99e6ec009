//! Resources in their three forms, and the facts that the engine needs of their types.
//!
//! [`Desired`] may hold references, [`Resolved`] holds none, [`Observed`] came from the provider.
//! Sending an unresolved value does not compile.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::finding::SourceLocation;
use crate::name::{ResourceId, ResourceName, StackName, TypeName};
use crate::pending::Readiness;
use crate::value::{Value, plan_form};

/// What authors of resource types write: a struct that serialises to the properties, and facts.
pub trait Resource: Serialize + Send + Sync {
    /// The facts of its type.
    fn resource_type(&self) -> Cow<'static, ResourceType>;

    /// Where it lives; kept beside the properties.
    fn scope(&self) -> Scope;

    /// The name that the provider is to use, where it is not derived from the resource's name.
    fn physical_name(&self) -> Option<String> {
        None
    }

    /// The resource that keeps the sign of it ([`ResourceType::sign_at`]) and is made before it,
    /// where that is not the one that it lives in or on.
    fn sign_keeper(&self) -> Option<ResourceName> {
        None
    }
}

/// What a sign ([`ResourceType::sign_at`]) says; that it is there is what counts.
pub const SIGN: &str = "yes";

/// Where a resource lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// In nothing else of the stack.
    Stack,
    /// Inside another resource: it disappears with it.
    Within(ResourceName),
    /// Attached to another resource, of any type.
    On(ResourceName),
}

impl Scope {
    /// The resource that it lives in or on.
    pub fn resource(&self) -> Option<&ResourceName> {
        match self {
            Self::Stack => None,
            Self::Within(name) | Self::On(name) => Some(name),
        }
    }
}

/// What may be done with resources of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// Created and deleted like any other.
    Ordinary,
    /// Exists with its parent: written, never created or deleted; leaving the stack is no change.
    Singleton,
    /// Exists with its parent, as one of many: written, never created; leaving the stack deletes
    /// what was set, and puts it back as it was without that.
    Resettable,
    /// Cannot be deleted by this provider; leaving the stack is reported.
    Undeletable,
}

/// What else a change of this type must not run beside, apart from changes of the same resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// Changes of the resource that it lives in or on, and of its siblings.
    Parent,
    /// Changes of the resource that its parent lives in, and of what is directly in that.
    Grandparent,
    /// Changes around the resource whose id is this property's value (dotted path).
    Property(&'static str),
}

/// How a resource guards what it is on, and whatever is in that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The property (dotted path) that tells what it refuses.
    pub property: &'static str,
    /// The values of it that refuse every write; with any other only deletions are refused.
    pub refusing_writes: &'static [&'static str],
}

/// How long a change usually takes; it orders the work and is replaced by what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsualDuration {
    /// To create one.
    pub create: Duration,
    /// To update one.
    pub update: Duration,
    /// To delete one.
    pub delete: Duration,
}

/// The facts of a type that the engine needs. A provider embeds it and adds what only it needs.
///
/// Paths are dotted patterns into the shape of the value: `*` is any key, `[]` any item.
#[derive(Clone, Debug)]
pub struct ResourceType {
    /// The provider's name of the type.
    pub name: TypeName,
    /// Which version of the type's contract; opaque to the engine.
    pub version: Cow<'static, str>,
    /// What people call it, such as `Storage account`.
    pub title: Cow<'static, str>,
    /// Properties that cannot change: a difference replaces the resource.
    pub immutable: &'static [&'static str],
    /// Those of them that can be set all the same as long as they are not.
    pub set_once: &'static [&'static str],
    /// Properties sent at creation and never compared: a release or the platform owns them after.
    pub initial: &'static [&'static str],
    /// Properties that are sent and never returned: not compared.
    pub write_only: &'static [&'static str],
    /// Those of them that name another resource by something that changes behind our back, as a
    /// thumbprint does when a certificate is renewed. What is observed differs only where it is
    /// another resource's of the stack and of the same type.
    pub follows: &'static [&'static str],
    /// Properties whose text is confidential even where it was written in clear: never shown.
    pub secret: &'static [&'static str],
    /// Maps of which a key that is not declared is to be removed.
    pub whole_maps: &'static [&'static str],
    /// Whether deleting one loses data: such a change must be asked for by name.
    pub holds_data: bool,
    /// Whether what lives in it is to go with it when it is deleted. Where not, everything in it
    /// is deleted first, one by one, and it stays if anything in it is not the stack's.
    pub takes_contents: bool,
    /// Whether it keeps what it is on, and what is in that, from being deleted, as locks do: it is
    /// made last, goes first, and is lifted for a change that it would refuse.
    pub guards: Option<Guard>,
    /// The property (dotted path) that is set in what it lives in or on, the outermost that has such
    /// properties: a sign that is looked for, so that one that left the stack is found, where it
    /// costs too much to look for it everywhere.
    pub sign_at: Option<&'static str>,
    /// What may be done with it.
    pub lifecycle: Lifecycle,
    /// The codes of a failure after which it can only be replaced: what failed while it was being
    /// made and takes no other write. There is nothing in it that could be lost.
    pub stillborn: &'static [&'static str],
    /// What its changes must not run beside.
    pub exclusion: &'static [Exclusion],
    /// How long its changes usually take.
    pub usual: UsualDuration,
    /// When it is ready in the outside world, if that is not as soon as it is there.
    pub readiness: Option<Readiness>,
}

impl ResourceType {
    /// The facts that hold unless a type says otherwise.
    pub const BASE: Self = Self {
        name: TypeName::from_static(""),
        version: Cow::Borrowed(""),
        title: Cow::Borrowed("Resource"),
        immutable: &[],
        set_once: &[],
        initial: &[],
        write_only: &[],
        follows: &[],
        secret: &[],
        whole_maps: &[],
        holds_data: false,
        takes_contents: true,
        guards: None,
        sign_at: None,
        lifecycle: Lifecycle::Ordinary,
        stillborn: &[],
        exclusion: &[],
        usual: UsualDuration {
            create: Duration::from_secs(5),
            update: Duration::from_secs(3),
            delete: Duration::from_secs(5),
        },
        readiness: None,
    };
}

/// What a stack asks for: one resource, with references in it.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The stack it belongs to.
    pub stack: StackName,
    /// Its name in the stack.
    pub name: ResourceName,
    /// The facts of its type.
    pub ty: Arc<ResourceType>,
    /// Where it lives.
    pub scope: Scope,
    /// The provider's name, where it is not derived.
    pub physical_name: Option<String>,
    /// Its properties.
    pub value: Value,
    /// Resources that must be there first although no property mentions them.
    pub after: BTreeSet<ResourceName>,
    /// Resources that must be ready in the outside world first.
    pub once_ready: BTreeSet<ResourceName>,
    /// The name it had before, if it was renamed in code.
    pub renamed_from: Option<ResourceName>,
    /// Where it was written.
    pub location: SourceLocation,
    /// Where single properties were written, by dotted path.
    pub sources: BTreeMap<String, SourceLocation>,
}

/// A resource with everything known: what a provider sends.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The stack it belongs to.
    pub stack: StackName,
    /// Its name in the stack.
    pub name: ResourceName,
    /// The facts of its type.
    pub ty: Arc<ResourceType>,
    /// Its identity.
    pub id: ResourceId,
    /// Its properties: no unknown in them; secrets by reference.
    pub value: Value,
    /// The digest of the declaration, to be kept with the resource.
    pub declared: String,
    /// The version of each secret that it uses, by dotted path, to be kept with the resource.
    pub secret_versions: BTreeMap<String, String>,
    /// Whether a soft-deleted resource of this identity is to be brought back.
    pub recover: bool,
}

/// What an observed resource is going through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum Condition {
    /// Nothing: it may be judged and changed.
    Ready,
    /// An operation runs; its properties may be partial.
    Busy {
        /// The provider's word for it.
        doing: String,
    },
    /// Its last operation failed.
    Failed {
        /// The provider's code, if it tells.
        code: String,
    },
    /// It is being deleted.
    Deleting,
    /// It is deleted and can be brought back; its name stays taken.
    SoftDeleted {
        /// When it is gone for good.
        #[serde(with = "time::serde::rfc3339::option")]
        purged_at: Option<OffsetDateTime>,
    },
}

impl Condition {
    /// Whether it is that of a resource which failed while it was being made, and of which nothing
    /// but a replacement makes one.
    pub fn is_stillborn(&self, ty: &ResourceType) -> bool {
        match self {
            Self::Failed { code } => ty.stillborn.contains(&code.as_str()),
            Self::Ready | Self::Busy { .. } | Self::Deleting | Self::SoftDeleted { .. } => false,
        }
    }
}

/// Whose an observed resource is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum Ownership {
    /// Proven to be this stack's.
    Ours,
    /// Proven to be another stack's.
    Other {
        /// That stack, as its mark names it.
        stack: String,
    },
    /// Nothing proves whose it is.
    Foreign,
}

/// What a provider found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Its identity.
    pub id: ResourceId,
    /// Its type.
    pub ty: TypeName,
    /// The version of the contract in which it was read.
    pub version: String,
    /// Its properties in their shape: envelope flattened, text as the provider wrote it. Shared,
    /// because a plan and a report hold what an observation holds.
    #[serde(with = "plan_form")]
    pub value: Arc<Value>,
    /// What it is going through.
    pub condition: Condition,
    /// Whose it is.
    pub ownership: Ownership,
    /// The resource that it lives in or on.
    pub parent: Option<ResourceId>,
    /// The ids that its properties mention: it must be gone before they can be.
    pub mentions: BTreeSet<ResourceId>,
    /// The digest of the declaration at its last write, if it was kept.
    pub declared: Option<String>,
    /// The version of each secret that it was given, by dotted path.
    pub secret_versions: BTreeMap<String, String>,
    /// Its own version, if it is a secret.
    pub secret_version: Option<String>,
}
