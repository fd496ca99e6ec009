//! What the fake provider holds: records with conditions derived from the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use augeo_core::name::{ResourceId, TypeName};
use augeo_core::resource::{Condition, Observed, Ownership};
use augeo_core::value::{Object, Value};
use tokio::time::Instant;

use super::fault::Fault;

/// What a resource is going through, as the world keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Ready,
    /// An operation runs; it fails with this code, if there is one.
    Busy {
        until: Instant,
        fails: Option<&'static str>,
        /// Whether whoever began it never had an answer, so that nobody waits for its end.
        unheard: bool,
    },
    Failed {
        code: &'static str,
    },
    Deleting {
        until: Instant,
    },
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
    /// The version of each secret, as the engine had it kept.
    pub(super) secret_versions: BTreeMap<String, String>,
    /// The version of each secret whose value was really given.
    pub(super) given: BTreeMap<String, String>,
    pub(super) version: u64,
    pub(super) phase: Phase,
}

impl Record {
    /// A record of somebody else's, or of nobody's.
    pub(super) fn foreign(ty: &str, owner: Option<&str>, parent: Option<ResourceId>) -> Self {
        Self {
            ty: TypeName::new(ty),
            value: Value::Object(Object::new()),
            owner: owner.map(str::to_owned),
            parent,
            declared: None,
            secret_versions: BTreeMap::new(),
            given: BTreeMap::new(),
            version: 1,
            phase: Phase::Ready,
        }
    }
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

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) records: BTreeMap<ResourceId, Record>,
    pub(super) journal: Vec<Mutation>,
    pub(super) versions: BTreeMap<ResourceId, u64>,
    /// When what runs ends; entries may be out of date.
    pub(super) ends: BTreeSet<(Instant, ResourceId)>,
    pub(super) faults: Vec<Fault>,
    pub(super) denied: Vec<TypeName>,
    pub(super) requests: usize,
    /// The keys that each call in flight must have for itself.
    pub(super) in_flight: BTreeMap<usize, BTreeSet<String>>,
    pub(super) calls: usize,
    pub(super) in_flight_max: usize,
    /// What no engine may do, and this one did.
    pub(super) violations: Vec<String>,
    /// Whether what something else mentions cannot be deleted.
    pub(super) keeps_mentioned: bool,
    /// Whether domains are proven as soon as that is asked for.
    pub(super) proves_at_once: bool,
}

/// An id from its text.
pub(super) fn id(text: &str) -> ResourceId {
    let label = text.rsplit('/').next().unwrap_or(text);
    ResourceId::new(text, &text.to_ascii_lowercase(), label)
}

/// The address that the world gives to a resource.
pub(super) fn address(id: &ResourceId) -> String {
    format!("{}.fake.example", id.label())
}

fn is_in(id: &ResourceId, host: &ResourceId) -> bool {
    id.key()
        .strip_prefix(host.key())
        .is_some_and(|rest| rest.starts_with('/'))
}

impl World {
    /// Notes when what runs on a resource ends.
    pub(super) fn schedule(&mut self, id: &ResourceId) {
        let phase = self.records.get(id).map(|record| &record.phase);
        if let Some(Phase::Busy { until, .. } | Phase::Deleting { until }) = phase {
            self.ends.insert((*until, id.clone()));
        }
    }

    /// Lets time pass: what has ended has ended.
    pub(super) fn advance(&mut self) {
        let now = Instant::now();
        while self.ends.first().is_some_and(|(until, _)| *until <= now) {
            let Some((_, id)) = self.ends.pop_first() else {
                return;
            };
            // What was scheduled may have been followed by something else.
            let Some(record) = self.records.get_mut(&id) else {
                continue;
            };
            match record.phase {
                Phase::Busy { until, fails, .. } if until <= now => {
                    record.phase = fails.map_or(Phase::Ready, |code| Phase::Failed { code });
                }
                Phase::Deleting { until } if until <= now => self.remove(&id),
                Phase::Ready
                | Phase::Busy { .. }
                | Phase::Failed { .. }
                | Phase::Deleting { .. }
                | Phase::SoftDeleted => {}
            }
        }
    }

    /// Nobody hears of the operation that was just begun.
    pub(super) fn lose_answer(&mut self, id: &ResourceId) {
        let phase = self.records.get_mut(id).map(|record| &mut record.phase);
        if let Some(Phase::Busy { unheard, .. }) = phase {
            *unheard = true;
        }
    }

    /// The first fault that strikes a mutation of this key, which it then has done.
    pub(super) fn strike(&mut self, key: &str) -> Option<Fault> {
        let mut struck = None;
        for (at, fault) in self.faults.iter_mut().enumerate() {
            if fault.strikes(key) && struck.is_none() {
                struck = Some(at);
            }
        }
        struck.map(|at| self.faults.remove(at))
    }

    /// What the resource is in or on, in and on what, and so on, and everything in it.
    pub(super) fn inside<'a>(
        &'a self,
        host: &'a ResourceId,
    ) -> impl Iterator<Item = (&'a ResourceId, &'a Record)> {
        self.records.iter().filter(move |(id, _)| is_in(id, host))
    }

    /// A resource is gone, with everything in it; a vault stays, soft-deleted.
    pub(super) fn remove(&mut self, id: &ResourceId) {
        let soft = self
            .records
            .get(id)
            .is_some_and(|record| record.ty.as_str() == "Fake/vault");
        if soft {
            // Locks do not come back with what they were on.
            self.records
                .retain(|other, record| record.ty.as_str() != "Fake/lock" || !is_in(other, id));
            for (other, record) in &mut self.records {
                if other == id || is_in(other, id) {
                    record.phase = Phase::SoftDeleted;
                }
            }
        } else {
            self.records
                .retain(|other, _| other != id && !is_in(other, id));
        }
    }

    /// A soft-deleted resource is back, with everything in it.
    pub(super) fn restore(&mut self, id: &ResourceId) {
        for (other, record) in &mut self.records {
            if is_in(other, id) && record.phase == Phase::SoftDeleted {
                record.phase = Phase::Ready;
            }
        }
    }

    /// What is not soft-deleted, nor in something that is.
    pub(super) fn is_live(record: &Record) -> bool {
        record.phase != Phase::SoftDeleted
    }

    /// Resources outside `host` that mention it, or something in it, by id or by address.
    pub(super) fn mentioning(&self, host: &ResourceId) -> Vec<ResourceId> {
        let mut texts: BTreeSet<String> = BTreeSet::new();
        // What was deleted already is in nobody's way, even where it could be brought back.
        let inside = self
            .inside(host)
            .filter(|(_, record)| Self::is_live(record));
        for id in inside.map(|(id, _)| id).chain([host]) {
            texts.extend([id.text().to_owned(), address(id)]);
        }
        let mentions = |record: &Record| {
            let mut found = false;
            record.value.walk(&mut |path, value| {
                let own = path.to_string() == "address";
                found |= !own && value.as_str().is_some_and(|text| texts.contains(text));
            });
            found
        };
        self.records
            .iter()
            .filter(|(id, record)| {
                *id != host && !is_in(id, host) && Self::is_live(record) && mentions(record)
            })
            .map(|(id, _)| id.clone())
            .collect()
    }

    pub(super) fn observed(&self, of: &ResourceId, stack: &str) -> Option<Observed> {
        let (known, record) = self.records.get_key_value(of)?;
        let hidden = record.phase == Phase::SoftDeleted && record.ty.as_str() != "Fake/vault";
        if hidden {
            return None;
        }
        let condition = match &record.phase {
            Phase::Ready => Condition::Ready,
            Phase::Busy { .. } => Condition::Busy {
                doing: "Updating".to_owned(),
            },
            Phase::Failed { code } => Condition::Failed {
                code: (*code).to_owned(),
            },
            Phase::Deleting { .. } => Condition::Deleting,
            Phase::SoftDeleted => Condition::SoftDeleted { purged_at: None },
        };
        let ownership = match &record.owner {
            Some(owner) if owner == stack => Ownership::Ours,
            Some(owner) => Ownership::Other {
                stack: owner.clone(),
            },
            None => Ownership::Foreign,
        };
        let mut mentions = BTreeSet::new();
        record.value.walk(&mut |_, value| {
            if let Value::String(text) = value {
                let mentioned = self.records.get_key_value(&id(text));
                mentions.extend(
                    mentioned
                        .map(|(id, _)| id.clone())
                        .filter(|other| other != of),
                );
            }
        });
        // A busy resource shows a part of its properties only.
        let value = if matches!(record.phase, Phase::Busy { .. }) {
            Value::Object(Object::new())
        } else {
            record.value.clone()
        };
        Some(Observed {
            id: known.clone(),
            ty: record.ty.clone(),
            version: "1".to_owned(),
            value: value.into(),
            condition,
            ownership,
            parent: record.parent.clone(),
            mentions,
            declared: record.declared.clone(),
            secret_versions: record.secret_versions.clone(),
            secret_version: (record.ty.as_str() == "Fake/secret")
                .then(|| record.version.to_string()),
        })
    }

    pub(super) fn busy_for(&self, id: &ResourceId) -> Option<Duration> {
        let now = Instant::now();
        match self.records.get(id)?.phase {
            Phase::Busy { until, .. } | Phase::Deleting { until } => {
                Some(until.saturating_duration_since(now))
            }
            Phase::Ready | Phase::Failed { .. } | Phase::SoftDeleted => None,
        }
    }
}
