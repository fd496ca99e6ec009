//! DELETE, and what a deletion keeps aside.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::entry::{Entry, SoftDeleted};
use super::error::ArmError;
use super::facts::{TypeFacts, facts};
use super::hooks::Hook;
use super::operation::PURGE;
use super::overlay::{Shape, SoftDelete, Verb, VerbFacts};
use super::path::Address;
use super::request::Method;
use super::tree::{self, Body};
use super::view::Aspect;
use super::world::{Call, Reply, World, stamp};
use super::write::Draft;

impl World {
    pub(crate) fn delete(
        &mut self,
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
    ) -> Result<Reply, ArmError> {
        if let (false, Some(key), Some(name)) = (
            address.is_group(),
            address.group_key(),
            address.group_name(),
        ) {
            self.group_entry(&key, name)?;
        }
        let key = address.key();
        if facts.overlay.delete.is_none() {
            return Err(ArmError::method_not_allowed(format!(
                "A resource of type '{}' cannot be deleted through Azure Resource Manager.",
                facts.schema.type_name
            )));
        }
        let Some(entry) = self.store.resource(&key).cloned() else {
            return if address.is_group() {
                Err(ArmError::not_found(
                    "ResourceGroupNotFound",
                    format!("Resource group '{}' could not be found.", address.name()),
                ))
            } else {
                Ok(Reply::new(204))
            };
        };
        let address = entry.address();
        self.check_preconditions(call, Some(&entry))?;
        self.check_locks(&address, true)?;
        if entry.is_deleting() && address.is_group() {
            // A group that is going is asked again: the answer points to the operation under way.
            return Ok(self.group_already_going(call, &address, &entry));
        }
        self.check_busy(call, facts, &address)?;
        if let Some(hook) = Hook::of(facts.overlay) {
            hook.guard_delete(self, call, &entry)?;
        }
        let draft = Draft {
            address,
            key,
            verb: Verb::Delete,
            existing: Some(entry),
            sent: Body::new(),
            now: call.now,
        };
        Ok(self.start(call, facts, &draft))
    }

    fn group_already_going(&self, call: &Call<'_>, address: &Address, entry: &Entry) -> Reply {
        let operation = entry
            .pending
            .as_ref()
            .and_then(|p| self.store.operations().get(&p.operation));
        match operation {
            Some(operation) => Reply::new(202)
                .header(
                    "location",
                    self.operation_url(call, address, operation, true),
                )
                .header(
                    "retry-after",
                    self.options
                        .durations
                        .retry_after(operation.retry_after)
                        .to_string(),
                ),
            None => Reply::new(202),
        }
    }

    fn soft_facts(entry: &Entry) -> Option<(&'static SoftDelete, TypeFacts)> {
        let facts = facts().of(&entry.type_name)?;
        Some((facts.overlay.soft_delete.as_ref()?, facts))
    }

    pub(crate) fn is_soft(&self, key: &str) -> bool {
        self.store
            .resource(key)
            .and_then(Self::soft_facts)
            .is_some()
    }

    /// Keeps a resource and its children aside until its purge is due.
    pub(crate) fn keep_aside(&mut self, key: &str, now: OffsetDateTime) {
        let Some(entry) = self.store.resource(key).cloned() else {
            return;
        };
        let Some((soft, _)) = Self::soft_facts(&entry) else {
            return;
        };
        let days = soft
            .retention
            .as_ref()
            .and_then(|path| tree::get(&entry.body, path)?.as_i64())
            .unwrap_or(soft.days);
        let below = format!("{key}/");
        let children = self
            .store
            .resources()
            .under(&below)
            // Extension resources do not come back.
            .filter(|(k, _)| {
                !k[below.len()..].starts_with("providers/")
                    && !k[below.len()..].contains("/providers/")
            })
            .map(|(_, child)| child.clone())
            .collect();
        let row = SoftDeleted {
            entry: Entry {
                pending: None,
                ..entry
            },
            children,
            deleted: now,
            purge: now.saturating_add(Duration::days(days)),
        };
        self.store.put_soft_deleted(key, row);
    }

    /// Lets go for good of what was kept aside.
    pub(crate) fn purge(&mut self, key: &str) {
        let Some(row) = self.store.take_soft_deleted(key) else {
            return;
        };
        if let Some((soft, facts)) = Self::soft_facts(&row.entry)
            && soft.holds_name
            && let Some(global) = &facts.overlay.name.global
        {
            let held = format!("{}/{}", global.registry, row.entry.name).to_lowercase();
            if self
                .store
                .names()
                .get(&held)
                .is_some_and(|hold| hold.owner == key)
            {
                self.store.take_name(&held);
            }
        }
    }

    /// What a write meets that wants the name of something kept aside: it recovers, is refused, or goes on.
    pub(crate) fn meet_soft_deleted(
        &mut self,
        call: &Call<'_>,
        facts: TypeFacts,
        draft: &mut Draft,
    ) -> Result<Option<Reply>, ArmError> {
        let Some(soft) = &facts.overlay.soft_delete else {
            return Ok(None);
        };
        let recover = tree::text(&draft.sent, "properties.createMode")
            .is_some_and(|mode| mode.eq_ignore_ascii_case("recover"));
        if draft.verb != Verb::Create {
            return Ok(None);
        }
        let named = facts.overlay.name.global.as_ref().and_then(|global| {
            let held = format!("{}/{}", global.registry, draft.address.name()).to_lowercase();
            self.store.names().get(&held).map(|hold| hold.owner.clone())
        });
        let holder = named
            .filter(|_| soft.holds_name)
            .unwrap_or_else(|| draft.key.clone());
        let Some(row) = self.store.soft_deleted().get(&holder).cloned() else {
            return if recover {
                Err(ArmError::not_found(
                    "DeletedVaultNotFound",
                    format!(
                        "The specified deleted vault '{}' does not exist.",
                        draft.address.name()
                    ),
                ))
            } else {
                Ok(None)
            };
        };
        if !recover && !soft.recover_on_create {
            return Err(ArmError::conflict(
                &soft.conflict_code,
                "A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.",
            ));
        }
        if holder != draft.key {
            return Err(ArmError::conflict(
                &soft.conflict_code,
                format!(
                    "The deleted resource with this name was '{}': it can only be recovered there.",
                    row.entry.id
                ),
            ));
        }
        self.store.take_soft_deleted(&holder);
        for child in row.children {
            let key = child.address().key();
            self.store.put_resource(
                &key,
                Entry {
                    pending: None,
                    ..child
                },
            );
        }
        if soft.recover_on_create {
            // It comes back as what is sent now, with the ids that it had.
            draft.existing = Some(Entry {
                failure: None,
                ..row.entry
            });
            return Ok(None);
        }
        let entry = Entry {
            changed: call.now,
            version: row.entry.version + 1,
            failure: None,
            ..row.entry
        };
        Ok(Some(self.commit(call, facts, draft, entry)))
    }

    /// The deleted resources of a type, as their own type or list.
    pub(crate) fn deleted_list(&self, parent: &Address, kind: &str) -> Option<Reply> {
        let facts = deleted_facts(&parent.namespace, kind)?;
        let scope = super::path::join(&parent.scope).to_lowercase() + "/";
        let rows: Vec<Value> = self
            .store
            .soft_deleted()
            .iter()
            .filter(|(key, row)| key.starts_with(&scope) && row.entry.is(&facts.schema.type_name))
            .map(|(_, row)| self.deleted_view(facts, row))
            .collect();
        Some(Reply::json(200, json!({ "value": rows })))
    }

    pub(crate) fn deleted_resource(&self, address: &Address) -> Option<Result<Reply, ArmError>> {
        let [(locations, _), (kind, name)] = address.pairs.as_slice() else {
            return None;
        };
        let facts = deleted_facts(&address.namespace, kind)
            .filter(|_| locations.eq_ignore_ascii_case("locations"))?;
        let found = self.store.soft_deleted().iter().find(|(_, row)| {
            row.entry.is(&facts.schema.type_name) && row.entry.name.eq_ignore_ascii_case(name)
        });
        Some(match found {
            Some((_, row)) => Ok(Reply::json(200, self.deleted_view(facts, row))),
            None => Err(ArmError::not_found(
                "DeletedVaultNotFound",
                format!("The specified deleted vault '{name}' does not exist."),
            )),
        })
    }

    /// Purges by name.
    pub(crate) fn purge_action(
        &mut self,
        call: &Call<'_>,
        target: &Address,
        action: &str,
    ) -> Option<Result<Reply, ArmError>> {
        let [(locations, _), (kind, name)] = target.pairs.as_slice() else {
            return None;
        };
        let facts = deleted_facts(&target.namespace, kind).filter(|_| {
            locations.eq_ignore_ascii_case("locations") && action.eq_ignore_ascii_case("purge")
        })?;
        let found = self.store.soft_deleted().iter().find(|(_, row)| {
            row.entry.is(&facts.schema.type_name) && row.entry.name.eq_ignore_ascii_case(name)
        });
        let Some((key, row)) = found.map(|(k, r)| (k.to_owned(), r.clone())) else {
            return Some(Err(ArmError::not_found(
                "DeletedVaultNotFound",
                format!("The specified deleted vault '{name}' does not exist."),
            )));
        };
        if tree::get(&row.entry.body, "properties.enablePurgeProtection")
            == Some(&Value::Bool(true))
        {
            return Some(Err(ArmError::new(
                405,
                "MethodNotAllowed",
                "Operation 'DeletedVaultPurge' is not allowed: the vault has purge protection.",
            )));
        }
        let verb_facts = VerbFacts {
            status: 202,
            shape: Shape::Location,
            seconds: 10.0,
            retry_after: 5,
            instant_status: Some(200),
            _source: None,
        };
        let duration = self.options.durations.seconds(verb_facts.seconds);
        let operation = self.begin(
            call,
            &format!("{PURGE}{key}"),
            &key,
            Verb::Delete,
            &verb_facts,
            duration,
        );
        if duration.is_zero() {
            return Some(Ok(Reply::new(200)));
        }
        let url = self.operation_url(call, target, &operation, true);
        Some(Ok(Reply::new(202).header("location", url).header(
            "retry-after",
            self.options.durations.retry_after(5).to_string(),
        )))
    }

    fn deleted_view(&self, facts: TypeFacts, row: &SoftDeleted) -> Value {
        let Some(soft) = &facts.overlay.soft_delete else {
            return Value::Null;
        };
        if !soft.holds_name {
            let mut view = self.view(&row.entry, Aspect::Settled);
            view["properties"]["modifiedDate"] = json!(stamp(row.deleted));
            return view;
        }
        let address = row.entry.address();
        let location = tree::text(&row.entry.body, "location").unwrap_or_default();
        let namespace = &address.namespace;
        let mut properties = json!({
            "vaultId": row.entry.id,
            "location": location,
            "tags": row.entry.body.get("tags").cloned().unwrap_or_else(|| json!({})),
            "deletionDate": stamp(row.deleted),
            "scheduledPurgeDate": stamp(row.purge),
        });
        if let Some(protected) = tree::get(&row.entry.body, "properties.enablePurgeProtection") {
            properties["purgeProtectionEnabled"] = protected.clone();
        }
        json!({
            "id": format!("/subscriptions/{}/providers/{namespace}/locations/{location}/{}/{}", address.subscription().unwrap_or_default(), soft.collection, row.entry.name),
            "name": row.entry.name,
            "type": format!("{namespace}/{}", soft.collection),
            "properties": properties,
        })
    }
}

/// The type whose deleted resources are listed under this name.
fn deleted_facts(namespace: &str, kind: &str) -> Option<TypeFacts> {
    facts().overlays.values().find_map(|overlay| {
        let soft = overlay.soft_delete.as_ref()?;
        let own = overlay.type_name.split('/').next()?;
        (own.eq_ignore_ascii_case(namespace) && soft.collection.eq_ignore_ascii_case(kind))
            .then(|| facts().of(&overlay.type_name))
            .flatten()
    })
}

impl World {
    /// Runs an action: ARM's own, a type's, or refuses it as unknown.
    pub(crate) fn action(
        &mut self,
        call: &Call<'_>,
        target: &Address,
        action: &str,
    ) -> Result<Reply, ArmError> {
        debug_assert_eq!(call.request.method, Method::Post);
        if let Some(reply) = self.purge_action(call, target, action) {
            return reply;
        }
        if action.eq_ignore_ascii_case("checkNameAvailability")
            && target
                .pairs
                .first()
                .is_none_or(|(kind, _)| kind.eq_ignore_ascii_case("locations"))
        {
            return self.check_name_availability(call, &target.namespace);
        }
        let unknown = || {
            ArmError::unsupported(
                404,
                "NotFound",
                format!(
                    "The emulator does not know the action '{action}' of '{}'.",
                    target.type_name()
                ),
            )
        };
        let facts = Self::type_facts(call, &target.type_name())?;
        self.check_surroundings(target)?;
        let Some(entry) = self.store.resource(&target.key()).cloned() else {
            return Err(super::check::missing(target));
        };
        Hook::of(facts.overlay)
            .and_then(|hook| hook.action(self, call, &entry, action))
            .unwrap_or_else(|| Err(unknown()))
    }
}
