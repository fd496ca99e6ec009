//! Secrets in a plan: they are compared by version, and renewed when no value is known.
//!
//! A value exists only in the run that made it. So a resource that must be given a secret which
//! already exists gets a new version of it, made in the same run.

use std::collections::BTreeMap;

use super::Judgement;
use crate::mutant::{self, Mutant};
use crate::name::ResourceName;
use crate::plan::{Action, Change, Reason};
use crate::resource::{Condition, Desired, Observed};
use crate::value::{PropertyPath, SecretRef, Value};

/// The secrets that a declaration uses: where, and which resource keeps each.
pub(crate) fn uses(desired: &Value) -> Vec<(PropertyPath, ResourceName)> {
    let mut found = Vec::new();
    desired.walk(&mut |path, value| {
        if let Value::Secret(SecretRef::KeptBy(resource)) = value {
            found.push((path.clone(), resource.clone()));
        }
    });
    found
}

fn writes(action: Action) -> bool {
    matches!(
        action,
        Action::Create | Action::Update | Action::Replace | Action::Recover
    )
}

/// Whether it is known what becomes of a secret: one that could not be read is left alone.
fn is_known(keeper: &Change) -> bool {
    keeper.prior.is_some() || keeper.action != Action::NoOp
}

/// Adds what the secrets of a resource require of it.
pub(super) fn require<'a>(
    desired: &Desired,
    observed: Option<&Observed>,
    judgement: &mut Judgement,
    before: &dyn Fn(&ResourceName) -> Option<&'a Change>,
    renewals: &BTreeMap<ResourceName, ResourceName>,
) {
    let unreadable = observed.is_none() && judgement.action == Action::NoOp;
    if judgement.not_ours.is_some() || unreadable {
        return;
    }
    if let (Some(by), Action::NoOp) = (renewals.get(&desired.name), judgement.action) {
        judgement.action = Action::Update;
        judgement
            .reasons
            .push(Reason::SecretNeeded { by: by.clone() });
    }
    if judgement.awaits || (mutant::is_on(Mutant::KeepOldSecrets) && observed.is_some()) {
        return;
    }
    for (path, secret) in uses(&desired.value) {
        let Some(keeper) = before(&secret).filter(|keeper| is_known(keeper)) else {
            continue;
        };
        let known = observed.and_then(|observed| observed.secret_versions.get(&path.to_string()));
        let current = keeper
            .prior
            .as_ref()
            .and_then(|prior| prior.secret_version.as_ref());
        let outdated = writes(keeper.action) || current.is_none() || known != current;
        if outdated && matches!(judgement.action, Action::NoOp | Action::Update) {
            judgement.action = Action::Update;
            judgement.reasons.push(Reason::SecretOutdated { secret });
        }
    }
}

/// Whether a change needs the value of this secret, and not just its version.
fn needs_value(change: &Change, secret: &ResourceName) -> bool {
    let made = matches!(
        change.action,
        Action::Create | Action::Replace | Action::Recover
    );
    // What is being deleted is awaited and then made again.
    let prior = change.prior.as_ref();
    let to_be_made =
        change.awaits && prior.is_some_and(|prior| prior.condition == Condition::Deleting);
    let outdated = |reason: &Reason| matches!(reason, Reason::SecretOutdated { secret: outdated } if outdated == secret);
    made || to_be_made || change.reasons.iter().any(outdated)
}

/// The secrets that must get a new version because a resource needs their value, and that
/// resource.
pub(super) fn renewals(changes: &[Change]) -> BTreeMap<ResourceName, ResourceName> {
    let by_name: BTreeMap<&ResourceName, &Change> = changes
        .iter()
        .map(|change| (&change.name, change))
        .collect();
    let mut found = BTreeMap::new();
    for change in changes {
        for (_, secret) in change.desired.iter().flat_map(uses) {
            let kept = by_name
                .get(&secret)
                .is_some_and(|keeper| is_known(keeper) && keeper.action == Action::NoOp);
            if kept && needs_value(change, &secret) {
                found.entry(secret).or_insert_with(|| change.name.clone());
            }
        }
    }
    found
}
