//! Removals: what left the stack, or all of it, in the order in which it can go.
//!
//! The order comes from what was observed: a resource goes before what it lives in and before
//! what its properties mention.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Planner, digest};
use crate::finding::Finding;
use crate::graph;
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change, Reason};
use crate::resource::{Condition, Lifecycle, Observed, Ownership, ResourceType};
use crate::value::Value;

/// What is removed, and what is to be known of it.
#[derive(Default)]
pub(super) struct Removals {
    pub(super) changes: Vec<Change>,
    pub(super) findings: Vec<Finding>,
}

/// Everything of the stack's that it no longer names.
pub(super) fn left_the_stack(planner: &Planner<'_>, declared: &[Change]) -> Removals {
    let named: BTreeSet<&ResourceId> = declared.iter().map(|change| &change.id).collect();
    let gone: BTreeSet<&ResourceId> = declared
        .iter()
        .filter(|change| change.action == Action::Replace)
        .map(|change| &change.id)
        .collect();
    let candidates = ours(planner).filter(|observed| {
        !named.contains(&observed.id)
            && !observed
                .parent
                .as_ref()
                .is_some_and(|parent| gone.contains(parent))
    });
    let mut removals = removals(planner, candidates.collect(), &Reason::LeftStack);
    // What the stack still has may mention what leaves: it is changed first.
    for removal in &mut removals.changes {
        for change in declared.iter().filter(|change| change.is_change()) {
            if change
                .prior
                .as_ref()
                .is_some_and(|prior| prior.mentions.contains(&removal.id))
            {
                removal.after.insert(change.name.clone());
            }
        }
    }
    removals
}

/// Everything of the stack's.
pub(super) fn everything(planner: &Planner<'_>) -> Removals {
    removals(planner, ours(planner).collect(), &Reason::Destroyed)
}

fn ours<'a>(planner: &'a Planner<'_>) -> impl Iterator<Item = &'a Observed> {
    let existing: BTreeSet<&ResourceId> = planner
        .stack
        .existing_resources()
        .values()
        .map(|entry| &entry.id)
        .collect();
    planner.observed.resources.values().filter(move |observed| {
        observed.ownership == Ownership::Ours
            && !existing.contains(&observed.id)
            && !matches!(observed.condition, Condition::SoftDeleted { .. })
    })
}

/// Puts removals behind the changes that they wait for, without moving anything else.
pub(super) fn insert(mut changes: Vec<Change>, removals: Vec<Change>) -> Vec<Change> {
    changes.extend(removals);
    changes
}

fn facts(planner: &Planner<'_>, observed: &Observed) -> Arc<ResourceType> {
    let declared = planner
        .stack
        .resources()
        .iter()
        .find(|desired| planner.ids.get(&desired.name) == Some(&observed.id));
    if let Some(desired) = declared {
        return Arc::clone(&desired.ty);
    }
    let known = planner.provider.resource_type(&observed.ty, &observed.id);
    Arc::new(known.map_or_else(|| unknown_type(observed), std::borrow::Cow::into_owned))
}

/// The facts of a type that the provider does not describe.
pub(crate) fn unknown_type(observed: &Observed) -> ResourceType {
    ResourceType {
        name: observed.ty.clone(),
        version: observed.version.clone().into(),
        title: observed.ty.to_string().into(),
        ..ResourceType::BASE
    }
}

fn removals(planner: &Planner<'_>, candidates: Vec<&Observed>, reason: &Reason) -> Removals {
    let names = name_all(planner, &candidates);
    let types: BTreeMap<&ResourceId, Arc<ResourceType>> = candidates
        .iter()
        .map(|observed| (&observed.id, facts(planner, observed)))
        .collect();
    let mut result = Removals::default();
    let mut leaving: BTreeMap<&ResourceId, &Observed> = candidates
        .iter()
        .map(|observed| (&observed.id, *observed))
        .collect();
    leaving.retain(|id, _| types[id].lifecycle != Lifecycle::Singleton);
    let taken = |leaving: &BTreeMap<&ResourceId, &Observed>, observed: &Observed| {
        observed
            .parent
            .as_ref()
            .filter(|parent| leaving.contains_key(parent) && types[parent].takes_contents)
            .cloned()
    };
    let stays: Vec<&ResourceId> = leaving
        .iter()
        .filter(|(id, observed)| {
            types[*id].lifecycle == Lifecycle::Undeletable && taken(&leaving, observed).is_none()
        })
        .map(|(id, _)| *id)
        .collect();
    for id in stays {
        let message = format!(
            "{} left the stack and cannot be deleted here: {id}",
            names[id]
        );
        result
            .findings
            .push(Finding::note("augeo/left-behind", message).about(&names[id]));
        leaving.remove(id);
    }
    hosts_stay(planner, &mut leaving, &names, &mut result);
    let mut found: BTreeMap<ResourceName, Change> = BTreeMap::new();
    for (id, observed) in &leaving {
        let goes_with = taken(&leaving, observed);
        let change = removal(
            observed,
            &names[*id],
            &types[*id],
            reason,
            goes_with.map(|parent| names[&parent].clone()),
        );
        found.insert(change.name.clone(), change);
    }
    order(&leaving, &names, &mut found);
    for change in found.values() {
        let protected = change.ty.holds_data && change.goes_with.is_none();
        if protected && !planner.options.delete_data.allows(&change.name) {
            let message = format!("{} holds data and would be deleted", change.name);
            result.findings.push(
                Finding::error("augeo/protected", message)
                    .about(&change.name)
                    .fix(if *reason == Reason::Destroyed {
                        "name it with --delete-data"
                    } else {
                        "put it back into the stack; only a destroy deletes data, by name"
                    }),
            );
        }
    }
    let positions: Vec<ResourceName> = found.keys().cloned().collect();
    let needs = found
        .iter()
        .map(|(name, change)| (name.clone(), change.after.clone()))
        .collect();
    for name in graph::sort(&positions, &needs) {
        result.changes.extend(found.remove(&name));
    }
    result
}

/// Whatever holds something that is not the stack's stays, with a note.
fn hosts_stay(
    planner: &Planner<'_>,
    leaving: &mut BTreeMap<&ResourceId, &Observed>,
    names: &BTreeMap<ResourceId, ResourceName>,
    result: &mut Removals,
) {
    for (host, guests) in &planner.observed.guests {
        if guests.is_empty() || leaving.remove(host).is_none() {
            continue;
        }
        let labels = guests
            .iter()
            .map(ResourceId::label)
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!(
            "{} stays, because not everything in it is this stack's: {labels}",
            names[host]
        );
        result
            .findings
            .push(Finding::note("augeo/host-stays", message).about(&names[host]));
    }
}

/// Stack names where there are any, else the provider's labels, told apart by the whole id.
fn name_all(planner: &Planner<'_>, candidates: &[&Observed]) -> BTreeMap<ResourceId, ResourceName> {
    let declared: BTreeMap<&ResourceId, &ResourceName> =
        planner.ids.iter().map(|(name, id)| (id, name)).collect();
    let mut used: BTreeSet<ResourceName> = planner.ids.keys().cloned().collect();
    let mut names = BTreeMap::new();
    for observed in candidates {
        let name = declared.get(&observed.id).map_or_else(
            || {
                let label = ResourceName::unchecked(observed.id.label());
                if used.contains(&label) {
                    ResourceName::unchecked(observed.id.text())
                } else {
                    label
                }
            },
            |name| (*name).clone(),
        );
        used.insert(name.clone());
        names.insert(observed.id.clone(), name);
    }
    names
}

fn removal(
    observed: &Observed,
    name: &ResourceName,
    ty: &Arc<ResourceType>,
    reason: &Reason,
    goes_with: Option<ResourceName>,
) -> Change {
    let mut reasons = vec![reason.clone()];
    let awaits = match &observed.condition {
        Condition::Busy { doing } => {
            reasons.push(Reason::Busy {
                doing: doing.clone(),
            });
            true
        }
        Condition::Deleting => {
            reasons.push(Reason::Busy {
                doing: "deleting".to_owned(),
            });
            true
        }
        Condition::Ready | Condition::Failed { .. } | Condition::SoftDeleted { .. } => false,
    };
    Change {
        name: name.clone(),
        id: observed.id.clone(),
        ty: Arc::clone(ty),
        action: Action::Delete,
        awaits,
        reasons,
        differences: Vec::new(),
        desired: None,
        planned: None,
        prior: Some(observed.clone()),
        after: BTreeSet::new(),
        exclusion: BTreeSet::from([observed.id.key().to_owned()]),
        scope: None,
        goes_with,
        location: None,
        declared: String::new(),
        digest: digest(observed, &Value::Null),
    }
}

/// Children before parents; what mentions before what is mentioned, unless that would be a cycle.
/// What goes with its parent comes after it.
fn order(
    leaving: &BTreeMap<&ResourceId, &Observed>,
    names: &BTreeMap<ResourceId, ResourceName>,
    found: &mut BTreeMap<ResourceName, Change>,
) {
    let mut needs: BTreeMap<ResourceName, BTreeSet<ResourceName>> = BTreeMap::new();
    let mut loose: Vec<(ResourceName, ResourceName)> = Vec::new();
    for (id, observed) in leaving {
        let name = &names[*id];
        let with = found[name].goes_with.clone();
        needs.entry(name.clone()).or_default().extend(with.clone());
        if let Some(parent) = observed
            .parent
            .as_ref()
            .filter(|parent| with.is_none() && leaving.contains_key(parent))
        {
            needs
                .entry(names[parent].clone())
                .or_default()
                .insert(name.clone());
        }
        for mentioned in observed
            .mentions
            .iter()
            .filter(|mentioned| leaving.contains_key(mentioned))
        {
            let first = top(found, name);
            let then = top(found, &names[mentioned]);
            if first != then {
                loose.push((then, first));
            }
        }
    }
    for (name, needed) in loose {
        if !reaches(&needs, &needed, &name) {
            needs.entry(name).or_default().insert(needed);
        }
    }
    for (name, needed) in needs {
        if let Some(change) = found.get_mut(&name) {
            change.after.extend(needed);
        }
    }
}

/// The resource whose deletion takes this one along.
fn top(found: &BTreeMap<ResourceName, Change>, name: &ResourceName) -> ResourceName {
    let mut top = name;
    while let Some(with) = found.get(top).and_then(|change| change.goes_with.as_ref()) {
        top = with;
    }
    top.clone()
}

fn reaches(
    needs: &BTreeMap<ResourceName, BTreeSet<ResourceName>>,
    from: &ResourceName,
    to: &ResourceName,
) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            open.extend(needs.get(name).into_iter().flatten());
        }
    }
    false
}
