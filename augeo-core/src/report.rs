//! What happens and what came of it: events while a plan is executed, the report at its end.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::name::{ResourceName, StackName};
use crate::pending::Pending;
use crate::plan::Action;
use crate::provider::ProviderError;
use crate::resource::Observed;
use crate::value::{Expression, Output, OutputRef, Value};

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum Outcome {
    /// It is done.
    Succeeded,
    /// It was refused or failed.
    Failed {
        /// Why.
        error: Box<ProviderError>,
    },
    /// It was not begun, because something that it needs did not succeed.
    Skipped {
        /// The change that held it back.
        because: ResourceName,
    },
    /// It was not begun, because something is not ready in the outside world: no failure.
    Pending(Pending),
    /// It was not begun, because the run was stopped.
    Cancelled,
    /// It was begun and its end was not seen; the next run looks.
    Unknown {
        /// What is known.
        error: Box<ProviderError>,
    },
}

impl Outcome {
    /// The provider's code, if it refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Failed { error } | Self::Unknown { error } => Some(&error.code),
            Self::Succeeded | Self::Skipped { .. } | Self::Pending(_) | Self::Cancelled => None,
        }
    }

    /// Whether it is done.
    pub fn is_succeeded(&self) -> bool {
        matches!(self, Self::Succeeded)
    }

    /// What it waits for in the outside world.
    pub fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Pending(pending) => Some(pending),
            Self::Succeeded
            | Self::Failed { .. }
            | Self::Skipped { .. }
            | Self::Cancelled
            | Self::Unknown { .. } => None,
        }
    }

    /// Whether it was held back by another change.
    pub fn is_skipped(&self) -> bool {
        matches!(self, Self::Skipped { .. })
    }
}

/// One thing that happened. The same stream feeds progress, `--json`, tests and simulations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Event {
    /// Execution began.
    #[serde(rename_all = "camelCase")]
    Started {
        /// Which stack.
        stack: StackName,
        /// How many changes there are.
        changes: usize,
    },
    /// A change began.
    #[serde(rename_all = "camelCase")]
    ChangeStarted {
        /// Which resource.
        resource: ResourceName,
        /// What is done to it.
        action: Action,
        /// How long it usually takes.
        usual: Duration,
    },
    /// A change waits at the provider.
    #[serde(rename_all = "camelCase")]
    Waiting {
        /// Which resource.
        resource: ResourceName,
        /// What the provider says of it.
        status: String,
        /// When it is asked again.
        next: Duration,
    },
    /// A request is repeated.
    #[serde(rename_all = "camelCase")]
    Retrying {
        /// Which resource, if it is about one.
        resource: Option<ResourceName>,
        /// Why.
        reason: String,
        /// When.
        after: Duration,
    },
    /// A change ended.
    #[serde(rename_all = "camelCase")]
    ChangeFinished {
        /// Which resource.
        resource: ResourceName,
        /// What was done to it.
        action: Action,
        /// What became of it.
        #[serde(flatten)]
        outcome: Outcome,
        /// How long it took.
        elapsed: Duration,
    },
    /// No new change starts any more.
    Stopping,
    /// Execution ended.
    #[serde(rename_all = "camelCase")]
    Finished {
        /// How long it took.
        elapsed: Duration,
        /// How many changes were done.
        succeeded: usize,
        /// How many were not.
        others: usize,
        /// How many wait for the outside world, which is no failure.
        pending: usize,
    },
}

/// Listens to events. Calls are synchronous and must return at once; a panic in one does not fail
/// the run.
pub trait Observer: Debug + Send + Sync {
    /// Something happened.
    fn on_event(&self, event: &Event);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on_event(&self, _: &Event) {}
}

/// What became of a plan: one outcome per change, and the outputs of everything that exists.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which stack.
    pub stack: StackName,
    /// What became of each change, in the order of the plan.
    pub outcomes: Vec<(ResourceName, Action, Outcome)>,
    /// How long each change took.
    pub elapsed_by_resource: BTreeMap<ResourceName, Duration>,
    /// How long everything took.
    pub elapsed: Duration,
    /// What waits for the outside world, whether the plan said so or the run found it.
    pub pending: Vec<(ResourceName, Pending)>,
    /// Everything of the stack that is known to exist now.
    pub resources: BTreeMap<ResourceName, Observed>,
}

/// A plan that was not executed to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{stack}: {failed} failed, {skipped} skipped, {cancelled} cancelled, {unknown} unknown")]
pub struct Incomplete {
    /// Which stack.
    pub stack: StackName,
    /// How many changes failed.
    pub failed: usize,
    /// How many were held back.
    pub skipped: usize,
    /// How many were not begun.
    pub cancelled: usize,
    /// How many have an unknown end.
    pub unknown: usize,
}

/// An output that has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// The resource does not exist, or does not have the property.
    #[error("`{0}` has no value: its resource does not exist, or does not have it")]
    Absent(OutputRef),
    /// The value is of another form than its type says.
    #[error("`{0}` is not of the expected type")]
    Mistyped(OutputRef),
}

impl Report {
    /// The outcome of a resource's change; `None` if the plan did not change it.
    pub fn outcome(&self, resource: &str) -> Option<&Outcome> {
        self.outcomes
            .iter()
            .find(|(name, ..)| name.as_str() == resource)
            .map(|(.., outcome)| outcome)
    }

    /// The changes that failed, and those whose end was not seen.
    pub fn failures(&self) -> impl Iterator<Item = (&ResourceName, &ProviderError)> {
        self.outcomes
            .iter()
            .filter_map(|(name, _, outcome)| match outcome {
                Outcome::Failed { error } | Outcome::Unknown { error } => Some((name, &**error)),
                Outcome::Succeeded
                | Outcome::Skipped { .. }
                | Outcome::Pending(_)
                | Outcome::Cancelled => None,
            })
    }

    /// The value of an output, also after a plan without changes.
    ///
    /// # Errors
    /// When the resource does not exist, or the value is not a `T`.
    pub fn value<T: serde::de::DeserializeOwned>(
        &self,
        output: &Output<T>,
    ) -> Result<T, OutputError> {
        let reference = output.reference();
        let absent = || OutputError::Absent(reference.clone());
        let observed = self.resources.get(&reference.resource).ok_or_else(absent)?;
        let value = output_of(observed, reference).ok_or_else(absent)?;
        let json = value.to_json().ok_or_else(absent)?;
        serde_json::from_value(json).map_err(|_| OutputError::Mistyped(reference.clone()))
    }

    /// Everything succeeded or waits for the outside world, or how much did not.
    ///
    /// # Errors
    /// When any change failed, was held back by one that did, was not begun, or has no known end.
    pub fn ok(&self) -> Result<(), Incomplete> {
        let count = |wanted: fn(&Outcome) -> bool| {
            self.outcomes
                .iter()
                .filter(|(.., outcome)| wanted(outcome))
                .count()
        };
        let incomplete = Incomplete {
            stack: self.stack.clone(),
            failed: count(|outcome| matches!(outcome, Outcome::Failed { .. })),
            skipped: count(Outcome::is_skipped),
            cancelled: count(|outcome| matches!(outcome, Outcome::Cancelled)),
            unknown: count(|outcome| matches!(outcome, Outcome::Unknown { .. })),
        };
        if self
            .outcomes
            .iter()
            .all(|(.., outcome)| outcome.is_succeeded() || outcome.pending().is_some())
        {
            Ok(())
        } else {
            Err(incomplete)
        }
    }
}

/// The property of an observed resource that a reference points at.
pub(crate) fn output_of(observed: &Observed, reference: &OutputRef) -> Option<Value> {
    if reference.path.to_string() == "id" {
        return Some(Value::from(observed.id.text()));
    }
    observed
        .value
        .get(&reference.path)
        .filter(|value| **value != Value::Null)
        .cloned()
}

/// An expression over the outputs of what exists; `None` if one of them is not known.
pub(crate) fn evaluate(
    expression: &Expression,
    output: &dyn Fn(&OutputRef) -> Option<Value>,
) -> Option<Value> {
    match expression {
        Expression::Output(reference) => output(reference),
        Expression::Format(pieces) => pieces
            .iter()
            .map(|piece| match piece {
                crate::value::Piece::Text(text) => Some(text.clone()),
                crate::value::Piece::Output(reference) => {
                    let value = output(reference)?;
                    let text = value.as_str().map(str::to_owned);
                    text.or_else(|| value.to_json().map(|json| json.to_string()))
                }
            })
            .collect::<Option<String>>()
            .map(Value::String),
    }
}
