//! Proof that the checks can fail: each deliberate defect of the engine, where it shows, and the
//! hunt for the first seed that shows it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub use augeo_core::mutant::Mutant;
use augeo_core::mutant::{self, AVAILABLE};

use super::profile::Profile;
use super::script::Script;
use super::violation::{Invariant, Violation};
use super::{Outcome, play};

/// A mutant must be killed within so many seeds of its profile.
pub const SEEDS_MAX: u64 = 5_000;

/// Where a mutant is hunted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hunt {
    /// The defect.
    pub mutant: Mutant,
    /// The name of the profile whose seeds are played.
    pub profile: &'static str,
    /// The promises of which it must break one before any other.
    pub breaks: &'static [Invariant],
}

/// The end of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The defect.
    pub mutant: Mutant,
    /// The name of the profile.
    pub profile: &'static str,
    /// The first seed that shows it. Without the defect the same seed shows nothing.
    pub seed: u64,
    /// What it breaks first.
    pub violation: Violation,
}

impl std::fmt::Display for Kill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            mutant,
            profile,
            seed,
            violation,
        } = self;
        write!(f, "{mutant}: seed {seed} of {profile} shows {violation}")
    }
}

const fn hunt_in(profile: &'static str, mutant: Mutant, breaks: &'static [Invariant]) -> Hunt {
    Hunt {
        mutant,
        profile,
        breaks,
    }
}

/// Every mutant, once. Each invariant is the only one that some mutant may break first.
#[rustfmt::skip]
pub static TABLE: &[Hunt] = &[
    hunt_in("crashes", Mutant::CreateUnmarked, &[Invariant::NoOrphan]),
    hunt_in("crashes", Mutant::IgnorePaging, &[Invariant::SecondPlanEmpty]),
    hunt_in("crashes", Mutant::IgnoreMarked, &[Invariant::NoOrphan]),
    hunt_in("people", Mutant::TakeForeignForOurs, &[Invariant::ForeignUntouched]),
    hunt_in("people", Mutant::LiftOthersLocks, &[Invariant::ForeignUntouched]),
    hunt_in("people", Mutant::IgnoreGuests, &[Invariant::ForeignUntouched]),
    hunt_in("people", Mutant::CreateWithoutLooking, &[Invariant::ForeignUntouched]),
    hunt_in("people", Mutant::DropOthersTags, &[Invariant::ForeignUntouched]),
    hunt_in("calm", Mutant::IgnoreDependencies, &[Invariant::DependenciesFirst]),
    hunt_in("calm", Mutant::StartAfterTheFirst, &[Invariant::DependenciesFirst]),
    hunt_in("operations", Mutant::GoOnAfterFailure, &[Invariant::DependenciesFirst]),
    hunt_in("calm", Mutant::IgnoreDeleteOrder, &[Invariant::DependentsFirst]),
    hunt_in("calm", Mutant::WriteTwice, &[Invariant::OneAtATime]),
    hunt_in("calm", Mutant::IgnoreExclusion, &[Invariant::ExclusionHeld]),
    hunt_in("network", Mutant::IgnoreRetryAfter, &[Invariant::RetryAfterHonoured]),
    hunt_in("calm", Mutant::PollImpatiently, &[Invariant::RetryAfterHonoured]),
    hunt_in("network", Mutant::RepeatUnderAnotherName, &[Invariant::OnlyPlanned]),
    hunt_in("calm", Mutant::WriteWhilePlanning, &[Invariant::OnlyPlanned]),
    hunt_in("calm", Mutant::TraceSecrets, &[Invariant::SecretsKept]),
    hunt_in("calm", Mutant::TellSecrets, &[Invariant::SecretsKept]),
    hunt_in("operations", Mutant::TrustLostOperation, &[Invariant::TruthfulReport]),
    hunt_in("operations", Mutant::TrustFailedOperation, &[Invariant::TruthfulReport]),
    hunt_in("operations", Mutant::TrustCancelledOperation, &[Invariant::TruthfulReport]),
    hunt_in("operations", Mutant::SwallowErrors, &[Invariant::TruthfulReport]),
    hunt_in("operations", Mutant::LeaveOutFailures, &[Invariant::TruthfulReport]),
    hunt_in("operations", Mutant::BlameAnother, &[Invariant::TruthfulReport]),
    hunt_in("calm", Mutant::ReportEarly, &[Invariant::TruthfulReport, Invariant::DependenciesFirst]),
    hunt_in("network", Mutant::GiveUpOnBusy, &[Invariant::TransientHidden]),
    hunt_in("network", Mutant::KeepExpiredToken, &[Invariant::TransientHidden]),
    hunt_in("network", Mutant::GiveUpOnUnseen, &[Invariant::TransientHidden]),
    hunt_in("waits", Mutant::ShareBudget, &[Invariant::TransientHidden]),
    hunt_in("operations", Mutant::RefuseFailed, &[Invariant::Converges]),
    hunt_in("calm", Mutant::ForgetWhatLeft, &[Invariant::LiveEqualsDeclared]),
    hunt_in("calm", Mutant::DiffIgnoresTags, &[Invariant::LiveEqualsDeclared]),
    hunt_in("calm", Mutant::DiffIgnoresNested, &[Invariant::LiveEqualsDeclared]),
    hunt_in("operations", Mutant::LeaveFailedAlone, &[Invariant::LiveEqualsDeclared]),
    hunt_in("calm", Mutant::KeepOldSecrets, &[Invariant::LiveEqualsDeclared]),
    hunt_in("crashes", Mutant::TakeDeletingForReady, &[
        Invariant::LiveEqualsDeclared, Invariant::SecondPlanEmpty, Invariant::TransientHidden, Invariant::TruthfulReport,
    ]),
    hunt_in("calm", Mutant::UpdateAlways, &[Invariant::SecondPlanEmpty]),
    hunt_in("calm", Mutant::LeaveGroups, &[Invariant::DestroyLeavesNothing]),
    hunt_in("calm", Mutant::LeaveLifted, &[Invariant::LocksKept]),
    hunt_in("calm", Mutant::PlanOutOfOrder, &[Invariant::PlanConsistent]),
    hunt_in("operations", Mutant::WaitForEver, &[Invariant::Ends]),
    hunt_in("calm", Mutant::OrderByChance, &[Invariant::Repeatable]),
];

/// Whether this build has mutants: only with `--cfg augeo_mutants`.
pub const fn available() -> bool {
    AVAILABLE
}

/// The engine of this thread is sound again when this goes.
struct Defective;

impl Defective {
    fn with(mutant: Mutant) -> Self {
        mutant::set(Some(mutant));
        Self
    }
}

impl Drop for Defective {
    fn drop(&mut self) {
        mutant::set(None);
    }
}

/// What a seed shows first; for the repeatable, by being played twice.
fn shown(script: &Script, twice: bool) -> Option<Violation> {
    let Outcome {
        violations, hash, ..
    } = play(script);
    let first = violations.into_iter().next();
    if first.is_some() || !twice {
        return first;
    }
    let again = play(script).hash;
    (again != hash).then(|| Violation {
        invariant: Invariant::Repeatable,
        detail: format!("{hash:016x} became {again:016x}"),
    })
}

/// A mutant that no seed showed as it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// The defect.
    pub mutant: Mutant,
    /// What it breaks first instead, and the first seed that shows that.
    pub instead: Option<(u64, Violation)>,
}

impl std::fmt::Display for Survivor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} survives", self.mutant)?;
        if let Some((seed, violation)) = &self.instead {
            write!(f, "; seed {seed} shows {violation}")?;
        }
        Ok(())
    }
}

/// Plays seeds with a mutant until one shows it. Whatever the same seed shows without the mutant
/// is no proof.
///
/// # Errors
/// When none shows it.
///
/// # Panics
/// When the table does not have the mutant, or no profile of the name that it says.
pub fn hunt(mutant: Mutant, seeds_max: u64) -> Result<Kill, Survivor> {
    let entry = TABLE.iter().find(|entry| entry.mutant == mutant);
    let Hunt {
        profile, breaks, ..
    } = *entry.expect("the table has every mutant");
    let named = Profile::named(profile).expect("the table names profiles that there are");
    let twice = breaks.contains(&Invariant::Repeatable);
    let mut instead = None;
    for seed in 0..seeds_max {
        let script = Script::draw(seed, named);
        let violation = {
            let _defective = Defective::with(mutant);
            shown(&script, twice)
        };
        let Some(violation) = violation else { continue };
        if shown(&script, twice).is_some() {
            continue;
        }
        if breaks.contains(&violation.invariant) {
            return Ok(Kill {
                mutant,
                profile,
                seed,
                violation,
            });
        }
        instead.get_or_insert((seed, violation));
    }
    Err(Survivor { mutant, instead })
}

/// Hunts every mutant, so many at a time: those that are killed, and those that survive.
///
/// # Panics
/// When a hunt panics.
pub fn hunt_all(jobs: usize) -> (Vec<Kill>, Vec<Survivor>) {
    let next = AtomicUsize::new(0);
    let ends: Mutex<Vec<(usize, Result<Kill, Survivor>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(entry) = TABLE.get(at) else { break };
                    let end = hunt(entry.mutant, SEEDS_MAX);
                    let mut ends = ends.lock().unwrap_or_else(PoisonError::into_inner);
                    ends.push((at, end));
                }
            });
        }
    });
    let mut ends = ends.into_inner().unwrap_or_else(PoisonError::into_inner);
    ends.sort_by_key(|(at, _)| *at);
    let (mut kills, mut survivors) = (Vec::new(), Vec::new());
    for (_, end) in ends {
        match end {
            Ok(kill) => kills.push(kill),
            Err(survivor) => survivors.push(survivor),
        }
    }
    (kills, survivors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_is_hunted_once_and_each_invariant_alone_kills_one() {
        for mutant in Mutant::ALL {
            let entries = TABLE.iter().filter(|entry| entry.mutant == *mutant);
            assert_eq!(entries.count(), 1, "{mutant}");
        }
        for entry in TABLE {
            assert!(Profile::named(entry.profile).is_some(), "{entry:?}");
        }
        for invariant in Invariant::ALL {
            let kills = |entry: &&Hunt| entry.breaks == [invariant];
            assert!(TABLE.iter().any(|entry| kills(&entry)), "{invariant}");
        }
        assert!(TABLE.len() >= 22);
    }
}
