//! What somebody else does in the world: deletes, changes, adds, takes a name.

use std::time::Duration;

use serde_json::json;

use super::run::Play;
use super::script::Act;
use crate::emulator::LiveResource;

/// A tag that others set on what is ours.
pub(super) const THEIR_TAG: &str = "theirs";

/// Where the locks on a resource are.
const LOCKS: &str = "/providers/Microsoft.Authorization/locks/";

/// Every call of a human works in a world without a log.
const IN_MEMORY: &str = "a world in memory can be changed";

impl Play<'_> {
    /// Somebody does something: in the midst of a run, or between two.
    pub(super) fn act(&mut self, act: Act, meanwhile: bool) {
        self.interfered = true;
        self.ended = Some(self.emulator.now().get());
        match act {
            Act::Delete(number) => {
                // Whoever deletes the whole group deletes what is in it: that is another story.
                let chosen = self.chosen(number);
                let chosen = chosen.filter(|live| live.id.contains("/providers/"));
                if let Some(LiveResource { id, body, .. }) = chosen {
                    let body = body.to_string().to_lowercase();
                    let mut monitor = self.monitor.lock();
                    // A service may take along what only this one used, as an empty plan.
                    let used = self
                        .ids
                        .values()
                        .filter(|other| body.contains(&format!("\"{other}\"")));
                    monitor.taken_away.extend(used.cloned());
                    monitor.mark("somebody-deletes");
                    monitor.forget_tags(&id.to_lowercase());
                    monitor.taken_away.insert(id.to_lowercase());
                    drop(monitor);
                    self.emulator.as_human().delete(&id).expect(IN_MEMORY);
                }
            }
            Act::Retag(number) => self.retag(number, meanwhile),
            Act::AddForeign => self.add_foreign(),
            Act::TakeName(number) => self.take_name(number),
            Act::Lock(number) => self.lock_one(number),
        }
    }

    /// A resource of ours on which nothing is under way.
    fn chosen(&self, number: usize) -> Option<LiveResource> {
        let mut ours = self.ours();
        ours.retain(|live| live.operation.is_none());
        let at = number.checked_rem(ours.len())?;
        Some(ours.swap_remove(at))
    }

    fn retag(&self, number: usize, meanwhile: bool) {
        let Some(LiveResource { id, mut tags, .. }) = self.chosen(number) else {
            return;
        };
        // Tags are given whole: whoever adds one sends the others along.
        for (key, value) in [("variant", "by hand"), (THEIR_TAG, "kept")] {
            tags.insert(key.to_owned(), value.to_owned());
        }
        let tags = json!({ "tags": tags });
        self.emulator.as_human().patch(&id, &tags).expect(IN_MEMORY);
        let world = self.emulator.snapshot();
        let mut monitor = self.monitor.lock();
        monitor.mark("somebody-retags");
        if meanwhile {
            monitor.taken_away.insert(id.to_lowercase());
        }
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

    /// Somebody makes a resource of a name that the stack has, or had, and that is free.
    fn take_name(&self, number: usize) {
        let world = self.emulator.snapshot();
        let simple = |id: &str| {
            let types = [
                "/userassignedidentities/",
                "/storageaccounts/",
                "/serverfarms/",
            ];
            let last = id.rsplit_once('/').map(|(list, _)| format!("{list}/"));
            last.is_some_and(|list| types.iter().any(|ty| list.ends_with(ty)))
        };
        let free: Vec<&String> = self
            .ids
            .values()
            .filter(|id| simple(id) && world.live_resource(id).is_none())
            .collect();
        let id = number.checked_rem(free.len()).map(|at| free[at].clone());
        if let Some(id) = id.filter(|id| self.is_added(id)) {
            let mut monitor = self.monitor.lock();
            monitor.mark("somebody-takes-a-name");
            monitor.taken.insert(id);
        }
    }

    /// Somebody locks a resource of ours, until the end of the story.
    fn lock_one(&self, number: usize) {
        let Some(LiveResource { id, .. }) = self.chosen(number) else {
            return;
        };
        // Nobody locks a grant, or a lock.
        if id.matches("/providers/").count() != 1 {
            return;
        }
        let count = self.monitor.lock().foreign.len();
        let lock = format!("{id}{LOCKS}theirs{count}");
        if self.is_added(&lock) {
            let mut monitor = self.monitor.lock();
            monitor.mark("somebody-locks");
            // It is given back as a name is: until then the stack cannot be as it is declared.
            monitor.taken.insert(lock.to_lowercase());
        }
    }

    fn is_added(&self, id: &str) -> bool {
        let mut body = json!({"location": "westeurope", "tags": {"owner": "another team"}});
        let lower = id.to_lowercase();
        if id.contains(LOCKS) {
            let level = if id.len().is_multiple_of(2) {
                "CanNotDelete"
            } else {
                "ReadOnly"
            };
            body = json!({"properties": {"level": level}});
        }
        if lower.contains("/serverfarms/") {
            body["sku"] = json!({"name": "B1"});
            body["kind"] = json!("linux");
        } else if lower.contains("/storageaccounts/") {
            body["sku"] = json!({"name": "Standard_LRS"});
            body["kind"] = json!("StorageV2");
        }
        let answer = self.emulator.as_human().put(id, &body).expect(IN_MEMORY);
        let added = answer.status < 300;
        if added {
            let mut monitor = self.monitor.lock();
            monitor.foreign.insert(id.to_lowercase());
            // As long as it is not shown, nobody can know that it is there, or goes with its group.
            if !self.script.lags.longest().is_zero() {
                monitor.unlisted.insert(id.to_lowercase());
            }
        }
        added
    }

    /// What somebody began ends, and whoever took a name gives it back: until then the stack
    /// cannot be as it is declared.
    pub(super) async fn make_room(&self) {
        const REST: Duration = Duration::from_secs(600);
        if !self.interfered {
            return;
        }
        tokio::time::sleep(REST).await;
        let taken = std::mem::take(&mut self.monitor.lock().taken);
        // A lock goes before what it is on.
        for id in taken.into_iter().rev() {
            self.emulator.as_human().delete(&id).expect(IN_MEMORY);
            self.monitor.lock().foreign.remove(&id);
        }
        tokio::time::sleep(REST).await;
    }
}
