//! How often a request may be sent again whose outcome was not seen, and what is told at last.

use std::time::Duration;

use augeo_core::provider::{ErrorKind, ProviderError};
use tokio::time::Instant;

use crate::error::ArmError;

/// How often in a row an outcome may stay unseen.
const ROW_MAX: u32 = 7;

/// After so long what was just made is known everywhere, or is not there.
const LAG_MAX: Duration = Duration::from_secs(15 * 60);

/// The outcomes of one request that were not seen so far.
#[derive(Debug)]
pub(super) struct Unseen {
    row: u32,
    refusals: u32,
    since: Instant,
    duration_max: Duration,
    last: Option<ProviderError>,
}

impl Unseen {
    /// None yet. After so long the request is not sent again, whatever its outcomes.
    pub(super) fn none(duration_max: Duration) -> Self {
        Self {
            row: 0,
            refusals: 0,
            since: Instant::now(),
            duration_max,
            last: None,
        }
    }

    /// Counts one more; how many there are in a row now, to wait the longer. A service that answered
    /// in between, if only to ask for patience, begins a new row. What a refusal is about is shown
    /// in the end, so that there may be many.
    ///
    /// # Errors
    /// When the request is not to be sent again.
    pub(super) fn count(&mut self, error: &ArmError) -> Result<u32, ProviderError> {
        let row = if error.is_ambiguous() {
            let answered = matches!(error, ArmError::Ambiguous { answered: true, .. });
            self.row = if answered { 1 } else { self.row + 1 };
            self.row
        } else {
            self.row = 0;
            self.refusals += 1;
            self.refusals
        };
        if self.row > ROW_MAX || self.since.elapsed() > self.duration_max {
            return Err(still_unknown(error));
        }
        self.last = Some(still_unknown(error));
        Ok(row)
    }

    /// Whether an earlier try may have been done.
    pub(super) fn is_any(&self) -> bool {
        self.last.is_some()
    }

    /// Whether so much time has passed that nothing is new any more.
    pub(super) fn is_old(&self) -> bool {
        self.since.elapsed() > LAG_MAX
    }

    /// How a repeat ends that was refused, or never reached the service: then the first attempt may
    /// still have.
    pub(super) fn ended_by(self, error: ArmError) -> ProviderError {
        let never_arrived = matches!(
            error.kind(),
            ErrorKind::Stopped | ErrorKind::Transient | ErrorKind::Throttled { .. }
        );
        self.last
            .filter(|_| never_arrived)
            .unwrap_or_else(|| error.into())
    }
}

/// The outcome cannot be told: the look that should have resolved it failed too.
pub(super) fn still_unknown(error: &ArmError) -> ProviderError {
    let mut unknown =
        ProviderError::new(ErrorKind::OutcomeUnknown, error.code(), error.to_string());
    unknown.help = error.help();
    if let ArmError::Ambiguous { ids, .. } | ArmError::OutcomeUnknown { ids, .. } = error {
        unknown.ids = (**ids).clone();
    }
    unknown
}
