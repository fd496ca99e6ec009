//! The plan: an immutable, ordered set of changes, each with its reasons, differences and digest.
//!
//! A plan leaves nothing to choose at execution but *when*. It knows no clock and does no IO.

pub mod file;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity, SourceLocation};
use crate::name::{ResourceId, ResourceName, StackName};
use crate::pending::Pending;
use crate::resource::{Condition, Observed, ResourceType};
use crate::value::{OutputRef, PropertyPath, Value, plan_form};

/// What is done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted, then made again under the same identity.
    Replace,
    /// It is deleted.
    Delete,
    /// It is brought back from soft deletion, then changed to what is declared.
    Recover,
    /// A lock is taken off for what it would refuse; the same plan puts it back.
    Lift,
    /// It exists, is not ours, and becomes ours.
    Adopt,
    /// It stays, and is ours no more.
    Forget,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::NoOp,
        Self::Create,
        Self::Update,
        Self::Replace,
        Self::Delete,
        Self::Recover,
        Self::Lift,
        Self::Adopt,
        Self::Forget,
    ];

    /// The verb, as plans print it.
    pub fn verb(self) -> &'static str {
        match self {
            Self::NoOp => "no-op",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Recover => "recover",
            Self::Lift => "lift",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
        }
    }

    /// The symbol, as plans print it beside the verb.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::NoOp => ".",
            Self::Create => "+",
            Self::Update => "~",
            Self::Replace => "-/+",
            Self::Delete => "-",
            Self::Recover => "^",
            Self::Lift => "o",
            Self::Adopt => ">",
            Self::Forget => "<",
        }
    }

    /// Whether the resource as it was is gone afterwards.
    pub fn removes(self) -> bool {
        matches!(self, Self::Delete | Self::Replace)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())
    }
}

/// Why a property differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "camelCase")]
pub enum Cause {
    /// The declaration of the resource changed since the last write, and nothing else of it differs.
    Declared,
    /// The resource changed since the last write, and its declaration did not.
    Drift,
    /// It follows another resource's property.
    Upstream {
        /// That property.
        reference: OutputRef,
    },
    /// The declaration changed since the last write, and more than one property differs: the digest
    /// is of all of them, so somebody else may have changed this one. Or no digest was kept.
    Undetermined,
}

/// One property that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Which property.
    pub path: PropertyPath,
    /// What was observed; `None` where there is nothing.
    #[serde(with = "plan_form::option")]
    pub before: Option<Value>,
    /// What it is to become; `None` where it is removed.
    #[serde(with = "plan_form::option")]
    pub after: Option<Value>,
    /// Why.
    #[serde(flatten)]
    pub cause: Cause,
    /// Whether it cannot be changed in place.
    pub forces_replacement: bool,
    /// Where it was written.
    pub source: Option<SourceLocation>,
}

/// Why a change is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "camelCase")]
pub enum Reason {
    /// It is declared and not there.
    Absent,
    /// Declared properties differ; each difference says more.
    Differs,
    /// It is soft-deleted and declared again.
    SoftDeleted,
    /// Its last operation failed; it is sent again.
    LastOperationFailed {
        /// The provider's code.
        code: String,
    },
    /// An operation runs on it; it is awaited and then planned again.
    Busy {
        /// The provider's word for the operation.
        doing: String,
    },
    /// A secret that it uses has no version that it is known to have.
    SecretOutdated {
        /// The resource that keeps the secret.
        secret: ResourceName,
    },
    /// A resource that uses this secret needs a version whose value is known.
    SecretNeeded {
        /// That resource.
        by: ResourceName,
    },
    /// What it lives in is deleted and made again.
    ParentReplaced {
        /// That resource.
        parent: ResourceName,
    },
    /// It is to be done, and something is not ready in the outside world: nothing is done yet.
    Pending(Pending),
    /// A lock would refuse it, and is lifted first.
    LiftsLock {
        /// The lock.
        lock: ResourceName,
    },
    /// It would refuse other changes.
    InTheWay {
        /// Those changes.
        of: Vec<ResourceName>,
    },
    /// It was lifted for other changes.
    PutBack,
    /// The stack no longer names it.
    LeftStack,
    /// The stack is destroyed.
    Destroyed,
}

/// One resource's line in a plan.
#[derive(Clone, Debug)]
pub struct Change {
    /// The resource, or the provider's label for one that the stack does not name.
    pub name: ResourceName,
    /// Its identity.
    pub id: ResourceId,
    /// The facts of its type.
    pub ty: Arc<ResourceType>,
    /// What is done.
    pub action: Action,
    /// Whether an operation runs on it that is awaited first.
    pub awaits: bool,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The properties that differ; for a creation everything that is declared.
    pub differences: Vec<Difference>,
    /// What is declared, references and all; `None` for what the stack does not name.
    pub desired: Option<Value>,
    /// What is declared, as far as it is known now.
    pub planned: Option<Value>,
    /// What was observed.
    pub prior: Option<Observed>,
    /// The changes that must be done before this one.
    pub after: BTreeSet<ResourceName>,
    /// Those that must be ready in the outside world before this one begins.
    pub once_ready: BTreeSet<ResourceName>,
    /// The changes that must have ended before this one, whatever became of them: a lock is put
    /// back although what it was lifted for failed.
    pub follows: BTreeSet<ResourceName>,
    /// The keys of which only one change at a time may hold any.
    pub exclusion: BTreeSet<String>,
    /// The name of the resource that it lives in or on.
    pub scope: Option<ResourceName>,
    /// The deletion that takes this one along: nothing is sent for it.
    pub goes_with: Option<ResourceName>,
    /// Where it was written.
    pub location: Option<SourceLocation>,
    /// The digest of the declaration.
    pub declared: String,
    /// The digest of what was observed, over what matters to this change.
    pub digest: String,
}

impl Change {
    /// Whether executing it does anything.
    pub fn is_change(&self) -> bool {
        self.action != Action::NoOp || self.awaits
    }

    /// What it waits for in the outside world. Such an entry is no change.
    pub fn pending(&self) -> Option<&Pending> {
        self.reasons.iter().find_map(|reason| {
            if let Reason::Pending(pending) = reason {
                Some(pending)
            } else {
                None
            }
        })
    }

    /// What it lives in, if that is deleted and made again.
    pub(crate) fn parent_replaced(&self) -> Option<&ResourceName> {
        self.reasons.iter().find_map(|reason| {
            if let Reason::ParentReplaced { parent } = reason {
                Some(parent)
            } else {
                None
            }
        })
    }

    /// The changes that end before this one begins.
    pub fn waits_for(&self) -> impl Iterator<Item = &ResourceName> {
        self.after.union(&self.follows)
    }

    /// Whether it puts back what the same plan lifts.
    pub(crate) fn puts_back(&self) -> bool {
        self.reasons.contains(&Reason::PutBack)
    }

    /// Whether it loses data.
    pub fn loses_data(&self) -> bool {
        self.ty.holds_data && self.action.removes() && !self.is_stillborn()
    }

    /// Whether it is about a resource that failed while it was made: there is nothing in it.
    pub fn is_stillborn(&self) -> bool {
        let prior = self.prior.as_ref();
        prior.is_some_and(|prior| prior.condition.is_stillborn(&self.ty))
    }

    /// How long it usually takes.
    pub fn usual_duration(&self) -> Duration {
        let usual = self.ty.usual;
        match self.action {
            Action::NoOp | Action::Forget => Duration::ZERO,
            Action::Create | Action::Recover => usual.create,
            Action::Update | Action::Adopt => usual.update,
            Action::Replace => usual.delete + usual.create,
            Action::Delete | Action::Lift => usual.delete,
        }
    }
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To make what there is equal to the stack.
    Apply,
    /// To delete everything that is the stack's.
    Destroy,
}

/// An immutable, ordered set of changes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which stack.
    pub stack: StackName,
    /// What for.
    pub purpose: Purpose,
    /// One entry per resource, unchanged ones too, each after what it waits for.
    pub changes: Vec<Change>,
    /// What is only read.
    pub existing: BTreeMap<ResourceName, Observed>,
    /// What is wrong or worth knowing.
    pub findings: Vec<Finding>,
    /// How many changes of the whole are not in it, because only a part was asked for.
    pub left_out: usize,
    /// How many requests the observation took.
    pub requests: usize,
}

/// A plan that may not be executed, with the findings that say why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan for {stack} has {} that must be resolved first", count(.findings.len(), "error"))]
pub struct Blocked {
    /// Which stack.
    pub stack: StackName,
    /// The errors.
    pub findings: Vec<Finding>,
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

impl Plan {
    /// The entries that do something.
    pub fn pending(&self) -> impl Iterator<Item = &Change> + Clone {
        self.changes.iter().filter(|change| change.is_change())
    }

    /// Whether executing it does nothing.
    pub fn is_empty(&self) -> bool {
        self.pending().next().is_none()
    }

    /// The entries that wait for the outside world: they are no changes yet.
    pub fn awaiting_outside(&self) -> impl Iterator<Item = (&Change, &Pending)> + Clone {
        let changes = self.changes.iter();
        changes.filter_map(|change| Some((change, change.pending()?)))
    }

    /// How many resources stay as they are, and are as they should be.
    pub fn unchanged(&self) -> usize {
        self.changes
            .iter()
            .filter(|change| !change.is_change() && change.pending().is_none())
            .count()
    }

    /// How many entries have this action.
    pub fn count(&self, action: Action) -> usize {
        self.changes
            .iter()
            .filter(|change| change.action == action)
            .count()
    }

    /// The entry of a resource.
    pub fn change(&self, resource: &str) -> Option<&Change> {
        self.changes
            .iter()
            .find(|change| change.name.as_str() == resource)
    }

    /// Whether nothing stops it.
    ///
    /// # Errors
    /// With every finding of severity error, all at once.
    pub fn ensure_executable(&self) -> Result<(), Blocked> {
        let findings: Vec<_> = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .cloned()
            .collect();
        if findings.is_empty() {
            Ok(())
        } else {
            Err(Blocked {
                stack: self.stack.clone(),
                findings,
            })
        }
    }

    /// The invariants of plans that this one breaks: always none, or the planner has a defect.
    pub fn check(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut seen = BTreeSet::new();
        let mut ids = BTreeSet::new();
        let names: BTreeSet<&ResourceName> =
            self.changes.iter().map(|change| &change.name).collect();
        for change in &self.changes {
            let name = &change.name;
            for needed in change.waits_for() {
                if !seen.contains(needed) && names.contains(needed) {
                    broken.push(format!("{name} comes before {needed}, which it waits for"));
                }
            }
            if !seen.insert(name.clone()) {
                broken.push(format!("{name} has two entries"));
            }
            // What is lifted is put back under its id, or goes with what it is on.
            if change.action != Action::Lift && !ids.insert(change.id.clone()) {
                broken.push(format!("{} has two entries", change.id));
            }
            let prior_ready = change.prior.is_some();
            let needs_prior = match change.action {
                Action::Create => false,
                Action::Update
                | Action::Replace
                | Action::Delete
                | Action::Lift
                | Action::Recover
                | Action::Adopt
                | Action::Forget => true,
                Action::NoOp => prior_ready,
            };
            if needs_prior != prior_ready
                && !(change.action == Action::Create
                    && change
                        .reasons
                        .iter()
                        .any(|reason| matches!(reason, Reason::ParentReplaced { .. })))
            {
                broken.push(format!(
                    "{name}: {} does not fit what was observed",
                    change.action
                ));
            }
            if change.is_change() && change.pending().is_some() {
                broken.push(format!("{name} is pending and changed all the same"));
            }
            if change.is_change() && change.reasons.is_empty() {
                broken.push(format!("{name}: {} without a reason", change.action));
            }
            if change.action == Action::Replace
                && !change.is_stillborn()
                && !change
                    .differences
                    .iter()
                    .any(|difference| difference.forces_replacement)
            {
                broken.push(format!("{name} is replaced and no difference forces it"));
            }
            let deleting = change
                .prior
                .as_ref()
                .is_some_and(|prior| prior.condition == Condition::Deleting);
            if deleting && !change.awaits && change.action != Action::NoOp {
                broken.push(format!("{name} is being deleted and is not awaited"));
            }
        }
        broken
    }
}
