//! What is left when nothing runs any more: locks that are put back, and ends that are told.

use super::{Executor, State};
use crate::plan::{Action, Change};
use crate::provider::{ErrorKind, ProviderError};
use crate::report::Outcome;

impl Executor<'_> {
    pub(super) fn end_all(&mut self, which: fn(&Change) -> bool) {
        for at in 0..self.states.len() {
            if which(&self.plan.changes[at]) {
                let (outcome, took) = self.states[at].clone().into_outcome();
                self.end(at, outcome, took);
            }
        }
    }

    /// Whether a change begins although this one did not succeed: what was lifted is put back
    /// whatever came of what it is on.
    pub(super) fn puts_back_after(&self, at: usize, ended: usize) -> bool {
        let lifts = self.plan.changes[ended].action == Action::Lift;
        self.plan.changes[at].puts_back() && !lifts
    }

    /// How a change ended that told of an error. What was lifted is not missed where what it was
    /// on is gone.
    pub(super) fn failed(&self, at: usize, error: ProviderError) -> Outcome {
        let change = &self.plan.changes[at];
        let mut ends = self.plan.changes.iter().zip(&self.states);
        let gone = ends.find(|(host, state)| {
            let ended = matches!(state, State::Ended(outcome, _) if !outcome.is_succeeded());
            ended && change.scope.as_ref() == Some(&host.name)
        });
        match gone {
            Some((host, _)) if change.puts_back() && error.kind == ErrorKind::NotFound => {
                Outcome::Skipped {
                    because: host.name.clone(),
                }
            }
            _ => Outcome::Failed {
                error: Box::new(error),
            },
        }
    }

    /// A run that was stopped puts back what it lifted before.
    pub(super) async fn put_back(&mut self) {
        let ready = std::mem::take(&mut self.ready);
        for (_, at) in ready {
            if self.plan.changes[at].puts_back() {
                self.start(at);
            }
        }
        while let Some(joined) = self.tasks.join_next_with_id().await {
            self.finish(joined);
        }
    }
}
