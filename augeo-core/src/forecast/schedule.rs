//! When changes would start and end: the executor's rules over given durations, without waiting.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use crate::graph::longest_remaining;
use crate::name::ResourceName;
use crate::plan::Plan;

/// What stands between changes, by position in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    dependents: Vec<Vec<usize>>,
    open: Vec<usize>,
    /// Whether it ends as soon as it is ready.
    effortless: Vec<bool>,
    exclusion: Vec<Vec<usize>>,
    keys: usize,
    /// What starts first of what is ready: the least.
    rank: Vec<usize>,
    changes_max: usize,
}

/// What came of one run through a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Course {
    pub(super) total: Duration,
    /// What was waited for, first to last: the end of each let the next one start.
    pub(super) path: Vec<usize>,
}

/// What a course is already in the middle of.
#[derive(Clone, Debug, Default)]
pub(super) struct Progressed {
    /// What has ended.
    pub(super) ended: Vec<usize>,
    /// What runs.
    pub(super) running: Vec<usize>,
}

struct Run<'a> {
    schedule: &'a Schedule,
    took: &'a [Duration],
    open: Vec<usize>,
    begun: Vec<bool>,
    held: Vec<bool>,
    /// By rank.
    ready: std::collections::BTreeSet<(usize, usize)>,
    running: BinaryHeap<Reverse<(Duration, usize)>>,
    /// Whose end let it start.
    cause: Vec<Option<usize>>,
}

impl Schedule {
    pub(super) fn of(plan: &Plan, changes_max: usize) -> Self {
        let changes = &plan.changes;
        let index: BTreeMap<&ResourceName, usize> = changes
            .iter()
            .enumerate()
            .map(|(at, change)| (&change.name, at))
            .collect();
        let mut dependents = vec![Vec::new(); changes.len()];
        let mut open = vec![0; changes.len()];
        let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
        let mut exclusion = Vec::with_capacity(changes.len());
        for (at, change) in changes.iter().enumerate() {
            for needed in change.waits_for().filter_map(|name| index.get(name)) {
                dependents[*needed].push(at);
                open[at] += 1;
            }
            let held = change.exclusion.iter().map(|key| {
                let next = keys.len();
                *keys.entry(key.as_str()).or_insert(next)
            });
            exclusion.push(held.collect());
        }
        let order: Vec<ResourceName> = changes.iter().map(|change| change.name.clone()).collect();
        let needs = |name: &ResourceName| {
            let needed = changes[index[name]].waits_for();
            needed
                .filter(|it| index.contains_key(it))
                .cloned()
                .collect()
        };
        let usual = |name: &ResourceName| changes[index[name]].usual_duration();
        let remaining = longest_remaining(&order, &needs, &usual);
        let mut by_rank: Vec<usize> = (0..changes.len()).collect();
        by_rank.sort_by_key(|at| (Reverse(remaining[&order[*at]]), *at));
        let mut rank = vec![0; changes.len()];
        for (place, at) in by_rank.into_iter().enumerate() {
            rank[at] = place;
        }
        let effortless = changes
            .iter()
            .map(|change| !change.is_change() || change.goes_with.is_some());
        Self {
            dependents,
            open,
            effortless: effortless.collect(),
            exclusion,
            keys: keys.len(),
            rank,
            changes_max: changes_max.max(1),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Runs through it with these durations, by position.
    pub(super) fn run(&self, took: &[Duration], from: &Progressed) -> Course {
        let mut run = Run {
            schedule: self,
            took,
            open: self.open.clone(),
            begun: vec![false; self.len()],
            held: vec![false; self.keys],
            ready: std::collections::BTreeSet::new(),
            running: BinaryHeap::new(),
            cause: vec![None; self.len()],
        };
        for at in from.ended.iter().chain(&from.running) {
            run.begun[*at] = true;
        }
        // What runs holds its keys, whatever else could start.
        for at in &from.running {
            run.start(*at, Duration::ZERO, None);
        }
        for at in 0..self.len() {
            if self.open[at] == 0 && !run.begun[at] {
                run.make_ready(at);
            }
        }
        for at in &from.ended {
            run.end(*at);
        }
        run.finish()
    }
}

impl Run<'_> {
    fn make_ready(&mut self, at: usize) {
        // Not recursive: a chain of what needs no work may be long.
        let mut effortless = Vec::new();
        self.sort_in(at, &mut effortless);
        while let Some(at) = effortless.pop() {
            self.begun[at] = true;
            for &next in &self.schedule.dependents[at] {
                if self.met(next) {
                    self.sort_in(next, &mut effortless);
                }
            }
        }
    }

    fn sort_in(&mut self, at: usize, effortless: &mut Vec<usize>) {
        if self.schedule.effortless[at] {
            effortless.push(at);
        } else {
            self.ready.insert((self.schedule.rank[at], at));
        }
    }

    /// One thing less to wait for; whether that was the last.
    fn met(&mut self, at: usize) -> bool {
        self.open[at] = self.open[at].saturating_sub(1);
        self.open[at] == 0 && !self.begun[at]
    }

    fn end(&mut self, at: usize) {
        for &next in &self.schedule.dependents[at] {
            if self.met(next) {
                self.make_ready(next);
            }
        }
    }

    fn start(&mut self, at: usize, now: Duration, cause: Option<usize>) {
        self.begun[at] = true;
        self.cause[at] = cause;
        for &key in &self.schedule.exclusion[at] {
            self.held[key] = true;
        }
        self.running
            .push(Reverse((now.saturating_add(self.took[at]), at)));
    }

    fn start_ready(&mut self, now: Duration, cause: Option<usize>) {
        let mut excluded = Vec::new();
        while self.running.len() < self.schedule.changes_max {
            let Some((rank, at)) = self.ready.pop_first() else {
                break;
            };
            let held = |key: &usize| self.held[*key];
            if self.schedule.exclusion[at].iter().any(held) {
                excluded.push((rank, at));
            } else {
                self.start(at, now, cause);
            }
        }
        self.ready.extend(excluded);
    }

    fn finish(mut self) -> Course {
        self.start_ready(Duration::ZERO, None);
        let mut total = Duration::ZERO;
        let mut last = None;
        while let Some(Reverse((now, at))) = self.running.pop() {
            total = now;
            last = Some(at);
            for &key in &self.schedule.exclusion[at] {
                self.held[key] = false;
            }
            self.end(at);
            // What ends at the same moment is all taken note of before anything else starts.
            let together = self
                .running
                .peek()
                .is_some_and(|Reverse((end, _))| *end == now);
            if !together {
                self.start_ready(now, last);
            }
        }
        let mut path: Vec<usize> = std::iter::successors(last, |at| self.cause[*at]).collect();
        path.reverse();
        Course { total, path }
    }
}
