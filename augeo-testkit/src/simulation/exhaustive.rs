//! A crash at every request, before and after the world has done what was asked.

use super::fault::When;
use super::run::play;
use super::script::{Crash, Faults, Lags, Script, Step};
use super::subject::Subject;
use super::violation::Violation;

/// What a sweep over all crashes found.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    /// How many crashes were played.
    pub crashes: usize,
    /// Those that broke a promise.
    pub failures: Vec<(Script, Violation)>,
}

fn script(subject: &dyn Subject, seed: u64, destroys: bool, crash: Option<Crash>) -> Script {
    let first = Step::Apply {
        version: 0,
        crash: crash.filter(|_| !destroys),
        meanwhile: None,
    };
    let mut steps = vec![first];
    if destroys {
        steps.push(Step::Destroy { version: 0, crash });
    }
    // What the stack becomes in between: each later version once.
    steps.extend((1..subject.versions()).map(|version| Step::Apply {
        version,
        crash: None,
        meanwhile: None,
    }));
    Script {
        seed,
        shape: None,
        steps,
        faults: Faults::Exactly(Vec::new()),
        lags: Lags::default(),
    }
}

fn sweep(subject: &dyn Subject, seed: u64, destroys: bool) -> Sweep {
    let whole = play(&script(subject, seed, destroys, None), subject, false);
    let run = usize::from(destroys);
    let requests = whole.requests_by_run.get(run).copied().unwrap_or(0);
    let mut found = Sweep::default();
    for request in 1..=requests {
        for when in [When::Before, When::After] {
            let crash = Some(Crash { request, when });
            let script = script(subject, seed, destroys, crash);
            let outcome = play(&script, subject, false);
            found.crashes += 1;
            if let Some(violation) = outcome.violations.into_iter().next() {
                found.failures.push((script, violation));
            }
        }
    }
    found
}

/// Kills the first provision at every request, before and after its commit; then the later
/// versions are provisioned, everything is checked, and destroyed.
pub fn every_crash_of_provision(subject: &dyn Subject, seed: u64) -> Sweep {
    sweep(subject, seed, false)
}

/// The same for a destroy of the first version.
pub fn every_crash_of_destroy(subject: &dyn Subject, seed: u64) -> Sweep {
    sweep(subject, seed, true)
}
