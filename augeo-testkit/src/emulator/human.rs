//! What somebody else does: a person in the portal, another team, another tool.

use std::sync::Arc;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::credential::EmulatorCredential;
use super::facts::facts;
use super::front::Emulator;
use super::log::WorldError;
use super::path::{Address, Location, Route};
use super::request::{ArmRequest, ArmResponse, Method};
use super::token;
use super::tree;
use super::world::World;

/// The principal of [`Human`], unless another is given.
pub const HUMAN_ID: &str = "00000000-0000-0000-0000-0000000000dd";

/// Somebody who works on the world of an emulator at the present time. Their requests are requests like all
/// others, with the newest api-version of a type, but neither faults nor lags meet them, and they are not among
/// [`World::requests`].
#[derive(Clone, Debug)]
pub struct Human {
    emulator: Emulator,
    principal: String,
}

impl Human {
    /// The same with another principal.
    #[must_use]
    pub fn with_principal(mut self, principal: impl Into<String>) -> Self {
        self.principal = principal.into();
        self
    }

    /// The object id that requests are made with.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// A credential of this person, for clients of their own.
    pub fn credential(&self) -> Arc<EmulatorCredential> {
        self.emulator
            .credential()
            .with_principal(self.principal.clone())
    }

    /// Sends a request about a path without a query.
    pub fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<ArmResponse, WorldError> {
        let now = self.emulator.now();
        self.emulator
            .with_world(|world| world.act(now.get(), &self.principal, method, path, body))
    }

    /// Creates or replaces, be it in a group of somebody else's.
    pub fn put(&self, id: &str, body: &Value) -> Result<ArmResponse, WorldError> {
        self.send(Method::Put, id, Some(body))
    }

    /// Merges.
    pub fn patch(&self, id: &str, change: &Value) -> Result<ArmResponse, WorldError> {
        self.send(Method::Patch, id, Some(change))
    }

    /// Deletes, or starts to: the deletion of a group takes its time.
    pub fn delete(&self, id: &str) -> Result<ArmResponse, WorldError> {
        self.send(Method::Delete, id, None)
    }

    /// Leaves a softly deleted vault behind that holds its name. Returns whether the id is one of a vault.
    pub fn leave_deleted_vault(&self, id: &str, location: &str) -> Result<bool, WorldError> {
        let now = self.emulator.now();
        self.emulator.with_world(|world| {
            let is_vault = Address::parse(id).is_some_and(|address| {
                address
                    .type_name()
                    .eq_ignore_ascii_case("Microsoft.KeyVault/vaults")
            });
            let body = json!({
                "location": location,
                "properties": {
                    "tenantId": world.options().tenant,
                    "sku": {"family": "A", "name": "standard"},
                    "accessPolicies": [],
                    "enableSoftDelete": true,
                    "softDeleteRetentionInDays": 90,
                },
            });
            is_vault && world.insert(now.get(), id, &body) && world.remove(now.get(), id)
        })
    }
}

impl Emulator {
    /// Somebody else, who works on the same world.
    pub fn as_human(&self) -> Human {
        Human {
            emulator: self.clone(),
            principal: HUMAN_ID.to_owned(),
        }
    }
}

impl World {
    /// Answers a request about a path without a query that somebody makes whom neither faults nor lags meet,
    /// with the newest api-version of the type. It is not among [`World::requests`].
    pub fn act(
        &mut self,
        now: OffsetDateTime,
        principal: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> ArmResponse {
        self.settle(now);
        let plain = Location::parse(path);
        let route = Route::of(&plain.segments, method == Method::Post);
        let version = route
            .subject()
            .and_then(|subject| facts().of(&subject))
            .and_then(|facts| facts.api_versions().first().copied())
            .unwrap_or("2025-04-01");
        let url = format!("{path}?api-version={version}");
        let hour = now.saturating_add(time::Duration::HOUR);
        let token = token::unsigned(&self.options.tenant, principal, now, hour);
        let request = ArmRequest::new(method, url.clone()).bearer(&token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        self.answer(now, &request, &Location::parse(&url), route, true)
    }

    /// Changes a resource behind every client's back, as a person in the portal would: the merge of a PATCH.
    /// Returns whether there is such a resource.
    pub fn edit(&mut self, id: &str, change: &Value) -> bool {
        let Some(key) = Address::parse(id).map(|a| a.key()) else {
            return false;
        };
        let (Some(mut entry), Value::Object(change)) = (self.store.resource(&key).cloned(), change)
        else {
            return false;
        };
        tree::patch(&mut entry.body, change);
        entry.version += 1;
        self.store.put_resource(&key, entry);
        true
    }

    /// Puts a resource there that no request made, with everything that Azure would fill in left out.
    /// Returns whether the id is one of a known type.
    pub fn insert(&mut self, now: OffsetDateTime, id: &str, body: &Value) -> bool {
        let (Some(address), Value::Object(body)) = (Address::parse(id), body) else {
            return false;
        };
        let Some(facts) = facts().of(&address.type_name()) else {
            return false;
        };
        let address = self.canonical(facts, &address);
        let key = address.key();
        let incarnation = self.store.incarnations().get(&key).copied().unwrap_or(0) + 1;
        self.store.put_incarnation(&key, incarnation);
        let mut entry = Self::blank_entry(facts, &address, incarnation, now);
        entry.body.clone_from(body);
        if let Some(global) = &facts.overlay.name.global {
            let held = format!("{}/{}", global.registry, address.name()).to_lowercase();
            self.store
                .put_name(&held, super::entry::NameHold { owner: key.clone() });
        }
        self.store.put_resource(&key, entry);
        true
    }

    /// Takes a resource away with everything below it, as a person in the portal would; soft deletion applies.
    pub fn remove(&mut self, now: OffsetDateTime, id: &str) -> bool {
        let Some(key) = Address::parse(id)
            .map(|a| a.key())
            .filter(|key| self.store.resources().contains(key))
        else {
            return false;
        };
        self.remove_tree(&key, now, false);
        true
    }
}
