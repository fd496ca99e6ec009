//! The world as it truly is, for whoever checks it: no lag, no policy, no other spelling.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use time::OffsetDateTime;

use super::entry::{Entry, NEVER};
use super::facts::facts;
use super::overlay::Verb;
use super::path::Address;
use super::tree;
use super::view::{Aspect, state_word};
use super::world::World;

/// An operation that runs on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// What it does.
    pub verb: Verb,
    /// When it ends; `None` where it never does.
    pub ends: Option<OffsetDateTime>,
}

/// A live resource as it truly is.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveResource {
    /// Its id in the spelling of its creation.
    pub id: String,
    /// Its type.
    pub resource_type: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What a GET would tell that sees it as it is.
    pub body: Value,
    /// Its provisioning state, also where its type does not tell it: `Succeeded` or `Ready` where it rests.
    pub state: &'static str,
    /// The operation that runs on it.
    pub operation: Option<Running>,
    /// Code and message of the failure of its last operation.
    pub failure: Option<(String, String)>,
    /// The principal whose request created it; `None` where it came with another, or from nobody's request.
    pub created_by: Option<String>,
    /// When it was created.
    pub created: OffsetDateTime,
    /// When it was last written.
    pub changed: OffsetDateTime,
    /// How many resources with this id there were, this one included.
    pub incarnation: u64,
    /// How often this one was written.
    pub version: u64,
}

impl World {
    /// All live resources, in the order of their ids.
    pub fn live_resources(&self) -> Vec<LiveResource> {
        self.store
            .resources()
            .iter()
            .map(|(_, entry)| self.live(entry))
            .collect()
    }

    /// One live resource by its id, without regard to case.
    pub fn live_resource(&self, id: &str) -> Option<LiveResource> {
        Some(self.live(&*self.at(id)?))
    }

    /// What a GET of this id would find, also where its parent has it without anybody's doing.
    fn at(&self, id: &str) -> Option<Cow<'_, Entry>> {
        let address = Address::parse(id)?;
        if let Some(entry) = self.store.resource(&address.key()) {
            return Some(Cow::Borrowed(entry));
        }
        let facts = facts().of(&address.type_name())?;
        self.implicit(facts, &address).map(Cow::Owned)
    }

    fn live(&self, entry: &Entry) -> LiveResource {
        let tags = entry.body.get("tags").and_then(Value::as_object);
        let state = facts().of(&entry.type_name).map_or("Succeeded", |facts| {
            state_word(facts, entry, Aspect::Current)
        });
        LiveResource {
            id: entry.id.clone(),
            resource_type: entry.type_name.clone(),
            tags: tags
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect(),
            body: self.true_view(entry, Aspect::Current),
            state,
            operation: entry.pending.as_ref().map(|pending| Running {
                verb: pending.verb,
                ends: (pending.ends != NEVER).then_some(pending.ends),
            }),
            failure: entry
                .failure
                .as_ref()
                .map(|failure| (failure.code.clone(), failure.message.clone())),
            created_by: tree::text(&entry.hidden, "creator").map(str::to_owned),
            created: entry.created,
            changed: entry.changed,
            incarnation: entry.incarnation,
            version: entry.version,
        }
    }

    /// One resource as it is now, by its id.
    pub fn resource_body(&self, id: &str) -> Option<Value> {
        Some(self.true_view(&*self.at(id)?, Aspect::Current))
    }

    /// The ids of all resources, in order.
    pub fn live_ids(&self) -> Vec<String> {
        self.store
            .resources()
            .iter()
            .map(|(_, entry)| entry.id.clone())
            .collect()
    }

    /// The number of resources.
    pub fn len(&self) -> usize {
        self.store.resources().len()
    }

    /// Whether there is no resource at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of what is softly deleted, with the date of its purge.
    pub fn soft_deleted(&self) -> Vec<(String, OffsetDateTime)> {
        self.store
            .soft_deleted()
            .iter()
            .map(|(_, row)| (row.entry.id.clone(), row.purge))
            .collect()
    }
}
