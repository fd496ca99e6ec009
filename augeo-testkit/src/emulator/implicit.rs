//! What each parent has from the start without anybody making it, and what nothing came of.

use serde_json::Value;

use super::entry::Entry;
use super::error::ArmError;
use super::facts::TypeFacts;
use super::operation::STILLBORN;
use super::overlay::{self, Implicit};
use super::path::Address;
use super::tree;
use super::world::World;

impl World {
    /// A resource that its parent has from the start, while nobody has written it.
    pub(crate) fn implicit(&self, facts: TypeFacts, address: &Address) -> Option<Entry> {
        let of_name = |known: &&Implicit| known.name.eq_ignore_ascii_case(address.name());
        let known = facts.overlay.implicit.iter().find(of_name)?;
        let parent = address.parent()?;
        self.store.resource(&parent.key())?;
        Some(self.untouched(facts, address, known))
    }

    /// Those of a parent, by their keys.
    pub(crate) fn implicit_within(
        &self,
        facts: TypeFacts,
        parent: &Address,
    ) -> Vec<(String, Entry)> {
        let kind = facts
            .schema
            .type_name
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let made = facts.overlay.implicit.iter().filter_map(|known| {
            let mut address = parent.clone();
            address.pairs.push((kind.to_owned(), known.name.clone()));
            let key = address.key();
            let written = self.store.resources().contains(&key);
            (!written).then(|| (key, self.untouched(facts, &address, known)))
        });
        made.collect()
    }

    fn untouched(&self, facts: TypeFacts, address: &Address, known: &Implicit) -> Entry {
        let address = self.canonical(facts, address);
        let now = address
            .parent()
            .and_then(|parent| Some(self.store.resource(&parent.key())?.created))
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        let mut entry = Self::blank_entry(facts, &address, 1, now);
        entry.name.clone_from(&known.name);
        entry.body.clone_from(&known.body);
        let defaults = overlay::render(&facts.overlay.defaults, &|word| self.fill(&entry, word));
        tree::underlay(&mut entry.body, &defaults);
        entry
    }

    /// Refuses to write to what failed while it was being made, where the service does so.
    pub(crate) fn check_stillborn(
        facts: TypeFacts,
        existing: Option<&Entry>,
    ) -> Result<(), ArmError> {
        let failed = existing
            .filter(|entry| entry.failure.is_some())
            .and_then(|entry| entry.hidden.get(STILLBORN));
        match &facts.overlay.stillborn {
            Some(refusal) if failed == Some(&Value::Bool(true)) => {
                Err(ArmError::conflict(&refusal.code, refusal.message.clone()))
            }
            _ => Ok(()),
        }
    }
}
