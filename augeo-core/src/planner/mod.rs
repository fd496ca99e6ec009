//! The planner: from a stack and what was observed to a plan. Pure: no IO, no clock.

mod findings;
mod follow;
mod judge;
mod locks;
mod outside;
mod removal;
mod secret;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

pub(crate) use judge::{Case, digest};
use judge::{Judgement, locate_differences};
pub(crate) use removal::type_of;
pub(crate) use secret::uses as secret_uses;

use crate::graph::{Graph, sort};
use crate::mutant::{self, Mutant};
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change, Plan, Purpose, Reason};
use crate::provider::{ObservedState, Provider};
use crate::report::{evaluate, output_of};
use crate::resource::{Condition, Desired, Exclusion, Observed, Ownership, ResourceType};
use crate::stack::Stack;
use crate::value::{OutputRef, PropertyPath, Value, find};

/// Which data a plan may delete or replace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeleteData {
    /// None.
    #[default]
    None,
    /// That of these resources.
    Named(BTreeSet<ResourceName>),
    /// All of it.
    All,
}

impl DeleteData {
    fn allows(&self, name: &ResourceName) -> bool {
        match self {
            Self::None => false,
            Self::Named(names) => names.contains(name),
            Self::All => true,
        }
    }
}

/// What a plan is to do beyond the stack itself.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Apply or destroy.
    pub purpose: Purpose,
    /// Which data may go.
    pub delete_data: DeleteData,
    /// Only these resources and what they need; empty means all.
    pub only: BTreeSet<ResourceName>,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            purpose: Purpose::Apply,
            delete_data: DeleteData::None,
            only: BTreeSet::new(),
        }
    }
}

/// Everything that a plan is made from.
pub(crate) struct Planner<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) graph: &'a Graph,
    pub(crate) provider: &'a dyn Provider,
    pub(crate) ids: &'a IndexMap<ResourceName, ResourceId>,
    pub(crate) observed: &'a ObservedState,
    pub(crate) options: &'a PlanOptions,
    by_text: OnceCell<BTreeMap<String, String>>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(
        stack: &'a Stack,
        graph: &'a Graph,
        provider: &'a dyn Provider,
        ids: &'a IndexMap<ResourceName, ResourceId>,
        observed: &'a ObservedState,
        options: &'a PlanOptions,
    ) -> Self {
        Self {
            stack,
            graph,
            provider,
            ids,
            observed,
            options,
            by_text: OnceCell::new(),
        }
    }

    /// Makes the plan.
    pub(crate) fn plan(&self) -> Plan {
        let mut findings = match self.options.purpose {
            Purpose::Apply => self.stack.findings().to_vec(),
            // What is worth knowing of settings is nothing to whoever takes it all away.
            Purpose::Destroy => Vec::new(),
        };
        findings.extend(self.observed.findings.iter().cloned());
        let (changes, removals) = match self.options.purpose {
            Purpose::Apply => {
                let mut changes = self.apply(&BTreeMap::new());
                let renewals = secret::renewals(&changes);
                if !renewals.is_empty() {
                    changes = self.apply(&renewals);
                }
                findings.extend(self.findings_of(&changes));
                let removals = removal::left_the_stack(self, &changes);
                (changes, removals)
            }
            Purpose::Destroy => (Vec::new(), removal::everything(self)),
        };
        findings.extend(removals.findings);
        let locks = locks::declared(&changes);
        let mut plan = Plan {
            stack: self.stack.name().clone(),
            purpose: self.options.purpose,
            changes: ordered(changes.into_iter().chain(removals.changes), removals.first),
            existing: self.existing(),
            findings,
            left_out: 0,
            requests: self.observed.requests,
        };
        let unknown = self.unknown_names(&plan);
        self.narrow(&mut plan, removals.left_out);
        locks::arrange(self, &mut plan, &locks);
        plan.findings.extend(unknown);
        plan.findings.sort();
        plan
    }

    fn existing(&self) -> BTreeMap<ResourceName, Observed> {
        self.stack
            .existing_resources()
            .iter()
            .filter_map(|(name, entry)| {
                Some((
                    name.clone(),
                    self.observed.resources.get(&entry.id)?.clone(),
                ))
            })
            .collect()
    }

    fn is_foreign<'c>(&self, mut hosts: impl Iterator<Item = &'c Change>) -> bool {
        hosts.any(|host| {
            let observed = self.observed.resources.get(&host.id);
            observed.is_some_and(|observed| observed.ownership != Ownership::Ours)
        })
    }

    /// One entry per declared resource. `renewals` are secrets that must get a new version, and
    /// the resources that need them to.
    fn apply(&self, renewals: &BTreeMap<ResourceName, ResourceName>) -> Vec<Change> {
        let declared: IndexMap<&ResourceName, &Desired> = self
            .stack
            .resources()
            .iter()
            .map(|desired| (&desired.name, desired))
            .collect();
        let mut done: IndexMap<ResourceName, usize> = IndexMap::new();
        let mut changes: Vec<Change> = Vec::with_capacity(declared.len());
        for name in self.graph.order() {
            let change = self.entry(declared[name], &changes, &done, renewals);
            done.insert(name.clone(), changes.len());
            changes.push(change);
        }
        changes
    }

    fn entry(
        &self,
        desired: &Desired,
        earlier: &[Change],
        done: &IndexMap<ResourceName, usize>,
        renewals: &BTreeMap<ResourceName, ResourceName>,
    ) -> Change {
        let before = |name: &ResourceName| done.get(name).map(|&at| &earlier[at]);
        let id = &self.ids[&desired.name];
        let parent = desired.scope.resource().and_then(before);
        let gone_with = parent.filter(|parent| {
            parent.action == Action::Replace || parent.parent_replaced().is_some()
        });
        let observed = self.observed.resources.get(id);
        let observed = observed.filter(|_| gone_with.is_none());
        let known =
            |reference: &OutputRef| self.known_output(reference, before(&reference.resource));
        let planned = resolve(&desired.value, &known);
        let planned = self.keep_unreadable(planned, observed, &before);
        let declared = desired.value.digest();
        let changing = |name: &ResourceName| before(name).is_some_and(Change::is_change);
        let case = Case {
            provider: self.provider,
            ty: &desired.ty,
            desired: &desired.value,
            planned: &planned,
            declared: &declared,
            observed,
            changing: &changing,
        };
        let mut judgement = case.judge();
        let unreadable = self.observed.unreadable.contains_key(id) && gone_with.is_none();
        // What lives in something that is not ours was not looked at.
        let hosts = std::iter::successors(parent, |host| host.scope.as_ref().and_then(&before));
        let unseen = observed.is_none() && gone_with.is_none() && self.is_foreign(hosts);
        if unreadable || unseen || judgement.not_ours.is_some() {
            judgement.action = Action::NoOp;
            judgement.reasons.clear();
            judgement.differences.clear();
        }
        if let Some(parent) = gone_with {
            judgement.reasons = vec![Reason::ParentReplaced {
                parent: parent.name.clone(),
            }];
        }
        judgement.doubt(&|difference| {
            let mut awaited = None;
            for reference in difference.after.iter().flat_map(Value::references) {
                match before(&reference.resource).filter(|_| known(reference).is_none()) {
                    // What holds data is not replaced for a value that may turn out the same.
                    Some(upstream)
                        if upstream.awaits
                            || (desired.ty.holds_data && difference.forces_replacement) =>
                    {
                        awaited = Some(upstream.name.clone());
                    }
                    Some(_) => return None,
                    None => {}
                }
            }
            awaited
        });
        let host = observed.and_then(|observed| self.deleted_host(observed));
        if let (Some(host), false, None) = (host, judgement.awaits, &judgement.not_ours) {
            judgement.await_with(host.label());
        }
        secret::require(desired, observed, &mut judgement, &before, renewals);
        self.follow(desired, &planned, observed, &mut judgement);
        if let Some(pending) = self.pending(desired, observed, &judgement, &before) {
            judgement.hold(pending);
        }
        locate_differences(&mut judgement.differences, &desired.sources);
        let mut change = Change {
            name: desired.name.clone(),
            id: id.clone(),
            ty: Arc::clone(&desired.ty),
            action: judgement.action,
            awaits: judgement.awaits,
            reasons: judgement.reasons,
            differences: judgement.differences,
            desired: Some(desired.value.clone()),
            planned: Some(planned),
            prior: observed
                .map(|observed| without_strangers(observed, &desired.ty, &desired.value)),
            after: if mutant::is_on(Mutant::IgnoreDependencies) {
                BTreeSet::new()
            } else {
                self.graph.dependencies(&desired.name).clone()
            },
            once_ready: desired.once_ready.clone(),
            follows: BTreeSet::new(),
            exclusion: BTreeSet::new(),
            scope: desired.scope.resource().cloned(),
            goes_with: None,
            location: Some(desired.location.clone()),
            declared,
            digest: judgement.digest,
        };
        let scope = desired.scope.resource().and_then(|scope| {
            let existing = self.stack.existing_resources().get(scope);
            self.ids.get(scope).or(existing.map(|entry| &entry.id))
        });
        let value = change.planned.as_ref().unwrap_or(&desired.value);
        change.exclusion = self.exclusion(id, &desired.ty, scope, value);
        change
    }

    /// What is being deleted and takes this along: whether it is still there afterwards is seen
    /// then.
    fn deleted_host(&self, observed: &Observed) -> Option<&ResourceId> {
        let mut parent = observed.parent.as_ref();
        while let Some(host) = parent.and_then(|parent| self.observed.resources.get(parent)) {
            if host.condition == Condition::Deleting {
                return Some(&host.id);
            }
            parent = host.parent.as_ref();
        }
        None
    }

    /// What cannot be known, because its source cannot be read, stays as it was observed: an
    /// update sends it back.
    fn keep_unreadable<'c>(
        &self,
        planned: Value,
        observed: Option<&Observed>,
        before: &dyn Fn(&ResourceName) -> Option<&'c Change>,
    ) -> Value {
        let Some(observed) = observed.filter(|_| !self.observed.unreadable.is_empty()) else {
            return planned;
        };
        let hidden = |reference: &OutputRef| {
            let name = &reference.resource;
            let existing = self.stack.existing_resources().get(name);
            let id = existing.map(|entry| &entry.id).or(self.ids.get(name));
            let unchanged = before(name).is_none_or(|change| !change.is_change());
            unchanged && id.is_some_and(|id| self.observed.unreadable.contains_key(id))
        };
        planned.map_leaves_at(&|path, leaf| {
            let Value::Unknown(expression) = leaf else {
                return None;
            };
            let is_hidden = expression.references().any(hidden);
            observed.value.get(path).filter(|_| is_hidden).cloned()
        })
    }

    /// One function resolves, when planning and when executing: declared, else observed.
    fn known_output(&self, reference: &OutputRef, upstream: Option<&Change>) -> Option<Value> {
        if let Some(entry) = self.stack.existing_resources().get(&reference.resource) {
            let observed = self.observed.resources.get(&entry.id);
            return known(reference, &entry.id, None, observed);
        }
        let change = upstream?;
        let exists = !matches!(
            change.action,
            Action::Create | Action::Replace | Action::Recover
        ) && !change.awaits;
        known(
            reference,
            &change.id,
            change.planned.as_ref(),
            change.prior.as_ref().filter(|_| exists),
        )
    }

    /// The keys that a change holds: its own identity, and what its type excludes beside it.
    fn exclusion(
        &self,
        id: &ResourceId,
        ty: &ResourceType,
        parent: Option<&ResourceId>,
        value: &Value,
    ) -> BTreeSet<String> {
        let mut keys = BTreeSet::from([id.key().to_owned()]);
        for exclusion in ty.exclusion {
            keys.extend(match exclusion {
                Exclusion::Parent => parent.map(|parent| parent.key().to_owned()),
                Exclusion::Grandparent => parent
                    .and_then(|parent| self.parent_of(parent))
                    .map(|outer| outer.key().to_owned()),
                Exclusion::Property(path) => {
                    let property = value.get(&PropertyPath::parse(path));
                    property
                        .and_then(Value::as_str)
                        .map(|text| self.key_of(text))
                }
            });
        }
        keys
    }

    /// What a resource lives in or on, as it was observed, else as it is declared.
    fn parent_of(&self, id: &ResourceId) -> Option<&ResourceId> {
        let observed = self.observed.resources.get(id);
        let observed = observed.and_then(|observed| observed.parent.as_ref());
        observed.or_else(|| {
            let mut own = self.stack.resources().iter();
            let desired = own.find(|desired| self.ids.get(&desired.name) == Some(id))?;
            let scope = desired.scope.resource()?;
            let existing = self.stack.existing_resources().get(scope);
            self.ids.get(scope).or(existing.map(|entry| &entry.id))
        })
    }

    /// The key of the resource whose id is written so.
    fn key_of(&self, text: &str) -> String {
        let by_text = self.by_text.get_or_init(|| {
            let existing = self.stack.existing_resources().values();
            let ids = self
                .ids
                .values()
                .chain(existing.map(|entry| &entry.id))
                .chain(self.observed.resources.keys());
            ids.map(|id| (id.text().to_lowercase(), id.key().to_owned()))
                .collect()
        });
        let lower = text.to_lowercase();
        by_text.get(&lower).cloned().unwrap_or(lower)
    }
}

/// Every change after what it waits for, where some have to wait for others besides: as far as
/// that makes no cycle.
fn ordered(
    changes: impl Iterator<Item = Change>,
    besides: Vec<(ResourceName, ResourceName)>,
) -> Vec<Change> {
    let mut changes: IndexMap<ResourceName, Change> = changes
        .map(|change| (change.name.clone(), change))
        .collect();
    if besides.is_empty() {
        return changes.into_values().collect();
    }
    let needs = changes
        .iter()
        .map(|(name, change)| (name.clone(), change.after.clone()))
        .collect();
    let loose = besides.into_iter().map(|(then, first)| (first, then));
    let mut needs = removal::without_cycles(needs, loose.collect());
    let names: Vec<ResourceName> = changes.keys().cloned().collect();
    let order = sort(&names, &needs);
    order
        .iter()
        .filter_map(|name| {
            let change = changes.swap_remove(name)?;
            Some(Change {
                after: needs.swap_remove(name).unwrap_or_default(),
                ..change
            })
        })
        .collect()
}

/// The output of a resource: `id` always; else what is declared, if it is known; else what was
/// observed.
pub(crate) fn known(
    reference: &OutputRef,
    id: &ResourceId,
    planned: Option<&Value>,
    observed: Option<&Observed>,
) -> Option<Value> {
    if reference.path.to_string() == "id" {
        return Some(Value::from(id.text()));
    }
    match planned.and_then(|planned| planned.get(&reference.path)) {
        Some(Value::Unknown(_) | Value::Secret(_)) => None,
        Some(value) if !value.has_unknown() && *value != Value::Null => Some(value.clone()),
        _ => observed.and_then(|observed| output_of(observed, reference)),
    }
}

/// A value with every expression that is known replaced by what it is.
pub(crate) fn resolve(value: &Value, output: &dyn Fn(&OutputRef) -> Option<Value>) -> Value {
    value.map_leaves(&|leaf| {
        if let Value::Unknown(expression) = leaf {
            evaluate(expression, output)
        } else {
            None
        }
    })
}

/// What was observed, without the text of what stands undeclared in maps that are declared whole:
/// it is somebody else's, may be a secret, and has no place in a plan or its file.
fn without_strangers(observed: &Observed, ty: &ResourceType, declared: &Value) -> Observed {
    let mut observed = observed.clone();
    for pattern in ty.whole_maps {
        let path = PropertyPath::parse(pattern);
        let declared = declared.get(&path).and_then(Value::as_object);
        let is_strange = |key: &String| declared.is_none_or(|map| find(map, key).is_none());
        let found = observed.value.get(&path).and_then(Value::as_object);
        if !found.is_some_and(|map| map.keys().any(is_strange)) {
            continue;
        }
        let map = Arc::make_mut(&mut observed.value).get_mut(&path);
        for (key, value) in map.and_then(Value::as_object_mut).into_iter().flatten() {
            if is_strange(key) {
                *value = Value::Null;
            }
        }
    }
    observed
}
