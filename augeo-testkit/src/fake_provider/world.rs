//! What the fake provider holds: records with conditions derived from the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use augeo_core::name::{ResourceId, TypeName};
use augeo_core::resource::{Condition, Observed, Ownership};
use augeo_core::value::Value;
use tokio::time::Instant;

/// What a resource is going through, as the world keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Ready,
    Busy { until: Instant },
    Failed { code: String },
    Deleting { until: Instant },
    SoftDeleted,
}

/// One resource of the fake world.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) ty: TypeName,
    pub(super) value: Value,
    /// The stack whose mark it carries; `None` if nobody's.
    pub(super) owner: Option<String>,
    pub(super) parent: Option<ResourceId>,
    pub(super) declared: Option<String>,
    pub(super) secret_versions: BTreeMap<String, String>,
    pub(super) version: u64,
    pub(super) phase: Phase,
}

/// One mutation, in the order in which it was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutation {
    /// What was done: `create`, `update`, `delete`, `recover`.
    pub verb: &'static str,
    /// The key of the resource.
    pub key: String,
    /// The properties that were sent.
    pub sent: Value,
}

/// What goes wrong, as data: the next matching call meets it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call is refused with this code; nothing is changed.
    Refuse {
        /// The end of the resource's key.
        key: String,
        /// The code.
        code: String,
    },
    /// The call is committed and its answer is lost.
    LoseAnswer {
        /// The end of the resource's key.
        key: String,
    },
    /// The operation is accepted and fails; the resource stays, failed.
    FailOperation {
        /// The end of the resource's key.
        key: String,
        /// The code.
        code: String,
    },
    /// Reading resources of this type is denied, every time.
    DenyRead {
        /// The type.
        ty: String,
    },
}

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) records: BTreeMap<ResourceId, Record>,
    pub(super) journal: Vec<Mutation>,
    pub(super) faults: Vec<Fault>,
    pub(super) requests: usize,
    pub(super) running: BTreeSet<String>,
    pub(super) running_max: usize,
}

impl World {
    /// Lets time pass: what has ended has ended.
    pub(super) fn advance(&mut self) {
        let now = Instant::now();
        self.records.retain(|_, record| !matches!(record.phase, Phase::Deleting { until } if until <= now));
        for record in self.records.values_mut() {
            if matches!(record.phase, Phase::Busy { until } if until <= now) {
                record.phase = Phase::Ready;
            }
        }
    }

    /// Takes the first fault that strikes a mutation of this key.
    pub(super) fn strike(&mut self, key: &str) -> Option<Fault> {
        let strikes = |fault: &Fault| match fault {
            Fault::Refuse { key: end, .. } | Fault::LoseAnswer { key: end } | Fault::FailOperation { key: end, .. } => {
                key.ends_with(end.as_str())
            }
            Fault::DenyRead { .. } => false,
        };
        let at = self.faults.iter().position(strikes)?;
        Some(self.faults.remove(at))
    }

    pub(super) fn is_denied(&self, ty: &TypeName) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::DenyRead { ty: denied } if *ty == TypeName::new(denied)))
    }

    /// Removes a resource and everything in it.
    pub(super) fn remove(&mut self, id: &ResourceId) {
        let prefix = format!("{}/", id.key());
        self.records.retain(|other, _| other != id && !other.key().starts_with(&prefix));
    }

    pub(super) fn observed(&self, id: &ResourceId, stack: &str) -> Option<Observed> {
        let record = self.records.get(id)?;
        let condition = match &record.phase {
            Phase::Ready => Condition::Ready,
            Phase::Busy { .. } => Condition::Busy { doing: "Updating".to_owned() },
            Phase::Failed { code } => Condition::Failed { code: code.clone() },
            Phase::Deleting { .. } => Condition::Deleting,
            Phase::SoftDeleted => Condition::SoftDeleted { purged_at: None },
        };
        let ownership = match &record.owner {
            Some(owner) if owner == stack => Ownership::Ours,
            Some(owner) => Ownership::Other { stack: owner.clone() },
            None => Ownership::Foreign,
        };
        let mut mentions = BTreeSet::new();
        record.value.walk(&mut |_, value| {
            if let Value::String(text) = value {
                mentions.extend(self.records.keys().filter(|other| other.text() == text && *other != id).cloned());
            }
        });
        // A busy resource shows a part of its properties only.
        let value = match &record.phase {
            Phase::Busy { .. } => Value::Object(augeo_core::value::Object::new()),
            _ => record.value.clone(),
        };
        Some(Observed {
            id: id.clone(),
            ty: record.ty.clone(),
            version: "1".to_owned(),
            value,
            condition,
            ownership,
            parent: record.parent.clone(),
            mentions,
            declared: record.declared.clone(),
            secret_versions: record.secret_versions.clone(),
            secret_version: (record.ty.as_str() == "Fake/secret").then(|| record.version.to_string()),
        })
    }

    pub(super) fn busy_for(&self, id: &ResourceId) -> Option<Duration> {
        let now = Instant::now();
        match self.records.get(id)?.phase {
            Phase::Busy { until } | Phase::Deleting { until } => Some(until.saturating_duration_since(now)),
            Phase::Ready | Phase::Failed { .. } | Phase::SoftDeleted => None,
        }
    }
}
