//! A scripted ARM in process for this crate's own tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use augeo_core::clock::{Clock, TokioClock};
use augeo_core::name::{ResourceName, StackName};
use augeo_core::provider::Context;
use augeo_core::report::{Event, Observer};
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode, Transport};
use serde_json::Value as Json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{ArmClient, ArmClientOptions};
use crate::arm_id::SubscriptionId;
use crate::cloud::Cloud;
use crate::credential::Credential;
use crate::throttle::ThrottleOptions;

/// What the fake does with one request.
#[derive(Debug)]
pub(super) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    Refuse(ErrorKind),
    Stall,
}

/// An answer with a JSON body.
pub(super) fn answer(status: u16, headers: &[(&'static str, &str)], body: &Json) -> Reply {
    let body = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Reply::Answer(status, headers, body)
}

/// A refusal with a code.
pub(super) fn refusal(status: u16, code: &str) -> Reply {
    answer(
        status,
        &[],
        &serde_json::json!({"error": {"code": code, "message": "m"}}),
    )
}

/// One request that arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) at: Duration,
    pub(super) line: String,
    pub(super) headers: Headers,
}

#[derive(Debug)]
pub(super) struct Fake {
    start: Instant,
    script: Mutex<VecDeque<Reply>>,
    seen: Mutex<Vec<Seen>>,
}

#[async_trait::async_trait]
impl HttpClient for Fake {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.seen.lock().unwrap().push(Seen {
            at: self.start.elapsed(),
            line: format!("{} {}", request.method(), request.url()),
            headers: request.headers().clone(),
        });
        let reply = self.script.lock().unwrap().pop_front();
        match reply.unwrap_or_else(|| panic!("no reply is scripted for {}", request.url())) {
            Reply::Answer(status, pairs, body) => {
                let mut headers = Headers::new();
                for (name, value) in pairs {
                    headers.insert(name, value);
                }
                Ok(AsyncRawResponse::from_bytes(
                    StatusCode::from(status),
                    headers,
                    body,
                ))
            }
            Reply::Refuse(kind) => Err(azure_core::Error::with_message(kind, "reset by peer")),
            Reply::Stall => std::future::pending().await,
        }
    }
}

/// Keeps events.
#[derive(Debug, Default)]
pub(super) struct Events(pub(super) Mutex<Vec<Event>>);

impl Observer for Events {
    fn on_event(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A client of a fake, and everything around it.
pub(super) struct Bench {
    pub(super) client: ArmClient,
    pub(super) fake: Arc<Fake>,
    pub(super) ctx: Context,
    pub(super) events: Arc<Events>,
}

impl Bench {
    pub(super) fn new(script: Vec<Reply>) -> Self {
        Self::with(script, |_| {})
    }

    pub(super) fn with(script: Vec<Reply>, adjust: impl FnOnce(&mut ArmClientOptions)) -> Self {
        let start = time::macros::datetime!(2026-01-01 00:00:00 UTC);
        let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(start));
        let fake = Arc::new(Fake {
            start: Instant::now(),
            script: Mutex::new(script.into()),
            seen: Mutex::default(),
        });
        let subscription = SubscriptionId::parse("00000000-0000-0000-0000-000000000001").unwrap();
        let credential = Credential::emulator(Arc::clone(&clock));
        let mut options = ArmClientOptions::new(
            Cloud::emulator_in_process(),
            subscription,
            credential,
            Arc::clone(&clock),
        );
        options.transport = Some(Transport::new(Arc::clone(&fake) as Arc<dyn HttpClient>));
        options.throttle = ThrottleOptions::off();
        adjust(&mut options);
        let events = Arc::<Events>::default();
        let ctx = Context {
            stack: StackName::parse("shop", "dev").unwrap(),
            resource: Some(ResourceName::parse("group").unwrap()),
            stop: CancellationToken::new(),
            abandon: CancellationToken::new(),
            clock,
            observer: Arc::clone(&events) as Arc<dyn Observer>,
        };
        Self {
            client: ArmClient::new(options).unwrap(),
            fake,
            ctx,
            events,
        }
    }

    /// What arrived, in order.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.fake.seen.lock().unwrap().clone()
    }

    /// When each request arrived, in milliseconds.
    pub(super) fn times(&self) -> Vec<u128> {
        self.seen().iter().map(|seen| seen.at.as_millis()).collect()
    }

    /// How many replies of the script are left.
    pub(super) fn left(&self) -> usize {
        self.fake.script.lock().unwrap().len()
    }
}
