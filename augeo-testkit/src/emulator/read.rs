//! GET, HEAD and lists, page by page.

use serde_json::{Value, json};

use super::check::missing;
use super::entry::Entry;
use super::error::ArmError;
use super::facts::{TypeFacts, facts};
use super::filter::Filter;
use super::hooks::Hook;
use super::path::{Address, join};
use super::request::Method;
use super::tree;
use super::view::Aspect;
use super::world::{Call, Reply, World};

impl World {
    pub(crate) fn get(
        &self,
        call: &Call<'_>,
        facts: TypeFacts,
        address: &Address,
    ) -> Result<Reply, ArmError> {
        self.check_surroundings(address)?;
        let Some(entry) = self.store.resource(&address.key()) else {
            return Err(match &facts.overlay.missing_code {
                _ if address.is_group() => ArmError::not_found(
                    "ResourceGroupNotFound",
                    format!("Resource group '{}' could not be found.", address.name()),
                ),
                Some(code) => ArmError::not_found(
                    code,
                    format!("No resource was found at '{}'.", address.path()),
                ),
                None => missing(address),
            });
        };
        if facts
            .overlay
            .post_lists
            .iter()
            .any(|name| name.eq_ignore_ascii_case(address.name()))
        {
            return Err(ArmError::method_not_allowed(format!(
                "'{}' is read by a POST to '{}/list'.",
                address.name(),
                entry.id
            )));
        }
        let mut reply = if call.request.method == Method::Head {
            Reply::new(204)
        } else {
            Reply::json(200, self.view(entry, Aspect::Current))
        };
        if facts.overlay.etag.is_some() {
            reply = reply.header("etag", self.etag(entry));
        }
        // Who polls the resource itself is told when to come back.
        if let Some(verb_facts) = entry
            .pending
            .as_ref()
            .and_then(|p| facts.overlay.verb(p.verb))
        {
            reply = reply.header(
                "retry-after",
                self.options
                    .durations
                    .retry_after(verb_facts.retry_after)
                    .to_string(),
            );
        }
        Ok(reply)
    }

    /// A type under a scope or a parent.
    pub(crate) fn list(
        &self,
        call: &Call<'_>,
        parent: &Address,
        kind: &str,
    ) -> Result<Reply, ArmError> {
        if let Some(reply) = self.deleted_list(parent, kind) {
            return Ok(reply);
        }
        let type_name = format!("{}/{kind}", parent.type_name());
        if type_name.eq_ignore_ascii_case("Microsoft.Authorization/roleDefinitions") {
            return Ok(Self::role_definitions(call));
        }
        let facts = Self::type_facts(call, &type_name)?;
        let mut within = parent.clone();
        within.pairs.push((kind.to_owned(), "x".to_owned()));
        self.check_surroundings(&within)?;
        let extension = facts.schema.scopes.iter().any(|s| s == "extension");
        let filter = Filter::parse(call.at.parameter("$filter").unwrap_or_default());
        let keys: Vec<String> = if !parent.pairs.is_empty() {
            if !self.store.resources().contains(&parent.key()) {
                return Err(missing(parent));
            }
            let prefix = format!("{}/{}/", parent.key(), kind.to_lowercase());
            self.store
                .of_type(&type_name, &prefix)
                .map(str::to_owned)
                .collect()
        } else if extension {
            self.extensions_at(&type_name, &join(&parent.scope).to_lowercase(), &filter)
        } else {
            let prefix = format!("{}/", join(&parent.scope).to_lowercase());
            self.store
                .of_type(&type_name, &prefix)
                .map(str::to_owned)
                .collect()
        };
        let shown = keys.iter().filter(|key| {
            self.store
                .resource(key)
                .is_some_and(|entry| filter.admits(key, entry))
        });
        let hook = Hook::of(facts.overlay);
        let size = facts
            .overlay
            .page_size
            .unwrap_or(super::facts::facts().cloud.page_size);
        Ok(self.page(call, shown.cloned().collect(), size, &|entry| {
            let mut view = self.view(entry, Aspect::Current);
            if let (Some(hook), Value::Object(body)) = (hook, &mut view) {
                hook.list(body);
            }
            view
        }))
    }

    /// Extension resources at a scope: those of the scope, below it, and inherited ones where the type inherits.
    fn extensions_at(&self, type_name: &str, scope: &str, filter: &Filter) -> Vec<String> {
        let own = format!("/providers/{}/", type_name.to_lowercase());
        let inherits = type_name.eq_ignore_ascii_case("Microsoft.Authorization/roleAssignments");
        let mut keys = Vec::new();
        if inherits {
            let mut above: Vec<&str> = Vec::new();
            let mut rest = scope;
            while let Some(at) = rest.rfind('/') {
                rest = &rest[..at];
                above.push(rest);
            }
            for ancestor in above.into_iter().rev() {
                let prefix = format!("{ancestor}{own}");
                keys.extend(self.store.of_type(type_name, &prefix).map(str::to_owned));
            }
        }
        let below = format!("{scope}/");
        let here = format!("{scope}{own}");
        keys.extend(
            self.store
                .of_type(type_name, &below)
                .filter(|key| !filter.at_scope || key.starts_with(&here))
                .map(str::to_owned),
        );
        keys
    }

    pub(crate) fn list_groups(
        &self,
        call: &Call<'_>,
        subscription: &str,
    ) -> Result<Reply, ArmError> {
        const GROUPS: &str = "Microsoft.Resources/resourceGroups";
        Self::type_facts(call, GROUPS)?;
        let filter = Filter::parse(call.at.parameter("$filter").unwrap_or_default());
        if let Some(unknown) = &filter.unknown {
            return Err(bad_filter(unknown));
        }
        let prefix = format!(
            "/subscriptions/{}/resourcegroups/",
            subscription.to_lowercase()
        );
        let keys = self
            .store
            .of_type(GROUPS, &prefix)
            .filter(|key| {
                self.store
                    .resource(key)
                    .is_some_and(|entry| filter.admits(key, entry))
            })
            .map(str::to_owned)
            .collect();
        Ok(self.page(call, keys, facts().cloud.page_size, &|entry| {
            self.view(entry, Aspect::Current)
        }))
    }

    /// ARM's own list of tracked resources below a scope.
    pub(crate) fn list_tracked(&self, call: &Call<'_>, prefix: &str) -> Result<Reply, ArmError> {
        let filter = Filter::parse(call.at.parameter("$filter").unwrap_or_default());
        if let Some(unknown) = &filter.unknown {
            return Err(bad_filter(unknown));
        }
        // The tag index narrows first: the cost is that of what carries the tag.
        let candidates: Vec<&str> = match (&filter.tag_name, &filter.tag_value) {
            (Some(name), Some(value)) => self
                .store
                .tagged(name, value)
                .filter(|key| key.starts_with(prefix) && self.store.is_tracked(key))
                .collect(),
            _ => self.store.tracked(prefix).collect(),
        };
        let keys = candidates
            .into_iter()
            .filter(|key| {
                self.store
                    .resource(key)
                    .is_some_and(|entry| filter.admits(key, entry))
            })
            .map(str::to_owned)
            .collect();
        let expand = call
            .at
            .parameter("$expand")
            .unwrap_or_default()
            .to_lowercase();
        Ok(
            self.page(call, keys, facts().cloud.resources_page_size, &|entry| {
                Self::stub(entry, &expand)
            }),
        )
    }

    fn page(
        &self,
        call: &Call<'_>,
        keys: Vec<String>,
        size: usize,
        show: &dyn Fn(&Entry) -> Value,
    ) -> Reply {
        let top = ["$top", "$maxpagesize"]
            .iter()
            .find_map(|name| call.at.parameter(name)?.parse::<usize>().ok())
            .filter(|top| *top > 0);
        let size = top.map_or(size, |top| top.min(size));
        let after = call.at.parameter("$skiptoken").and_then(unhex);
        let mut rest = keys
            .into_iter()
            .filter(|key| after.as_ref().is_none_or(|after| key > after));
        let mut value = Vec::new();
        let mut last = None;
        for key in rest.by_ref().take(size) {
            if let Some(entry) = self.store.resource(&key) {
                value.push(show(entry));
            }
            last = Some(key);
        }
        let mut body = json!({ "value": value });
        if let (Some(last), Some(_)) = (last, rest.next()) {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in call
                .at
                .query
                .iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("$skiptoken"))
            {
                query.append_pair(name, value);
            }
            query.append_pair("$skiptoken", &hex(&last));
            body["nextLink"] = json!(format!(
                "{}{}?{}",
                call.at.origin,
                join(&call.at.segments),
                query.finish()
            ));
        }
        Reply::json(200, body)
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
    pub fn soft_deleted(&self) -> Vec<(String, time::OffsetDateTime)> {
        self.store
            .soft_deleted()
            .iter()
            .map(|(_, row)| (row.entry.id.clone(), row.purge))
            .collect()
    }
}

fn bad_filter(text: &str) -> ArmError {
    ArmError::unsupported(
        400,
        "InvalidFilterInQueryString",
        format!("Invalid $filter '{text}' specified in the query string."),
    )
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        use std::fmt::Write as _;
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<String> {
    let digits: Vec<u32> = text
        .chars()
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let bytes: Option<Vec<u8>> = digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair.get(1)?).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

impl World {
    fn roles() -> impl Iterator<Item = Value> {
        facts().cloud.roles.iter().map(|[id, name]| {
            json!({
                "id": format!("/providers/Microsoft.Authorization/roleDefinitions/{id}"),
                "type": "Microsoft.Authorization/roleDefinitions",
                "name": id,
                "properties": {"roleName": name, "type": "BuiltInRole", "description": name, "assignableScopes": ["/"], "permissions": [{"actions": [], "notActions": [], "dataActions": [], "notDataActions": []}]},
            })
        })
    }

    fn role_definitions(call: &Call<'_>) -> Reply {
        let filter = call
            .at
            .parameter("$filter")
            .unwrap_or_default()
            .to_lowercase();
        let wanted = filter
            .strip_prefix("rolename eq ")
            .map(|name| name.trim().trim_matches('\'').to_owned());
        let custom = filter.contains("customrole");
        let roles: Vec<Value> = Self::roles()
            .filter(|role| {
                !custom
                    && wanted.as_ref().is_none_or(|name| {
                        role["properties"]["roleName"]
                            .as_str()
                            .is_some_and(|n| n.eq_ignore_ascii_case(name))
                    })
            })
            .collect();
        Reply::json(200, json!({ "value": roles }))
    }

    pub(crate) fn role_definition(address: &Address) -> Result<Reply, ArmError> {
        let found = Self::roles().find(|role| {
            role["name"]
                .as_str()
                .is_some_and(|id| id.eq_ignore_ascii_case(address.name()))
        });
        found.map(|role| Reply::json(200, role)).ok_or_else(|| {
            ArmError::not_found(
                "RoleDefinitionDoesNotExist",
                format!(
                    "The specified role definition with ID '{}' does not exist.",
                    address.name()
                ),
            )
        })
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
    pub fn insert(&mut self, now: time::OffsetDateTime, id: &str, body: &Value) -> bool {
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
    pub fn remove(&mut self, now: time::OffsetDateTime, id: &str) -> bool {
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
