//! What a plan tells of its resources: what could not be read, is not ours, holds what must stay.

use std::collections::{BTreeMap, BTreeSet};

use super::{DeleteData, Planner};
use crate::finding::Finding;
use crate::mutant::{self, Mutant};
use crate::name::{ResourceId, ResourceName};
use crate::plan::{Action, Change, Plan, Purpose};
use crate::provider::{ErrorKind, ProviderError};
use crate::resource::{Condition, Ownership};
use crate::suggestion::nearest;

fn unreadable(name: &ResourceName, error: &ProviderError, what: &str) -> Finding {
    let code = &error.code;
    let message = format!("{name} could not be read, so {what} is not known: {error} ({code})");
    // Who may not look may still be allowed to write; what cannot be asked for cannot be written.
    if matches!(error.kind, ErrorKind::Denied) {
        Finding::warning("augeo/unreadable", message)
    } else {
        Finding::error("augeo/unreadable", message).fix("correct what the message names")
    }
}

impl Planner<'_> {
    /// What is not the stack's, by everything of the stack's that it is in.
    pub(super) fn holding(&self) -> BTreeMap<&ResourceId, Vec<&ResourceId>> {
        let mut holding: BTreeMap<&ResourceId, Vec<&ResourceId>> = BTreeMap::new();
        if mutant::is_on(Mutant::IgnoreGuests) {
            return holding;
        }
        for (host, guests) in &self.observed.guests {
            let mut at = self.observed.resources.get_key_value(host);
            while let Some((host, observed)) = at {
                holding.entry(host).or_default().extend(guests);
                let parent = observed.parent.as_ref();
                at = parent.and_then(|parent| self.observed.resources.get_key_value(parent));
            }
        }
        for guests in holding.values_mut() {
            guests.sort();
            guests.dedup();
        }
        holding.retain(|_, guests| !guests.is_empty());
        holding
    }

    /// What the stack refers to as existing and is not there, or cannot be read.
    fn missing(&self) -> impl Iterator<Item = Finding> {
        let entries = self.stack.existing_resources().iter();
        entries
            .filter(|(_, entry)| !self.observed.resources.contains_key(&entry.id))
            .filter(|(name, entry)| {
                self.observed.unreadable.contains_key(&entry.id) || !self.is_awaited(name)
            })
            .map(|(name, entry)| {
                let finding = if let Some(error) = self.observed.unreadable.get(&entry.id) {
                    unreadable(name, error, "what it has")
                } else {
                    let message = format!(
                        "`{name}` is referred to as existing and is not there: {}",
                        entry.id
                    );
                    Finding::error("augeo/existing-missing", message)
                        .fix("correct the id, or create it first")
                };
                finding.about(name).at(entry.location.clone())
            })
    }

    pub(super) fn findings_of(&self, changes: &[Change]) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.missing().collect();
        let holding = self.holding();
        for change in changes {
            let found = [
                self.unread(change),
                self.not_ours(change),
                self.protection(change),
                guests(change, holding.get(&change.id)),
            ];
            findings.extend(found.into_iter().flatten().map(|finding| {
                let finding = finding.about(&change.name);
                match &change.location {
                    Some(location) => finding.at(location.clone()),
                    None => finding,
                }
            }));
        }
        findings
    }

    fn unread(&self, change: &Change) -> Option<Finding> {
        let error = self.observed.unreadable.get(&change.id)?;
        Some(unreadable(&change.name, error, "whether it differs"))
    }

    fn not_ours(&self, change: &Change) -> Option<Finding> {
        let name = &change.name;
        let observed = self.observed.resources.get(&change.id)?;
        let (state, fix) = match observed.condition {
            Condition::SoftDeleted { .. } => (
                "was deleted and can still be recovered",
                "have its owner purge it, or give this resource another name",
            ),
            Condition::Ready
            | Condition::Busy { .. }
            | Condition::Failed { .. }
            | Condition::Deleting => (
                "exists",
                "refer to it as existing, or give this resource another name",
            ),
        };
        let whose = match &observed.ownership {
            Ownership::Ours => return None,
            Ownership::Foreign => "is not this stack's".to_owned(),
            Ownership::Other { stack } => format!("belongs to {stack}"),
        };
        let message = format!("{name} {state} and {whose}: {}", change.id);
        Some(Finding::error("augeo/not-ours", message).fix(fix))
    }

    fn protection(&self, change: &Change) -> Option<Finding> {
        let with_parent =
            change.parent_replaced().is_some() && self.observed.resources.contains_key(&change.id);
        let removes = change.action.removes() || with_parent;
        let lost = change.ty.holds_data && !change.is_stillborn() && removes;
        if !lost || self.options.delete_data.allows(&change.name) {
            return None;
        }
        let message = format!("{} holds data and would be replaced", change.name);
        let fix = "take the change back, or move the data to a resource of another name first";
        Some(Finding::error("augeo/protected", message).fix(fix))
    }

    /// The names in the options that nothing has: a misspelt one must not pass in silence.
    pub(super) fn unknown_names(&self, plan: &Plan) -> Vec<Finding> {
        let data = match &self.options.delete_data {
            DeleteData::Named(names) => Some(names),
            DeleteData::None | DeleteData::All => None,
        };
        let asked: BTreeSet<&ResourceName> = self
            .options
            .only
            .iter()
            .chain(data.into_iter().flatten())
            .collect();
        let changes = plan.changes.iter().map(|change| &change.name);
        let known: BTreeSet<&ResourceName> = self.ids.keys().chain(changes).collect();
        let unknown = asked.difference(&known).map(|name| {
            let names = known.iter().map(|known| known.as_str());
            let fix = match nearest(name.as_str(), names) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`augeo graph` lists the names".to_owned(),
            };
            let message = format!("the stack has no resource `{name}`");
            Finding::error("augeo/unknown-resource", message).fix(fix)
        });
        unknown.collect()
    }

    /// Leaves out what was not asked for, and whatever is wrong with it.
    pub(super) fn narrow(&self, plan: &mut Plan, mut left_out: usize) {
        if self.options.only.is_empty() {
            return;
        }
        if plan.purpose == Purpose::Apply {
            let kept = self.graph.closure(&self.options.only);
            let before = plan.pending().count();
            plan.changes
                .retain(|change| kept.contains(&change.name) || !change.is_change());
            left_out += before - plan.pending().count();
            plan.findings.retain(|finding| {
                let about = finding.resource.as_ref();
                about.is_none_or(|about| {
                    kept.contains(about) || self.stack.existing_resources().contains_key(about)
                })
            });
        }
        plan.left_out = left_out;
        if left_out > 0 {
            let message = match plan.purpose {
                Purpose::Apply => {
                    format!("{left_out} other changes are left out and stay to be done")
                }
                Purpose::Destroy => format!("{left_out} other resources are left out and stay"),
            };
            plan.findings.push(Finding::note("augeo/narrowed", message));
        }
    }
}

/// A replacement would delete what is not the stack's.
fn guests(change: &Change, guests: Option<&Vec<&ResourceId>>) -> Option<Finding> {
    let guests = guests.filter(|_| change.action == Action::Replace)?;
    let labels: Vec<&str> = guests.iter().map(|guest| guest.label()).collect();
    let message = format!(
        "{} would be replaced, and not everything in it is this stack's: {}",
        change.name,
        labels.join(", ")
    );
    let finding = Finding::error("augeo/host-stays", message);
    Some(finding.fix("move what is not this stack's elsewhere, or take the change back"))
}
