//! Where a change of a run stands, and how it is told when the run is over.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::Instant;

use super::Known;
use crate::provider::{ErrorKind, ProviderError};
use crate::report::Outcome;
use crate::resource::Observed;

/// Where a change stands.
#[derive(Clone, Debug)]
pub(super) enum State {
    Waiting,
    Running { since: Instant },
    Ended(Outcome, Duration),
}

impl State {
    /// How it ended. What was begun and never seen to end may have done anything.
    pub(super) fn into_outcome(self) -> (Outcome, Duration) {
        match self {
            Self::Ended(outcome, took) => (outcome, took),
            Self::Waiting => (Outcome::Cancelled, Duration::ZERO),
            Self::Running { since } => {
                let error = Box::new(defect(&"its end was not told"));
                (Outcome::Unknown { error }, since.elapsed())
            }
        }
    }
}

impl Known {
    /// Nothing was done to it.
    pub(super) fn of(observed: &Observed) -> Self {
        Self {
            observed: Some(observed.clone()),
            ..Self::default()
        }
    }
}

/// A change whose task did not come to its end.
pub(super) fn defect(why: &impl Display) -> ProviderError {
    let message = format!("a defect ended this change; what it did is not known: {why}");
    ProviderError::new(ErrorKind::OutcomeUnknown, "augeo/defect", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_begun_is_never_told_as_not_begun() {
        let since = Instant::now();
        let (outcome, _) = State::Running { since }.into_outcome();
        assert_eq!(outcome.code(), Some("augeo/defect"));
        assert!(matches!(outcome, Outcome::Unknown { .. }));
        let (outcome, _) = State::Waiting.into_outcome();
        assert!(matches!(outcome, Outcome::Cancelled));
    }
}
