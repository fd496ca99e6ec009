//! What faults do to operations.

use time::{Duration, OffsetDateTime};

use super::entry::{Doom, Failure, Lost, NEVER, Operation, ShapeRow};
use super::facts::facts;
use super::fault::{Effect, Meeting};
use super::overlay::Verb;
use super::request::Method;
use super::world::{Call, World};

impl World {
    /// Lets an operation that starts meet the fault that waits for it.
    pub(crate) fn meet_fate(&mut self, call: &Call<'_>, operation: &mut Operation) {
        // A purge is no operation on a resource that could show a fault.
        if call.undisturbed || call.request.method == Method::Post {
            return;
        }
        let tells_state = self
            .store
            .resource(&operation.resource)
            .and_then(|entry| facts().of(&entry.type_name))
            .is_some_and(|facts| facts.tells_state());
        let path = super::path::join(&call.at.segments);
        let met = Meeting {
            method: call.request.method,
            resource_type: call.subject.as_deref(),
            path: &path,
        };
        let effect = self
            .faults
            .strike_operation(&met, &|effect| holds(effect, operation, tells_state));
        let Some(effect) = effect else { return };
        match effect {
            Effect::FailOperation {
                code,
                message,
                leaves,
            } => {
                let canceled = false;
                let failure = Failure {
                    code,
                    message,
                    canceled,
                };
                operation.doom = Some(Doom { failure, leaves });
            }
            Effect::CancelOperation { leaves } => {
                let failure = Failure {
                    code: "OperationCanceled".to_owned(),
                    message: "The operation was canceled.".to_owned(),
                    canceled: true,
                };
                operation.doom = Some(Doom { failure, leaves });
            }
            Effect::LoseOperation { polls } => operation.lost = Some(Lost { polls }),
            Effect::NeverEnd => operation.ends = NEVER,
            Effect::SucceedEarly { more } => {
                let more = Duration::seconds(i64::try_from(more).unwrap_or(i64::MAX));
                operation.told = Some(operation.ends);
                operation.ends = operation.ends.saturating_add(more);
            }
            Effect::Refuse { .. }
            | Effect::RefuseAfter { .. }
            | Effect::ResetBefore
            | Effect::ResetAfter
            | Effect::Reply { .. } => {}
        }
    }

    /// Lets operations that would never end do so now, as a service does that is repaired. Returns how many.
    pub fn release_operations(&mut self, now: OffsetDateTime) -> usize {
        let endless: Vec<Operation> = self
            .store
            .operations()
            .iter()
            .filter(|(_, operation)| !operation.done && operation.ends == NEVER)
            .map(|(_, operation)| operation.clone())
            .collect();
        let released = endless.len();
        for operation in endless {
            let Operation { id, resource, .. } = &operation;
            if let Some(mut entry) = self.store.resource(resource).cloned()
                && let Some(pending) = entry.pending.as_mut().filter(|p| p.operation == *id)
            {
                pending.ends = now;
                self.store.put_resource(resource, entry);
            }
            self.store.put_operation(Operation {
                ends: now,
                ..operation
            });
        }
        self.settle(now);
        released
    }
}

/// Whether an effect would show on an operation.
fn holds(effect: &Effect, operation: &Operation, tells_state: bool) -> bool {
    let asked = matches!(operation.shape, ShapeRow::Async | ShapeRow::Location)
        && operation.ends > operation.started;
    match effect {
        Effect::FailOperation { .. } | Effect::CancelOperation { .. } => true,
        Effect::LoseOperation { .. } => asked,
        Effect::NeverEnd => operation.shape != ShapeRow::Sync,
        Effect::SucceedEarly { .. } => asked && tells_state && operation.verb != Verb::Delete,
        Effect::Refuse { .. }
        | Effect::RefuseAfter { .. }
        | Effect::ResetBefore
        | Effect::ResetAfter
        | Effect::Reply { .. } => false,
    }
}
