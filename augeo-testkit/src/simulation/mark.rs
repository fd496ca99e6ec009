//! Situations that a large run must have met: a check that never had a case proves nothing.

use super::fault::{FaultClass, When};
use super::script::Ending;
use crate::emulator::Method;

/// From so many seeds of the mixed profile on, every situation must have been met.
pub const SEEDS_MIN: u64 = 5_000;

/// What is met besides faults: actions of plans, crashes, other people, lags.
const OTHERS: [&str; 29] = [
    "plan-create",
    "plan-update",
    "plan-replace",
    "plan-delete",
    "plan-recover",
    "plan-awaits",
    "crash-before-commit",
    "crash-after-commit",
    "resumed-after-crash-before-commit",
    "resumed-after-crash-after-commit",
    "died-executing",
    "two-at-once",
    "somebody-acts-meanwhile",
    "somebody-deletes",
    "somebody-retags",
    "somebody-adds",
    "secret-made",
    "endless-met",
    "lag-missing",
    "lag-omitted",
    "lag-lingering",
    "lag-stale",
    "lag-parent-unknown",
    "lag-scrambled",
    "lag-tags-inherited",
    "singleton-written",
    "lock-lifted",
    "lock-put-back",
    "somebody-locks",
];

/// The mark of a class of faults in a phase of a run.
pub(super) fn of(class: FaultClass, phase: &str) -> String {
    format!("{class}/{phase}")
}

/// Every situation that a large run of the mixed profile must meet.
pub fn expected() -> Vec<String> {
    let mut marks: Vec<String> = OTHERS.iter().map(|mark| (*mark).to_owned()).collect();
    for class in FaultClass::ALL {
        marks.push(of(class, "writing"));
        marks.push(of(class, "deleting"));
        if class.can_meet(Method::Get) {
            marks.push(of(class, "planning"));
            marks.push(of(class, "polling"));
        }
    }
    marks.extend(Ending::ALL.map(|ending| ending.to_string()));
    marks
}

/// The moment of a crash, for coverage.
pub(super) fn crash(when: When) -> &'static str {
    match when {
        When::Before => "crash-before-commit",
        When::After => "crash-after-commit",
    }
}
