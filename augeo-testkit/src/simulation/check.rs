//! The checks between and after runs, with the emulator's world as the truth.

use std::collections::{BTreeMap, BTreeSet};

use augeo_core::Stack;
use augeo_core::plan::{Action, Change, Plan, Purpose};
use augeo_core::report::{Outcome, Report};
use augeo_core::resource::{Desired, Lifecycle};
use augeo_core::value::{SecretRef, Value};
use augeo_core::{DeleteData, PlanOptions};

use crate::emulator::{LiveResource, World};

use super::address::{is_at_rest, is_within, told_state};
use super::monitor::Monitor;
use super::run::{Play, crash_word};
use super::somebody::THEIR_TAG;
use super::violation::Invariant;

/// The names that a value refers to.
fn references(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    value.walk(&mut |_, leaf| {
        if let Value::Unknown(expression) = leaf {
            let outputs = expression.references();
            names.extend(outputs.map(|output| output.resource.to_string()));
        } else if let Value::Secret(SecretRef::KeptBy(name)) = leaf {
            names.insert(name.to_string());
        }
    });
    names
}

/// The resources whose secrets a value uses.
fn kept_secrets(value: &Value) -> BTreeSet<String> {
    let mut keepers = BTreeSet::new();
    value.walk(&mut |_, leaf| {
        if let Value::Secret(SecretRef::KeptBy(name)) = leaf {
            keepers.insert(name.to_string());
        }
    });
    keepers
}

/// The ids that each resource of a stack needs, worked out from its declaration alone: not from
/// the engine's graph, which is what is on trial.
pub(super) fn needs(
    stack: &Stack,
    ids: &BTreeMap<String, String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut needs = BTreeMap::new();
    for desired in stack.resources() {
        let mut names = references(&desired.value);
        names.extend(desired.scope.resource().map(ToString::to_string));
        let needed = names.iter().filter_map(|name| ids.get(name).cloned());
        let needed: BTreeSet<String> = needed.collect();
        // What finishes another resource has its id, and that is written once before.
        let around = desired.scope.resource();
        let around = around.and_then(|around| ids.get(around.as_str()));
        let id = ids
            .get(desired.name.as_str())
            .filter(|id| Some(*id) != around);
        if let Some(id) = id {
            needs.insert(id.clone(), needed);
        }
    }
    needs
}

fn covers(covered: &BTreeSet<String>, id: &str) -> bool {
    covered.iter().any(|by| is_within(id, by))
}

/// Between two steps: everything that our runs created is found by the next plan, whatever the
/// stack has become by then.
pub(super) async fn boundary(play: &mut Play<'_>, step: usize) {
    let Some(crash) = play.crashed_at(step) else {
        return;
    };
    play.monitor.lock().mark(crash_word(crash));
    let created = play.created_and_live();
    let version = (step + 1).min(play.subject.versions() - 1);
    let stack = play.subject.stack(version);
    let options = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let found = match play.looker().plan_with(&stack, &options).await {
        Ok(found) => found,
        Err(error) => {
            let detail = format!("after step {step} nothing can be planned: {error:?}");
            play.monitor.lock().violate(Invariant::NoOrphan, detail);
            return;
        }
    };
    let covered: BTreeSet<String> = found
        .changes
        .iter()
        .map(|change| change.id.text().to_lowercase())
        .collect();
    let mut monitor = play.monitor.lock();
    for id in created {
        // What holds somebody else's resources stays for their sake.
        let holds = monitor.foreign.iter().any(|theirs| is_within(theirs, &id));
        if !covers(&covered, &id) && !holds {
            let detail = format!("after step {step} nobody finds {id}");
            monitor.violate(Invariant::NoOrphan, detail);
        }
    }
    drop(monitor);
    secrets(play);
}

/// Whether it is a setting that its parent always has, with another value than its default.
fn is_set(live: &LiveResource) -> bool {
    let at = |pointer: &str| live.body.pointer(pointer);
    let default = at("/properties/defaultValue");
    default.is_some() && default != at("/properties/value")
}

/// What a report says is true.
pub(super) fn report(played: &Play<'_>, run: usize, plan: &Plan, report: &Report, disturbed: bool) {
    let world = played.emulator.snapshot();
    let now = played.emulator.now().get();
    let mut monitor = played.monitor.lock();
    for (name, action, outcome) in &report.outcomes {
        let Some(change) = plan.change(name.as_str()) else {
            let detail = format!("run {run} reports {name}, which it did not plan");
            monitor.violate(Invariant::TruthfulReport, detail);
            continue;
        };
        if disturbed || !outcome.is_succeeded() {
            continue;
        }
        let live = world.live_resource(change.id.text());
        // What was written a moment ago may be shown as it was before.
        let lag = monitor.unseen;
        if live
            .as_ref()
            .is_some_and(|live| now < live.changed.saturating_add(lag))
        {
            continue;
        }
        let state = monitor.runs.get(&run);
        let told = state.and_then(|state| Some((state, *state.finished.get(name.as_str())?)));
        if let (Some(live), Some((state, at))) = (&live, told)
            && state.is_misled(live, at, lag)
        {
            continue;
        }
        let wrong = match action {
            Action::Create | Action::Update | Action::Replace | Action::Recover | Action::Adopt => {
                match &live {
                    None if went_along(&world, plan, change) => None,
                    None => Some("is not there".to_owned()),
                    Some(live) if !is_at_rest(told_state(live)) => {
                        Some(format!("is {}", live.state))
                    }
                    Some(_) => None,
                }
            }
            // What its parent always has is there afterwards, as it was before anybody set it.
            Action::Delete if change.ty.lifecycle == Lifecycle::Resettable => {
                live.filter(is_set).map(|_| "is still set".to_owned())
            }
            Action::Delete => live.map(|live| format!("is still there, {}", live.state)),
            Action::NoOp | Action::Forget | Action::Lift => None,
        };
        if let Some(wrong) = wrong {
            let detail = format!("run {run}: {action} of {name} succeeded, and it {wrong}");
            monitor.violate(Invariant::TruthfulReport, detail);
        }
    }
    locks(&mut monitor, &world, run, plan, report, disturbed);
    for change in plan.pending() {
        if report.outcome(change.name.as_str()).is_none() {
            let detail = format!("run {run} does not report {}", change.name);
            monitor.violate(Invariant::TruthfulReport, detail);
        }
    }
    let skipped_for_nothing = report.outcomes.iter().any(|(_, _, outcome)| {
        let Outcome::Skipped { because } = outcome else {
            return false;
        };
        let cause = report.outcome(because.as_str());
        cause.is_some_and(Outcome::is_succeeded)
    });
    if skipped_for_nothing {
        let detail = format!("run {run}: a change was skipped because of one that succeeded");
        monitor.violate(Invariant::TruthfulReport, detail);
    }
}

/// What a run lifted is back at its end, whatever came of what it was lifted for. A lock goes with
/// what it is on, and one that could not be put back is told.
fn locks(
    monitor: &mut Monitor,
    world: &World,
    run: usize,
    plan: &Plan,
    report: &Report,
    disturbed: bool,
) {
    for lift in plan.pending().filter(|it| it.action == Action::Lift) {
        let lifted = report.outcome(lift.name.as_str());
        if !lifted.is_some_and(Outcome::is_succeeded) {
            continue;
        }
        monitor.mark("lock-lifted");
        let id = lift.id.text().to_lowercase();
        if world.live_resource(&id).is_some() {
            monitor.mark("lock-put-back");
            continue;
        }
        let host = id.rfind("/providers/").map_or("", |at| &id[..at]);
        let backs = plan.changes.iter().filter(|it| it.id == lift.id);
        let told = backs.filter(|it| it.name != lift.name).any(|back| {
            let outcome = report.outcome(back.name.as_str());
            matches!(
                outcome,
                Some(Outcome::Failed { .. } | Outcome::Unknown { .. })
            )
        });
        if !told && !disturbed && world.live_resource(host).is_some() {
            let detail = format!("run {run} lifted {id} and did not put it back");
            monitor.violate(Invariant::LocksKept, detail);
        }
    }
}

/// Whether a resource awaits something of somebody else's that is not there.
fn waits_outside(stack: &Stack, desired: &Desired, world: &World) -> bool {
    let existing = stack.existing_resources();
    let mut awaited = desired.once_ready.iter();
    awaited.any(|other| {
        let entry = existing.get(other);
        entry.is_some_and(|it| world.live_resource(it.id.text()).is_none())
    })
}

/// Whether what was made on something that the run left alone went with that: an earlier run had
/// begun its deletion, which not every service shows.
fn went_along(world: &World, plan: &Plan, made: &Change) -> bool {
    let host = made.scope.as_ref().and_then(|it| plan.change(it.as_str()));
    host.is_some_and(|it| !it.is_change() && world.live_resource(it.id.text()).is_none())
}

/// What is there is what is declared.
pub(super) fn live(play: &Play<'_>, version: usize) {
    let stack = play.subject.stack(version);
    let world = play.emulator.snapshot();
    let created = play.created_and_live();
    let mut declared = BTreeSet::new();
    let mut monitor = play.monitor.lock();
    for desired in stack.resources() {
        let Some(id) = play.ids.get(desired.name.as_str()) else {
            continue;
        };
        declared.insert(id.clone());
        match world.live_resource(id) {
            None if waits_outside(&stack, desired, &world) => {}
            None => {
                let detail = format!("{} is declared and not there", desired.name);
                monitor.violate(Invariant::LiveEqualsDeclared, detail);
            }
            Some(live) if !is_at_rest(told_state(&live)) => {
                let detail = format!("{} is {}", desired.name, live.state);
                monitor.violate(Invariant::LiveEqualsDeclared, detail);
            }
            Some(_) => {}
        }
        for keeper in kept_secrets(&desired.value) {
            let kept = play.ids.get(&keeper).and_then(|id| monitor.given.get(id));
            if kept.is_none() || kept != monitor.given.get(id) {
                let detail = format!("{} does not have the secret of {keeper}", desired.name);
                monitor.violate(Invariant::LiveEqualsDeclared, detail);
            }
        }
    }
    let set = world.live_resources().into_iter().filter(is_set);
    let created = created
        .into_iter()
        .chain(set.map(|live| live.id.to_lowercase()));
    for id in created {
        // Data without a mark of its own stays: perhaps somebody else made it.
        let stays = id.contains("/secrets/") || id.contains("/databases/");
        if !declared.contains(&id) && !stays && !monitor.foreign.contains(&id) {
            let detail = format!("{id} is there and not declared");
            monitor.violate(Invariant::LiveEqualsDeclared, detail);
        }
    }
    for expected in play.subject.expected(version) {
        let id = play.ids.get(&expected.resource);
        let body = id.and_then(|id| world.resource_body(id));
        let found = body
            .as_ref()
            .and_then(|body| body.pointer(&expected.pointer));
        if found != Some(&expected.value) {
            let detail = format!(
                "{} has {found:?} at {} and not {}",
                expected.resource, expected.pointer, expected.value
            );
            monitor.violate(Invariant::LiveEqualsDeclared, detail);
        }
    }
    let foreign = monitor.foreign.clone();
    for id in foreign {
        if world.live_resource(&id).is_none() && !monitor.unlisted.contains(&id) {
            monitor.violate(Invariant::ForeignUntouched, format!("{id} is gone"));
        }
    }
    let tagged = monitor.tagged.clone();
    for (id, incarnation) in tagged {
        let live = world.live_resource(&id);
        let live = live.filter(|live| live.incarnation == incarnation);
        if live.is_some_and(|live| !live.tags.contains_key(THEIR_TAG)) {
            let detail = format!("{id} lost a tag that somebody else set");
            monitor.violate(Invariant::ForeignUntouched, detail);
        }
    }
    let singletons = stack
        .resources()
        .iter()
        .any(|desired| desired.ty.lifecycle == Lifecycle::Singleton);
    if singletons {
        monitor.mark("singleton-written");
    }
}

/// No secret was told.
pub(super) fn secrets(play: &Play<'_>) {
    let mut monitor = play.monitor.lock();
    let told: Vec<String> = monitor
        .secrets
        .iter()
        .filter(|secret| play.told.holds(secret))
        .map(|secret| secret.chars().take(4).collect())
        .collect();
    for start in told {
        let detail = format!("a secret that begins with {start} was told");
        monitor.violate(Invariant::SecretsKept, detail);
    }
    if !monitor.secrets.is_empty() {
        monitor.mark("secret-made");
    }
}

/// Nothing of ours is left, and everything of others'.
pub(super) fn destroyed(play: &Play<'_>, last: &str) {
    let world = play.emulator.snapshot();
    let created = play.created_and_live();
    let mut monitor = play.monitor.lock();
    let foreign = monitor.foreign.clone();
    for id in &created {
        // What holds somebody else's resources stays for their sake.
        let holds = foreign.iter().any(|theirs| is_within(theirs, id));
        if !holds && !foreign.contains(id) {
            let detail = format!("{id} is left: {last}");
            monitor.violate(Invariant::DestroyLeavesNothing, detail);
        }
    }
    for id in &foreign {
        if world.live_resource(id).is_none() && !monitor.unlisted.contains(id) {
            monitor.violate(
                Invariant::ForeignUntouched,
                format!("{id} went with destroy"),
            );
        }
    }
}
