//! How a resource shows itself.

use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::entry::{Entry, Failure};
use super::facts::{TypeFacts, facts};
use super::hooks::Hook;
use super::overlay::{Longer, Overlay, Verb, VerbFacts};
use super::tree::{self, Body};
use super::world::{World, stamp};

/// How a view is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// As it stands now.
    Current,
    /// As it will stand when the operation under way is over.
    Settled,
}

impl World {
    /// The whole resource as an answer tells it.
    pub(crate) fn view(&self, entry: &Entry, aspect: Aspect) -> Value {
        let mut view = self.true_view(entry, aspect);
        if let Value::Object(body) = &mut view {
            self.scramble(&entry.type_name, body);
        }
        view
    }

    /// The whole resource as it is.
    pub(crate) fn true_view(&self, entry: &Entry, aspect: Aspect) -> Value {
        let mut body = Body::new();
        body.insert("id".to_owned(), json!(entry.id));
        body.insert("name".to_owned(), json!(entry.name));
        body.insert("type".to_owned(), json!(entry.type_name));
        body.extend(entry.body.clone());
        if let Some(facts) = facts().of(&entry.type_name) {
            self.dress_view(facts, entry, aspect, &mut body);
        }
        Value::Object(body)
    }

    fn dress_view(&self, facts: TypeFacts, entry: &Entry, aspect: Aspect, body: &mut Body) {
        if facts.tells_state() {
            tree::set(
                body,
                &facts.overlay.states.path,
                json!(state_word(facts, entry, aspect)),
            );
        }
        if facts.overlay.etag.as_deref() == Some("body") {
            let key = facts.overlay.etag_key.as_deref().unwrap_or("etag");
            body.insert(key.to_owned(), json!(self.etag(entry)));
        }
        if facts.schema.body.properties.contains_key("systemData") {
            let data = json!({
                "createdBy": self.creator(entry), "createdByType": "Application", "createdAt": stamp(entry.created),
                "lastModifiedBy": self.creator(entry), "lastModifiedByType": "Application", "lastModifiedAt": stamp(entry.changed),
            });
            body.insert("systemData".to_owned(), data);
        }
        if let Some(hook) = Hook::of(facts.overlay) {
            hook.show(self, entry, aspect, body);
        }
    }

    /// What ARM's own lists tell of a tracked resource.
    pub(crate) fn stub(&self, entry: &Entry, expand: &str) -> Value {
        let mut body = Body::new();
        body.insert("id".to_owned(), json!(entry.id));
        body.insert("name".to_owned(), json!(entry.name));
        body.insert("type".to_owned(), json!(entry.type_name));
        for key in [
            "kind",
            "location",
            "sku",
            "plan",
            "identity",
            "tags",
            "zones",
            "managedBy",
        ] {
            if let Some(value) = entry.body.get(key) {
                body.insert(key.to_owned(), value.clone());
            }
        }
        if expand.contains("createdtime") {
            body.insert("createdTime".to_owned(), json!(stamp(entry.created)));
        }
        if expand.contains("changedtime") {
            body.insert("changedTime".to_owned(), json!(stamp(entry.changed)));
        }
        if expand.contains("provisioningstate")
            && let Some(facts) = facts().of(&entry.type_name)
        {
            let word = state_word(facts, entry, Aspect::Current);
            body.insert(
                "provisioningState".to_owned(),
                json!(if word == "Ready" { "Succeeded" } else { word }),
            );
        }
        self.scramble(&entry.type_name, &mut body);
        Value::Object(body)
    }

    /// The `ETag` of a resource; it changes with each write.
    pub(crate) fn etag(&self, entry: &Entry) -> String {
        let version = format!("{}.{}", entry.incarnation, entry.version);
        format!(
            "\"{}\"",
            self.seed
                .hex(16, &["etag", &entry.id.to_lowercase(), &version])
        )
    }

    pub(crate) fn creator(&self, entry: &Entry) -> String {
        tree::text(&entry.hidden, "creator")
            .map_or_else(|| self.seed.uuid(&["creator"]), str::to_owned)
    }

    /// Fills the placeholders of templates for a resource.
    pub(crate) fn fill(&self, entry: &Entry, name: &str) -> Option<String> {
        let address = entry.address();
        let incarnation = entry.incarnation.to_string();
        let key = address.key();
        let seeded = |kind: &str, purpose: &str, size: usize| match kind {
            "uuid" => self.seed.uuid(&[&key, &incarnation, purpose]),
            "hex" => self.seed.hex(size, &[&key, &incarnation, purpose]),
            _ => self.seed.digits(size, &[&key, &incarnation, purpose]),
        };
        let location = || {
            facts()
                .cloud
                .location(tree::text(&entry.body, "location").unwrap_or_default())
                .unwrap_or_default()
                .to_owned()
        };
        Some(match name {
            "name" => entry.name.clone(),
            "id" => entry.id.clone(),
            "root" => address.root_name().to_owned(),
            "group" => address.group_name()?.to_owned(),
            "subscription" => address.subscription()?.to_owned(),
            "tenant" => self.options.tenant.clone(),
            "location" => location(),
            "locationDisplay" => facts().cloud.display(&location()),
            "rootLocation" => {
                tree::text(&self.store.resource(&address.root_key())?.body, "location")?.to_owned()
            }
            "created" => stamp(entry.created),
            "changed" => stamp(entry.changed),
            "creator" => self.creator(entry),
            "sku" => tree::text(&entry.body, "sku.name")?.to_owned(),
            "skuTier" => tree::text(&entry.body, "sku.name")?
                .split('_')
                .next()?
                .to_owned(),
            other => {
                let mut parts = other.splitn(3, ':');
                match (parts.next()?, parts.next()?, parts.next()) {
                    ("uuid", purpose, None) => seeded("uuid", purpose, 0),
                    (kind @ ("hex" | "digits"), size, Some(purpose)) => {
                        seeded(kind, purpose, size.parse().ok()?)
                    }
                    _ => return None,
                }
            }
        })
    }

    /// How long an operation of Azure takes on this body, in this world's profile.
    pub(crate) fn duration(&self, facts: TypeFacts, verb: Verb, body: &Body) -> Duration {
        let Some(verb_facts) = facts.overlay.verb(verb) else {
            return Duration::ZERO;
        };
        self.options
            .durations
            .seconds(azure_seconds(facts, verb, verb_facts, body))
    }
}

/// How long a verb takes where a property lets the creation take longer: in proportion.
pub(crate) fn lengthened(overlay: &Overlay, verb_facts: &VerbFacts, longer: &Longer) -> f64 {
    let created = overlay.create.as_ref().map_or(0.0, |create| create.seconds);
    if created > 0.0 {
        longer.seconds * verb_facts.seconds / created
    } else {
        longer.seconds
    }
}

fn azure_seconds(facts: TypeFacts, verb: Verb, verb_facts: &VerbFacts, body: &Body) -> f64 {
    let longer = facts
        .overlay
        .longer
        .iter()
        .filter(|_| verb != Verb::Delete)
        .find(|longer| {
            tree::text(body, &longer.path).is_some_and(|value| {
                longer
                    .one_of
                    .iter()
                    .any(|word| word.eq_ignore_ascii_case(value))
            })
        });
    longer.map_or(verb_facts.seconds, |longer| {
        lengthened(facts.overlay, verb_facts, longer)
    })
}

/// The word for the state of a resource.
pub(crate) fn state_word(facts: TypeFacts, entry: &Entry, aspect: Aspect) -> &'static str {
    let states = &facts.overlay.states;
    let ready = if states.path.ends_with("provisioningState") {
        "Succeeded"
    } else {
        "Ready"
    };
    if aspect == Aspect::Settled {
        return ready;
    }
    match (&entry.pending, &entry.failure) {
        (Some(pending), _) => match pending.verb {
            Verb::Create => &states.creating,
            Verb::Update | Verb::Patch => &states.updating,
            Verb::Delete => &states.deleting,
        },
        (None, Some(failure)) if failure.canceled && ready == "Succeeded" => "Canceled",
        (None, Some(_)) => &states.failed,
        (None, None) => ready,
    }
}

impl World {
    /// The median time from a request to the end of its operation, as a client sees it that polls as it is told:
    /// the duration, rounded up to whole `Retry-After` steps where the client must poll. `None` where the type
    /// or the verb is unknown. Properties that lengthen an operation are read from `body`.
    pub fn expected_duration(
        &self,
        resource_type: &str,
        verb: Verb,
        body: &Value,
    ) -> Option<Duration> {
        let facts = facts().of(resource_type)?;
        let verb_facts = facts.overlay.verb(verb)?;
        let empty = Body::new();
        let duration = self.duration(facts, verb, body.as_object().unwrap_or(&empty));
        if verb_facts.shape == super::overlay::Shape::Sync || duration.is_zero() {
            return Some(duration);
        }
        let step = Duration::from_secs(self.options.durations.retry_after(verb_facts.retry_after));
        let steps = duration.as_nanos().div_ceil(step.as_nanos());
        Some(step * u32::try_from(steps).unwrap_or(u32::MAX))
    }
}

/// What a failed operation tells.
pub(crate) fn failure_json(failure: &Failure) -> Value {
    json!({"code": failure.code, "message": failure.message})
}

/// The time between two instants, never negative.
pub(crate) fn until(now: OffsetDateTime, then: OffsetDateTime) -> Duration {
    Duration::try_from(then - now).unwrap_or(Duration::ZERO)
}
