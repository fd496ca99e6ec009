//! What waits for the outside world: it is no change until that is ready.

use std::collections::BTreeMap;

use super::{Judgement, Planner};
use crate::name::ResourceName;
use crate::pending::{Pending, Progress};
use crate::plan::{Action, Change, Reason};
use crate::resource::{Desired, Observed};

impl Judgement {
    /// Nothing is done yet.
    pub(super) fn hold(&mut self, pending: Pending) {
        self.action = Action::NoOp;
        self.differences.clear();
        self.reasons = vec![Reason::Pending(pending)];
    }
}

impl Planner<'_> {
    /// What a resource waits for, if it is to be changed and that is not ready. What the same plan
    /// changes may be ready afterwards: the run sees.
    pub(super) fn pending<'c>(
        &self,
        desired: &Desired,
        observed: Option<&Observed>,
        judgement: &Judgement,
        before: &dyn Fn(&ResourceName) -> Option<&'c Change>,
    ) -> Option<Pending> {
        if judgement.action == Action::NoOp || judgement.awaits {
            return None;
        }
        let needed = self.graph.dependencies(&desired.name).iter();
        let held = needed.filter_map(before).find_map(Change::pending);
        held.cloned()
            .or_else(|| {
                let mut awaited = desired.once_ready.iter();
                awaited.find_map(|other| self.not_ready(other, before(other)))
            })
            .or_else(|| is_under_way(desired, observed?, judgement))
    }

    fn not_ready(&self, other: &ResourceName, upstream: Option<&Change>) -> Option<Pending> {
        if let Some(upstream) = upstream.filter(|upstream| !upstream.is_change()) {
            return Pending::on(other, upstream.ty.readiness, upstream.prior.as_ref()?);
        }
        let entry = self.stack.existing_resources().get(other)?;
        if self.observed.unreadable.contains_key(&entry.id) {
            return None;
        }
        match self.observed.resources.get(&entry.id) {
            Some(observed) => Pending::on(other, entry.ty.readiness, observed),
            None => Some(Pending::on_absent(other, &entry.id)),
        }
    }

    /// Whether something outside the stack may be absent: all that refer to it await it.
    pub(super) fn is_awaited(&self, existing: &ResourceName) -> bool {
        let mut referring = self
            .stack
            .resources()
            .iter()
            .filter(|desired| refers(desired, existing))
            .peekable();
        referring.peek().is_some() && referring.all(|desired| desired.once_ready.contains(existing))
    }
}

fn refers(desired: &Desired, other: &ResourceName) -> bool {
    desired.scope.resource() == Some(other)
        || desired.after.contains(other)
        || desired.once_ready.contains(other)
        || desired
            .value
            .references()
            .into_iter()
            .any(|reference| reference.resource == *other)
}

/// What differs only because the outside world is at it is not written again.
fn is_under_way(desired: &Desired, observed: &Observed, judgement: &Judgement) -> Option<Pending> {
    let readiness = desired.ty.readiness?;
    let progress = readiness.progress(&observed.value);
    let only_that = judgement.reasons == [Reason::Differs]
        && judgement
            .differences
            .iter()
            .all(|difference| readiness.tells(&difference.path));
    match progress {
        Progress::UnderWay(_) if only_that => Pending::on(&desired.name, Some(readiness), observed),
        Progress::UnderWay(_) | Progress::Ready | Progress::Unready(_) => None,
    }
}

/// Holds back the deletion of what a pending resource still mentions, and what waits for that.
pub(super) fn hold_removals(removals: &mut [Change], mentioned: &BTreeMap<usize, Pending>) {
    let mut held: BTreeMap<ResourceName, Pending> = BTreeMap::new();
    for (at, removal) in removals.iter_mut().enumerate() {
        let needed = removal.after.iter().find_map(|name| held.get(name));
        if let Some(pending) = mentioned.get(&at).or(needed).cloned() {
            removal.action = Action::NoOp;
            removal.awaits = false;
            removal.reasons = vec![Reason::Pending(pending.clone())];
            held.insert(removal.name.clone(), pending);
        }
    }
}
