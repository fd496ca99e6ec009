//! Many seeds: played on several threads, some of them twice, and summed up.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::mark;
use super::profile::Profile;
use super::run::Outcome;
use super::script::Script;
use super::violation::{Invariant, Violation};

/// One seed in so many is played twice and must do the same.
const REPLAYED: u64 = 20;

/// A seed that broke a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What it broke first.
    pub violation: Violation,
}

/// What came of many seeds.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// How many were played.
    pub seeds: u64,
    /// How much time passed in their worlds.
    pub simulated: Duration,
    /// How many faults met what they were meant for, crashes included.
    pub faults: u64,
    /// How many provisions and destroys there were.
    pub runs: u64,
    /// How many requests.
    pub requests: u64,
    /// How many seeds were played twice.
    pub replayed: u64,
    /// How often each situation was met.
    pub marks: BTreeMap<String, u64>,
    /// The seeds that broke a promise, in their order.
    pub failures: Vec<Failure>,
}

impl Totals {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.seeds += 1;
        self.simulated += outcome.simulated;
        self.runs += outcome.runs as u64;
        self.requests += outcome.requests;
        for (mark, count) in outcome.marks {
            if is_fault(&mark) {
                self.faults += count;
            }
            *self.marks.entry(mark).or_default() += count;
        }
        if let Some(violation) = outcome.violations.into_iter().next() {
            self.failures.push(Failure { seed, violation });
        }
    }

    fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.simulated += other.simulated;
        self.faults += other.faults;
        self.runs += other.runs;
        self.requests += other.requests;
        self.replayed += other.replayed;
        for (mark, count) in other.marks {
            *self.marks.entry(mark).or_default() += count;
        }
        self.failures.extend(other.failures);
    }

    /// The situations that a run of this size should have met and did not.
    pub fn missing(&self) -> Vec<String> {
        let mut expected = mark::expected();
        expected.retain(|mark| !self.marks.contains_key(mark));
        expected
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} seeds, {} simulated hours, {} faults, {} violations",
            self.seeds,
            self.simulated.as_secs() / 3600,
            self.faults,
            self.failures.len()
        )
    }
}

/// Whether a mark counts something that went wrong.
fn is_fault(mark: &str) -> bool {
    mark.contains('/')
        || mark.starts_with("operation-")
        || mark.starts_with("crash-")
        || mark.starts_with("lag-")
        || mark.starts_with("somebody-")
}

/// Plays one seed, and one in twenty twice.
pub fn play_seed(seed: u64, profile: &Profile) -> (Outcome, bool) {
    let script = Script::draw(seed, profile);
    let mut outcome = super::play(&script);
    let twice = seed.is_multiple_of(REPLAYED);
    if twice {
        let again = super::play(&script);
        if again.hash != outcome.hash {
            outcome.violations.push(Violation {
                invariant: Invariant::Repeatable,
                detail: format!("{:x} first, {:x} then", outcome.hash, again.hash),
            });
        }
    }
    (outcome, twice)
}

/// Plays a range of seeds on so many threads. `on_seed` hears of every seed as it ends, from any
/// of them; the sum does not depend on how many there are.
pub fn run(
    seeds: Range<u64>,
    profile: &Profile,
    jobs: usize,
    on_seed: &(dyn Fn(u64) + Sync),
) -> Totals {
    let next = AtomicU64::new(seeds.start);
    let sum = Mutex::new(Totals::default());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                let mut totals = Totals::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let (outcome, twice) = play_seed(seed, profile);
                    totals.replayed += u64::from(twice);
                    totals.add(seed, outcome);
                    on_seed(seed);
                }
                sum.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .merge(totals);
            });
        }
    });
    let mut totals = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    totals.failures.sort_by_key(|failure| failure.seed);
    totals
}
