//! The checks of each request as it is sent: patience, the plan, order, exclusion, whose it is.

use time::OffsetDateTime;

use augeo_core::plan::Action;

use super::address::{address_of, is_at_rest, is_within, key_of, path_of, told_state};
use super::monitor::{Allowed, Monitor, Phase};
use super::violation::Invariant;
use crate::emulator::{ArmRequest, ArmResponse, Method};

impl Monitor {
    pub(super) fn check_patience(
        &mut self,
        run: usize,
        key: &(Method, String),
        now: OffsetDateTime,
    ) {
        let Some(state) = self.runs.get_mut(&run) else {
            return;
        };
        let due = state.not_before.remove(key);
        if let Some(due) = due.filter(|due| now < *due) {
            let early = due - now;
            self.violate(
                Invariant::RetryAfterHonoured,
                format!("{} {}: {early} too early", key.0.as_str(), key.1),
            );
        }
    }

    pub(super) fn ask_for_patience(
        &mut self,
        run: usize,
        request: &ArmRequest,
        answer: &ArmResponse,
        now: OffsetDateTime,
    ) {
        // What was read at once may say how long work goes on; only an operation's own URL is
        // asked again.
        let told = answer.status == 200 && request.method == Method::Get;
        if told && !path_of(&request.url).contains("/operation") {
            return;
        }
        let Some(seconds) = answer
            .header("retry-after")
            .and_then(|text| text.parse().ok())
        else {
            return;
        };
        let follows = answer
            .header("azure-asyncoperation")
            .or_else(|| answer.header("location"))
            .filter(|_| answer.status < 300);
        let key = match follows {
            Some(url) => (Method::Get, address_of(url)),
            None => key_of(request),
        };
        let due = now.saturating_add(time::Duration::seconds(seconds));
        self.runs
            .entry(run)
            .or_default()
            .not_before
            .insert(key, due);
    }

    /// What must hold when a run writes.
    pub(super) fn check_write(&mut self, run: usize, method: Method, path: &str) {
        let verb = method.as_str();
        let Some(state) = self.runs.get(&run) else {
            return;
        };
        if state.phase == Phase::Planning {
            self.violate(
                Invariant::OnlyPlanned,
                format!("{verb} {path} while planning"),
            );
            return;
        }
        let Some(change) = state.owner(path).cloned() else {
            self.violate(
                Invariant::OnlyPlanned,
                format!("{verb} {path} is in no plan"),
            );
            return;
        };
        if self.foreign.contains(path) && !self.unlisted.contains(path) {
            self.violate(Invariant::ForeignUntouched, format!("{verb} {path}"));
        }
        self.check_exclusion(run, &change, path);
        if method == Method::Delete && change.action != Action::Replace {
            self.check_dependents(run, path);
        } else if method == Method::Put && path == change.id {
            self.check_dependencies(run, path);
        }
    }

    fn check_exclusion(&mut self, run: usize, change: &Allowed, path: &str) {
        let Some(state) = self.runs.get(&run) else {
            return;
        };
        let rivals = state.allowed.iter().filter(|other| {
            other.id != change.id && !other.exclusion.is_disjoint(&change.exclusion)
        });
        let beside = rivals.map(|rival| rival.id.clone()).find(|rival| {
            let sent = state.writes_under_way.iter();
            let mut sent = sent.filter(|(_, count)| **count > 0);
            sent.any(|(path, _)| state.owner(path).is_some_and(|owner| owner.id == *rival))
                || (state.written.contains(rival)
                    && !state.lenient
                    && !state.disturbed.contains(rival)
                    && self.is_operating(rival))
        });
        if let Some(beside) = beside {
            let detail = format!("{path} beside {beside}");
            self.violate(Invariant::ExclusionHeld, detail);
        }
    }

    fn is_operating(&self, id: &str) -> bool {
        let live = self.emulator.with_world(|world| world.live_resource(id));
        let live = live.ok().flatten();
        live.is_some_and(|live| !is_at_rest(told_state(&live)))
    }

    fn check_dependencies(&mut self, run: usize, path: &str) {
        if self.runs.get(&run).is_some_and(|run| run.lenient) {
            return;
        }
        let needs = self
            .runs
            .get(&run)
            .and_then(|run| run.needs.get(path))
            .cloned();
        // What was lifted is put back whatever came of what it was lifted for.
        let puts_back = self.runs.get(&run).is_some_and(|run| {
            let mut allowed = run.allowed.iter();
            allowed.any(|it| it.id == path && it.action == Action::Lift)
        });
        for needed in needs.into_iter().flatten() {
            // What somebody deletes after the look is missed by nobody.
            if self.taken_away.iter().any(|gone| is_within(&needed, gone)) {
                continue;
            }
            let live = self
                .emulator
                .with_world(|world| world.live_resource(&needed));
            let live = live.ok().flatten();
            let now = self.emulator.now().get();
            let misled = live.as_ref().zip(self.runs.get(&run));
            if misled.is_some_and(|(live, run)| run.is_misled(live, now, self.unseen)) {
                continue;
            }
            let state = live.as_ref().map_or("not there", told_state);
            let is_back = puts_back && live.is_some();
            if !is_back && !["Succeeded", "Ready", "Updating"].contains(&state) {
                self.violate(
                    Invariant::DependenciesFirst,
                    format!("{path} is written while {needed} is {state}"),
                );
            }
        }
    }

    /// What is deleted is no longer mentioned by anything that the same plan changes or deletes,
    /// unless that cannot be seen yet. What mentions it without declaring that stays as it is.
    fn check_dependents(&mut self, run: usize, path: &str) {
        let began = self.runs.get(&run).and_then(|run| run.began);
        let live = self.emulator.with_world(|world| world.live_resources());
        let mention = format!("\"{path}\"");
        for user in live.unwrap_or_default() {
            let id = user.id.to_lowercase();
            let seen_from = user.changed.saturating_add(self.unseen);
            let unseen = began.is_some_and(|began| began < seen_from);
            let state = self.runs.get(&run);
            let planned = state.is_some_and(|run| run.allowed.iter().any(|by| by.id == id));
            if is_within(&id, path) || is_within(path, &id) || unseen || !planned {
                continue;
            }
            if user.body.to_string().to_lowercase().contains(&mention) {
                self.violate(
                    Invariant::DependentsFirst,
                    format!("{path} is deleted while {id} mentions it"),
                );
            }
        }
    }
}
