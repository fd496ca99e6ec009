//! Takes resources over into a world as another ARM told them, so that it can be rehearsed on.

use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::entry::{Entry, Failure, NameHold, Operation, Pending, Principal, SoftDeleted};
use super::facts::{TypeFacts, facts};
use super::overlay::{SoftDelete, Verb};
use super::path::Address;
use super::tree::{self, Body};
use super::world::World;
use super::write::Draft;

/// The key among an entry's hidden facts that says it came from elsewhere.
const IMPORTED: &str = "imported";

/// What says who it is, and what the world tells by itself.
const IDENTITY: [&str; 5] = ["id", "name", "type", "etag", "systemData"];

/// What could not be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its id, or what stands for it.
    pub id: String,
    /// Why.
    pub reason: String,
}

impl World {
    /// Takes over resources from the bodies that a GET tells, outermost first or not. They hold
    /// what was told, also what this world would have computed; operations under way go on as
    /// long as they take here as a rule. What this emulator does not have is left out and told.
    pub fn import<'a>(
        &mut self,
        now: OffsetDateTime,
        bodies: impl IntoIterator<Item = &'a Value>,
    ) -> Vec<LeftOut> {
        let mut left_out = Vec::new();
        for body in bodies {
            if let Err(reason) = self.take_over(now, body) {
                left_out.push(told(body, reason));
            }
        }
        left_out
    }

    /// Takes over what was deleted softly, from the bodies that its list tells.
    pub fn import_deleted<'a>(
        &mut self,
        now: OffsetDateTime,
        bodies: impl IntoIterator<Item = &'a Value>,
    ) -> Vec<LeftOut> {
        let mut left_out = Vec::new();
        for body in bodies {
            if let Err(reason) = self.take_over_deleted(now, body) {
                left_out.push(told(body, reason));
            }
        }
        left_out
    }

    fn take_over(&mut self, now: OffsetDateTime, body: &Value) -> Result<(), String> {
        let (address, facts, entry) = read(now, body, "id")?;
        let key = address.key();
        let state = tree::text(&entry.body, &facts.overlay.states.path).map(str::to_owned);
        let mut entry = entry;
        tree::remove(&mut entry.body, &facts.overlay.states.path);
        let under_way = condition(facts, &mut entry, state.as_deref());
        if let Some(uri) = tree::text(&entry.body, "properties.secretUriWithVersion") {
            let version = uri.rsplit('/').next().unwrap_or_default();
            let version = json!(version);
            entry.hidden.insert("secretVersion".to_owned(), version);
        }
        self.store.put_incarnation(&key, entry.incarnation);
        self.hold_name(facts, &address);
        self.know_principals(now, &key, &entry);
        let since = entry.created;
        self.store.put_resource(&key, entry);
        if under_way != Some(Verb::Create) {
            // What the service makes by itself is there, told or not.
            self.make_children(facts, &draft(&address, since));
        }
        if let Some(verb) = under_way {
            self.go_on(now, facts, &address, verb);
        }
        Ok(())
    }

    fn take_over_deleted(&mut self, now: OffsetDateTime, body: &Value) -> Result<(), String> {
        let original = body.pointer("/properties/vaultId").is_some();
        let id_at = if original { "properties.vaultId" } else { "id" };
        let (address, facts, mut entry) = read(now, body, id_at)?;
        let Some(soft) = &facts.overlay.soft_delete else {
            return Err("it is not deleted softly here".to_owned());
        };
        let date = |path: &str| {
            let text = tree::text(&entry.body, path)?;
            OffsetDateTime::parse(text, &Rfc3339).ok()
        };
        let deleted = date("properties.deletionDate").or_else(|| date("properties.modifiedDate"));
        let deleted = deleted.unwrap_or(now);
        let kept = time::Duration::days(soft.days);
        let purge = date("properties.scheduledPurgeDate")
            .unwrap_or_else(|| deleted.saturating_add(kept))
            .max(now);
        if original {
            let days = (purge - deleted).whole_days();
            self.undelete(soft, &mut entry.body, days);
        }
        if soft.holds_name {
            self.hold_name(facts, &address);
        }
        let row = SoftDeleted {
            entry,
            children: Vec::new(),
            deleted,
            purge,
        };
        self.store.put_soft_deleted(&address.key(), row);
        Ok(())
    }

    /// The body that is recovered, as far as the list of what was deleted tells: what can never
    /// change afterwards has to be there, or the recovered resource would refuse what it is.
    fn undelete(&self, soft: &SoftDelete, body: &mut Body, days: i64) {
        let told = body.remove("properties").unwrap_or_default();
        for part in ["location", "tags"] {
            if let Some(value) = told.get(part) {
                body.insert(part.to_owned(), value.clone());
            }
        }
        body.insert("properties".to_owned(), json!({}));
        if let Some(path) = &soft.retention {
            tree::set(body, path, json!(days));
        }
        // A subscription's resources are of its tenant.
        tree::set(body, "properties.tenantId", json!(self.options.tenant));
        if told.get("purgeProtectionEnabled") == Some(&Value::Bool(true)) {
            tree::set(body, "properties.enablePurgeProtection", json!(true));
        }
    }

    fn go_on(&mut self, now: OffsetDateTime, facts: TypeFacts, address: &Address, verb: Verb) {
        let key = address.key();
        let Some(mut entry) = self.store.resource(&key).cloned() else {
            return;
        };
        let Some(verb_facts) = facts.overlay.verb(verb) else {
            return;
        };
        let duration = self.duration(facts, verb, &entry.body);
        let duration = time::Duration::try_from(duration).unwrap_or(time::Duration::MAX);
        let ends = now.saturating_add(duration);
        let number = self.store.count("operations").to_string();
        let id = self.seed.uuid(&["operation", &number]);
        entry.pending = Some(Pending {
            operation: id.clone(),
            verb,
            ends,
        });
        self.store.put_resource(&key, entry);
        self.store.put_operation(Operation {
            id,
            resource: key,
            root: address.root_key(),
            verb,
            shape: verb_facts.shape.into(),
            retry_after: verb_facts.retry_after,
            started: now,
            ends,
            doom: None,
            lost: None,
            told: None,
            force: false,
            done: false,
        });
    }

    fn hold_name(&mut self, facts: TypeFacts, address: &Address) {
        if let Some(global) = &facts.overlay.name.global {
            let held = format!("{}/{}", global.registry, address.name()).to_lowercase();
            let owner = address.key();
            self.store.put_name(&held, NameHold { owner });
        }
    }

    fn know_principals(&mut self, now: OffsetDateTime, key: &str, entry: &Entry) {
        let own = entry.is("Microsoft.ManagedIdentity/userAssignedIdentities");
        let of_identity = tree::text(&entry.body, "properties.principalId").filter(|_| own);
        let assigned = tree::text(&entry.body, "identity.principalId");
        for principal in of_identity.into_iter().chain(assigned) {
            let owner = key.to_owned();
            self.store
                .put_principal(principal, Principal { owner, known: now });
        }
    }
}

/// Reads the word for the state: a failure stays one, what is under way is told.
fn condition(facts: TypeFacts, entry: &mut Entry, state: Option<&str>) -> Option<Verb> {
    let state = state?;
    let is = |word: &str| state.eq_ignore_ascii_case(word);
    let words = &facts.overlay.states;
    if is("Succeeded") || is("Ready") {
        return None;
    }
    if is(&words.failed) || is("Failed") || is("Canceled") {
        entry.failure = Some(Failure {
            code: state.to_owned(),
            message: format!("Its last operation ended as {state}."),
            canceled: is("Canceled"),
        });
        return None;
    }
    let word = state.to_ascii_lowercase();
    let verb = if is(&words.deleting) || (word == "deleting" || word == "deleted") {
        Verb::Delete
    } else if is(&words.creating) || word.starts_with("creat") {
        Verb::Create
    } else if word.ends_with("ing") || is("Accepted") {
        Verb::Update
    } else {
        // Such as `Stopped`: it rests.
        return None;
    };
    Some(verb)
}

/// The write that would have made it.
fn draft(address: &Address, now: OffsetDateTime) -> Draft {
    Draft {
        address: address.clone(),
        key: address.key(),
        verb: Verb::Create,
        existing: None,
        sent: Body::new(),
        now,
    }
}

fn told(body: &Value, reason: String) -> LeftOut {
    let id = body.get("id").and_then(Value::as_str);
    LeftOut {
        id: id.unwrap_or("something without an id").to_owned(),
        reason,
    }
}

/// The entry that a body tells of, at rest.
fn read(
    now: OffsetDateTime,
    body: &Value,
    id_at: &str,
) -> Result<(Address, TypeFacts, Entry), String> {
    let Value::Object(told) = body else {
        return Err("it is no object".to_owned());
    };
    let id = tree::text(told, id_at).ok_or("it has no id")?;
    let address = Address::parse(id).ok_or("its id is not one of ARM's")?;
    let type_name = if address.is_group() {
        "Microsoft.Resources/resourceGroups".to_owned()
    } else {
        address.type_name()
    };
    let facts = facts()
        .of(&type_name)
        .ok_or_else(|| format!("the emulator does not have the type {type_name}"))?;
    // What was there before is not new to anybody.
    let since = now.saturating_sub(time::Duration::DAY);
    let mut entry = World::blank_entry(facts, &address, 1, since);
    id.clone_into(&mut entry.id);
    entry.version = 1;
    entry.hidden.insert(IMPORTED.to_owned(), json!(true));
    entry.body = told
        .iter()
        .filter(|(name, _)| {
            !IDENTITY
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for path in &facts.overlay.write_only {
        tree::remove(&mut entry.body, path);
    }
    Ok((address, facts, entry))
}

/// What this world computes of a resource: of one that was taken over, what was told stays.
pub(super) fn keep_told(existing: Option<&Entry>, computed: Body) -> Body {
    let imported = existing.filter(|entry| entry.hidden.contains_key(IMPORTED));
    match imported {
        Some(entry) => kept(&computed, &entry.body),
        None => computed,
    }
}

fn kept(computed: &Body, told: &Body) -> Body {
    let value = |name: &String, value: &Value| match (value, told.get(name)) {
        (Value::Object(inner), Some(Value::Object(told))) => Value::Object(kept(inner, told)),
        (_, Some(told)) if !told.is_null() => told.clone(),
        (value, _) => value.clone(),
    };
    computed
        .iter()
        .map(|(name, inner)| (name.clone(), value(name, inner)))
        .collect()
}
