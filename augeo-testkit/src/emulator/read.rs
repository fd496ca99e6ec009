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
use super::schema::TypeSchema;
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
        let implicit = self.implicit(facts, address);
        let Some(entry) = self.seen(call, &address.key()).or(implicit.as_ref()) else {
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
                "'{}' is read by a POST, not by a GET.",
                address.name()
            )));
        }
        self.note_scramble(call, 1);
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
        if let Some(reply) = self.record_sets(call, parent, kind) {
            return reply;
        }
        let type_name = format!("{}/{kind}", parent.type_name());
        if type_name.eq_ignore_ascii_case("Microsoft.Authorization/roleDefinitions") {
            return Ok(self.role_definitions(call, parent));
        }
        let facts = Self::type_facts(call, &type_name)?;
        let mut within = parent.clone();
        within.pairs.push((kind.to_owned(), "x".to_owned()));
        self.check_surroundings(&within)?;
        // https://learn.microsoft.com/rest/api/appservice/web-apps/list-by-resource-group
        let slots = call
            .at
            .parameter("includeSlots")
            .filter(|wanted| wanted.eq_ignore_ascii_case("true"))
            .map(|_| format!("{type_name}/slots"));
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
            let mut keys: Vec<String> = self
                .store
                .of_type(&type_name, &prefix)
                .map(str::to_owned)
                .collect();
            if let Some(slots) = &slots {
                keys.extend(self.store.of_type(slots, &prefix).map(str::to_owned));
                keys.sort_unstable();
            }
            keys
        };
        let below = if parent.pairs.is_empty() {
            format!("{}/", join(&parent.scope).to_lowercase())
        } else {
            format!("{}/{}/", parent.key(), kind.to_lowercase())
        };
        let here = format!("{below}providers/{}/", type_name.to_lowercase());
        let implicit = self.implicit_within(facts, parent);
        let mut shown = self.seen_of(
            call,
            keys,
            &|key, entry| {
                let at_scope = extension && filter.at_scope;
                let is_slot = slots.as_ref().is_some_and(|slots| entry.is(slots));
                (entry.is(&type_name) || is_slot)
                    && key.starts_with(if at_scope { &here } else { &below })
            },
            &|key, entry| filter.admits(key, entry),
        );
        if !implicit.is_empty() {
            shown.extend(implicit.iter().map(|(key, entry)| (key.clone(), entry)));
            shown.sort_by(|one, other| one.0.cmp(&other.0));
        }
        let hook = Hook::of(facts.overlay);
        let size = facts
            .overlay
            .page_size
            .unwrap_or(super::facts::facts().cloud.page_size);
        Ok(self.page(call, shown, size, &|entry| {
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
            .map(str::to_owned)
            .collect();
        let shown = self.seen_of(
            call,
            keys,
            &|key, entry| entry.is(GROUPS) && key.starts_with(&prefix),
            &|key, entry| filter.admits(key, entry),
        );
        Ok(self.page(call, shown, facts().cloud.page_size, &|entry| {
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
            (Some(name), Some(value)) if !self.lists_lag() => self
                .store
                .tagged(name, value)
                .filter(|key| key.starts_with(prefix) && self.store.is_tracked(key))
                .collect(),
            _ => self.store.tracked(prefix).collect(),
        };
        let shown = self.seen_of(
            call,
            candidates.into_iter().map(str::to_owned).collect(),
            &|key, entry| {
                let schema = facts().of(&entry.type_name).map(|facts| facts.schema);
                key.starts_with(prefix)
                    && !entry.address().is_group()
                    && schema.is_some_and(TypeSchema::is_tracked)
            },
            &|key, entry| filter.admits(key, entry),
        );
        let expand = call
            .at
            .parameter("$expand")
            .unwrap_or_default()
            .to_lowercase();
        Ok(
            self.page(call, shown, facts().cloud.resources_page_size, &|entry| {
                self.stub(entry, &expand)
            }),
        )
    }

    pub(crate) fn page(
        &self,
        call: &Call<'_>,
        entries: Vec<(String, &Entry)>,
        size: usize,
        show: &dyn Fn(&Entry) -> Value,
    ) -> Reply {
        let top = ["$top", "$maxpagesize"]
            .iter()
            .find_map(|name| call.at.parameter(name)?.parse::<usize>().ok())
            .filter(|top| *top > 0);
        let size = top.map_or(size, |top| top.min(size));
        let after = call.at.parameter("$skiptoken").and_then(unhex);
        let mut rest = entries
            .into_iter()
            .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let mut value = Vec::new();
        let mut last = None;
        for (key, entry) in rest.by_ref().take(size) {
            value.push(show(entry));
            last = Some(key);
        }
        self.note_scramble(call, value.len());
        self.shuffle_page(&join(&call.at.segments), &mut value);
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
