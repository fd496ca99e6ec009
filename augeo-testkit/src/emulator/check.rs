//! What is checked before a write: place, name, preconditions, locks, operations under way.

use serde_json::Value;

use super::entry::Entry;
use super::error::ArmError;
use super::facts::TypeFacts;
use super::overlay::{BusyScope, Verb, render_text};
use super::path::{Address, join};
use super::tree::{self, Body};
use super::view::until;
use super::world::{Call, World};

impl World {
    /// The resource group of an id, or ARM's answer where there is none.
    pub(crate) fn group_entry(&self, key: &str, name: &str) -> Result<&Entry, ArmError> {
        self.store.resource(key).ok_or_else(|| {
            ArmError::not_found(
                "ResourceGroupNotFound",
                format!("Resource group '{name}' could not be found."),
            )
        })
    }

    /// Whether everything around a resource exists.
    pub(crate) fn check_surroundings(&self, address: &Address) -> Result<(), ArmError> {
        if address.is_group() {
            return Ok(());
        }
        if let (Some(key), Some(name)) = (address.group_key(), address.group_name()) {
            self.group_entry(&key, name)?;
        }
        if let Some(scope) = address.scope_resource()
            && !self.store.resources().contains(&scope.key())
        {
            return Err(missing(&scope));
        }
        if let Some(parent) = address.parent()
            && !self.store.resources().contains(&parent.key())
        {
            return Err(ArmError::not_found(
                "ParentResourceNotFound",
                format!(
                    "Failed to perform the operation on resource(s) of type '{}', because the parent resource '{}' could not be found.",
                    address.type_name(),
                    parent.path()
                ),
            ));
        }
        Ok(())
    }

    /// The address in the spelling that the world keeps.
    pub(crate) fn canonical(&self, facts: TypeFacts, address: &Address) -> Address {
        let mut scope = address.scope.clone();
        let stored = if scope.len() > 2 {
            self.store.resource(&join(&scope).to_lowercase())
        } else {
            None
        };
        if let Some(entry) = stored {
            scope = super::path::Location::parse(&entry.id).segments;
        } else if let Some(own) = address.subscription().and_then(|s| {
            self.options
                .subscriptions
                .iter()
                .find(|o| o.eq_ignore_ascii_case(s))
        }) {
            scope = vec!["subscriptions".to_owned(), own.clone()];
        }
        let parent = address.parent().and_then(|p| self.store.resource(&p.key()));
        let mut parts = facts.schema.type_name.split('/');
        let namespace = parts.next().unwrap_or_default().to_owned();
        let stored_names: Vec<String> = parent
            .map(|p| {
                p.address()
                    .pairs
                    .into_iter()
                    .map(|(_, name)| name)
                    .collect()
            })
            .unwrap_or_default();
        let pairs = parts
            .zip(&address.pairs)
            .enumerate()
            .map(|(i, (kind, (_, name)))| {
                let known = facts
                    .schema
                    .body_by_name
                    .keys()
                    .find(|k| k.eq_ignore_ascii_case(name));
                (
                    kind.to_owned(),
                    stored_names.get(i).or(known).unwrap_or(name).clone(),
                )
            })
            .collect();
        Address {
            scope,
            namespace,
            pairs,
        }
    }

    pub(crate) fn check_place(
        &self,
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
        creates: bool,
    ) -> Result<(), ArmError> {
        self.check_surroundings(address)?;
        self.check_registered(call, &address.namespace)?;
        if let (Some(key), Some(name)) = (address.group_key(), address.group_name())
            && self.store.resource(&key).is_some_and(Entry::is_deleting)
        {
            return Err(ArmError::conflict(
                "ResourceGroupBeingDeleted",
                format!(
                    "The resource group '{name}' is in deprovisioning state and cannot perform this operation."
                ),
            ));
        }
        if !creates {
            return Ok(());
        }
        self.check_parent_known(call, address)?;
        let scope = match address.scope.len() {
            0 => "tenant",
            2 => "subscription",
            4 => "resourceGroup",
            _ => "extension",
        };
        if !facts.schema.scopes.iter().any(|s| s == scope) {
            return Err(ArmError::bad_request(
                "InvalidResourceScope",
                format!(
                    "A resource of type '{}' cannot be created at scope '{}'.",
                    facts.schema.type_name,
                    join(&address.scope)
                ),
            ));
        }
        check_name(facts, address.name())
    }

    pub(crate) fn check_preconditions(
        &self,
        call: &Call<'_>,
        existing: Option<&Entry>,
    ) -> Result<(), ArmError> {
        let failed = || {
            Err(ArmError::new(
                412,
                "PreconditionFailed",
                "The condition of the request does not hold: the resource has changed, or exists where it should not.",
            ))
        };
        let etag = existing.map(|entry| self.etag(entry));
        let bare = |text: &str| {
            text.trim()
                .trim_start_matches("W/")
                .trim_matches('"')
                .to_owned()
        };
        match (call.header("if-match"), &etag) {
            (None, _) | (Some("*"), Some(_)) => {}
            (Some(wanted), Some(etag)) if bare(wanted) == bare(etag) => {}
            _ => return failed(),
        }
        match (call.header("if-none-match"), &etag) {
            (Some("*"), Some(_)) => failed(),
            _ => Ok(()),
        }
    }

    /// Refuses while another operation holds what this one needs.
    pub(crate) fn check_busy(
        &self,
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
    ) -> Result<(), ArmError> {
        let root = address.root_key();
        let own = self
            .store
            .resource(&address.key())
            .and_then(|entry| entry.pending.as_ref());
        let held = match facts.overlay.busy.as_ref().map(|b| b.scope) {
            Some(BusyScope::Root) => self.store.active(&root).map(|op| op.ends).max(),
            Some(BusyScope::Itself) => own.map(|p| p.ends),
            // Without a rule of its own only a deletion is in the way.
            None => own.filter(|p| p.verb == Verb::Delete).map(|p| p.ends),
        };
        let above = std::iter::successors(address.parent(), Address::parent)
            .filter_map(|parent| self.store.resource(&parent.key())?.pending.clone())
            .filter(|p| matches!(p.verb, Verb::Create | Verb::Delete))
            .map(|p| p.ends)
            .max();
        let Some(ends) = held.max(above) else {
            return Ok(());
        };
        let (code, message) = facts.overlay.busy.as_ref().map_or(
            (
                "Conflict",
                "Another operation is in progress on this resource.",
            ),
            |b| (&b.code, &b.message),
        );
        let left = until(call.now, ends).as_secs() + 1;
        let cap = self
            .options
            .durations
            .retry_after(super::facts::facts().cloud.busy_retry_after);
        let message = render_text(message, &|word| {
            (word == "root").then(|| address.root_name().to_owned())
        });
        Err(ArmError::conflict(code, message).retry_after(left.min(cap)))
    }

    /// Refuses what a lock at the resource, around it or (for a deletion) below it forbids.
    pub(crate) fn check_locks(&self, address: &Address, deletes: bool) -> Result<(), ArmError> {
        const LOCKS: &str = "Microsoft.Authorization/locks";
        if address.type_name().eq_ignore_ascii_case(LOCKS) || !self.store.any_of_type(LOCKS) {
            return Ok(());
        }
        let key = address.key();
        let forbids = |entry: &Entry| {
            let level = tree::text(&entry.body, "properties.level").unwrap_or_default();
            level.eq_ignore_ascii_case("ReadOnly")
                || (deletes && level.eq_ignore_ascii_case("CanNotDelete"))
        };
        let found = self
            .store
            .of_type(LOCKS, "")
            .filter_map(|lock| Some((lock, self.store.resource(lock)?)))
            .find(|(lock, entry)| {
                let scope = lock.rfind("/providers/").map_or("", |at| &lock[..at]);
                let around = key == scope
                    || key
                        .strip_prefix(scope)
                        .is_some_and(|rest| rest.starts_with('/'));
                let below = deletes
                    && scope
                        .strip_prefix(&key)
                        .is_some_and(|rest| rest.starts_with('/'));
                (around || below) && forbids(entry)
            });
        let Some((_, lock)) = found else {
            return Ok(());
        };
        let verb = if deletes { "delete" } else { "write" };
        Err(ArmError::conflict(
            "ScopeLocked",
            format!(
                "The scope '{}' cannot perform {verb} operation because following scope(s) are locked: '{}'. Please remove the lock and try again.",
                address.path(),
                lock.id
            ),
        ))
    }

    /// Refuses to change what cannot change.
    pub(crate) fn check_immutable(
        facts: TypeFacts,
        existing: &Entry,
        wanted: &Body,
    ) -> Result<(), ArmError> {
        let cloud = &super::facts::facts().cloud;
        for rule in &facts.overlay.immutable {
            let (kept, sent) = (
                tree::get(&existing.body, &rule.path),
                tree::get(wanted, &rule.path),
            );
            let Some(sent) = sent.filter(|v| !v.is_null()) else {
                continue;
            };
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            let agree = match kept {
                Some(kept) if rule.path == "location" => {
                    cloud.location(&text(kept)) == cloud.location(&text(sent))
                }
                Some(kept) if rule.by_last_segment => {
                    last_segment(&text(kept)).eq_ignore_ascii_case(last_segment(&text(sent)))
                }
                Some(kept) => {
                    tree::same(kept, sent)
                        || rule
                            .allowed
                            .iter()
                            .any(|[a, b]| text(kept) == *a && text(sent) == *b)
                }
                None => rule.settable || *sent == Value::Bool(false),
            };
            if agree {
                continue;
            }
            let address = existing.address();
            let fill = |word: &str| match word {
                "name" => Some(existing.name.clone()),
                "group" => address.group_name().map(str::to_owned),
                "kept" => Some(kept.map(text).unwrap_or_default()),
                "sent" => Some(text(sent)),
                _ => None,
            };
            let template = rule.message.as_deref().unwrap_or(
                "The property cannot be changed: it is '{kept}' and was sent as '{sent}'.",
            );
            return Err(ArmError::new(
                rule.status,
                &rule.code,
                format!("{} ({})", render_text(template, &fill), rule.path),
            )
            .at(&rule.path));
        }
        for rule in &facts.overlay.grows {
            let number = |body: &Body| match tree::get(body, &rule.path)? {
                Value::Number(n) => n.as_f64(),
                Value::String(text) => text.parse().ok(),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            };
            if let (Some(kept), Some(sent)) = (number(&existing.body), number(wanted))
                && sent < kept
            {
                return Err(ArmError::bad_request(
                    &rule.code,
                    format!(
                        "'{}' can only grow: it is {kept} and was sent as {sent}.",
                        rule.path
                    ),
                )
                .at(&rule.path));
            }
        }
        Ok(())
    }

    pub(crate) fn check_rules(facts: TypeFacts, body: &Body) -> Result<(), ArmError> {
        for rule in &facts.overlay.rules {
            if let Some(condition) = rule.broken(body) {
                return Err(ArmError::bad_request(
                    &rule.code,
                    format!("{} ({})", rule.message, condition.path),
                )
                .at(&condition.path));
            }
        }
        let limit = facts.overlay.tag_limit.unwrap_or(50);
        let tags = body.get("tags").and_then(Value::as_object);
        check_tags(tags, limit)
    }
}

fn last_segment(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or_default()
}

/// Whether tags are such as Azure takes.
pub(crate) fn check_tags(tags: Option<&Body>, limit: usize) -> Result<(), ArmError> {
    let Some(tags) = tags else { return Ok(()) };
    if tags.len() > limit {
        return Err(ArmError::bad_request(
            "InvalidTagCount",
            format!(
                "The resource has {} tags; at most {limit} are allowed.",
                tags.len()
            ),
        )
        .at("tags"));
    }
    for (name, value) in tags {
        if name.chars().count() > 512
            || name.is_empty()
            || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
        {
            return Err(ArmError::bad_request("InvalidTagNameCharacters", format!("The tag name '{name}' is too long or holds one of the characters <, >, %, &, \\, ?, /.")).at("tags"));
        }
        if value.as_str().is_some_and(|v| v.chars().count() > 256) {
            return Err(ArmError::bad_request(
                "InvalidTagValueLength",
                format!("The value of the tag '{name}' has more than 256 characters."),
            )
            .at("tags"));
        }
    }
    let mut names: Vec<_> = tags.keys().map(|name| name.to_lowercase()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(
            ArmError::bad_request("DuplicateTagName", "Two tags differ only in case.").at("tags"),
        );
    }
    Ok(())
}

fn check_name(facts: TypeFacts, name: &str) -> Result<(), ArmError> {
    let rule = &facts.schema.name;
    let length = name.chars().count();
    let published = rule.min_length.is_none_or(|min| length >= min)
        && rule.max_length.is_none_or(|max| length <= max)
        && rule.matches(name)
        && (rule.choices.is_empty()
            || rule.open
            || rule
                .choices
                .iter()
                .any(|c| c.as_str().is_some_and(|c| c.eq_ignore_ascii_case(name))));
    let lawful = length <= 260
        && !name.contains(['<', '>', '%', '&', '?', '/', '\\'])
        && !name.contains(char::is_control);
    if published && lawful && facts.overlay.name.admits(name) {
        return Ok(());
    }
    let code = facts
        .overlay
        .name
        .code
        .as_deref()
        .unwrap_or("InvalidResourceName");
    Err(ArmError::bad_request(
        code,
        format!(
            "'{name}' is not a valid name for a resource of type '{}'.",
            facts.schema.type_name
        ),
    )
    .at("name"))
}

/// ARM's answer where a resource does not exist.
pub(crate) fn missing(address: &Address) -> ArmError {
    let names: Vec<_> = address
        .pairs
        .iter()
        .map(|(_, name)| name.as_str())
        .collect();
    let path = format!("{}/{}", address.type_name(), names.join("/"));
    let group = address
        .group_name()
        .map_or(String::new(), |g| format!(" under resource group '{g}'"));
    ArmError::not_found(
        "ResourceNotFound",
        format!(
            "The Resource '{path}'{group} was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        ),
    )
}
