//! What the engine asks of a provider, and how a provider refuses.
//!
//! [`Provider`] is small, object-safe and without default methods: wrappers implement all of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::finding::Finding;
use crate::name::{ResourceId, ResourceName, StackName, TypeName};
use crate::plan::Plan;
use crate::report::Observer;
use crate::resource::{Desired, Observed, Resolved, ResourceType};
use crate::value::Value;

/// What a call needs to know of the run that it is part of.
#[derive(Clone, Debug)]
pub struct Context {
    /// The stack that is worked on.
    pub stack: StackName,
    /// The resource, while one is worked on.
    pub resource: Option<ResourceName>,
    /// Start nothing new.
    pub stop: CancellationToken,
    /// Stop waiting; what was begun goes on at the provider.
    pub abandon: CancellationToken,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who listens.
    pub observer: Arc<dyn Observer>,
}

/// One resource to look for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Its name in the stack.
    pub name: ResourceName,
    /// The facts of its type.
    pub ty: Arc<ResourceType>,
    /// Its identity.
    pub id: ResourceId,
    /// The resource that it lives in or on.
    pub scope: Option<ResourceId>,
    /// Whether it is only read: it is not ours.
    pub existing: bool,
}

/// What to look at: what the stack wants, and whatever else is the stack's.
#[derive(Clone, Debug)]
pub struct ObserveScope {
    /// Whose resources are looked for.
    pub stack: StackName,
    /// What the stack wants, each after what it lives in.
    pub wanted: Vec<Wanted>,
    /// Whether to look, too, for what others keep inside the stack's resources. It is asked for
    /// when everything is to be deleted.
    pub inventory: bool,
}

/// What there is.
#[derive(Clone, Debug, Default)]
pub struct ObservedState {
    /// Everything found that is wanted or ours, and the locks of others that were seen: they may keep
    /// the plan from being carried out.
    pub resources: BTreeMap<ResourceId, Observed>,
    /// What could not be read, and why; its properties are unknown.
    pub unreadable: BTreeMap<ResourceId, ProviderError>,
    /// What is inside the stack's resources and not the stack's, by what holds it; filled only
    /// when the scope asks for an inventory.
    pub guests: BTreeMap<ResourceId, Vec<ResourceId>>,
    /// What the provider noticed.
    pub findings: Vec<Finding>,
    /// How many requests it took.
    pub requests: usize,
}

/// Implements resource types for one platform.
///
/// Every method that waits gives up when [`Context::abandon`] is cancelled, with
/// [`ErrorKind::OutcomeUnknown`] if something was begun.
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync {
    /// The facts of the type of a resource, if this provider knows it. Types may share a name, as
    /// configurations of one resource do; then the id tells them apart. Facts without a version
    /// hold for whichever the resource was observed in.
    fn resource_type(&self, name: &TypeName, id: &ResourceId)
    -> Option<Cow<'static, ResourceType>>;

    /// The identity that a resource has or will have; `scope` is the identity of what it lives in.
    fn locate(&self, desired: &Desired, scope: Option<&ResourceId>) -> ResourceId;

    /// The form of a value in which equal things are equal; idempotent, keeps unknowns and secrets.
    fn canonical(&self, ty: &ResourceType, value: &Value) -> Value;

    /// The value with what a declaration leaves to where it is sent, such as the subscription: what a
    /// plan shows of a creation.
    fn placed<'a>(&self, _ty: &ResourceType, value: &'a Value) -> Cow<'a, Value> {
        Cow::Borrowed(value)
    }

    /// Reads what is wanted and finds what else is the stack's, in as few requests as possible.
    ///
    /// # Errors
    /// When nothing can be read. A refusal of some is part of the answer.
    async fn observe(
        &self,
        scope: &ObserveScope,
        ctx: &Context,
    ) -> Result<ObservedState, ProviderError>;

    /// Asks online what would refuse the plan: names taken, services not registered.
    ///
    /// # Errors
    /// When the provider cannot be asked at all.
    async fn preflight(&self, plan: &Plan, ctx: &Context) -> Result<Vec<Finding>, ProviderError>;

    /// Waits until no operation runs on a resource, then reads it; `None` if it is gone.
    ///
    /// # Errors
    /// When waiting or reading fails.
    async fn settle(
        &self,
        ty: &ResourceType,
        id: &ResourceId,
        ctx: &Context,
    ) -> Result<Option<Observed>, ProviderError>;

    /// Creates a resource and waits until it is ready. One of ours that is already there is
    /// written to; one that is not ours is an error.
    ///
    /// # Errors
    /// When it was refused or failed, or its outcome is unknown.
    async fn create(&self, resolved: &Resolved, ctx: &Context) -> Result<Observed, ProviderError>;

    /// Changes a resource and waits until it is ready.
    ///
    /// # Errors
    /// When it was refused or failed, or its outcome is unknown.
    async fn update(
        &self,
        resolved: &Resolved,
        prior: &Observed,
        ctx: &Context,
    ) -> Result<Observed, ProviderError>;

    /// Deletes a resource and waits until it is gone; one that is gone already is no error.
    ///
    /// # Errors
    /// When it was refused or failed, or its outcome is unknown.
    async fn delete(&self, prior: &Observed, ctx: &Context) -> Result<(), ProviderError>;
}

/// What a caller can do about a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ErrorKind {
    /// It is not there.
    NotFound,
    /// Something else is going on, or the name is taken.
    Conflict,
    /// It changed since it was read.
    Moved,
    /// It exists and is not this stack's.
    NotOurs,
    /// Too many requests.
    Throttled {
        /// When to ask again, if the provider said so.
        retry_after: Option<Duration>,
    },
    /// The caller may not do it.
    Denied,
    /// The caller is not known: no or expired credentials.
    Unauthenticated,
    /// The request is wrong.
    Invalid {
        /// The property that is wrong, if the provider said so.
        property: Option<String>,
    },
    /// The operation was accepted and failed.
    OperationFailed,
    /// The provider could not be reached, or is out of order; trying later may help.
    Transient,
    /// It was sent, and its end was not seen.
    OutcomeUnknown,
    /// Nothing was done, because the run was stopped.
    Stopped,
}

/// How to find the request in the provider's own records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestIds {
    /// The id of the whole call.
    pub correlation: Option<String>,
    /// The id of the request.
    pub request: Option<String>,
    /// What was asked, such as `PUT, version 2025-01-01`.
    pub request_line: Option<String>,
    /// When, in RFC 3339.
    pub time: Option<String>,
}

/// A refusal, in the provider's words, with what a caller can do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct ProviderError {
    /// What a caller can do about it.
    #[serde(flatten)]
    pub kind: ErrorKind,
    /// The provider's code.
    pub code: String,
    /// What happened, in one line.
    pub message: String,
    /// What to do next, each a command or an edit; at most two.
    pub help: Vec<String>,
    /// How to find the request.
    pub ids: RequestIds,
    /// The HTTP-like status, if there was an answer.
    pub status: Option<u16>,
}

impl ProviderError {
    /// A refusal; the other fields are set by assignment.
    pub fn new(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.into(),
            message: message.into(),
            help: Vec::new(),
            ids: RequestIds::default(),
            status: None,
        }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}
