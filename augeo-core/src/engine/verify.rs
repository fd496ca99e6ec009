//! Whether a saved plan still fits: what it relies on, against what is observed now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::name::{ResourceId, ResourceName};
use crate::plan::{Change, Plan, Purpose};
use crate::planner::{Case, digest, type_of};
use crate::provider::{ObserveScope, ObservedState, Provider, Wanted};
use crate::report::output_of;
use crate::resource::Observed;
use crate::value::{OutputRef, Value};

/// What to look at again.
pub(super) fn scope(plan: &Plan, provider: &dyn Provider) -> ObserveScope {
    let existing = plan.existing.iter().map(|(name, observed)| Wanted {
        name: name.clone(),
        ty: Arc::new(type_of(provider, observed)),
        id: observed.id.clone(),
        scope: None,
        existing: true,
    });
    let id_of: BTreeMap<&ResourceName, &ResourceId> = plan
        .changes
        .iter()
        .map(|change| (&change.name, &change.id))
        .chain(
            plan.existing
                .iter()
                .map(|(name, observed)| (name, &observed.id)),
        )
        .collect();
    let declared = plan
        .changes
        .iter()
        .filter(|change| change.desired.is_some())
        .map(|change| Wanted {
            name: change.name.clone(),
            ty: Arc::clone(&change.ty),
            id: change.id.clone(),
            scope: change
                .scope
                .as_ref()
                .and_then(|scope| id_of.get(scope))
                .map(|id| (*id).clone()),
            existing: false,
        });
    ObserveScope {
        stack: plan.stack.clone(),
        wanted: existing.chain(declared).collect(),
        inventory: plan.purpose == Purpose::Destroy || plan.changes.iter().any(deletes_host),
    }
}

fn deletes_host(change: &Change) -> bool {
    change.action.removes() && change.goes_with.is_none() && !change.ty.takes_contents
}

/// What is not as the plan relies on, and how.
pub(super) fn moved_since(
    plan: &Plan,
    now: &ObservedState,
    provider: &dyn Provider,
) -> Vec<(ResourceName, String)> {
    let existing = plan.existing.iter().filter_map(|(name, prior)| {
        let how = existing_moved(plan, name, prior, now)?;
        Some((name.clone(), how.to_owned()))
    });
    let holding = holding(now);
    let changes = plan
        .changes
        .iter()
        .filter(|change| change.goes_with.is_none())
        .filter_map(|change| {
            let guests = || {
                let holds = change.action.removes() && holding.contains(&change.id);
                holds.then_some("holds what is not this stack's now")
            };
            let how = change_moved(change, now, provider).or_else(guests)?;
            Some((change.name.clone(), how.to_owned()))
        });
    existing.chain(changes).collect()
}

fn absent(id: &ResourceId, now: &ObservedState) -> &'static str {
    if now.unreadable.contains_key(id) {
        "cannot be read"
    } else {
        "is gone"
    }
}

/// Of what is only read, the outputs that the plan uses matter.
fn existing_moved(
    plan: &Plan,
    name: &ResourceName,
    prior: &Observed,
    now: &ObservedState,
) -> Option<&'static str> {
    let Some(found) = now.resources.get(&prior.id) else {
        return Some(absent(&prior.id, now));
    };
    let declared = plan
        .changes
        .iter()
        .filter_map(|change| change.desired.as_ref());
    let used: BTreeSet<&OutputRef> = declared
        .flat_map(Value::references)
        .filter(|reference| reference.resource == *name)
        .collect();
    let differs =
        |reference: &&OutputRef| output_of(prior, reference) != output_of(found, reference);
    used.iter().any(differs).then_some("was changed")
}

fn change_moved(
    change: &Change,
    now: &ObservedState,
    provider: &dyn Provider,
) -> Option<&'static str> {
    match (&change.prior, now.resources.get(&change.id)) {
        (None, None) => None,
        // It was there when the plan was made, and goes with what it lives in.
        (None, Some(_)) if change.parent_replaced().is_some() || change.puts_back() => None,
        (None, Some(_)) => Some("exists now"),
        (Some(_), None) => Some(absent(&change.id, now)),
        (Some(prior), Some(found)) => {
            let relied_on = match (&change.desired, &change.planned) {
                (Some(desired), Some(planned)) => {
                    let case = Case {
                        provider,
                        ty: &change.ty,
                        desired,
                        planned,
                        declared: &change.declared,
                        observed: Some(found),
                        changing: &|_| false,
                    };
                    case.judge().digest
                }
                _ => digest(found, &Value::Null),
            };
            if relied_on == change.digest {
                None
            } else if prior.ownership != found.ownership {
                Some("belongs to somebody else now")
            } else if prior.condition != found.condition {
                Some("is in another condition")
            } else {
                Some("was changed")
            }
        }
    }
}

/// Everything that something foreign is in, at any depth.
fn holding(now: &ObservedState) -> BTreeSet<&ResourceId> {
    let mut found = BTreeSet::new();
    for (host, _) in now.guests.iter().filter(|(_, guests)| !guests.is_empty()) {
        let mut at = now.resources.get_key_value(host);
        while let Some((host, observed)) = at {
            found.insert(host);
            let parent = observed.parent.as_ref();
            at = parent.and_then(|parent| now.resources.get_key_value(parent));
        }
    }
    found
}
