//! What a run meets in the outside world.

use super::Executor;
use crate::name::ResourceName;
use crate::pending::Pending;
use crate::plan::{Action, Plan};
use crate::report::Outcome;

impl Executor<'_> {
    /// What a change waits for in the outside world, now that all it needs is done.
    pub(super) fn pending_on(&self, at: usize) -> Option<Pending> {
        let mut awaited = self.plan.changes[at].once_ready.iter();
        awaited.find_map(|name| {
            let upstream = self.plan.change(name.as_str())?;
            let observed = self.known.get(name)?.observed.as_ref()?;
            Pending::on(name, upstream.ty.readiness, observed)
        })
    }
}

/// What waits when a run is over, whether the plan said so or the run met it.
pub(super) fn waiting(
    plan: &Plan,
    outcomes: &[(ResourceName, Action, Outcome)],
) -> Vec<(ResourceName, Pending)> {
    let planned = plan.awaiting_outside();
    let planned = planned.map(|(change, pending)| (&change.name, pending));
    let met = outcomes.iter();
    let met = met.filter_map(|(name, _, outcome)| Some((name, outcome.pending()?)));
    let all = planned.chain(met);
    all.map(|(name, pending)| (name.clone(), pending.clone()))
        .collect()
}
