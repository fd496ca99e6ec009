//! Removals: what left the stack, or all of it, in the order in which it can go.
//!
//! The order comes from what was observed: a resource goes before what it lives in and before
//! what its properties mention. Where the stack still names both, its own order is kept, too.

mod order;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

pub(super) use order::without_cycles;

use super::outside::hold_removals;
use super::{Planner, digest};
use crate::finding::Finding;
use crate::mutant::{self, Mutant};
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change, Reason};
use crate::provider::Provider;
use crate::resource::{Condition, Lifecycle, Observed, Ownership, ResourceType};
use crate::value::Value;

/// What is removed, and what is to be known of it.
#[derive(Default)]
pub(super) struct Removals {
    pub(super) changes: Vec<Change>,
    pub(super) findings: Vec<Finding>,
    /// What is replaced, and what uses it and must be gone before.
    pub(super) first: Vec<(ResourceName, ResourceName)>,
    /// What is the stack's and was not asked for.
    pub(super) left_out: usize,
}

/// Everything of the stack's that it no longer names.
pub(super) fn left_the_stack(planner: &Planner<'_>, declared: &[Change]) -> Removals {
    let named: IndexSet<&ResourceId> = declared.iter().map(|change| &change.id).collect();
    let stays =
        |observed: &Observed| named.contains(&observed.id) || mutant::is_on(Mutant::ForgetWhatLeft);
    let candidates = ours(planner).filter(|observed| !stays(observed));
    let mut leaving = Leaving::new(planner, candidates, Reason::LeftStack);
    leaving.replaced = replaced(planner, declared);
    leaving.keep_what_holds(&named);
    let mut removals = leaving.removals();
    let at: IndexMap<ResourceName, usize> = removals
        .changes
        .iter()
        .enumerate()
        .map(|(at, change)| (change.name.clone(), at))
        .collect();
    // What the stack still has may mention what leaves: it is changed first.
    let mut held = BTreeMap::new();
    for change in declared {
        let pending = change.pending();
        if !change.is_change() && pending.is_none() {
            continue;
        }
        let mentions = change.prior.iter().flat_map(|prior| &prior.mentions);
        for mentioned in mentions {
            let removal = leaving.top(mentioned).map(|top| at[&leaving.names[top]]);
            if let Some(removal) = removal {
                let after = &mut removals.changes[removal].after;
                after.insert(change.name.clone());
                held.extend(pending.map(|pending| (removal, pending.clone())));
            }
        }
    }
    hold_removals(&mut removals.changes, &held);
    removals.first = order::before_replacements(&leaving, declared);
    removals
}

/// Everything of the stack's; only what was asked for and what cannot stay without it, if
/// anything was.
pub(super) fn everything(planner: &Planner<'_>) -> Removals {
    let mut all: Vec<&Observed> = ours(planner).collect();
    if mutant::is_on(Mutant::LeaveGroups) {
        all.retain(|observed| observed.id.text().contains("/providers/"));
    }
    let asked = closure(planner, &all);
    let number = all.len();
    let chosen = all.into_iter().filter(|observed| {
        asked
            .as_ref()
            .is_none_or(|asked| asked.contains(&observed.id))
    });
    let leaving = Leaving::new(planner, chosen, Reason::Destroyed);
    let left_out = number - leaving.observed.len();
    Removals {
        left_out,
        ..leaving_removals(leaving)
    }
}

fn leaving_removals(mut leaving: Leaving<'_>) -> Removals {
    leaving.keep_what_holds(&IndexSet::new());
    leaving.removals()
}

/// What was asked for, what lives in it and what uses it; `None` if nothing was named.
fn closure<'a>(planner: &'a Planner<'_>, all: &[&'a Observed]) -> Option<BTreeSet<&'a ResourceId>> {
    if planner.options.only.is_empty() {
        return None;
    }
    let mut followers: BTreeMap<&ResourceId, Vec<&ResourceId>> = BTreeMap::new();
    for observed in all {
        for led in observed.parent.iter().chain(&observed.mentions) {
            followers.entry(led).or_default().push(&observed.id);
        }
    }
    for (name, id) in planner.ids {
        for needed in planner.graph.dependencies(name) {
            followers.entry(&planner.ids[needed]).or_default().push(id);
        }
    }
    let named = planner.options.only.iter();
    let mut open: Vec<&ResourceId> = named.filter_map(|name| planner.ids.get(name)).collect();
    let labelled = all.iter().filter(|observed| {
        let label = observed.id.label();
        planner.options.only.contains(label) && !planner.ids.contains_key(label)
    });
    open.extend(labelled.map(|observed| &observed.id));
    let mut asked = BTreeSet::new();
    while let Some(id) = open.pop() {
        if asked.insert(id) {
            open.extend(followers.get(id).into_iter().flatten());
        }
    }
    Some(asked)
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

/// Each declared resource whose present form disappears in a replacement, and the resource that
/// is replaced.
fn replaced<'a>(
    planner: &Planner<'_>,
    declared: &'a [Change],
) -> BTreeMap<&'a ResourceId, &'a ResourceName> {
    let mut found: BTreeMap<&ResourceId, &ResourceName> = BTreeMap::new();
    for change in declared {
        let with_parent = || {
            let parent = planner.ids.get(change.parent_replaced()?)?;
            found.get(parent).copied()
        };
        let root = if change.action == Action::Replace {
            Some(&change.name)
        } else {
            with_parent()
        };
        if let Some(root) = root {
            found.insert(&change.id, root);
        }
    }
    found
}

/// The facts of the type of what was observed and is not declared. A type that the provider does
/// not describe may hold anything, so it is taken for holding data.
pub(crate) fn type_of(provider: &dyn Provider, observed: &Observed) -> ResourceType {
    let unknown = || ResourceType {
        name: observed.ty.clone(),
        title: observed.ty.to_string().into(),
        holds_data: true,
        ..ResourceType::BASE
    };
    let known = provider.resource_type(&observed.ty, &observed.id);
    let mut ty = known.map_or_else(unknown, Cow::into_owned);
    if ty.version.is_empty() {
        ty.version = observed.version.clone().into();
    }
    ty
}

/// What leaves, while it is found out how.
struct Leaving<'a> {
    planner: &'a Planner<'a>,
    reason: Reason,
    /// In the order of the ids; looked up by hash, which does not slow down as there are more.
    observed: IndexMap<&'a ResourceId, &'a Observed>,
    names: IndexMap<ResourceId, ResourceName>,
    types: IndexMap<&'a ResourceId, Arc<ResourceType>>,
    replaced: BTreeMap<&'a ResourceId, &'a ResourceName>,
    /// What is deleted by itself although it could go with what it lives in.
    alone: BTreeSet<ResourceId>,
    findings: Vec<Finding>,
}

impl<'a> Leaving<'a> {
    fn new(
        planner: &'a Planner<'a>,
        candidates: impl Iterator<Item = &'a Observed>,
        reason: Reason,
    ) -> Self {
        let mut observed: IndexMap<&ResourceId, &Observed> = candidates
            .map(|observed| (&observed.id, observed))
            .collect();
        observed.sort_keys();
        let declared: IndexMap<&ResourceId, &Arc<ResourceType>> = planner
            .stack
            .resources()
            .iter()
            .filter_map(|desired| Some((planner.ids.get(&desired.name)?, &desired.ty)))
            .collect();
        let facts = |observed: &Observed| {
            if let Some(ty) = declared.get(&observed.id) {
                return Arc::clone(ty);
            }
            Arc::new(type_of(planner.provider, observed))
        };
        let types: IndexMap<&ResourceId, Arc<ResourceType>> = observed
            .iter()
            .map(|(id, observed)| (*id, facts(observed)))
            .collect();
        let guards = types.iter().filter(|(_, ty)| ty.guards.is_some());
        let alone = guards.map(|(id, _)| (*id).clone()).collect();
        let mut leaving = Self {
            names: name_all(planner, &observed),
            planner,
            reason,
            observed,
            types,
            replaced: BTreeMap::new(),
            alone,
            findings: Vec::new(),
        };
        let types = &leaving.types;
        leaving
            .observed
            .retain(|id, _| types[id].lifecycle != Lifecycle::Singleton);
        leaving
    }

    /// What it lives in, past what exists only with that.
    fn parent<'o>(&'o self, observed: &'o Observed) -> Option<&'o ResourceId> {
        let mut parent = observed.parent.as_ref()?;
        let passed = |id: &ResourceId| {
            if self.types.get(id)?.lifecycle != Lifecycle::Singleton {
                return None;
            }
            let between = self.planner.observed.resources.get(id)?;
            between.parent.as_ref()
        };
        while let Some(above) = passed(parent) {
            parent = above;
        }
        Some(parent)
    }

    /// The resource whose deletion takes this one along.
    fn goes_with(&self, observed: &Observed) -> Option<ResourceName> {
        let parent = self.parent(observed)?;
        if let Some(root) = self.replaced.get(parent) {
            return Some((*root).clone());
        }
        let holder = self.observed.get(parent)?;
        let goes = self.types[parent].takes_contents
            || self.types[&observed.id].lifecycle == Lifecycle::Undeletable
            || self.goes_with(holder).is_some();
        (goes && !self.alone.contains(&observed.id)).then(|| self.names[parent].clone())
    }

    /// What keeps what it is on from being deleted.
    fn guards(&self) -> impl Iterator<Item = (&'a ResourceId, &'a Observed)> {
        let all = self.observed.iter();
        all.filter(|(id, _)| self.types[*id].guards.is_some())
            .map(|(id, observed)| (*id, *observed))
    }

    /// Whether it is a host, or lives in it at any depth.
    fn is_within(&self, id: &ResourceId, host: &ResourceId) -> bool {
        let parent = |id: &ResourceId| self.observed.get(id).and_then(|it| it.parent.as_ref());
        std::iter::successors(Some(id), |id| parent(id)).any(|outer| outer == host)
    }

    /// Whether it goes with something and could be deleted before.
    fn can_go_alone(&self, id: &ResourceId) -> bool {
        let Some(observed) = self.observed.get(id) else {
            return false;
        };
        let parent = self.parent(observed);
        self.goes_with(observed).is_some()
            && parent.is_some_and(|parent| self.observed.contains_key(parent))
            && self.types[id].lifecycle == Lifecycle::Ordinary
    }

    /// What is really deleted when this one goes: it, or what takes it along. Nothing if that is
    /// a replacement, or if it does not leave.
    fn top(&self, id: &ResourceId) -> Option<&'a ResourceId> {
        let (id, observed) = self.observed.get_key_value(id)?;
        if self.goes_with(observed).is_none() {
            return Some(id);
        }
        self.top(self.parent(observed)?)
    }

    /// Whatever holds something that is not the stack's, or that the stack still names, stays;
    /// so does what cannot be deleted.
    fn keep_what_holds(&mut self, named: &IndexSet<&ResourceId>) {
        let holding = self.planner.holding();
        let mut kept: BTreeMap<&ResourceId, Vec<String>> = BTreeMap::new();
        for id in self.observed.keys() {
            if let Some(guests) = holding.get(id) {
                let labels = guests.iter().map(|guest| guest.label().to_owned());
                kept.insert(*id, labels.collect());
            }
        }
        for id in named {
            let mut at = self.planner.observed.resources.get(id);
            while let Some(parent) = at.and_then(|observed| observed.parent.as_ref()) {
                if let Some((parent, _)) = self.observed.get_key_value(parent) {
                    kept.entry(parent).or_default().push(id.label().to_owned());
                }
                at = self.planner.observed.resources.get(parent);
            }
        }
        self.observed.retain(|id, _| !kept.contains_key(*id));
        for (id, labels) in kept {
            let name = &self.names[id];
            let labels = labels.join(", ");
            let message =
                format!("{name} stays, because not everything in it is to be deleted: {labels}");
            let finding = Finding::note("augeo/host-stays", message);
            self.findings.push(finding.about(name));
        }
        let stays: BTreeSet<&ResourceId> = self
            .observed
            .iter()
            .filter(|(id, observed)| {
                let ty = &self.types[*id];
                // Data without a record of a declaration was perhaps never declared: somebody made
                // it inside what is ours.
                let perhaps_theirs = self.reason == Reason::LeftStack
                    && ty.holds_data
                    && observed.declared.is_none();
                (ty.lifecycle == Lifecycle::Undeletable || perhaps_theirs)
                    && self.goes_with(observed).is_none()
            })
            .map(|(id, _)| *id)
            .collect();
        self.observed.retain(|id, _| !stays.contains(*id));
        for id in stays {
            let name = &self.names[id];
            let message = if self.types[id].lifecycle == Lifecycle::Undeletable {
                format!("{name} left the stack and cannot be deleted here: {id}")
            } else {
                format!(
                    "{name} holds data, nothing shows that the stack made it, and it stays: {id}"
                )
            };
            let finding = Finding::note("augeo/left-behind", message);
            self.findings.push(finding.about(name));
        }
    }

    fn removals(&mut self) -> Removals {
        let (order, mut needs) = order::order(self);
        let named: IndexMap<&ResourceName, &Observed> = self
            .observed
            .iter()
            .map(|(id, observed)| (&self.names[*id], *observed))
            .collect();
        let changes: Vec<Change> = order
            .iter()
            .map(|name| Change {
                after: needs.swap_remove(name).unwrap_or_default(),
                ..self.removal(named[name])
            })
            .collect();
        let mut findings = std::mem::take(&mut self.findings);
        findings.extend(changes.iter().filter_map(|change| self.protection(change)));
        Removals {
            changes,
            findings,
            first: Vec::new(),
            left_out: 0,
        }
    }

    /// Data goes only by name: its own, or that of the data that it is in.
    fn protection(&self, change: &Change) -> Option<Finding> {
        let mut at = self
            .observed
            .get(&change.id)
            .and_then(|observed| observed.parent.as_ref());
        let mut inside_data = false;
        while let Some(parent) = at.and_then(|parent| self.observed.get(parent)) {
            inside_data |= self.types[&parent.id].holds_data;
            at = parent.parent.as_ref();
        }
        let allowed = self.planner.options.delete_data.allows(&change.name);
        if !change.ty.holds_data || change.is_stillborn() || inside_data || allowed {
            return None;
        }
        let message = match &change.goes_with {
            Some(with) => format!(
                "{} holds data and would be deleted with {with}",
                change.name
            ),
            None => format!("{} holds data and would be deleted", change.name),
        };
        let fix = if self.reason == Reason::Destroyed {
            "name it with --delete-data"
        } else {
            "put it back into the stack, or delete it by hand; only a destroy deletes data, by name"
        };
        let finding = Finding::error("augeo/protected", message);
        Some(finding.about(&change.name).fix(fix))
    }

    fn removal(&self, observed: &Observed) -> Change {
        let mut reasons = vec![self.reason.clone()];
        let doing = match &observed.condition {
            Condition::Busy { doing } => Some(doing.clone()),
            Condition::Deleting => Some("deleting".to_owned()),
            Condition::Ready | Condition::Failed { .. } | Condition::SoftDeleted { .. } => None,
        };
        let awaits = doing.is_some();
        reasons.extend(doing.map(|doing| Reason::Busy { doing }));
        let ty = &self.types[&observed.id];
        Change {
            name: self.names[&observed.id].clone(),
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
            once_ready: BTreeSet::new(),
            follows: BTreeSet::new(),
            exclusion: self.planner.exclusion(
                &observed.id,
                ty,
                observed.parent.as_ref(),
                &observed.value,
            ),
            scope: None,
            goes_with: self.goes_with(observed),
            location: None,
            declared: String::new(),
            digest: digest(observed, &Value::Null),
        }
    }
}

/// Stack names where there are any, else the provider's labels, told apart by the whole id.
fn name_all(
    planner: &Planner<'_>,
    candidates: &IndexMap<&ResourceId, &Observed>,
) -> IndexMap<ResourceId, ResourceName> {
    let declared: IndexMap<&ResourceId, &ResourceName> =
        planner.ids.iter().map(|(name, id)| (id, name)).collect();
    let existing = planner.stack.existing_resources().keys();
    let mut used: IndexSet<ResourceName> = planner.ids.keys().chain(existing).cloned().collect();
    let mut names = IndexMap::new();
    for id in candidates.keys() {
        let name = declared.get(id).map_or_else(
            || {
                let label = ResourceName::unchecked(id.label());
                if used.contains(&label) {
                    ResourceName::unchecked(id.text())
                } else {
                    label
                }
            },
            |name| (*name).clone(),
        );
        used.insert(name.clone());
        names.insert((*id).clone(), name);
    }
    names
}
