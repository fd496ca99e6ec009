//! Deliberate defects, one at a time, which the simulation must notice. They exist only where the
//! workspace is built with `--cfg augeo_mutants`; anywhere else asking for one is a constant.

#[cfg(augeo_mutants)]
use std::cell::Cell;

macro_rules! mutants {
    ($($(#[$about:meta])+ $mutant:ident => $name:literal,)+) => {
        /// A defect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mutant {
            $($(#[$about])+ $mutant,)+
        }

        impl Mutant {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$mutant,)+];

            /// Its name on a command line.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$mutant => $name,)+
                }
            }
        }
    };
}

mutants! {
    /// Changes wait for nothing that they need.
    IgnoreDependencies => "ignore-dependencies",
    /// A change starts once the first of what it needs is there.
    StartAfterTheFirst => "start-after-the-first",
    /// What is used may be deleted before what uses it.
    IgnoreDeleteOrder => "ignore-delete-order",
    /// Changes that exclude each other run together.
    IgnoreExclusion => "ignore-exclusion",
    /// What left the stack stays.
    ForgetWhatLeft => "forget-what-left",
    /// Destroy leaves what holds the rest.
    LeaveGroups => "leave-groups",
    /// A lock that was lifted is not put back.
    LeaveLifted => "leave-lifted",
    /// Locks of others are lifted, too.
    LiftOthersLocks => "lift-others-locks",
    /// What others keep inside what is deleted does not count.
    IgnoreGuests => "ignore-guests",
    /// Tags are not compared.
    DiffIgnoresTags => "diff-ignores-tags",
    /// Values inside values are not compared.
    DiffIgnoresNested => "diff-ignores-nested",
    /// Whatever is there is updated.
    UpdateAlways => "update-always",
    /// A resource whose last operation failed counts as done.
    LeaveFailedAlone => "leave-failed-alone",
    /// A resource whose last operation failed is never written again.
    RefuseFailed => "refuse-failed",
    /// What is being deleted counts as there.
    TakeDeletingForReady => "take-deleting-for-ready",
    /// No resource is given the new version of a secret.
    KeepOldSecrets => "keep-old-secrets",
    /// A plan names what needs before what is needed.
    PlanOutOfOrder => "plan-out-of-order",
    /// Which of several changes begins is left to chance.
    OrderByChance => "order-by-chance",
    /// What needs a change that failed is made all the same.
    GoOnAfterFailure => "go-on-after-failure",
    /// What is held back is said to be so because of another change.
    BlameAnother => "blame-another",
    /// A failure counts as a success.
    SwallowErrors => "swallow-errors",
    /// A failure is not reported.
    LeaveOutFailures => "leave-out-failures",
    /// What is created is not marked as the stack's.
    CreateUnmarked => "create-unmarked",
    /// What has no mark counts as the stack's.
    TakeForeignForOurs => "take-foreign-for-ours",
    /// A create does not look whether somebody else made it meanwhile.
    CreateWithoutLooking => "create-without-looking",
    /// A write takes away the tags that others set.
    DropOthersTags => "drop-others-tags",
    /// A write is sent twice at the same time.
    WriteTwice => "write-twice",
    /// Whatever a refusal asks for, the own rhythm is kept.
    IgnoreRetryAfter => "ignore-retry-after",
    /// Whatever an operation asks for, it is looked at each second.
    PollImpatiently => "poll-impatiently",
    /// A resource at work is no reason to wait.
    GiveUpOnBusy => "give-up-on-busy",
    /// Failures of all classes use up one budget.
    ShareBudget => "share-budget",
    /// A token that expired is not renewed.
    KeepExpiredToken => "keep-expired-token",
    /// A write whose outcome was not seen is given up.
    GiveUpOnUnseen => "give-up-on-unseen",
    /// A write whose outcome was not seen is repeated under another name.
    RepeatUnderAnotherName => "repeat-under-another-name",
    /// Planning writes.
    WriteWhilePlanning => "write-while-planning",
    /// An operation that is lost has succeeded.
    TrustLostOperation => "trust-lost-operation",
    /// An operation that failed has succeeded.
    TrustFailedOperation => "trust-failed-operation",
    /// An operation that was cancelled has succeeded.
    TrustCancelledOperation => "trust-cancelled-operation",
    /// What was accepted is done.
    ReportEarly => "report-early",
    /// An operation is waited for without end.
    WaitForEver => "wait-for-ever",
    /// Of a list only the first page is read.
    IgnorePaging => "ignore-paging",
    /// What is marked as the stack's is not looked for.
    IgnoreMarked => "ignore-marked",
    /// Traces show secrets.
    TraceSecrets => "trace-secrets",
    /// An event tells what was sent.
    TellSecrets => "tell-secrets",
}

impl Mutant {
    /// The mutant of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|mutant| mutant.name() == name)
    }
}

impl std::fmt::Display for Mutant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether there are mutants in this build.
pub const AVAILABLE: bool = cfg!(augeo_mutants);

#[cfg(augeo_mutants)]
thread_local! {
    static ON: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// Makes this thread's engine defective, or sound again. Without mutants it does nothing.
#[cfg(augeo_mutants)]
pub fn set(mutant: Option<Mutant>) {
    ON.set(mutant);
}

/// Makes this thread's engine defective, or sound again. Without mutants it does nothing.
#[cfg(not(augeo_mutants))]
pub const fn set(_: Option<Mutant>) {}

/// Whether this thread's engine has this defect.
#[cfg(augeo_mutants)]
pub fn is_on(mutant: Mutant) -> bool {
    ON.get() == Some(mutant)
}

/// Whether this thread's engine has this defect.
#[cfg(not(augeo_mutants))]
pub const fn is_on(_: Mutant) -> bool {
    false
}
