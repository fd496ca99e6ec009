//! How long a plan will take: durations by type as distributions, and a thousand runs through the
//! executor's rules.
//!
//! It is pure: what it knows is a [`DurationModel`], its chance is a seed. Where what was learnt
//! is kept is its caller's choice.

mod distribution;
mod learn;
mod model;
mod schedule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use crate::clock::Stream;
use crate::engine::Limits;
use crate::name::ResourceName;
use crate::plan::{Action, Plan};
use distribution::{normal, seconds};
use model::{figures_of, sum};
use schedule::{Progressed, Schedule};

pub use distribution::Distribution;
pub use learn::{Observation, Unreadable, from_lines, observations, to_lines};
pub use model::{Basis, DurationModel, Figure, When, Work};

/// How much of the spread of all durations of one run has one cause: the same region, the same
/// day. An estimate: without any, the sum of many would be far too sure.
const SHARED_VARIANCE: f64 = 0.25;

/// No forecast draws more durations than this, so that a plan of thousands is not slow.
const DURATIONS_MAX: usize = 300_000;

/// How a forecast is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForecastOptions {
    /// Same seed, same forecast.
    pub seed: u64,
    /// How many runs are drawn; fewer for plans of thousands of changes.
    pub draws: usize,
    /// The bounds of the run.
    pub limits: Limits,
}

impl Default for ForecastOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            draws: 1000,
            limits: Limits::default(),
        }
    }
}

/// How long one change is expected to take.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expected {
    /// Which resource.
    pub resource: ResourceName,
    /// What is done.
    pub action: Action,
    /// Half of all take longer.
    #[serde(rename = "p50Seconds", serialize_with = "seconds")]
    pub p50: Duration,
    /// One in twenty takes longer.
    #[serde(rename = "p95Seconds", serialize_with = "seconds")]
    pub p95: Duration,
    /// The part of the whole wait during which everything waits for this one: 0 to 1.
    pub share: f64,
    /// How well that is known.
    pub basis: Basis,
    /// Who says so.
    pub source: String,
}

/// How long a plan will take.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    /// Half of all runs take longer.
    #[serde(rename = "p50Seconds", serialize_with = "seconds")]
    pub p50: Duration,
    /// One run in ten takes longer.
    #[serde(rename = "p90Seconds", serialize_with = "seconds")]
    pub p90: Duration,
    /// How many runs were drawn.
    pub draws: usize,
    /// Each change that takes time, in the order of the plan.
    pub changes: Vec<Expected>,
    /// What is waited for, first to last, where everything takes its median.
    pub critical_path: Vec<ResourceName>,
    #[serde(skip)]
    schedule: Schedule,
    /// The work of every entry of the plan, by position.
    #[serde(skip)]
    works: Vec<Vec<Distribution>>,
    #[serde(skip)]
    positions: BTreeMap<ResourceName, usize>,
}

/// What is left of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// How long it goes on as a rule.
    pub time: Duration,
    /// What runs and decides that.
    pub decides: Option<ResourceName>,
}

impl Forecast {
    /// Draws runs of a plan under the executor's rules: order, exclusion, how many at once.
    pub fn of(plan: &Plan, model: &DurationModel, options: &ForecastOptions) -> Self {
        let schedule = Schedule::of(plan, options.limits.changes_max);
        let figures: Vec<Vec<Figure>> = plan
            .changes
            .iter()
            .map(|change| figures_of(change, model))
            .collect();
        let works: Vec<Vec<Distribution>> = figures
            .iter()
            .map(|figures| figures.iter().map(|figure| figure.distribution).collect())
            .collect();
        let drawn = draw(&schedule, &works, options);
        let medians: Vec<Duration> = figures
            .iter()
            .map(|it| sum(it, Distribution::p50))
            .collect();
        let course = schedule.run(&medians, &Progressed::default());
        let name = |at: &usize| plan.changes[*at].name.clone();
        let changes = plan
            .changes
            .iter()
            .enumerate()
            .filter(|(at, change)| change.is_change() && !figures[*at].is_empty());
        let changes: Vec<Expected> = changes
            .map(|(at, change)| {
                let least = figures[at].iter().min_by_key(|figure| figure.basis);
                Expected {
                    resource: change.name.clone(),
                    action: change.action,
                    p50: medians[at],
                    p95: sum(&figures[at], Distribution::p95),
                    share: drawn.shares[at],
                    basis: least.map_or(Basis::Default, |figure| figure.basis),
                    source: least.map_or(String::new(), |figure| figure.source.to_string()),
                }
            })
            .collect();
        // What is drawn may fall short of the medians by chance; the whole never does.
        let longest = changes.iter().map(|change| change.p50).max();
        let p50 = quantile(&drawn.totals, 50).max(longest.unwrap_or_default());
        Self {
            p50,
            p90: quantile(&drawn.totals, 90).max(p50),
            draws: drawn.totals.len(),
            critical_path: course.path.iter().map(name).collect(),
            changes,
            positions: (0..plan.changes.len()).map(|at| (name(&at), at)).collect(),
            schedule,
            works,
        }
    }

    /// What is expected of a resource's change.
    pub fn expected(&self, resource: &ResourceName) -> Option<&Expected> {
        self.changes
            .iter()
            .find(|expected| expected.resource == *resource)
    }

    /// Whether everything else is likely to wait for this one.
    pub fn is_critical(&self, resource: &ResourceName) -> bool {
        self.critical_path.contains(resource)
    }

    /// The change that most of the wait is for.
    pub fn dominant(&self) -> Option<&Expected> {
        let waited = self.changes.iter().filter(|change| change.share > 0.0);
        waited.reduce(|most, other| {
            if other.share > most.share {
                other
            } else {
                most
            }
        })
    }

    /// What is left once these have ended and those have been running for so long.
    pub fn remaining<'a>(
        &self,
        ended: impl IntoIterator<Item = &'a ResourceName>,
        running: impl IntoIterator<Item = (&'a ResourceName, Duration)>,
    ) -> Remaining {
        let position = |name: &ResourceName| self.positions.get(name).copied();
        let whole = |works: &Vec<Distribution>| works.iter().map(|work| work.p50()).sum();
        let mut took: Vec<Duration> = self.works.iter().map(whole).collect();
        let mut from = Progressed::default();
        let mut seen = BTreeSet::new();
        for (name, elapsed) in running {
            let Some(at) = position(name).filter(|at| seen.insert(*at)) else {
                continue;
            };
            took[at] = left(&self.works[at], elapsed);
            from.running.push(at);
        }
        let ended = ended.into_iter().filter_map(position);
        from.ended = ended.filter(|at| seen.insert(*at)).collect();
        let course = self.schedule.run(&took, &from);
        let first = course.path.first().filter(|at| from.running.contains(at));
        let name = |at: &usize| {
            let found = self.positions.iter().find(|(_, position)| *position == at);
            found.map(|(name, _)| name.clone())
        };
        Remaining {
            time: course.total,
            decides: first.and_then(name),
        }
    }
}

/// What is left of work that is done one after another, once it has taken so long.
fn left(works: &[Distribution], elapsed: Duration) -> Duration {
    let mut elapsed = elapsed;
    for (at, work) in works.iter().enumerate() {
        let rest: Duration = works[at + 1..].iter().map(|work| work.p50()).sum();
        // Only the last may be late: of those before nothing tells when they ended.
        if elapsed < work.p50() || at + 1 == works.len() {
            return work.remaining(elapsed) + rest;
        }
        elapsed -= work.p50();
    }
    Duration::ZERO
}

struct Drawn {
    /// In ascending order.
    totals: Vec<Duration>,
    shares: Vec<f64>,
}

fn draw(schedule: &Schedule, works: &[Vec<Distribution>], options: &ForecastOptions) -> Drawn {
    let durations = works.iter().map(Vec::len).sum::<usize>().max(1);
    let draws = options.draws.min((DURATIONS_MAX / durations).max(20));
    // In pairs, each the mirror of the other: half as many numbers, and the medians are met.
    let pairs = draws.div_ceil(2).max(1);
    let mut stream = Stream::new(options.seed, "forecast");
    let mut totals = Vec::with_capacity(pairs * 2);
    let mut shares = vec![0.0; schedule.len()];
    let mut deviations = vec![0.0; durations];
    for _ in 0..pairs {
        let common = normal(&mut stream) * SHARED_VARIANCE.sqrt();
        for deviation in &mut deviations {
            *deviation = normal(&mut stream).mul_add((1.0 - SHARED_VARIANCE).sqrt(), common);
        }
        for side in [1.0, -1.0] {
            let mut next = deviations.iter();
            let took: Vec<Duration> = works
                .iter()
                .map(|works| {
                    let mixed = works.iter().zip(next.by_ref());
                    mixed.map(|(work, z)| work.at(side * z)).sum()
                })
                .collect();
            let course = schedule.run(&took, &Progressed::default());
            if !course.total.is_zero() {
                for at in course.path {
                    shares[at] += took[at].div_duration_f64(course.total);
                }
            }
            totals.push(course.total);
        }
    }
    totals.sort_unstable();
    let number = f64::from(u32::try_from(totals.len()).unwrap_or(u32::MAX));
    for share in &mut shares {
        *share /= number;
    }
    Drawn { totals, shares }
}

/// The value that so many of a hundred do not exceed.
fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}
