//! What must never happen, and what was found to have happened.

use serde::{Deserialize, Serialize};

/// A promise of the engine that a simulation checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invariant {
    /// Everything that a run created is found by the next, whatever the stack has become.
    NoOrphan,
    /// What is somebody else's is never written or deleted.
    ForeignUntouched,
    /// Nothing is created before what it needs is there and ready.
    DependenciesFirst,
    /// Nothing is deleted before what uses it.
    DependentsFirst,
    /// One resource has one change under way.
    OneAtATime,
    /// Changes that exclude each other are never under way together.
    ExclusionHeld,
    /// No repeat comes before the time that was asked for.
    RetryAfterHonoured,
    /// Only what a plan says is sent, and nothing while planning.
    OnlyPlanned,
    /// No secret is in a plan, an event, an error, a report, a trace or a URL.
    SecretsKept,
    /// What a report says of a change is true.
    TruthfulReport,
    /// What passes by itself is never told as a failure.
    TransientHidden,
    /// When nothing goes wrong any more, a few runs finish the work.
    Converges,
    /// What is there is what is declared, no more and no less.
    LiveEqualsDeclared,
    /// The plan after that is empty, and executing it writes nothing.
    SecondPlanEmpty,
    /// Destroy leaves nothing of ours and everything of others'.
    DestroyLeavesNothing,
    /// A lock that a run lifted is there when the run ends, or its failure was told.
    LocksKept,
    /// A plan keeps its own rules.
    PlanConsistent,
    /// A run ends.
    Ends,
    /// The same seed does the same.
    Repeatable,
}

impl Invariant {
    /// Every one.
    pub const ALL: [Self; 19] = [
        Self::NoOrphan,
        Self::ForeignUntouched,
        Self::DependenciesFirst,
        Self::DependentsFirst,
        Self::OneAtATime,
        Self::ExclusionHeld,
        Self::RetryAfterHonoured,
        Self::OnlyPlanned,
        Self::SecretsKept,
        Self::TruthfulReport,
        Self::TransientHidden,
        Self::Converges,
        Self::LiveEqualsDeclared,
        Self::SecondPlanEmpty,
        Self::DestroyLeavesNothing,
        Self::LocksKept,
        Self::PlanConsistent,
        Self::Ends,
        Self::Repeatable,
    ];
}

impl std::fmt::Display for Invariant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = serde_json::to_value(self).ok();
        let word = word.as_ref().and_then(|word| word.as_str());
        f.write_str(word.unwrap_or("an invariant"))
    }
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// How, with the place.
    pub detail: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.invariant, self.detail)
    }
}
