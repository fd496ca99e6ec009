//! A world of the emulator: the real provider over it, in process, and what others do to it.

use std::sync::Arc;

use async_trait::async_trait;
use augeo_azure::Azure;
use augeo_azure::arm_id::{ArmId, SubscriptionId};
use augeo_azure::resources::lookup;
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::name::ResourceId;
use augeo_core::provider::Provider;
use augeo_core::value::{PropertyPath, Value};
use augeo_testkit::conformance::World;
use augeo_testkit::emulator::{Durations, Emulator, Method, WorldOptions};
use serde_json::{Value as Json, json};

/// Whose marks are on what the cases make, and whose they are after it was given away.
const OURS: &str = "shop/dev";
const THEIRS: &str = "bank/dev";

pub(crate) struct EmulatedWorld {
    emulator: Emulator,
}

impl EmulatedWorld {
    pub(crate) fn new() -> Self {
        let options = WorldOptions {
            durations: Durations::azure(),
            throttling: false,
            known_domains: vec!["example.org".to_owned(), "example.net".to_owned()],
            ..WorldOptions::default()
        };
        Self {
            emulator: Emulator::with_options(options),
        }
    }

    /// What a resource is merged with, behind every client's back.
    fn merge(&self, id: &ResourceId, change: &Json) {
        let found = self
            .emulator
            .with_world(|world| world.edit(id.text(), change));
        assert!(found.unwrap(), "{id} is not there");
    }
}

#[async_trait]
impl World for EmulatedWorld {
    fn provider(&self) -> Arc<dyn Provider> {
        let transport = Arc::new(self.emulator.transport());
        let subscription = SubscriptionId::parse(self.emulator.subscription_id()).unwrap();
        Arc::new(Azure::in_process(transport, subscription, self.clock()).unwrap())
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TokioClock::starting_at(self.emulator.now().get()))
    }

    fn mutations(&self) -> usize {
        let world = self.emulator.snapshot();
        let requests = world.requests().iter();
        let changed = requests.filter(|request| match request.method {
            Method::Put | Method::Patch => (200..300).contains(&request.status),
            // 204: there was nothing to delete.
            Method::Delete => matches!(request.status, 200 | 202),
            // What the catalogue asks by POST only reads.
            Method::Get | Method::Head | Method::Post => false,
        });
        changed.count()
    }

    async fn edit(&self, id: &ResourceId, path: &PropertyPath, value: &Value) {
        let ty = ArmId::try_from(id).unwrap().resource_type();
        let top_level = lookup(&ty).unwrap().top_level;
        let path = path.to_string();
        let first = path.split('.').next().unwrap_or_default();
        let whole = if top_level.contains(&first) {
            path
        } else {
            format!("properties.{path}")
        };
        let value = value.to_json().unwrap();
        let change = whole
            .rsplit('.')
            .fold(value, |inner, key| json!({ (key): inner }));
        self.merge(id, &change);
    }

    async fn delete(&self, id: &ResourceId) {
        let now = self.emulator.now().get();
        let found = self
            .emulator
            .with_world(|world| world.remove(now, id.text()));
        assert!(found.unwrap(), "{id} is not there");
    }

    async fn give_away(&self, id: &ResourceId) -> bool {
        let body = self.emulator.snapshot().resource_body(id.text());
        let change = body.as_ref().and_then(given_away);
        if let Some(change) = &change {
            self.merge(id, change);
        }
        change.is_some()
    }
}

/// The part of a body that tells whose it is, telling that it is somebody else's: a tag, an entry
/// of metadata or the end of a description.
fn given_away(body: &Json) -> Option<Json> {
    match body {
        Json::Object(object) => {
            let changed = object
                .iter()
                .filter(|(key, _)| key.as_str() != "id")
                .find_map(|(key, inner)| Some((key, given_away(inner)?)));
            changed.map(|(key, inner)| json!({ (key): inner }))
        }
        Json::String(text) if text == OURS => Some(THEIRS.into()),
        Json::String(text) => {
            let marked = format!("augeo-stack={OURS}");
            let theirs = format!("augeo-stack={THEIRS}");
            text.contains(&marked)
                .then(|| text.replace(&marked, &theirs).into())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => None,
    }
}
