//! What a plan and an apply are measured against: the most requests that an observation may take,
//! and the shortest time in which a plan can be applied to an emulated world.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use augeo_core::Stack;
use augeo_core::name::ResourceName;
use augeo_core::plan::{Action, Change, Plan};
use serde_json::Value;

use crate::emulator::{Verb, World};

/// How many requests a plan of a stack that is as declared may take: two, and for each of its types
/// one or as many as it has parents. Each named configuration counts as a type of its own.
pub fn requests_max(stack: &Stack) -> usize {
    let mut parents: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for desired in stack.resources() {
        let parent = desired.scope.resource().map(ToString::to_string);
        // Configurations of one type have titles of their own.
        parents
            .entry((desired.ty.name.as_str(), &desired.ty.title))
            .or_default()
            .insert(parent.unwrap_or_default());
    }
    2 + parents.values().map(BTreeSet::len).sum::<usize>()
}

/// A time in which no client can apply `plan`, were it any shorter.
///
/// It is the longest chain of changes that wait for each other, or that exclude each other, with
/// each change at the duration that the emulator has for it (whole steps of `Retry-After` where it
/// must be polled) and one request of `latency`. It is a lower bound: reads between, the latency of
/// polls and a directory that has yet to learn of a principal are not in it.
///
/// `world` is the world after the apply: it knows the bodies that lengthen an operation.
pub fn apply_duration_min(plan: &Plan, world: &World, latency: Duration) -> Duration {
    let durations: BTreeMap<&ResourceName, Duration> = plan
        .changes
        .iter()
        .map(|change| (&change.name, duration(change, world, latency)))
        .collect();
    let mut before: BTreeMap<&ResourceName, Duration> = BTreeMap::new();
    for change in &plan.changes {
        let begins = change
            .waits_for()
            .filter_map(|needed| Some(*before.get(needed)? + durations[needed]))
            .max();
        before.insert(&change.name, begins.unwrap_or_default());
    }
    let mut behind: BTreeMap<&ResourceName, Duration> = BTreeMap::new();
    for change in plan.changes.iter().rev() {
        let own = durations[&change.name] + behind.get(&change.name).copied().unwrap_or_default();
        for needed in change.waits_for() {
            if let Some((name, _)) = durations.get_key_value(needed) {
                let known = behind.entry(name).or_default();
                *known = own.max(*known);
            }
        }
    }
    let behind = |name| behind.get(name).copied().unwrap_or_default();
    let chain = plan
        .changes
        .iter()
        .map(|change| before[&change.name] + durations[&change.name] + behind(&change.name))
        .max()
        .unwrap_or_default();
    let mut holders: BTreeMap<&String, Vec<&Change>> = BTreeMap::new();
    for change in plan.pending() {
        for key in &change.exclusion {
            holders.entry(key).or_default().push(change);
        }
    }
    let serial = holders.values().map(|changes| {
        let first = changes.iter().map(|change| before[&change.name]).min();
        let last = changes.iter().map(|change| behind(&change.name)).min();
        let own: Duration = changes.iter().map(|change| durations[&change.name]).sum();
        first.unwrap_or_default() + own + last.unwrap_or_default()
    });
    serial.max().unwrap_or_default().max(chain)
}

fn duration(change: &Change, world: &World, latency: Duration) -> Duration {
    if !change.is_change() || change.goes_with.is_some() {
        return Duration::ZERO;
    }
    let body = world
        .resource_body(&change.id.to_string())
        .unwrap_or(Value::Null);
    let name = change.ty.name.as_str();
    let of = |verb| {
        latency
            + world
                .expected_duration(name, verb, &body)
                .unwrap_or_default()
    };
    match change.action {
        Action::NoOp | Action::Forget => Duration::ZERO,
        Action::Create | Action::Recover => of(Verb::Create),
        Action::Update | Action::Adopt => of(Verb::Update).min(of(Verb::Patch)),
        Action::Replace => of(Verb::Delete) + of(Verb::Create),
        Action::Delete | Action::Lift => of(Verb::Delete),
    }
}
