//! The executor: it decides nothing but *when*.
//!
//! Ready changes start by the longest remaining path, within a bound, never two that exclude each
//! other. A failure holds back only what needs it. There is no undo: the report tells the truth
//! and the next plan converges. Dropping the run is as harmless as killing the process.

mod change;
mod leftover;
mod outside;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indexmap::IndexMap;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::graph::longest_remaining;
use crate::mutant::{self, Mutant};
use crate::name::ResourceName;
use crate::pending::Pending;
use crate::plan::{Action, Plan};
use crate::provider::{ErrorKind, Provider, ProviderError};
use crate::report::{Event, Observer, Outcome, Report};
use crate::resource::Observed;
use crate::value::Value;
use state::{State, defect};

/// The bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many changes run at once.
    pub changes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { changes_max: 256 }
    }
}

/// What a run needs beside its plan.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) limits: Limits,
    pub(crate) stop: CancellationToken,
    pub(crate) abandon: CancellationToken,
}

/// Keeps a panic of a listener from failing the run: it is heard no more.
#[derive(Debug)]
pub(crate) struct Guarded {
    inner: Arc<dyn Observer>,
    broken: AtomicBool,
}

impl Guarded {
    pub(crate) fn new(inner: Arc<dyn Observer>) -> Self {
        Self {
            inner,
            broken: AtomicBool::new(false),
        }
    }
}

impl Observer for Guarded {
    fn on_event(&self, event: &Event) {
        if self.broken.load(Ordering::Relaxed) {
            return;
        }
        if catch_unwind(AssertUnwindSafe(|| self.inner.on_event(event))).is_err() {
            self.broken.store(true, Ordering::Relaxed);
            tracing::warn!("a listener panicked and is not told anything any more");
        }
    }
}

/// What is known of a resource once it needs no more work in this run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// What is declared, resolved.
    pub(crate) planned: Option<Value>,
    /// What the provider reports.
    pub(crate) observed: Option<Observed>,
    /// Whether this run wrote it: only then is the value of a secret known.
    pub(crate) written: bool,
}

/// What nobody can foresee: for the mutant whose runs cannot be repeated.
fn chance() -> Duration {
    use std::hash::{BuildHasher as _, Hasher as _};
    let state = std::collections::hash_map::RandomState::new();
    Duration::from_nanos(state.build_hasher().finish())
}

/// Which change ended, and how.
type Ended = (usize, Result<Known, ProviderError>);

struct Executor<'a> {
    run: &'a Run,
    plan: &'a Plan,
    dependents: Vec<Vec<usize>>,
    /// What waits only for an end.
    followers: Vec<Vec<usize>>,
    open: Vec<usize>,
    /// Ready changes by (what remains, reversed; position).
    ready: BTreeSet<(std::cmp::Reverse<Duration>, usize)>,
    /// What is ready and needs no work.
    effortless: BTreeSet<usize>,
    /// What could begin, and waits for the outside world.
    held_up: BTreeMap<usize, Pending>,
    remaining: Vec<Duration>,
    held: BTreeSet<String>,
    states: Vec<State>,
    known: IndexMap<ResourceName, Known>,
    tasks: JoinSet<Ended>,
    running: BTreeMap<Id, usize>,
}

/// Executes a plan to its end.
pub(crate) async fn execute(run: &Run, plan: &Plan) -> Report {
    let begun = Instant::now();
    let pending = plan.pending().count();
    run.observer.on_event(&Event::Started {
        stack: plan.stack.clone(),
        changes: pending,
    });
    let mut executor = Executor::new(run, plan);
    match plan.ensure_executable() {
        Err(blocked) => executor.refuse(&blocked.to_string()),
        Ok(()) => executor.work().await,
    }
    executor.report(begun.elapsed())
}

impl<'a> Executor<'a> {
    fn new(run: &'a Run, plan: &'a Plan) -> Self {
        let order: Vec<ResourceName> = plan
            .changes
            .iter()
            .map(|change| change.name.clone())
            .collect();
        let index: IndexMap<_, _> = order
            .iter()
            .enumerate()
            .map(|(at, name)| (name.clone(), at))
            .collect();
        let at_of = |name: &ResourceName| index.get(name).copied();
        let remaining = longest_remaining(
            &order,
            &|name| {
                plan.changes[index[name]]
                    .waits_for()
                    .filter(|needed| index.contains_key(*needed))
                    .cloned()
                    .collect()
            },
            &|name| plan.changes[index[name]].usual_duration(),
        );
        let mut dependents = vec![Vec::new(); order.len()];
        let mut followers = vec![Vec::new(); order.len()];
        let mut open = vec![0; order.len()];
        for (at, open) in open.iter_mut().enumerate() {
            let change = &plan.changes[at];
            for needed in change.after.iter().filter_map(at_of) {
                dependents[needed].push(at);
                *open += 1;
            }
            let only_followed = change.follows.difference(&change.after);
            for followed in only_followed.filter_map(at_of) {
                followers[followed].push(at);
                *open += 1;
            }
        }
        let existing = plan.existing.iter();
        let existing = existing.map(|(name, observed)| (name.clone(), Known::of(observed)));
        Self {
            run,
            plan,
            dependents,
            followers,
            open,
            ready: BTreeSet::new(),
            effortless: BTreeSet::new(),
            held_up: BTreeMap::new(),
            remaining: order.iter().map(|name| remaining[name]).collect(),
            held: BTreeSet::new(),
            states: order.iter().map(|_| State::Waiting).collect(),
            known: existing.collect(),
            tasks: JoinSet::new(),
            running: BTreeMap::new(),
        }
    }

    async fn work(&mut self) {
        for at in 0..self.plan.changes.len() {
            if self.open[at] == 0 {
                self.make_ready(at);
            }
        }
        let mut stopping = false;
        loop {
            // What ended at the same moment is all taken note of before anything else starts.
            while let Some(joined) = self.tasks.try_join_next_with_id() {
                self.finish(joined);
            }
            self.start_ready();
            if self.tasks.is_empty() {
                break;
            }
            let run = self.run;
            let stop = async {
                tokio::select! {
                    biased;
                    () = run.stop.cancelled() => {}
                    () = run.abandon.cancelled() => {}
                }
            };
            tokio::select! {
                biased;
                Some(joined) = self.tasks.join_next_with_id() => self.finish(joined),
                () = stop, if !stopping => {
                    stopping = true;
                    self.run.observer.on_event(&Event::Stopping);
                }
            }
        }
        self.end_all(|change| !change.puts_back());
        if !self.run.abandon.is_cancelled() {
            self.put_back().await;
        }
        self.end_all(|_| true);
    }

    /// Starts what may start; nothing once the run is stopped. What needs no work ends at once,
    /// also then, which may make more ready.
    fn start_ready(&mut self) {
        while let Some((at, pending)) = self.held_up.pop_first() {
            self.end(at, Outcome::Pending(pending), Duration::ZERO);
        }
        while let Some(at) = self.effortless.pop_first() {
            let change = &self.plan.changes[at];
            let known = if change.goes_with.is_some() {
                Known::default()
            } else {
                Known {
                    planned: change.planned.clone(),
                    observed: change.prior.clone(),
                    written: false,
                }
            };
            self.known.insert(change.name.clone(), known);
            self.end(at, Outcome::Succeeded, Duration::ZERO);
        }
        if self.run.stop.is_cancelled() || self.run.abandon.is_cancelled() {
            return;
        }
        // A run that may start nothing would do nothing and say that it was cancelled.
        let changes_max = self.run.limits.changes_max.max(1);
        let mut excluded = Vec::new();
        while self.running.len() < changes_max {
            let Some((rank, at)) = self.ready.pop_first() else {
                break;
            };
            let change = &self.plan.changes[at];
            let must_wait = change.exclusion.iter().any(|key| self.held.contains(key));
            if must_wait && !mutant::is_on(Mutant::IgnoreExclusion) {
                excluded.push((rank, at));
            } else {
                self.start(at);
            }
        }
        self.ready.extend(excluded);
    }

    /// It waits for nothing any more.
    fn make_ready(&mut self, at: usize) {
        let change = &self.plan.changes[at];
        if !change.is_change() || change.goes_with.is_some() {
            self.effortless.insert(at);
        } else if let Some(pending) = self.pending_on(at) {
            self.held_up.insert(at, pending);
        } else {
            let mut remaining = self.remaining[at];
            if mutant::is_on(Mutant::OrderByChance) {
                remaining = chance();
            }
            self.ready.insert((std::cmp::Reverse(remaining), at));
        }
    }

    fn start(&mut self, at: usize) {
        let change = &self.plan.changes[at];
        self.held.extend(change.exclusion.iter().cloned());
        self.states[at] = State::Running {
            since: Instant::now(),
        };
        self.run.observer.on_event(&Event::ChangeStarted {
            resource: change.name.clone(),
            action: change.action,
            usual: change.usual_duration(),
        });
        let job = change::Job::new(self.run, self.plan, change, &self.known);
        let handle = self.tasks.spawn(async move { (at, job.perform().await) });
        self.running.insert(handle.id(), at);
    }

    fn finish(&mut self, joined: Result<(Id, Ended), JoinError>) {
        let (at, result) = match joined {
            Ok((id, (at, result))) => {
                self.running.remove(&id);
                (at, result)
            }
            Err(error) => {
                let Some(at) = self.running.remove(&error.id()) else {
                    // Its change stays as running, and is told as unknown when the run ends.
                    tracing::error!(%error, "a task ended that belongs to no change");
                    return;
                };
                (at, Err(defect(&error)))
            }
        };
        let change = &self.plan.changes[at];
        for key in &change.exclusion {
            self.held.remove(key);
        }
        let elapsed = match &self.states[at] {
            State::Running { since } => since.elapsed(),
            State::Waiting | State::Ended(..) => Duration::ZERO,
        };
        let outcome = match result {
            Ok(known) => {
                self.known.insert(change.name.clone(), known);
                Outcome::Succeeded
            }
            Err(_) if mutant::is_on(Mutant::SwallowErrors) => Outcome::Succeeded,
            Err(error) if error.kind == ErrorKind::OutcomeUnknown => Outcome::Unknown {
                error: Box::new(error),
            },
            Err(error) if error.kind == ErrorKind::Stopped => Outcome::Cancelled,
            Err(error) => self.failed(at, error),
        };
        self.end(at, outcome, elapsed);
    }

    /// Records an end and passes it on: what needs it becomes ready, or is skipped.
    fn end(&mut self, at: usize, outcome: Outcome, elapsed: Duration) {
        let mut ended = vec![(at, outcome, elapsed)];
        while let Some((at, outcome, elapsed)) = ended.pop() {
            if matches!(self.states[at], State::Ended(..)) {
                continue;
            }
            let change = &self.plan.changes[at];
            let succeeded = outcome.is_succeeded();
            let holds_back = !matches!(outcome, Outcome::Succeeded | Outcome::Cancelled);
            let pending = outcome.pending().cloned();
            let because = if let Outcome::Skipped { because } = &outcome {
                because
            } else {
                &change.name
            };
            let mut because = because.clone();
            if let (true, Some(first)) = (
                mutant::is_on(Mutant::BlameAnother),
                self.plan.pending().next(),
            ) {
                because = first.name.clone();
            }
            if change.is_change() {
                self.run.observer.on_event(&Event::ChangeFinished {
                    resource: change.name.clone(),
                    action: change.action,
                    outcome: outcome.clone(),
                    elapsed,
                });
            }
            self.states[at] = State::Ended(outcome, elapsed);
            for follower in std::mem::take(&mut self.followers[at]) {
                self.open[follower] -= 1;
                let waits = matches!(self.states[follower], State::Waiting);
                if waits && self.open[follower] == 0 {
                    self.make_ready(follower);
                }
            }
            // Each ends once, so nobody asks for them again.
            for dependent in std::mem::take(&mut self.dependents[at]) {
                // What stays as it is waits for nobody.
                let unmoved = pending.is_some() && !self.plan.changes[dependent].is_change();
                let goes_on = succeeded || unmoved || self.puts_back_after(dependent, at);
                if goes_on || mutant::is_on(Mutant::GoOnAfterFailure) {
                    self.open[dependent] -= 1;
                    let open = self.open[dependent] > 0;
                    let due = !open || mutant::is_on(Mutant::StartAfterTheFirst);
                    if due && matches!(self.states[dependent], State::Waiting) {
                        self.make_ready(dependent);
                    }
                } else if holds_back && matches!(self.states[dependent], State::Waiting) {
                    let because = because.clone();
                    let held = pending.clone().map(Outcome::Pending);
                    let outcome = held.unwrap_or(Outcome::Skipped { because });
                    ended.push((dependent, outcome, Duration::ZERO));
                }
            }
        }
    }

    /// Ends every change of a plan that may not be executed.
    fn refuse(&mut self, why: &str) {
        for at in 0..self.states.len() {
            let error =
                ProviderError::new(ErrorKind::Invalid { property: None }, "augeo/blocked", why);
            if self.plan.changes[at].is_change() {
                self.end(
                    at,
                    Outcome::Failed {
                        error: Box::new(error),
                    },
                    Duration::ZERO,
                );
            }
        }
    }

    fn report(self, elapsed: Duration) -> Report {
        let mut outcomes = Vec::new();
        let mut elapsed_by_resource = BTreeMap::new();
        // What was not reached is as it was observed.
        let mut resources: BTreeMap<ResourceName, Observed> = self
            .plan
            .changes
            .iter()
            .filter_map(|change| Some((change.name.clone(), change.prior.clone()?)))
            .collect();
        for (change, state) in self.plan.changes.iter().zip(self.states) {
            let (outcome, took) = state.into_outcome();
            let left_out = mutant::is_on(Mutant::LeaveOutFailures)
                && matches!(outcome, Outcome::Failed { .. } | Outcome::Unknown { .. });
            if change.is_change() && !left_out {
                elapsed_by_resource.insert(change.name.clone(), took);
                outcomes.push((change.name.clone(), change.action, outcome));
            }
        }
        let pending = outside::waiting(self.plan, &outcomes);
        resources.extend(
            self.known
                .into_iter()
                .filter_map(|(name, known)| Some((name, known.observed?))),
        );
        for (name, action, outcome) in &outcomes {
            // A replacement that did not end may have deleted and not made again.
            let may_be_gone = matches!(
                (action, outcome),
                (Action::Delete, Outcome::Succeeded | Outcome::Unknown { .. })
                    | (
                        Action::Replace,
                        Outcome::Failed { .. } | Outcome::Unknown { .. }
                    )
            );
            if may_be_gone {
                resources.remove(name);
            }
        }
        let succeeded = outcomes
            .iter()
            .filter(|(.., outcome)| outcome.is_succeeded())
            .count();
        let waiting = outcomes
            .iter()
            .filter(|(.., outcome)| matches!(outcome, Outcome::Pending(_)))
            .count();
        let others = outcomes.len() - succeeded - waiting;
        self.run.observer.on_event(&Event::Finished {
            elapsed,
            succeeded,
            others,
            pending: waiting,
        });
        Report {
            stack: self.plan.stack.clone(),
            outcomes,
            elapsed_by_resource,
            elapsed,
            pending,
            resources,
        }
    }
}
