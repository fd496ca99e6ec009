//! Operations: started by a write, over when the clock says so.

use serde_json::json;
use time::OffsetDateTime;

use super::entry::{Failure, Operation, Pending, Principal, ShapeRow};
use super::error::ArmError;
use super::facts::{TypeFacts, facts};
use super::fault::Leaves;
use super::hooks::Hook;
use super::hooks::email::VERIFY;
use super::overlay::{Shape, Verb, VerbFacts};
use super::path::Address;
use super::store::Due;
use super::tree;
use super::view::{Aspect, until};
use super::world::{Call, Reply, World, stamp};
use super::write::Draft;

/// What is noted of a resource that failed while it was being made.
pub(crate) const STILLBORN: &str = "stillborn";

/// The prefix of an operation's resource where it purges what was softly deleted.
pub(crate) const PURGE: &str = "purge:";

impl World {
    /// Lets everything happen that the clock has brought about by now. Each request does this first; who looks
    /// at a world directly does it to see what a request would.
    pub fn settle(&mut self, now: OffsetDateTime) {
        self.forget_past(now);
        while let Some((_, due)) = self.store.next_due(now) {
            match due {
                Due::Finish(id) => self.finish(&id),
                Due::Purge(key) => self.purge(&key),
                Due::Forget(id) => drop(self.store.take_operation(&id)),
            }
        }
    }

    /// Ends an operation.
    fn finish(&mut self, id: &str) {
        let Some(mut operation) = self.store.operations().get(id).cloned() else {
            return;
        };
        if operation.done {
            return;
        }
        operation.done = true;
        let told = matches!(operation.shape, ShapeRow::Async | ShapeRow::Location)
            && operation.ends > operation.started;
        if told {
            self.store.put_operation(operation.clone());
        } else {
            // Nobody was told where to ask for it.
            self.store.take_operation(id);
        }
        if let Some(key) = operation.resource.strip_prefix(PURGE) {
            self.purge(key);
            return;
        }
        if let Some(what) = operation.resource.strip_prefix(VERIFY) {
            self.verify(what);
            return;
        }
        let Some(mut entry) = self.store.resource(&operation.resource).cloned() else {
            return;
        };
        let is_latest = entry.pending.as_ref().is_some_and(|p| p.operation == id);
        if is_latest {
            entry.pending = None;
        }
        // A later write has taken its place: what fails is no longer what is there.
        if !is_latest && operation.doom.is_some() && operation.verb != Verb::Delete {
            return;
        }
        match (&operation.doom, operation.verb) {
            (Some(doom), Verb::Create | Verb::Delete) if doom.leaves == Leaves::Nothing => {
                self.store.put_resource(&operation.resource, entry);
                self.remove_tree(&operation.resource, operation.ends, true);
            }
            (Some(doom), verb) => {
                entry.failure = Some(doom.failure.clone());
                if verb == Verb::Create {
                    entry.hidden.insert(STILLBORN.to_owned(), json!(true));
                }
                self.store.put_resource(&operation.resource, entry);
            }
            (None, Verb::Delete) => {
                self.store.put_resource(&operation.resource, entry);
                self.remove_tree(&operation.resource, operation.ends, operation.force);
            }
            (None, Verb::Create | Verb::Update | Verb::Patch) => {
                self.store.put_resource(&operation.resource, entry);
            }
        }
    }

    /// Starts the operation of a write and answers it.
    pub(crate) fn start(&mut self, call: &Call<'_>, facts: TypeFacts, draft: &Draft) -> Reply {
        let Some(verb_facts) = facts.overlay.verb(draft.verb) else {
            return Reply::new(200);
        };
        let body = self
            .store
            .resource(&draft.key)
            .map(|e| e.body.clone())
            .unwrap_or_default();
        let mut duration = self.duration(facts, draft.verb, &body);
        if draft.address.is_group() && draft.verb == Verb::Delete {
            duration += self.slowest_deletion(&draft.key);
        }
        let operation = self.begin(
            call,
            &draft.key,
            &draft.address.root_key(),
            draft.verb,
            verb_facts,
            duration,
        );
        let etag = (facts.overlay.etag.is_some())
            .then(|| self.store.resource(&draft.key).map(|e| self.etag(e)))
            .flatten();
        let reply = self.opening(call, draft, verb_facts, &operation);
        match etag {
            Some(etag) if draft.verb != Verb::Delete => reply.header("etag", etag),
            _ => reply,
        }
    }

    /// Writes an operation down; one without duration ends at once.
    pub(crate) fn begin(
        &mut self,
        call: &Call<'_>,
        key: &str,
        root: &str,
        verb: Verb,
        verb_facts: &VerbFacts,
        duration: std::time::Duration,
    ) -> Operation {
        let number = self.store.count("operations").to_string();
        let id = self.seed.uuid(&["operation", &number]);
        let ends = call
            .now
            .saturating_add(time::Duration::try_from(duration).unwrap_or(time::Duration::MAX));
        let parameter = self.store.resource(key).and_then(|entry| {
            facts()
                .of(&entry.type_name)?
                .overlay
                .soft_delete
                .as_ref()?
                .force_parameter
                .clone()
        });
        let force = parameter
            .and_then(|name| call.at.parameter(&name))
            .is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let mut operation = Operation {
            id: id.clone(),
            resource: key.to_owned(),
            root: root.to_owned(),
            verb,
            shape: verb_facts.shape.into(),
            retry_after: verb_facts.retry_after,
            started: call.now,
            ends,
            doom: None,
            lost: None,
            told: None,
            force,
            done: false,
        };
        self.meet_fate(call, &mut operation);
        // A service that answers when it is done shows nothing that it then takes back, and no
        // deletion that is on its way: the answer is what takes its time.
        let unseen = operation.doom.is_some() || verb == Verb::Delete;
        if verb_facts.shape == Shape::Sync && unseen {
            operation.told = Some(operation.ends);
            operation.ends = call.now;
        }
        if let Some(mut entry) = self.store.resource(key).cloned() {
            entry.pending = Some(Pending {
                operation: id.clone(),
                verb,
                ends: operation.ends,
            });
            self.store.put_resource(key, entry);
        }
        self.store.put_operation(operation.clone());
        if operation.ends == call.now {
            self.finish(&id);
        }
        operation
    }

    /// The answer to the request that starts an operation.
    fn opening(
        &self,
        call: &Call<'_>,
        draft: &Draft,
        verb_facts: &VerbFacts,
        operation: &Operation,
    ) -> Reply {
        let wait = until(call.now, operation.heard());
        let deletes = draft.verb == Verb::Delete;
        let sync = verb_facts.shape == Shape::Sync || wait.is_zero();
        if sync {
            if let Some(doom) = &operation.doom {
                let error = ArmError::conflict(&doom.failure.code, doom.failure.message.clone());
                return Reply::json(error.status, error.body()).latency(wait);
            }
            let instant = match (verb_facts.status, draft.verb) {
                (202, Verb::Create) if verb_facts.shape == Shape::Async => 201,
                (202, _) => 200,
                (status, _) => status,
            };
            let status = if wait.is_zero() {
                verb_facts.instant_status.unwrap_or(instant)
            } else {
                verb_facts.status
            };
            let body = if deletes {
                None
            } else {
                self.store
                    .resource(&draft.key)
                    .map(|entry| self.view(entry, Aspect::Settled))
            };
            return Reply {
                status,
                body,
                ..Reply::default()
            }
            .latency(wait);
        }
        let retry_after = self
            .options
            .durations
            .retry_after(verb_facts.retry_after)
            .to_string();
        let reply = Reply::new(verb_facts.status).header("retry-after", retry_after);
        let view = || {
            self.store
                .resource(&draft.key)
                .map(|entry| self.view(entry, Aspect::Current))
        };
        match verb_facts.shape {
            Shape::Body | Shape::Sync => Reply {
                body: if deletes { None } else { view() },
                ..reply
            },
            Shape::Location => reply.header(
                "location",
                self.operation_url(call, &draft.address, operation, true),
            ),
            Shape::Async => {
                let reply = reply
                    .header(
                        "azure-asyncoperation",
                        self.operation_url(call, &draft.address, operation, false),
                    )
                    .header(
                        "location",
                        self.operation_url(call, &draft.address, operation, true),
                    );
                let body = if verb_facts.status == 202 {
                    Some(
                        json!({"operation": operation_name(draft.verb), "startTime": stamp(operation.started)}),
                    )
                } else {
                    view()
                };
                Reply { body, ..reply }
            }
        }
    }

    pub(crate) fn operation_url(
        &self,
        call: &Call<'_>,
        address: &Address,
        operation: &Operation,
        result: bool,
    ) -> String {
        let subscription = address.subscription().unwrap_or_default();
        if address.is_group() {
            return call.url(&format!(
                "/subscriptions/{subscription}/operationresults/{}",
                operation.id
            ));
        }
        let location = self
            .store
            .resource(&address.root_key())
            .and_then(|root| facts().cloud.location(tree::text(&root.body, "location")?))
            .unwrap_or("global");
        let kind = if result {
            "operationResults"
        } else {
            "operationStatuses"
        };
        call.url(&format!(
            "/subscriptions/{subscription}/providers/{}/locations/{location}/{kind}/{}",
            address.namespace, operation.id
        ))
    }

    /// The longest deletion of what a group holds.
    fn slowest_deletion(&self, group: &str) -> std::time::Duration {
        self.store
            .tracked(&format!("{group}/"))
            .filter_map(|key| self.store.resource(key))
            .filter_map(|entry| {
                Some(self.duration(facts().of(&entry.type_name)?, Verb::Delete, &entry.body))
            })
            .max()
            .unwrap_or_default()
    }

    /// Tells the directory about the principals that a resource brings with it.
    pub(crate) fn note_principals(
        &mut self,
        facts: TypeFacts,
        draft: &Draft,
        entry: &super::entry::Entry,
    ) {
        let settle = self.options.durations.seconds(facts.overlay.settle_seconds);
        let known = draft
            .now
            .saturating_add(time::Duration::try_from(settle).unwrap_or_default());
        for path in ["properties.principalId", "identity.principalId"] {
            let own = path.starts_with("identity")
                || entry.is("Microsoft.ManagedIdentity/userAssignedIdentities");
            if let Some(principal) = tree::text(&entry.body, path).filter(|_| own)
                && !self.store.principals().contains(principal)
            {
                let principal = principal.to_owned();
                self.store.put_principal(
                    &principal,
                    Principal {
                        owner: draft.key.clone(),
                        known,
                    },
                );
            }
        }
    }

    /// Removes a resource with everything below it; what can be recovered is kept aside.
    pub(crate) fn remove_tree(&mut self, key: &str, now: OffsetDateTime, force: bool) {
        let below = format!("{key}/");
        let mut keys: Vec<String> = self
            .store
            .resources()
            .under(&below)
            .map(|(k, _)| k.to_owned())
            .collect();
        keys.push(key.to_owned());
        let soft: Vec<String> = if force {
            Vec::new()
        } else {
            keys.iter().filter(|k| self.is_soft(k)).cloned().collect()
        };
        for vault in &soft {
            self.keep_aside(vault, now);
        }
        for key in &keys {
            self.keep_gone(key, now);
            let Some(entry) = self.store.take_resource(key) else {
                continue;
            };
            let kept = soft.iter().any(|s| s == key);
            if let Some(facts) = facts().of(&entry.type_name) {
                let holds = kept
                    && facts
                        .overlay
                        .soft_delete
                        .as_ref()
                        .is_some_and(|s| s.holds_name);
                if let Some(global) = facts.overlay.name.global.as_ref().filter(|_| !holds) {
                    self.store
                        .take_name(&format!("{}/{}", global.registry, entry.name).to_lowercase());
                }
                if let Some(hook) = Hook::of(facts.overlay) {
                    hook.removed(self, &entry);
                }
            }
            for path in ["properties.principalId", "identity.principalId"] {
                if let Some(principal) = tree::text(&entry.body, path)
                    && self
                        .store
                        .principals()
                        .get(principal)
                        .is_some_and(|p| p.owner == *key)
                {
                    self.store.take_principal(principal);
                }
            }
        }
    }

    /// The failure of a resource whose last operation failed.
    pub fn failure(&self, id: &str) -> Option<(String, String)> {
        let entry = self.store.resource(&Address::parse(id)?.key())?;
        entry
            .failure
            .clone()
            .map(|Failure { code, message, .. }| (code, message))
    }
}

fn operation_name(verb: Verb) -> &'static str {
    match verb {
        Verb::Create | Verb::Update | Verb::Patch => "UpsertManagementOperation",
        Verb::Delete => "DropManagementOperation",
    }
}
