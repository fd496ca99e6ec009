//! The judgement of one resource: what is declared against what was observed, and what follows.
//!
//! Used for every entry of a plan, and again by the executor for a resource that was awaited.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::diff::{Comparison, explain};
use crate::mutant::{self, Mutant};
use crate::name::ResourceName;
use crate::plan::{Action, Difference, Reason};
use crate::provider::Provider;
use crate::resource::{Condition, Lifecycle, Observed, Ownership, ResourceType};
use crate::value::{PropertyPath, Value};

/// What is known of one declared resource when it is judged.
pub(crate) struct Case<'a> {
    pub(crate) provider: &'a dyn Provider,
    pub(crate) ty: &'a ResourceType,
    /// What is declared, references and all.
    pub(crate) desired: &'a Value,
    /// The same as far as it is known.
    pub(crate) planned: &'a Value,
    /// The digest of the declaration.
    pub(crate) declared: &'a str,
    pub(crate) observed: Option<&'a Observed>,
    /// Whether a resource is changed by the same plan.
    pub(crate) changing: &'a dyn Fn(&ResourceName) -> bool,
}

/// What follows.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) action: Action,
    pub(crate) awaits: bool,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) differences: Vec<Difference>,
    /// The digest of what was observed, over what matters.
    pub(crate) digest: String,
    /// Whose it is, if it is not ours.
    pub(crate) not_ours: Option<Ownership>,
}

impl Judgement {
    fn forces_replacement(&self, counts: impl Fn(&Difference) -> bool) -> bool {
        self.differences
            .iter()
            .any(|difference| difference.forces_replacement && counts(difference))
    }

    /// It can only be judged after another resource: it is awaited with that.
    pub(super) fn await_with(&mut self, other: &str) {
        self.awaits = true;
        self.action = Action::NoOp;
        self.differences.clear();
        self.reasons = vec![Reason::Busy {
            doing: format!("{other} is awaited"),
        }];
    }

    /// What differs only because an awaited resource's output is not known yet is no reason to
    /// change anything, and least of all to replace it.
    pub(super) fn doubt(&mut self, awaited: &dyn Fn(&Difference) -> Option<ResourceName>) {
        if self.awaits || !matches!(self.action, Action::Update | Action::Replace) {
            return;
        }
        let doubtful = self.differences.iter().find_map(awaited);
        let Some(other) = doubtful else { return };
        let certain = |difference: &Difference| awaited(difference).is_none();
        let certainly_differs = self.differences.iter().any(certain);
        let otherwise = self.reasons.iter().any(|reason| *reason != Reason::Differs);
        let certainly_replaced = self.forces_replacement(certain);
        let perhaps_replaced = self.action == Action::Replace && !certainly_replaced;
        if perhaps_replaced || !(certainly_differs || otherwise) {
            self.await_with(other.as_str());
        }
    }
}

/// Every leaf that is declared: what a creation will set.
fn declared_leaves(planned: &Value) -> Vec<Difference> {
    let mut leaves = Vec::new();
    planned.walk(&mut |path, value| {
        let container = matches!(value, Value::Object(_) | Value::Null);
        let inside_list = path
            .segments()
            .iter()
            .any(|segment| matches!(segment, crate::value::Segment::Index(_)));
        if !container && !inside_list {
            leaves.push(Difference {
                path: path.clone(),
                before: None,
                after: Some(value.clone()),
                cause: crate::plan::Cause::Declared,
                forces_replacement: false,
                source: None,
            });
        }
    });
    leaves
}

impl Case<'_> {
    /// Decides what is done with the resource.
    pub(crate) fn judge(&self) -> Judgement {
        let Some(observed) = self.observed else {
            return Judgement {
                action: Action::Create,
                awaits: false,
                reasons: vec![Reason::Absent],
                differences: declared_leaves(&self.provider.placed(self.ty, self.planned)),
                digest: "absent".to_owned(),
                not_ours: None,
            };
        };
        let planned_canonical = self.provider.canonical(self.ty, self.planned);
        let observed_canonical = self.provider.canonical(self.ty, &observed.value);
        let comparison = Comparison {
            ty: self.ty,
            planned: self.planned,
            observed: &observed.value,
            planned_canonical: &planned_canonical,
            observed_canonical: &observed_canonical,
        };
        let mut judgement = Judgement {
            action: Action::NoOp,
            awaits: false,
            reasons: Vec::new(),
            differences: Vec::new(),
            digest: digest(observed, &comparison.relied_on()),
            not_ours: None,
        };
        if observed.ownership != Ownership::Ours {
            judgement.not_ours = Some(observed.ownership.clone());
            return judgement;
        }
        match &observed.condition {
            Condition::Deleting if mutant::is_on(Mutant::TakeDeletingForReady) => {
                self.compare(observed, &comparison, &mut judgement);
            }
            Condition::Deleting => {
                judgement.awaits = true;
                judgement.reasons.push(Reason::Busy {
                    doing: "deleting".to_owned(),
                });
            }
            Condition::Busy { doing } => {
                judgement.awaits = true;
                judgement.reasons.push(Reason::Busy {
                    doing: doing.clone(),
                });
            }
            Condition::SoftDeleted { .. } => {
                judgement.action = Action::Recover;
                // It comes back as it was; what is known of that and cannot be changed matters.
                judgement.differences = self.differences(observed, &comparison);
                judgement
                    .differences
                    .retain(|it| it.forces_replacement && it.before.is_some());
                judgement.reasons.push(Reason::SoftDeleted);
            }
            Condition::Ready | Condition::Failed { .. } => {
                self.compare(observed, &comparison, &mut judgement);
            }
        }
        judgement
    }

    fn differences(&self, observed: &Observed, comparison: &Comparison<'_>) -> Vec<Difference> {
        let written = observed.declared.as_deref();
        let raw = comparison.differences();
        explain(raw, self.desired, written, self.declared, self.changing)
    }

    fn compare(&self, observed: &Observed, comparison: &Comparison<'_>, judgement: &mut Judgement) {
        judgement.differences = self.differences(observed, comparison);
        if let Condition::Failed { code } = &observed.condition
            && !mutant::is_on(Mutant::LeaveFailedAlone)
        {
            judgement.action = Action::Update;
            judgement
                .reasons
                .push(Reason::LastOperationFailed { code: code.clone() });
        }
        if !judgement.differences.is_empty() || mutant::is_on(Mutant::UpdateAlways) {
            let replaces =
                judgement.forces_replacement(|_| true) && self.ty.lifecycle == Lifecycle::Ordinary;
            judgement.action = if replaces {
                Action::Replace
            } else {
                Action::Update
            };
            judgement.reasons.push(Reason::Differs);
        }
        if judgement.action == Action::Update && observed.condition.is_stillborn(self.ty) {
            judgement.action = Action::Replace;
        }
    }
}

/// The digest of what a change relies on: what was observed of the declared properties, what the
/// resource is going through, and whose it is.
pub(crate) fn digest(observed: &Observed, relied_on: &Value) -> String {
    let mut all = BTreeMap::new();
    all.insert("value", relied_on.clone());
    all.insert("condition", serialized(&observed.condition));
    all.insert("ownership", serialized(&observed.ownership));
    let secrets = observed
        .secret_version
        .iter()
        .cloned()
        .chain(observed.secret_versions.values().cloned());
    all.insert("secrets", secrets.map(Value::String).collect());
    Value::Object(
        all.into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
    .digest()
}

/// The words of the saved form, which stay when a variant is renamed.
fn serialized(it: &impl Serialize) -> Value {
    // A time that has no form in JSON is told by why: two of them would be equal, and nothing else.
    serde_json::to_value(it).map_or_else(|error| Value::String(error.to_string()), Value::from)
}

/// Puts the place at which a property was written beside its difference: of the property itself,
/// or of the nearest one above it.
pub(crate) fn locate_differences(
    differences: &mut [Difference],
    sources: &BTreeMap<String, crate::finding::SourceLocation>,
) {
    for difference in differences {
        let mut path = difference.path.clone();
        while !path.segments().is_empty() && difference.source.is_none() {
            difference.source = sources.get(&path.to_string()).cloned();
            path = parent(&path);
        }
    }
}

fn parent(path: &PropertyPath) -> PropertyPath {
    let segments = path.segments();
    segments[..segments.len().saturating_sub(1)].iter().fold(
        PropertyPath::root(),
        |path, segment| match segment {
            crate::value::Segment::Key(key) => path.key(key),
            crate::value::Segment::Index(index) => path.index(*index),
        },
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::name::{ResourceId, TypeName};

    #[test]
    fn a_digest_is_of_the_saved_words() {
        let observed = |condition| Observed {
            id: ResourceId::new("a", "a", "a"),
            ty: TypeName::from_static("Fake/thing"),
            version: "1".to_owned(),
            value: Arc::new(Value::Null),
            condition,
            ownership: Ownership::Other {
                stack: "shop/dev".to_owned(),
            },
            parent: None,
            mentions: BTreeSet::new(),
            declared: None,
            secret_versions: BTreeMap::new(),
            secret_version: None,
        };
        let code = || "Failed".to_owned();
        let found = digest(
            &observed(Condition::Failed { code: code() }),
            &Value::from("x"),
        );
        let words = json!({
            "condition": {"is": "failed", "code": "Failed"},
            "ownership": {"is": "other", "stack": "shop/dev"},
            "secrets": [],
            "value": "x",
        });
        assert_eq!(found, Value::from(words).digest());
        let busy = Condition::Busy { doing: code() };
        assert_ne!(found, digest(&observed(busy), &Value::from("x")));
    }
}
