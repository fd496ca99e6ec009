//! Which failures a run may tell of, because of what else was going on. Everything else is a fault
//! of the engine.

use augeo_core::provider::{ErrorKind, ProviderError};

/// What else was going on while a run was planned and executed.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an excuse by itself")]
pub(super) struct Circumstances {
    /// Somebody else wrote after the look, or keeps a name of the stack's.
    pub(super) disturbed: bool,
    /// The world did not show, when the run looked, what had been written before.
    pub(super) unseen: bool,
    /// An operation is under way that never ends.
    pub(super) stuck: bool,
    /// The service itself said that an operation did not do its work.
    pub(super) refused: bool,
    /// The plan awaits the end of a deletion.
    pub(super) deleting: bool,
}

impl Circumstances {
    /// Whether a run may tell of this failure.
    pub(super) fn excuse(self, error: &ProviderError) -> bool {
        match error.kind {
            ErrorKind::Transient if error.code == "LimitReached" => self.stuck,
            // What passes by itself: nothing excuses that a user sees it.
            ErrorKind::Throttled { .. }
            | ErrorKind::Transient
            | ErrorKind::Unauthenticated
            | ErrorKind::Stopped => false,
            ErrorKind::OperationFailed => self.refused,
            ErrorKind::OutcomeUnknown => self.stuck,
            // A lock that somebody put on, or the other of two runs.
            ErrorKind::Denied if error.code == "ScopeLocked" => self.disturbed || self.unseen,
            ErrorKind::Denied => self.unseen,
            ErrorKind::Invalid { .. } => self.disturbed || self.unseen,
            ErrorKind::NotFound | ErrorKind::NotOurs | ErrorKind::Moved => {
                self.disturbed || self.unseen || self.deleting
            }
            ErrorKind::Conflict => {
                self.disturbed || self.unseen || self.deleting || self.stuck || self.refused
            }
        }
    }
}
