//! A copy of what is there: every body that ARM told while a plan was made, as a world in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use azure_core::http::{
    AsyncRawResponse, Context, HttpClient, Method, Request, StatusCode, Transport,
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::emulator::{Durations, LeftOut, World, WorldOptions};

/// What was told so far, by id without regard to case.
#[derive(Default)]
struct Told {
    resources: BTreeMap<String, Value>,
    deleted: BTreeMap<String, Value>,
    tenant: Option<String>,
}

/// Carries requests to where they go, and remembers what the answers tell of resources. Nothing of
/// it leaves the memory of the process.
#[derive(Clone)]
pub struct Recorder {
    inner: Transport,
    told: Arc<Mutex<Told>>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

/// A world like the one that was observed.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The world, whose operations take as long as Azure's.
    pub world: World,
    /// How many resources it holds.
    pub resources: usize,
    /// What could not be copied, and why.
    pub left_out: Vec<LeftOut>,
}

impl Recorder {
    /// Records what comes through a transport.
    pub fn new(inner: Transport) -> Self {
        Self {
            inner,
            told: Arc::default(),
        }
    }

    /// What was told so far, as a world with this subscription in which it is `now`.
    pub fn copy(&self, subscription: &str, now: OffsetDateTime) -> Copy {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut options = WorldOptions {
            durations: Durations::azure(),
            subscriptions: vec![subscription.to_owned()],
            ..WorldOptions::default()
        };
        if let Some(tenant) = &told.tenant {
            options.tenant.clone_from(tenant);
        }
        let mut world = World::new(options);
        let mut left_out = world.import(now, told.resources.values());
        left_out.extend(world.import_deleted(now, told.deleted.values()));
        Copy {
            resources: world.len(),
            world,
            left_out,
        }
    }

    fn take(&self, path: &str, body: &[u8]) {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return;
        };
        let path = path.to_ascii_lowercase();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Value::Array(items)) = body.get("value") {
            let deleted = path
                .rsplit('/')
                .next()
                .is_some_and(|last| last.starts_with("deleted"));
            for item in items {
                told.remember(item, deleted);
            }
        } else {
            told.remember(&body, false);
        }
    }
}

impl Told {
    fn remember(&mut self, body: &Value, deleted: bool) {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        if let (Some(_), Some(tenant)) = (text("subscriptionId"), text("tenantId")) {
            self.tenant = Some(tenant.to_owned());
        }
        let (Some(id), Some(_), Some(_)) = (text("id"), text("type"), text("name")) else {
            return;
        };
        let known = if deleted {
            &mut self.deleted
        } else {
            &mut self.resources
        };
        let key = id.to_ascii_lowercase();
        // Lists of everything tell only the envelope: what was told in full stays.
        let full = body.get("properties").is_some();
        if full || !known.contains_key(&key) {
            known.insert(key, body.clone());
        }
    }
}

#[async_trait]
impl HttpClient for Recorder {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut sent = request.clone();
        let response = self.inner.send(&Context::new(), &mut sent).await?;
        let path = request.url().path();
        // A map of settings is read by POST.
        let lists = path.to_ascii_lowercase().ends_with("/list");
        let method = request.method();
        let reads = method == Method::Get || (method == Method::Post && lists);
        if !reads || response.status() != StatusCode::Ok {
            return Ok(response);
        }
        let (status, headers, body) = response.try_into_raw_response().await?.deconstruct();
        self.take(path, &body);
        Ok(AsyncRawResponse::from_bytes(status, headers, body))
    }
}
