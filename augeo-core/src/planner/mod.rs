//! The planner: from a stack and what was observed to a plan. Pure: no IO, no clock.

mod judge;
mod removal;
mod secret;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use judge::{Case, digest};
use judge::{Judgement, locate_differences};
pub(crate) use secret::uses as secret_uses;

use crate::finding::Finding;
use crate::graph::Graph;
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change, Plan, Purpose, Reason};
use crate::provider::{ObservedState, Provider};
use crate::report::{evaluate, output_of};
use crate::resource::{Desired, Exclusion, Observed, Ownership, Scope};
use crate::stack::Stack;
use crate::value::{Expression, OutputRef, PropertyPath, Value};

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
    pub(crate) ids: &'a BTreeMap<ResourceName, ResourceId>,
    pub(crate) observed: &'a ObservedState,
    pub(crate) options: &'a PlanOptions,
}

impl Planner<'_> {
    /// Makes the plan.
    pub(crate) fn plan(&self) -> Plan {
        let mut findings = self.stack.findings().to_vec();
        findings.extend(self.observed.findings.iter().cloned());
        let (changes, removal_findings) = match self.options.purpose {
            Purpose::Apply => {
                let mut changes = self.apply(&BTreeMap::new());
                let renewals = secret::renewals(&changes);
                if !renewals.is_empty() {
                    changes = self.apply(&renewals);
                }
                findings.extend(self.findings_of(&changes));
                let removals = removal::left_the_stack(self, &changes);
                (
                    removal::insert(changes, removals.changes),
                    removals.findings,
                )
            }
            Purpose::Destroy => {
                let removals = removal::everything(self);
                (removals.changes, removals.findings)
            }
        };
        findings.extend(removal_findings);
        let mut plan = Plan {
            stack: self.stack.name().clone(),
            purpose: self.options.purpose,
            changes,
            existing: self.existing(),
            findings,
            requests: self.observed.requests,
        };
        self.narrow(&mut plan);
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

    /// One entry per declared resource. `renewals` are secrets that must get a new version, and
    /// the resources that need them to.
    fn apply(&self, renewals: &BTreeMap<ResourceName, ResourceName>) -> Vec<Change> {
        let declared: BTreeMap<&ResourceName, &Desired> = self
            .stack
            .resources()
            .iter()
            .map(|desired| (&desired.name, desired))
            .collect();
        let mut done: BTreeMap<ResourceName, usize> = BTreeMap::new();
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
        done: &BTreeMap<ResourceName, usize>,
        renewals: &BTreeMap<ResourceName, ResourceName>,
    ) -> Change {
        let before = |name: &ResourceName| done.get(name).map(|&at| &earlier[at]);
        let id = &self.ids[&desired.name];
        let planned = resolve(&desired.value, &|reference| {
            self.known_output(reference, before(&reference.resource))
        });
        let parent = desired.scope.resource().and_then(before);
        let parent_goes = parent.is_some_and(|parent| parent.action == Action::Replace);
        let observed = self.observed.resources.get(id).filter(|_| !parent_goes);
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
        if self.observed.unreadable.contains_key(id) || judgement.not_ours.is_some() {
            judgement.action = Action::NoOp;
            judgement.reasons.clear();
            judgement.differences.clear();
        }
        if let (true, Some(parent)) = (parent_goes, parent) {
            judgement.reasons = vec![Reason::ParentReplaced {
                parent: parent.name.clone(),
            }];
        }
        let awaited_parent = parent.is_some_and(|parent| parent.awaits) && observed.is_some();
        if awaited_parent && !judgement.awaits && judgement.not_ours.is_none() {
            judgement.awaits = true;
            judgement.action = Action::NoOp;
            judgement.reasons = vec![Reason::Busy {
                doing: "its parent is awaited".to_owned(),
            }];
        }
        secret::require(desired, observed, &mut judgement, &before, renewals);
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
            prior: observed.cloned(),
            after: self.graph.dependencies(&desired.name).clone(),
            exclusion: BTreeSet::new(),
            scope: desired.scope.resource().cloned(),
            goes_with: None,
            location: Some(desired.location.clone()),
            declared,
            digest: judgement.digest,
        };
        change.exclusion = self.exclusion(&change, &desired.scope);
        change
    }

    /// One function resolves, when planning and when executing: declared, else observed.
    fn known_output(&self, reference: &OutputRef, upstream: Option<&Change>) -> Option<Value> {
        if let Some(entry) = self.stack.existing_resources().get(&reference.resource) {
            return output_of(self.observed.resources.get(&entry.id)?, reference);
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

    fn exclusion(&self, change: &Change, scope: &Scope) -> BTreeSet<String> {
        let key_of = |name: &ResourceName| {
            self.ids.get(name).or_else(|| {
                self.stack
                    .existing_resources()
                    .get(name)
                    .map(|entry| &entry.id)
            })
        };
        let mut keys = BTreeSet::from([change.id.key().to_owned()]);
        for exclusion in change.ty.exclusion {
            match exclusion {
                Exclusion::Parent => keys.extend(
                    scope
                        .resource()
                        .and_then(key_of)
                        .map(|id| id.key().to_owned()),
                ),
                Exclusion::Property(path) => {
                    let declared = change
                        .desired
                        .as_ref()
                        .and_then(|value| value.get(&PropertyPath::parse(path)));
                    match declared {
                        Some(Value::Unknown(Expression::Output(reference))) => {
                            keys.extend(key_of(&reference.resource).map(|id| id.key().to_owned()));
                        }
                        Some(Value::String(text)) => keys.extend([text.clone()]),
                        _ => {}
                    }
                }
            }
        }
        keys
    }

    /// What the stack refers to as existing and is not there.
    fn missing(&self) -> impl Iterator<Item = Finding> {
        let entries = self.stack.existing_resources().iter();
        entries
            .filter(|(_, entry)| !self.observed.resources.contains_key(&entry.id))
            .map(|(name, entry)| {
                let message = match self.observed.unreadable.get(&entry.id) {
                    Some(error) => format!(
                        "`{name}` is referred to as existing and could not be read: {error}"
                    ),
                    None => format!(
                        "`{name}` is referred to as existing and is not there: {}",
                        entry.id
                    ),
                };
                let finding = Finding::error("augeo/existing-missing", message).about(name);
                finding
                    .at(entry.location.clone())
                    .fix("correct the id, or create it first")
            })
    }

    fn findings_of(&self, changes: &[Change]) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.missing().collect();
        for change in changes {
            let place = |finding: Finding| match &change.location {
                Some(location) => finding.about(&change.name).at(location.clone()),
                None => finding.about(&change.name),
            };
            if let Some(error) = self.observed.unreadable.get(&change.id) {
                let message = format!(
                    "{} could not be read, so whether it differs is not known: {error}",
                    change.name
                );
                findings.push(place(Finding::warning(
                    format!("unreadable/{}", error.code),
                    message,
                )));
            }
            let ownership = self
                .observed
                .resources
                .get(&change.id)
                .map(|observed| &observed.ownership);
            let message = match ownership {
                Some(Ownership::Foreign) => format!(
                    "{} exists and is not this stack's: {}",
                    change.name, change.id
                ),
                Some(Ownership::Other { stack }) => format!(
                    "{} exists and belongs to {stack}: {}",
                    change.name, change.id
                ),
                Some(Ownership::Ours) | None => String::new(),
            };
            if !message.is_empty() {
                let fix = "refer to it as existing, or give this resource another name";
                findings.push(place(Finding::error("augeo/not-ours", message).fix(fix)));
            }
            let lost = change.loses_data()
                || (change.ty.holds_data
                    && change
                        .reasons
                        .iter()
                        .any(|reason| matches!(reason, Reason::ParentReplaced { .. })));
            if lost && !self.options.delete_data.allows(&change.name) {
                let message = format!("{} holds data and would be replaced", change.name);
                let fix =
                    "take the change back, or move the data to a resource of another name first";
                findings.push(place(Finding::error("augeo/protected", message).fix(fix)));
            }
        }
        findings
    }

    /// Leaves out what was not asked for.
    fn narrow(&self, plan: &mut Plan) {
        if self.options.only.is_empty() {
            return;
        }
        for name in &self.options.only {
            if plan.change(name.as_str()).is_none() {
                let finding = Finding::error(
                    "augeo/unknown-resource",
                    format!("the stack has no resource `{name}`"),
                );
                plan.findings
                    .push(finding.fix("`augeo graph` lists the names"));
            }
        }
        let kept = self.graph.closure(&self.options.only);
        let before = plan.pending().count();
        plan.changes
            .retain(|change| kept.contains(&change.name) || !change.is_change());
        let left_out = before - plan.pending().count();
        if left_out > 0 {
            let message = format!("{left_out} other changes are left out and stay to be done");
            plan.findings.push(Finding::note("augeo/narrowed", message));
        }
    }
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
    value.map_leaves(&|leaf| match leaf {
        Value::Unknown(expression) => evaluate(expression, output),
        _ => None,
    })
}
