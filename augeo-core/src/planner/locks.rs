//! Locks: made last, lifted first for a change that they would refuse, and put back.
//!
//! Only the stack's own locks are lifted, and only for what the plan changes. What another lock
//! refuses stops the plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Planner, digest, type_of};
use crate::finding::Finding;
use crate::graph;
use crate::mutant::{self, Mutant};
use crate::name::{ResourceId, ResourceName, TypeName};
use crate::plan::{Action, Change, Plan, Purpose, Reason};
use crate::resource::{Condition, Lifecycle, Observed, Ownership, ResourceType};
use crate::value::{PropertyPath, Value};

/// A lock that is on.
struct Lock<'a> {
    observed: &'a Observed,
    ty: Arc<ResourceType>,
    /// What it is on.
    host: &'a ResourceId,
    refuses_writes: bool,
}

impl Lock<'_> {
    /// Whether it keeps a change from being made.
    fn refuses(&self, change: &Change, inside: &dyn Fn(&ResourceId, &ResourceId) -> bool) -> bool {
        if change.ty.guards.is_some() || !writes(change) {
            return false;
        }
        let within = inside(&change.id, self.host);
        let removes = change.action.removes() && change.ty.lifecycle != Lifecycle::Resettable;
        (removes && (within || inside(self.host, &change.id))) || (self.refuses_writes && within)
    }
}

/// Whether it is more than a look.
fn writes(change: &Change) -> bool {
    change.is_change() && change.action != Action::Forget
}

/// The locks among the declared resources, as they are planned before anything is left out.
pub(super) fn declared(changes: &[Change]) -> Vec<Change> {
    let locks = changes.iter().filter(|change| change.ty.guards.is_some());
    locks.cloned().collect()
}

/// Lifts what is in the way and puts it back, makes locks last, and tells of locks that stop a plan.
/// `declared` are the stack's locks, also those that the plan leaves out.
pub(super) fn arrange(planner: &Planner<'_>, plan: &mut Plan, declared: &[Change]) {
    let parents = parents(planner);
    place(plan, declared, &on(planner, &parents), &parents);
}

/// The same, of these locks; `parents` is what everything lives in or on.
fn place(
    plan: &mut Plan,
    declared: &[Change],
    locks: &[Lock<'_>],
    parents: &BTreeMap<ResourceId, ResourceId>,
) {
    let inside = |id: &ResourceId, host: &ResourceId| is_within(parents, id, host);
    if locks.is_empty() && declared.is_empty() {
        return;
    }
    let mut lifts = Vec::new();
    for lock in locks {
        let refused: Vec<ResourceName> = plan
            .changes
            .iter()
            .filter(|change| lock.refuses(change, &inside))
            .map(|change| change.name.clone())
            .collect();
        if refused.is_empty() {
            continue;
        }
        let ours = lock.observed.ownership == Ownership::Ours;
        let id = &lock.observed.id;
        let leaves = |change: &&Change| change.id == *id && change.action == Action::Delete;
        if let Some(at) = plan.changes.iter().position(|change| leaves(&change)) {
            let removal = &mut plan.changes[at];
            // It cannot go along with what it is on: that stays as long as it is there.
            if let Some(with) = removal.goes_with.take() {
                removal.after.remove(&with);
            }
            let removal = removal.name.clone();
            wait_for(plan, &refused, &removal);
        } else if let Some(own) = declared.iter().find(|change| change.id == *id && ours) {
            let lift = lift(plan, own, lock, refused);
            if !mutant::is_on(Mutant::LeaveLifted) {
                put_back(plan, own, &lift);
            }
            lifts.push(lift);
        } else if mutant::is_on(Mutant::LiftOthersLocks) {
            lifts.extend(lift_others(plan, lock, refused));
        } else {
            plan.findings.push(stop(lock, &refused, plan.purpose));
        }
    }
    plan.changes.splice(0..0, lifts);
    last(plan, &inside);
    sort(plan);
}

/// What everything lives in or on, as it was observed, else as it is declared.
fn parents(planner: &Planner<'_>) -> BTreeMap<ResourceId, ResourceId> {
    let existing = planner.stack.existing_resources();
    let declared = planner.stack.resources().iter().filter_map(|desired| {
        let scope = desired.scope.resource()?;
        let host = planner.ids.get(scope);
        let host = host.or(existing.get(scope).map(|entry| &entry.id))?;
        Some((planner.ids.get(&desired.name)?.clone(), host.clone()))
    });
    let observed = planner.observed.resources.values();
    let observed = observed.filter_map(|it| Some((it.id.clone(), it.parent.clone()?)));
    declared.chain(observed).collect()
}

fn is_within(
    parents: &BTreeMap<ResourceId, ResourceId>,
    id: &ResourceId,
    host: &ResourceId,
) -> bool {
    std::iter::successors(Some(id), |id| parents.get(*id)).any(|outer| outer == host)
}

/// Every lock that is on, whoever put it there.
fn on<'a>(
    planner: &'a Planner<'_>,
    parents: &'a BTreeMap<ResourceId, ResourceId>,
) -> Vec<Lock<'a>> {
    let mut types: BTreeMap<&TypeName, Arc<ResourceType>> = BTreeMap::new();
    let observed = planner.observed.resources.values();
    let locks = observed.filter_map(|observed| {
        let ty = types
            .entry(&observed.ty)
            .or_insert_with(|| Arc::new(type_of(planner.provider, observed)));
        let guard = ty.guards?;
        let off = matches!(observed.condition, Condition::SoftDeleted { .. });
        let level = observed.value.get(&PropertyPath::parse(guard.property));
        let level = level.and_then(|level| level.as_str()).unwrap_or_default();
        let mut strict = guard.refusing_writes.iter();
        Some(Lock {
            observed,
            ty: Arc::clone(ty),
            host: parents.get(&observed.id).filter(|_| !off)?,
            refuses_writes: strict.any(|word| word.eq_ignore_ascii_case(level)),
        })
    });
    locks.collect()
}

/// What a lock would refuse waits until it is gone.
fn wait_for(plan: &mut Plan, refused: &[ResourceName], gone: &ResourceName) {
    let refused: BTreeSet<&ResourceName> = refused.iter().collect();
    for change in &mut plan.changes {
        // What goes along with something else goes when that does.
        if refused.contains(&change.name) && change.goes_with.is_none() {
            change.after.insert(gone.clone());
        }
    }
}

/// The entry that lifts a lock.
fn lift(plan: &mut Plan, own: &Change, lock: &Lock<'_>, refused: Vec<ResourceName>) -> Change {
    let name = ResourceName::unchecked(format!("{}:lift", own.name));
    wait_for(plan, &refused, &name);
    for change in &mut plan.changes {
        if refused.contains(&change.name) && change.goes_with.is_none() {
            let lock = own.name.clone();
            change.reasons.push(Reason::LiftsLock { lock });
        }
    }
    Change {
        name,
        action: Action::Lift,
        awaits: matches!(
            lock.observed.condition,
            Condition::Deleting | Condition::Busy { .. }
        ),
        reasons: vec![Reason::InTheWay { of: refused }],
        differences: Vec::new(),
        desired: None,
        planned: None,
        prior: Some(lock.observed.clone()),
        after: BTreeSet::new(),
        once_ready: BTreeSet::new(),
        follows: BTreeSet::new(),
        scope: None,
        declared: String::new(),
        digest: digest(lock.observed, &Value::Null),
        ty: Arc::clone(&own.ty),
        ..own.clone()
    }
}

/// A lock's own entry puts it back once what it was lifted for has ended.
fn put_back(plan: &mut Plan, own: &Change, lift: &Change) {
    let at = plan.changes.iter().position(|change| change.id == own.id);
    let at = at.unwrap_or_else(|| {
        plan.changes.push(own.clone());
        plan.changes.len() - 1
    });
    let refused = lift.reasons.iter().flat_map(|reason| {
        if let Reason::InTheWay { of } = reason {
            of.as_slice()
        } else {
            &[]
        }
    });
    let back = &mut plan.changes[at];
    back.action = Action::Create;
    back.awaits = false;
    back.prior = None;
    back.reasons = vec![Reason::PutBack];
    back.after.insert(lift.name.clone());
    back.follows.extend(refused.cloned());
}

/// The defect of whoever takes any lock for their own.
fn lift_others(plan: &mut Plan, lock: &Lock<'_>, refused: Vec<ResourceName>) -> Option<Change> {
    let own = plan.changes.iter().find(|it| refused.contains(&it.name))?;
    let own = Change {
        id: lock.observed.id.clone(),
        ty: Arc::clone(&lock.ty),
        exclusion: BTreeSet::new(),
        goes_with: None,
        ..own.clone()
    };
    let mut lift = lift(plan, &own, lock, refused);
    let prior = lift.prior.as_mut()?;
    prior.ownership = Ownership::Ours;
    Some(lift)
}

/// A lock that is nobody's to lift here.
fn stop(lock: &Lock<'_>, refused: &[ResourceName], purpose: Purpose) -> Finding {
    let id = &lock.observed.id;
    let what = if lock.refuses_writes {
        "changed"
    } else {
        "deleted"
    };
    let names: Vec<&str> = refused.iter().map(ResourceName::as_str).collect();
    let names = names.join(", ");
    let ours = lock.observed.ownership == Ownership::Ours;
    let (whose, fix) = match purpose {
        _ if !ours => (
            "which is not this stack's",
            "have whoever put it there take it off, then plan again",
        ),
        Purpose::Destroy => (
            "which is not among what is deleted",
            "name what it is on, too, or destroy the whole stack",
        ),
        Purpose::Apply => (
            "which the stack does not declare",
            "declare it again, or have it deleted first",
        ),
    };
    let message = format!("{names} cannot be {what}: the lock {id}, {whose}, forbids it");
    let finding = Finding::error("augeo/locked", message).fix(fix);
    match refused.first() {
        Some(first) => finding.about(first),
        None => finding,
    }
}

/// A lock is made or changed when everything in what it is on has ended.
fn last(plan: &mut Plan, inside: &dyn Fn(&ResourceId, &ResourceId) -> bool) {
    if mutant::is_on(Mutant::IgnoreDependencies) {
        return;
    }
    let hosts: IndexMap<ResourceName, ResourceId> = plan
        .changes
        .iter()
        .map(|change| (change.name.clone(), change.id.clone()))
        .collect();
    let mut follows: Vec<(usize, BTreeSet<ResourceName>)> = Vec::new();
    for (at, lock) in plan.changes.iter().enumerate() {
        let host = lock.scope.as_ref().and_then(|scope| hosts.get(scope));
        let makes = lock.ty.guards.is_some() && lock.desired.is_some() && writes(lock);
        let Some(host) = host.filter(|_| makes) else {
            continue;
        };
        let others = plan
            .changes
            .iter()
            .filter(|other| other.ty.guards.is_none() && writes(other) && inside(&other.id, host));
        let needing = needing(plan, &lock.name);
        let names = others.map(|other| other.name.clone());
        follows.push((at, names.filter(|name| !needing.contains(name)).collect()));
    }
    for (at, names) in follows {
        plan.changes[at].follows.extend(names);
    }
}

/// What waits for a change, at any distance.
fn needing(plan: &Plan, name: &ResourceName) -> BTreeSet<ResourceName> {
    let mut found = BTreeSet::from([name.clone()]);
    for change in &plan.changes {
        if change.after.iter().any(|needed| found.contains(needed)) {
            found.insert(change.name.clone());
        }
    }
    found
}

/// Puts every entry after what it waits for again.
fn sort(plan: &mut Plan) {
    let names: Vec<ResourceName> = plan.changes.iter().map(|it| it.name.clone()).collect();
    let needs: IndexMap<ResourceName, BTreeSet<ResourceName>> = plan
        .changes
        .iter()
        .map(|it| (it.name.clone(), it.waits_for().cloned().collect()))
        .collect();
    let order = graph::sort(&names, &needs);
    if order.len() < names.len() {
        let stuck = names.iter().find(|name| !order.contains(name));
        let message = "a lock is needed by something that it would refuse";
        let finding = Finding::error("augeo/locked", message)
            .fix("let what is inside what it is on not come after it");
        plan.findings.push(match stuck {
            Some(stuck) => finding.about(stuck),
            None => finding,
        });
        for change in &mut plan.changes {
            change.follows.clear();
            change
                .after
                .retain(|name| !name.as_str().ends_with(":lift"));
        }
        return;
    }
    let position: IndexMap<ResourceName, usize> = order
        .into_iter()
        .enumerate()
        .map(|(at, name)| (name, at))
        .collect();
    plan.changes.sort_by_key(|change| position[&change.name]);
}

#[cfg(test)]
mod tests;
