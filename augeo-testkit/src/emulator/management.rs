//! ARM's own endpoints: tenants, subscriptions, locations, providers, tags, names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::check::check_tags;
use super::entry::Registration;
use super::error::ArmError;
use super::facts::{TypeFacts, facts};
use super::path::{Address, join};
use super::request::Method;
use super::tree::Body;
use super::world::{Call, Reply, World};
use super::write::read_object;

impl World {
    pub(crate) fn tenants(&self) -> Reply {
        let tenant = &self.options.tenant;
        Reply::json(
            200,
            json!({"value": [{"id": format!("/tenants/{tenant}"), "tenantId": tenant, "displayName": "Emulator", "tenantType": "AAD"}]}),
        )
    }

    pub(crate) fn subscriptions(&self) -> Reply {
        let all: Vec<Value> = self
            .options
            .subscriptions
            .iter()
            .map(|id| self.subscription(id))
            .collect();
        Reply::json(
            200,
            json!({"value": all, "count": {"type": "Total", "value": all.len()}}),
        )
    }

    pub(crate) fn subscription(&self, id: &str) -> Value {
        let id = self
            .options
            .subscriptions
            .iter()
            .find(|s| s.eq_ignore_ascii_case(id))
            .map_or(id, String::as_str);
        json!({
            "id": format!("/subscriptions/{id}"),
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "subscriptionId": id,
            "tenantId": self.options.tenant,
            "displayName": "Emulator",
            "state": "Enabled",
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
        })
    }

    pub(crate) fn locations(id: &str) -> Reply {
        let all: Vec<Value> = facts()
            .cloud
            .locations
            .iter()
            .map(|[name, display]| {
                json!({
                    "id": format!("/subscriptions/{id}/locations/{name}"), "name": name, "type": "Region", "displayName": display,
                    "regionalDisplayName": display, "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
                })
            })
            .collect();
        Reply::json(200, json!({ "value": all }))
    }

    fn registration_key(subscription: &str, namespace: &str) -> String {
        format!("{subscription}/{namespace}").to_lowercase()
    }

    /// The state of a namespace in a subscription.
    fn registration_state(
        &self,
        subscription: &str,
        namespace: &str,
        now: time::OffsetDateTime,
    ) -> &'static str {
        let always = facts()
            .cloud
            .always_registered
            .iter()
            .any(|n| n.eq_ignore_ascii_case(namespace));
        match self
            .store
            .registrations()
            .get(&Self::registration_key(subscription, namespace))
        {
            _ if always => "Registered",
            Some(row) if !row.registered => "NotRegistered",
            Some(row) if row.until.is_some_and(|until| until > now) => "Registering",
            None if self
                .options
                .unregistered
                .iter()
                .any(|n| n.eq_ignore_ascii_case(namespace)) =>
            {
                "NotRegistered"
            }
            Some(_) | None => "Registered",
        }
    }

    pub(crate) fn check_registered(
        &self,
        call: &Call<'_>,
        namespace: &str,
    ) -> Result<(), ArmError> {
        let Some(subscription) = super::path::Route::subscription(&call.at.segments) else {
            return Ok(());
        };
        if self.registration_state(subscription, namespace, call.now) == "Registered" {
            return Ok(());
        }
        Err(ArmError::conflict(
            "MissingSubscriptionRegistration",
            format!("The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions."),
        )
        .at(namespace))
    }

    fn provider_json(&self, call: &Call<'_>, subscription: Option<&str>, namespace: &str) -> Value {
        let prefix = format!("{namespace}/").to_lowercase();
        let types: Vec<Value> = facts()
            .overlays
            .range(prefix.clone()..)
            .take_while(|(key, _)| key.starts_with(&prefix))
            .filter_map(|(key, _)| facts().of(key))
            .map(|f| {
                json!({
                    "resourceType": f.schema.type_name[prefix.len()..],
                    "locations": locations_of(&f),
                    "apiVersions": f.api_versions(),
                    "capabilities": if f.schema.is_tracked() { "SupportsTags, SupportsLocation" } else { "None" },
                })
            })
            .collect();
        let mut provider = json!({"namespace": namespace, "resourceTypes": types});
        if let Some(subscription) = subscription {
            provider["id"] = json!(format!(
                "/subscriptions/{subscription}/providers/{namespace}"
            ));
            provider["registrationState"] =
                json!(self.registration_state(subscription, namespace, call.now));
            provider["registrationPolicy"] = json!("RegistrationRequired");
        }
        provider
    }

    pub(crate) fn providers(&self, call: &Call<'_>, subscription: Option<&str>) -> Reply {
        let all: Vec<Value> = facts()
            .namespaces()
            .into_iter()
            .map(|namespace| self.provider_json(call, subscription, namespace))
            .collect();
        Reply::json(200, json!({ "value": all }))
    }

    /// What a service offers in a region. Data name the regions in which it offers less.
    pub(crate) fn capabilities(location: &Address) -> Result<Reply, ArmError> {
        let region = location.pairs.last().map_or("", |(_, name)| name.as_str());
        let offered = CAPABILITIES.iter();
        let mut offered = offered.filter(|(key, _)| key.eq_ignore_ascii_case(&location.namespace));
        let (Some((_, offered)), Some(region)) = (offered.next(), facts().cloud.location(region))
        else {
            let text = format!(
                "There are no capabilities of '{}' in '{region}'.",
                location.namespace
            );
            return Err(ArmError::not_found("NotFound", text));
        };
        let here = offered.get(region).or_else(|| offered.get("default"));
        Ok(Reply::json(200, json!({"value": [here]})))
    }

    pub(crate) fn provider(
        &self,
        call: &Call<'_>,
        subscription: Option<&str>,
        namespace: &str,
    ) -> Result<Reply, ArmError> {
        let known = known_namespace(namespace)?;
        Ok(Reply::json(
            200,
            self.provider_json(call, subscription, known),
        ))
    }

    pub(crate) fn register(
        &mut self,
        call: &Call<'_>,
        subscription: &str,
        namespace: &str,
        register: bool,
    ) -> Result<Reply, ArmError> {
        let known = known_namespace(namespace)?;
        let state = self.registration_state(subscription, known, call.now);
        let key = Self::registration_key(subscription, known);
        if register && state == "NotRegistered" {
            let takes = self
                .options
                .durations
                .seconds(facts().cloud.registration_seconds);
            let until = call
                .now
                .saturating_add(time::Duration::try_from(takes).unwrap_or_default());
            self.store.put_registration(
                &key,
                Registration {
                    registered: true,
                    until: Some(until),
                },
            );
        } else if !register {
            self.store.put_registration(
                &key,
                Registration {
                    registered: false,
                    until: None,
                },
            );
        }
        Ok(Reply::json(
            200,
            self.provider_json(call, Some(subscription), known),
        ))
    }

    /// The tags of a scope as a resource of their own.
    pub(crate) fn tags(&mut self, call: &Call<'_>, scope: &[String]) -> Result<Reply, ArmError> {
        let path = join(scope);
        let Some(address) = Address::parse(&path) else {
            return Err(ArmError::unsupported(
                404,
                "NotFound",
                format!("The emulator keeps no tags for '{path}'."),
            ));
        };
        let target = type_facts_of_any_version(&address)?;
        self.check_surroundings(&address)?;
        let key = address.key();
        let Some(mut entry) = self.store.resource(&key).cloned() else {
            return Err(super::check::missing(&address));
        };
        if !target.schema.has_tags() {
            return Err(ArmError::bad_request(
                "TagsNotSupported",
                format!(
                    "Resources of type '{}' have no tags.",
                    target.schema.type_name
                ),
            ));
        }
        let mut tags = entry
            .body
            .get("tags")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        match call.request.method {
            Method::Get | Method::Head => {}
            Method::Delete => tags = Body::new(),
            Method::Put => tags = sent_tags(&read_object(call)?),
            Method::Patch => {
                let body = read_object(call)?;
                let sent = sent_tags(&body);
                match body
                    .get("operation")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_lowercase()
                    .as_str()
                {
                    "replace" => tags = sent,
                    "merge" => {
                        for (name, value) in sent {
                            tags.retain(|known, _| !known.eq_ignore_ascii_case(&name));
                            tags.insert(name, value);
                        }
                    }
                    "delete" => tags.retain(|known, _| {
                        !sent.keys().any(|name| name.eq_ignore_ascii_case(known))
                    }),
                    other => {
                        return Err(ArmError::bad_request(
                            "InvalidRequestContent",
                            format!("'{other}' is no operation on tags: Merge, Replace or Delete."),
                        )
                        .at("operation"));
                    }
                }
            }
            Method::Post => return Err(ArmError::method_not_allowed("Tags take no POST.")),
        }
        if call.request.method.is_write() {
            check_tags(Some(&tags), target.overlay.tag_limit.unwrap_or(50))?;
            if tags.values().any(|value| !value.is_string()) {
                return Err(ArmError::bad_request(
                    "InvalidRequestContent",
                    "The value of a tag must be text.",
                )
                .at("properties.tags"));
            }
            self.check_locks(&address, false)?;
            self.check_busy(call, target, &address)?;
            entry
                .body
                .insert("tags".to_owned(), Value::Object(tags.clone()));
            entry.version += 1;
            entry.changed = call.now;
            let id = entry.id.clone();
            self.keep_former(&key, call.now);
            self.store.put_resource(&key, entry);
            return Ok(if call.request.method == Method::Delete {
                Reply::new(200)
            } else {
                Reply::json(200, tags_json(&id, &tags))
            });
        }
        Ok(Reply::json(200, tags_json(&entry.id, &tags)))
    }

    /// Whether a name that is unique in the cloud is free.
    pub(crate) fn check_name_availability(
        &self,
        call: &Call<'_>,
        namespace: &str,
    ) -> Result<Reply, ArmError> {
        let body = read_object(call)?;
        let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
        let wanted = body
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase();
        if name.is_empty() {
            return Err(
                ArmError::bad_request("InvalidRequestContent", "The name is missing.").at("name"),
            );
        }
        let prefix = format!("{namespace}/").to_lowercase();
        let mut candidates = facts()
            .overlays
            .iter()
            .filter(|(key, overlay)| key.starts_with(&prefix) && overlay.name.global.is_some());
        let found = candidates
            .clone()
            .find(|(key, _)| **key == wanted)
            .or_else(|| candidates.next());
        let Some((facts, global)) = found
            .and_then(|(key, overlay)| Some((facts().of(key)?, overlay.name.global.as_ref()?)))
        else {
            return Err(ArmError::unsupported(
                404,
                "NotFound",
                format!("No type of '{namespace}' has names that are unique in the cloud."),
            ));
        };
        let lawful = facts.schema.name.matches(name)
            && facts
                .schema
                .name
                .min_length
                .is_none_or(|min| name.chars().count() >= min)
            && facts
                .schema
                .name
                .max_length
                .is_none_or(|max| name.chars().count() <= max)
            && facts.overlay.name.admits(name);
        let held = self
            .store
            .names()
            .contains(&format!("{}/{name}", global.registry).to_lowercase());
        if global.bare {
            return if lawful && !held {
                Ok(Reply::new(200))
            } else {
                let known = |word: &str| (word == "name").then(|| name.to_owned());
                let message = super::overlay::render_text(&global.message, &known);
                Err(ArmError::conflict(&global.code, message))
            };
        }
        Ok(Reply::json(
            200,
            match (lawful, held) {
                (false, _) => {
                    json!({"nameAvailable": false, "reason": "AccountNameInvalid", "message": format!("'{name}' is not a valid name.")})
                }
                (true, true) => {
                    let message = super::overlay::render_text(&global.message, &|word| {
                        (word == "name").then(|| name.to_owned())
                    });
                    json!({"nameAvailable": false, "reason": "AlreadyExists", "message": message})
                }
                (true, false) => json!({"nameAvailable": true}),
            },
        ))
    }
}

/// What a service offers by region, by namespace.
static CAPABILITIES: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/capabilities.json"))
        .expect("the data are built into the program")
});

/// Where a type is to be had, in the words of the portal: everywhere, unless the type asks for some.
fn locations_of(type_facts: &TypeFacts) -> Vec<&'static str> {
    if !type_facts.schema.is_tracked() {
        return Vec::new();
    }
    let required = type_facts.overlay.rules.iter();
    let mut required = required.filter_map(|rule| rule.require.as_ref());
    if let Some(some) = required.find(|it| it.path == "location" && !it.one_of.is_empty()) {
        return some.one_of.iter().map(String::as_str).collect();
    }
    let all = facts().cloud.locations.iter();
    all.map(|[_, display]| display.as_str()).collect()
}

fn type_facts_of_any_version(address: &Address) -> Result<TypeFacts, ArmError> {
    let name = address.type_name();
    facts().of(&name).ok_or_else(|| {
        ArmError::unsupported(
            404,
            "InvalidResourceType",
            format!("The emulator has no data for '{name}'."),
        )
    })
}

fn known_namespace(namespace: &str) -> Result<&'static str, ArmError> {
    facts().namespace(namespace).ok_or_else(|| {
        ArmError::unsupported(
            404,
            "InvalidResourceNamespace",
            format!("The resource namespace '{namespace}' is invalid."),
        )
    })
}

fn sent_tags(body: &Body) -> Body {
    body.get("properties")
        .and_then(|p| p.get("tags"))
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn tags_json(id: &str, tags: &Body) -> Value {
    json!({"id": format!("{id}/providers/Microsoft.Resources/tags/default"), "name": "default", "type": "Microsoft.Resources/tags", "properties": {"tags": tags}})
}
