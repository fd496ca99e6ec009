//! What is left when nothing runs any more: locks that are put back, and ends that are told.

use super::Executor;
use crate::plan::Change;

impl Executor<'_> {
    pub(super) fn end_all(&mut self, which: fn(&Change) -> bool) {
        for at in 0..self.states.len() {
            if which(&self.plan.changes[at]) {
                let (outcome, took) = self.states[at].clone().into_outcome();
                self.end(at, outcome, took);
            }
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
