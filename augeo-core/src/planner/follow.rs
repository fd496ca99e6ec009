//! Whether a resource still uses what it is declared to use, where it names that by something that
//! changes behind our back.

use super::{Judgement, Planner};
use crate::plan::{Action, Cause, Difference, Reason};
use crate::resource::{Desired, Observed, Ownership};
use crate::value::{Expression, OutputRef, PropertyPath, Value};

impl Planner<'_> {
    /// Adds what a resource uses of the stack's and is not declared to use any more.
    pub(super) fn follow(
        &self,
        desired: &Desired,
        planned: &Value,
        observed: Option<&Observed>,
        judgement: &mut Judgement,
    ) {
        let Some(observed) = observed.filter(|_| !judgement.awaits && judgement.not_ours.is_none())
        else {
            return;
        };
        if !matches!(judgement.action, Action::NoOp | Action::Update) {
            return;
        }
        for path in desired.ty.follows {
            let path = PropertyPath::parse(path);
            let declared = desired.value.get(&path);
            let Some(Value::Unknown(Expression::Output(reference))) = declared else {
                continue;
            };
            if !self.uses_another(reference, observed) {
                continue;
            }
            judgement.action = Action::Update;
            if !judgement.reasons.contains(&Reason::Differs) {
                judgement.reasons.push(Reason::Differs);
            }
            judgement.differences.push(Difference {
                before: observed.value.get(&path).cloned(),
                after: planned.get(&path).cloned(),
                cause: Cause::Upstream {
                    reference: reference.clone(),
                },
                path,
                forces_replacement: false,
                source: None,
            });
        }
    }

    /// Whether a resource mentions one of the stack's that is like the declared one, and not it.
    fn uses_another(&self, reference: &OutputRef, observed: &Observed) -> bool {
        let name = &reference.resource;
        let mut stack = self.stack.resources().iter();
        let used = stack.find(|desired| desired.name == *name);
        let (Some(used), Some(id)) = (used, self.ids.get(name)) else {
            return false;
        };
        let mut mentioned = observed
            .mentions
            .iter()
            .filter_map(|mentioned| self.observed.resources.get(mentioned));
        mentioned.any(|other| {
            other.id != *id && other.ty == used.ty.name && other.ownership == Ownership::Ours
        })
    }
}
