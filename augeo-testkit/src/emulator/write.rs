//! PUT and PATCH: from a body to a resource.

use serde_json::{Value, json};

use super::admit::{Mode, admit, conceal};
use super::entry::{Entry, NameHold};
use super::error::ArmError;
use super::facts::{TypeFacts, facts};
use super::hooks::Hook;
use super::import::keep_told;
use super::overlay::{self, Verb};
use super::path::Address;
use super::tree::{self, Body};
use super::world::{Call, Reply, World};

/// A write on its way into the world.
#[derive(Debug)]
pub(crate) struct Draft {
    /// In the spelling that the world keeps.
    pub(crate) address: Address,
    pub(crate) key: String,
    pub(crate) verb: Verb,
    pub(crate) existing: Option<Entry>,
    /// What was sent, without what is read-only, with what is write-only.
    pub(crate) sent: Body,
    pub(crate) now: time::OffsetDateTime,
}

/// Reads a JSON object.
pub(crate) fn read_object(call: &Call<'_>) -> Result<Body, ArmError> {
    match serde_json::from_slice(&call.request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(ArmError::bad_request(
            "InvalidRequestContent",
            "The request content was invalid: it is not a JSON object.",
        )),
        Err(error) => Err(ArmError::bad_request(
            "InvalidRequestContent",
            format!("The request content was invalid and could not be deserialized: '{error}'."),
        )),
    }
}

impl World {
    pub(crate) fn put(
        &mut self,
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
    ) -> Result<Reply, ArmError> {
        let existing = self.store.resource(&address.key()).cloned();
        let existing = existing.or_else(|| self.implicit(facts, address));
        let merges = facts
            .overlay
            .put_merges
            .iter()
            .any(|name| name.eq_ignore_ascii_case(address.name()));
        let verb = if existing.is_some() {
            Verb::Update
        } else {
            Verb::Create
        };
        self.write(
            call,
            facts,
            address,
            verb,
            existing,
            if merges { Mode::Merge } else { Mode::Whole },
        )
    }

    pub(crate) fn patch(
        &mut self,
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
    ) -> Result<Reply, ArmError> {
        self.check_surroundings(address)?;
        let existing = self.store.resource(&address.key()).cloned();
        let existing = existing.or_else(|| self.implicit(facts, address));
        if existing.is_none() {
            return Err(if address.is_group() {
                ArmError::not_found(
                    "ResourceGroupNotFound",
                    format!("Resource group '{}' could not be found.", address.name()),
                )
            } else {
                super::check::missing(address)
            });
        }
        let only = &facts.overlay.patch_only;
        if !only.is_empty()
            && !only
                .iter()
                .any(|name| name.eq_ignore_ascii_case(address.name()))
        {
            return Err(ArmError::method_not_allowed(format!(
                "'{}' takes no PATCH.",
                address.path()
            )));
        }
        self.write(call, facts, address, Verb::Patch, existing, Mode::Merge)
    }

    fn write(
        &mut self,
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
        verb: Verb,
        existing: Option<Entry>,
        mode: Mode,
    ) -> Result<Reply, ArmError> {
        let unknown = verb == Verb::Create && !facts.overlay.implicit.is_empty();
        if unknown || facts.overlay.verb(verb).is_none() {
            return Err(ArmError::method_not_allowed(format!(
                "A resource of type '{}' takes no {}.",
                facts.schema.type_name, call.request.method
            )));
        }
        self.check_place(call, facts, address, existing.is_none())?;
        let address = self.canonical(facts, address);
        let key = address.key();
        self.check_preconditions(call, existing.as_ref())?;
        self.check_locks(&address, false)?;
        self.check_busy(call, facts, &address)?;
        Self::check_stillborn(facts, existing.as_ref())?;
        let mut sent = Self::read_body(call, facts, &address, mode)?;
        self.take_version(facts, &mut sent, existing.as_ref())?;
        let mut draft = Draft {
            address,
            key,
            verb,
            existing,
            sent,
            now: call.now,
        };
        if let Some(reply) = self.meet_soft_deleted(call, facts, &mut draft)? {
            return Ok(reply);
        }
        let mut entry = self.new_entry(call, facts, &draft);
        entry.body = self.new_body(facts, &draft, &entry, mode)?;
        if facts.schema.has_tags() {
            self.inherit(call, &mut entry, facts.overlay.tag_limit.unwrap_or(50));
        }
        if verb == Verb::Create {
            self.check_global_name(facts, &draft)?;
        }
        Ok(self.commit(call, facts, &draft, entry))
    }

    /// Takes the version that is changed out of a body, and refuses any but the current one.
    fn take_version(
        &self,
        facts: TypeFacts,
        sent: &mut Body,
        existing: Option<&Entry>,
    ) -> Result<(), ArmError> {
        let Some(key) = &facts.overlay.etag_key else {
            return Ok(());
        };
        let version = sent.remove(key);
        let current = existing.map(|entry| self.etag(entry));
        if current.is_none() || version.as_ref().and_then(Value::as_str) == current.as_deref() {
            return Ok(());
        }
        let message = format!("'{key}' is not that of the version which is there: read it again.");
        Err(ArmError::conflict("409", message).at(key))
    }

    fn read_body(
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
        mode: Mode,
    ) -> Result<Body, ArmError> {
        let body = read_object(call)?;
        let mut sent = admit(facts.schema, address.name(), &body, mode).map_err(|violations| {
            let first = &violations[0];
            let mut error = ArmError::bad_request(
                "InvalidRequestContent",
                format!(
                    "The request content was invalid: '{}': {}",
                    first.path, first.message
                ),
            )
            .at(&first.path);
            error.details = violations
                .iter()
                .map(|v| (v.path.clone(), v.message.clone()))
                .collect();
            error
        })?;
        sent.remove("etag");
        let writable = facts
            .schema
            .body
            .properties
            .get("location")
            .is_some_and(|node| !node.read_only);
        if let Some(Value::String(location)) = sent.get("location").filter(|_| writable) {
            let Some(known) = facts_location(location) else {
                return Err(ArmError::bad_request(
                    "LocationNotAvailableForResourceType",
                    format!("The provided location '{location}' is not available for resource type '{}'.", facts.schema.type_name),
                )
                .at("location"));
            };
            let spelled = if facts.overlay.location_form.as_deref() == Some("display") {
                facts_display(known)
            } else {
                known.to_owned()
            };
            sent.insert("location".to_owned(), json!(spelled));
        }
        Ok(sent)
    }

    fn new_entry(&mut self, call: &Call<'_>, facts: TypeFacts, draft: &Draft) -> Entry {
        let mut entry = draft.existing.clone().unwrap_or_else(|| {
            let incarnation = self
                .store
                .incarnations()
                .get(&draft.key)
                .copied()
                .unwrap_or(0)
                + 1;
            Self::blank_entry(facts, &draft.address, incarnation, call.now)
        });
        entry.changed = call.now;
        entry.version += 1;
        entry.failure = None;
        if draft.existing.is_none() {
            entry
                .hidden
                .insert("creator".to_owned(), json!(call.principal));
        }
        entry
    }

    pub(crate) fn blank_entry(
        facts: TypeFacts,
        address: &Address,
        incarnation: u64,
        now: time::OffsetDateTime,
    ) -> Entry {
        Entry {
            id: address.path(),
            type_name: facts.schema.type_name.clone(),
            name: facts
                .overlay
                .stored_name
                .clone()
                .unwrap_or_else(|| address.name().to_owned()),
            body: Body::new(),
            created: now,
            changed: now,
            incarnation,
            version: 0,
            pending: None,
            failure: None,
            hidden: Body::new(),
        }
    }

    /// What the resource will hold, after all the service's own rules.
    fn new_body(
        &self,
        facts: TypeFacts,
        draft: &Draft,
        entry: &Entry,
        mode: Mode,
    ) -> Result<Body, ArmError> {
        let mut wanted = draft.sent.clone();
        conceal(facts.schema, draft.address.name(), &mut wanted);
        for path in &facts.overlay.write_only {
            tree::remove(&mut wanted, path);
        }
        if let Some(existing) = &draft.existing {
            Self::check_immutable(facts, existing, &draft.sent)?;
            if mode == Mode::Merge && draft.verb == Verb::Update {
                // A PUT that merges leaves alone what it sends as null.
                tree::drop_nulls(&mut wanted);
            }
            if mode == Mode::Merge {
                let mut merged = existing.body.clone();
                if let Some(tags) = wanted.remove("tags") {
                    let mut whole = Body::new();
                    whole.insert(
                        "tags".to_owned(),
                        tags.as_object().map_or(Value::Null, |tags| {
                            tags.iter()
                                .filter(|(_, v)| !v.is_null())
                                .map(|(k, v)| (k.clone(), v.clone()))
                                .collect::<Body>()
                                .into()
                        }),
                    );
                    merged.remove("tags");
                    tree::patch(&mut merged, &whole);
                }
                tree::patch(&mut merged, &wanted);
                wanted = merged;
            } else {
                let kept = facts
                    .overlay
                    .keep
                    .iter()
                    .chain(facts.overlay.immutable.iter().map(|rule| &rule.path));
                for path in kept {
                    if let (None, Some(value)) =
                        (tree::get(&wanted, path), tree::get(&existing.body, path))
                    {
                        tree::set(&mut wanted, path, value.clone());
                    }
                }
            }
        }
        let mut shaped = Entry {
            body: wanted,
            ..entry.clone()
        };
        let defaults = overlay::render(&facts.overlay.defaults, &|word| self.fill(&shaped, word));
        tree::underlay(&mut shaped.body, &defaults);
        // What is computed may speak of what is given by default.
        let computed = overlay::render(&facts.overlay.computed, &|word| self.fill(&shaped, word));
        let computed = keep_told(draft.existing.as_ref(), computed);
        tree::overlay(&mut shaped.body, &computed);
        self.fill_identity(facts, &mut shaped)?;
        if let Some(hook) = Hook::of(facts.overlay) {
            hook.fill(self, draft, &mut shaped)?;
        }
        for rewrite in &facts.overlay.rewrites {
            if tree::text(&shaped.body, &rewrite.path)
                .is_some_and(|text| text.eq_ignore_ascii_case(&rewrite.from))
            {
                tree::set(&mut shaped.body, &rewrite.path, json!(rewrite.to));
            }
        }
        Self::check_rules(facts, &shaped.body)?;
        Ok(shaped.body)
    }

    /// Gives a managed identity its principal, and assigned ones theirs.
    fn fill_identity(&self, facts: TypeFacts, entry: &mut Entry) -> Result<(), ArmError> {
        if !facts.schema.body.properties.contains_key("identity") {
            return Ok(());
        }
        let Some(Value::Object(mut identity)) = entry.body.get("identity").cloned() else {
            return Ok(());
        };
        let kind = tree::text(&identity, "type")
            .unwrap_or("None")
            .to_lowercase();
        if kind == "none" {
            entry
                .body
                .insert("identity".to_owned(), json!({"type": "None"}));
            return Ok(());
        }
        if kind.contains("systemassigned") {
            identity.insert(
                "principalId".to_owned(),
                json!(self.fill(entry, "uuid:system-principal")),
            );
            identity.insert("tenantId".to_owned(), json!(self.options.tenant));
        } else {
            identity.remove("principalId");
            identity.remove("tenantId");
        }
        if let Some(Value::Object(assigned)) = identity.get_mut("userAssignedIdentities") {
            assigned.retain(|_, value| !value.is_null());
            for (id, value) in assigned.iter_mut() {
                let known = Address::parse(id).and_then(|a| self.store.resource(&a.key()));
                let Some(known) =
                    known.filter(|e| e.is("Microsoft.ManagedIdentity/userAssignedIdentities"))
                else {
                    return Err(ArmError::bad_request("FailedIdentityOperation", format!("Identity operation for resource '{}' failed: the user-assigned identity '{id}' was not found.", entry.id)).at("identity.userAssignedIdentities"));
                };
                let part = |name: &str| {
                    tree::get(&known.body, &format!("properties.{name}"))
                        .cloned()
                        .unwrap_or_default()
                };
                *value = json!({"principalId": part("principalId"), "clientId": part("clientId")});
            }
        }
        entry
            .body
            .insert("identity".to_owned(), Value::Object(identity));
        Ok(())
    }

    /// Refuses a name that is held by somebody else.
    pub(crate) fn check_global_name(
        &mut self,
        facts: TypeFacts,
        draft: &Draft,
    ) -> Result<(), ArmError> {
        let Some(global) = &facts.overlay.name.global else {
            return Ok(());
        };
        let name = draft.address.name();
        let held = format!("{}/{name}", global.registry).to_lowercase();
        match self.store.names().get(&held) {
            Some(other) if other.owner != draft.key => {
                let message = overlay::render_text(&global.message, &|word| {
                    (word == "name").then(|| name.to_owned())
                });
                Err(ArmError::conflict(&global.code, message))
            }
            _ => {
                self.store.put_name(
                    &held,
                    NameHold {
                        owner: draft.key.clone(),
                    },
                );
                Ok(())
            }
        }
    }

    /// Writes a resource down, with what comes with it, and starts its operation.
    pub(crate) fn commit(
        &mut self,
        call: &Call<'_>,
        facts: TypeFacts,
        draft: &Draft,
        entry: Entry,
    ) -> Reply {
        let creates = draft.verb == Verb::Create;
        if creates {
            self.store.put_incarnation(&draft.key, entry.incarnation);
        }
        self.note_principals(facts, draft, &entry);
        if !creates {
            self.keep_former(&draft.key, call.now);
        }
        self.store.put_resource(&draft.key, entry);
        if creates {
            self.make_children(facts, draft);
        }
        if let Some(hook) = Hook::of(facts.overlay) {
            hook.committed(self, draft);
        }
        self.start(call, facts, draft)
    }

    /// Makes what the service makes with a resource, where it is not there yet.
    pub(crate) fn make_children(&mut self, facts: TypeFacts, draft: &Draft) {
        for child in &facts.overlay.children {
            let mut address = draft.address.clone();
            address.pairs.push((child.kind.clone(), child.name.clone()));
            let key = address.key();
            let Some(child_facts) = super::facts::facts().of(&address.type_name()) else {
                continue;
            };
            let known = &child_facts.schema.name.choices;
            let admitted =
                known.is_empty() || known.iter().any(|name| *name == child.name.as_str());
            if self.store.resources().contains(&key) || !admitted {
                continue;
            }
            let incarnation = self.store.incarnations().get(&key).copied().unwrap_or(0) + 1;
            self.store.put_incarnation(&key, incarnation);
            let mut entry = Self::blank_entry(child_facts, &address, incarnation, draft.now);
            entry.body = match self.store.resource(&draft.key) {
                Some(parent) => overlay::render(&child.body, &|word| self.fill(parent, word)),
                None => child.body.clone(),
            };
            let computed = overlay::render(&child_facts.overlay.computed, &|word| {
                self.fill(&entry, word)
            });
            tree::overlay(&mut entry.body, &computed);
            self.store.put_resource(&key, entry);
        }
    }
}

fn facts_location(sent: &str) -> Option<&'static str> {
    facts().cloud.location(sent)
}

fn facts_display(name: &str) -> String {
    facts().cloud.display(name)
}
