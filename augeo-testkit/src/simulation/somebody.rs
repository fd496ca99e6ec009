//! What somebody else does in the world: deletes, changes, adds, takes a name.

use serde_json::json;

use super::run::Play;
use super::script::Act;
use crate::emulator::PRINCIPAL_ID;

/// A tag that others set on what is ours.
pub(super) const THEIR_TAG: &str = "theirs";

/// Every call of a human works in a world without a log.
const IN_MEMORY: &str = "a world in memory can be changed";

impl Play<'_> {
    /// Somebody does something: in the midst of a run, or between two.
    pub(super) fn act(&mut self, act: Act, meanwhile: bool) {
        self.interfered = true;
        match act {
            Act::Delete(number) => {
                // Whoever deletes the whole group deletes what is in it: that is another story.
                let chosen = self.chosen(number);
                if let Some(id) = chosen.filter(|id| id.contains("/providers/")) {
                    self.monitor.lock().mark("somebody-deletes");
                    self.emulator.as_human().delete(&id).expect(IN_MEMORY);
                }
            }
            Act::Retag(number) => self.retag(number, meanwhile),
            Act::AddForeign => self.add_foreign(),
            Act::TakeName(number) => self.take_name(number),
        }
    }

    /// A resource of ours on which nothing is under way.
    fn chosen(&self, number: usize) -> Option<String> {
        let world = self.emulator.snapshot();
        let live = world.live_resources().into_iter();
        let ours: Vec<String> = live
            .filter(|live| live.created_by.as_deref() == Some(PRINCIPAL_ID))
            .filter(|live| live.operation.is_none())
            .map(|live| live.id)
            .collect();
        ours.get(number.checked_rem(ours.len())?).cloned()
    }

    fn retag(&self, number: usize, meanwhile: bool) {
        let Some(id) = self.chosen(number) else {
            return;
        };
        let tags = json!({"tags": {"variant": "by hand", THEIR_TAG: "kept"}});
        self.emulator.as_human().patch(&id, &tags).expect(IN_MEMORY);
        let world = self.emulator.snapshot();
        let mut monitor = self.monitor.lock();
        monitor.mark("somebody-retags");
        // No write says on what it was planned, so what is changed after the look is overwritten.
        let seen = !meanwhile && self.script.lags.longest().is_zero();
        let live = world.live_resource(&id);
        if let Some(live) = live.filter(|live| seen && live.tags.contains_key(THEIR_TAG)) {
            monitor.tagged.insert(id.to_lowercase(), live.incarnation);
        }
    }

    fn add_foreign(&self) {
        let world = self.emulator.snapshot();
        let group = world.live_resources().into_iter().find(|live| {
            live.resource_type
                .eq_ignore_ascii_case("Microsoft.Resources/resourceGroups")
        });
        let Some(group) = group else {
            return;
        };
        let number = self.monitor.lock().foreign.len();
        let id = format!(
            "{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/theirs{number}",
            group.id
        );
        if self.is_added(&id) {
            self.monitor.lock().mark("somebody-adds");
        }
    }

    /// Somebody makes an identity of a name that the stack has, or had, and that is free.
    fn take_name(&self, number: usize) {
        let world = self.emulator.snapshot();
        let free: Vec<&String> = self
            .ids
            .values()
            .filter(|id| id.contains("/userassignedidentities/"))
            .filter(|id| world.live_resource(id).is_none())
            .collect();
        let id = number.checked_rem(free.len()).map(|at| free[at].clone());
        if let Some(id) = id.filter(|id| self.is_added(id)) {
            let mut monitor = self.monitor.lock();
            monitor.mark("somebody-takes-a-name");
            monitor.taken.insert(id);
        }
    }

    fn is_added(&self, id: &str) -> bool {
        let body = json!({"location": "westeurope", "tags": {"owner": "another team"}});
        let answer = self.emulator.as_human().put(id, &body).expect(IN_MEMORY);
        let added = answer.status < 300;
        if added {
            self.monitor.lock().foreign.insert(id.to_lowercase());
        }
        added
    }

    /// Whoever took a name gives it back: until then the stack cannot be as it is declared.
    pub(super) fn make_room(&self) {
        let taken = std::mem::take(&mut self.monitor.lock().taken);
        for id in taken {
            self.emulator.as_human().delete(&id).expect(IN_MEMORY);
            self.monitor.lock().foreign.remove(&id);
        }
    }
}
