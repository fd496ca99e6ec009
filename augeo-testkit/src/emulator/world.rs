//! The world: a pure state machine from the time and a request to a response.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;

use super::consistency::{Consistency, LagsMet, Past};
use super::duration::Durations;
use super::entry::NameHold;
use super::error::ArmError;
use super::fault::{Effect, Fault, Faults, Meeting};
use super::path::{Location, Route};
use super::request::{ArmRequest, ArmResponse, Delivery, Method, RequestRecord};
use super::seed::Seed;
use super::store::Store;
use super::throttle::Buckets;
use super::token;

/// The subscription of the emulator, unless another is given.
pub const SUBSCRIPTION_ID: &str = "00000000-0000-0000-0000-000000000001";
/// The tenant of the emulator, unless another is given.
pub const TENANT_ID: &str = "00000000-0000-0000-0000-0000000000aa";

/// So many requests are remembered, so that a server that runs for ever does not grow for ever.
const REMEMBERED: usize = 200_000;

/// How a world is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldOptions {
    /// Every id is derived from it.
    pub seed: u64,
    /// How long operations take.
    pub durations: Durations,
    /// Whether an empty token bucket refuses.
    pub throttling: bool,
    /// The subscriptions that exist.
    pub subscriptions: Vec<String>,
    /// Their tenant.
    pub tenant: String,
    /// Namespaces that are not registered in the subscriptions at first.
    pub unregistered: Vec<String>,
    /// Global names that somebody else holds, as `registry/name` (`storage/`, `vaults/`, `sites/`, `postgres/`).
    pub taken_names: Vec<String>,
    /// Domains whose e-mail Azure knows: they count as verified from the start, and their sending limits
    /// were raised.
    pub known_domains: Vec<String>,
    /// What there may be in a region, by the name of its counter (`cores`, `StorageAccounts`), where
    /// that is not the usual number.
    pub quotas: BTreeMap<String, u64>,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            durations: Durations::default(),
            throttling: true,
            subscriptions: vec![SUBSCRIPTION_ID.to_owned()],
            tenant: TENANT_ID.to_owned(),
            unregistered: Vec::new(),
            taken_names: Vec::new(),
            known_domains: Vec::new(),
            quotas: BTreeMap::new(),
        }
    }
}

/// Azure Resource Manager as a value: clone it to fork it, keep it to take a snapshot.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) options: WorldOptions,
    pub(crate) seed: Seed,
    pub(crate) store: Store,
    buckets: Buckets,
    pub(crate) faults: Faults,
    pub(crate) consistency: Consistency,
    pub(crate) past: Past,
    pub(crate) lags: LagsMet,
    requests: Vec<RequestRecord>,
    served: u64,
    unsupported: Vec<String>,
}

/// A request with what was read from it.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a ArmRequest,
    pub(crate) at: &'a Location,
    pub(crate) now: OffsetDateTime,
    pub(crate) principal: String,
    pub(crate) api_version: String,
    /// The type that the request is about.
    pub(crate) subject: Option<String>,
    /// Neither faults nor lags meet it.
    pub(crate) undisturbed: bool,
    /// What it met of the lags.
    pub(crate) lags: Cell<LagsMet>,
}

impl Call<'_> {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers.get(name).map(String::as_str)
    }

    /// The URL of an endpoint of this server, with the api-version of this request.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}?api-version={}", self.at.origin, self.api_version)
    }
}

/// An answer before it is put in ARM's clothes.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) latency: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            body: Some(body),
            ..Self::default()
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }
}

/// A date as Azure writes it.
pub(crate) fn stamp(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC)
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z"
        ))
        .expect("a date has all these parts")
}

impl World {
    /// An empty world.
    pub fn new(options: WorldOptions) -> Self {
        let mut store = Store::default();
        for name in &options.taken_names {
            store.put_name(
                &name.to_lowercase(),
                NameHold {
                    owner: String::new(),
                },
            );
        }
        Self {
            seed: Seed(options.seed),
            options,
            store,
            buckets: Buckets::default(),
            faults: Faults::default(),
            consistency: Consistency::default(),
            past: Past::default(),
            lags: LagsMet::default(),
            requests: Vec::new(),
            served: 0,
            unsupported: Vec::new(),
        }
    }

    /// Answers one request at one time.
    pub fn handle(&mut self, now: OffsetDateTime, request: &ArmRequest) -> ArmResponse {
        self.settle(now);
        let at = Location::parse(&request.url);
        let route = Route::of(&at.segments, request.method == Method::Post);
        let subject = route.subject();
        let path = super::path::join(&at.segments);
        let effect = self.faults.strike_request(&Meeting {
            method: request.method,
            resource_type: subject.as_deref(),
            path: &path,
        });
        let response = match effect {
            Some(Effect::ResetBefore) => ArmResponse {
                delivery: Delivery::ResetBefore,
                ..ArmResponse::default()
            },
            Some(Effect::Refuse {
                status,
                code,
                message,
                retry_after,
            }) => {
                let error = ArmError {
                    retry_after,
                    ..ArmError::new(status, &code, message)
                };
                self.dress(request, Err(error), None)
            }
            Some(Effect::Reply {
                status,
                content_type,
                body,
            }) => ArmResponse {
                status,
                headers: BTreeMap::from([("content-type".to_owned(), content_type)]),
                body: body.into_bytes(),
                ..ArmResponse::default()
            },
            Some(Effect::RefuseAfter {
                status,
                code,
                message,
            }) => {
                let _ = self.answer(now, request, &at, route, false);
                self.dress(request, Err(ArmError::new(status, &code, message)), None)
            }
            Some(Effect::ResetAfter) => {
                let reply = self.answer(now, request, &at, route, false);
                ArmResponse {
                    delivery: Delivery::ResetAfter,
                    ..reply
                }
            }
            // What meets operations waits for them to start.
            None
            | Some(
                Effect::FailOperation { .. }
                | Effect::CancelOperation { .. }
                | Effect::LoseOperation { .. }
                | Effect::NeverEnd
                | Effect::SucceedEarly { .. },
            ) => self.answer(now, request, &at, route, false),
        };
        let status = if response.delivery == Delivery::Answered {
            response.status
        } else {
            0
        };
        let shown = request
            .url
            .split_once("://")
            .map_or(request.url.as_str(), |(_, rest)| {
                rest.find('/').map_or("/", |i| &rest[i..])
            });
        if self.requests.len() >= REMEMBERED {
            self.requests.drain(..REMEMBERED / 2);
        }
        self.requests.push(RequestRecord {
            method: request.method,
            path: shown.to_owned(),
            status,
        });
        response
    }

    pub(crate) fn answer(
        &mut self,
        now: OffsetDateTime,
        request: &ArmRequest,
        at: &Location,
        route: Route,
        undisturbed: bool,
    ) -> ArmResponse {
        let principal = match token::principal(
            request.headers.get("authorization").map(String::as_str),
            now,
        ) {
            Ok(principal) => principal,
            Err(error) => return self.dress(request, Err(error), None),
        };
        let subscription = Route::subscription(&at.segments)
            .unwrap_or_default()
            .to_lowercase();
        let verdict = self.buckets.take(
            &principal,
            &subscription,
            request.method,
            now,
            self.options.throttling,
        );
        if let Some(wait) = verdict.wait {
            let error = ArmError::new(
                429,
                "TooManyRequests",
                format!(
                    "Number of requests for subscription '{subscription}' exceeded the limit. Please try again after '{wait}' seconds."
                ),
            );
            return self.dress(
                request,
                Err(error.retry_after(wait)),
                Some((verdict.header, 0)),
            );
        }
        let mut call = Call {
            request,
            at,
            now,
            principal,
            api_version: String::new(),
            subject: route.subject(),
            undisturbed,
            lags: Cell::default(),
        };
        let result = self
            .check_settled(&call)
            .and_then(|()| self.dispatch(&mut call, route));
        self.lags.add(call.lags.get());
        self.dress(request, result, Some((verdict.header, verdict.remaining)))
    }

    /// Puts an answer in ARM's clothes.
    fn dress(
        &mut self,
        request: &ArmRequest,
        result: Result<Reply, ArmError>,
        remaining: Option<(&str, u64)>,
    ) -> ArmResponse {
        self.served += 1;
        let served = self.served.to_string();
        let id = self.seed.uuid(&["request", &served]);
        let mut headers = BTreeMap::from([
            ("cache-control".to_owned(), "no-cache".to_owned()),
            ("x-ms-request-id".to_owned(), id.clone()),
            (
                "x-ms-correlation-request-id".to_owned(),
                request
                    .headers
                    .get("x-ms-correlation-request-id")
                    .cloned()
                    .unwrap_or(id),
            ),
        ]);
        if let Some(client) = request.headers.get("x-ms-client-request-id") {
            headers.insert("x-ms-client-request-id".to_owned(), client.clone());
        }
        if let Some((header, remaining)) = remaining {
            headers.insert(header.to_owned(), remaining.to_string());
        }
        let reply = match result {
            Ok(reply) => reply,
            Err(error) => {
                if error.unsupported && self.unsupported.len() < REMEMBERED {
                    self.unsupported.push(format!(
                        "{} {}: {}",
                        request.method, request.url, error.message
                    ));
                }
                if let Some(seconds) = error.retry_after {
                    headers.insert("retry-after".to_owned(), seconds.to_string());
                }
                if error.status == 401 {
                    headers.insert(
                        "www-authenticate".to_owned(),
                        format!("Bearer authorization_uri=\"https://login.microsoftonline.com/{}\", error=\"invalid_token\", error_description=\"{}\"", self.options.tenant, error.message),
                    );
                }
                headers.insert("x-ms-failure-cause".to_owned(), "gateway".to_owned());
                Reply::json(error.status, error.body())
            }
        };
        for (name, value) in reply.headers {
            headers.insert(name.to_owned(), value);
        }
        let body = match reply.body {
            Some(body) if request.method != Method::Head => {
                headers.insert(
                    "content-type".to_owned(),
                    "application/json; charset=utf-8".to_owned(),
                );
                body.to_string().into_bytes()
            }
            _ => Vec::new(),
        };
        ArmResponse {
            status: reply.status,
            headers,
            body,
            latency: reply.latency,
            delivery: Delivery::Answered,
        }
    }

    /// Adds a fault; returns its number, by which [`World::faults_struck`] tells of it.
    pub fn inject(&mut self, fault: Fault) -> usize {
        self.faults.add(fault)
    }

    /// Takes all faults away, and lets everything be seen at once. Operations that a fault met go on as they
    /// must: [`World::release_operations`] ends those that never would.
    pub fn calm(&mut self) {
        self.faults.clear();
        self.consistency = Consistency::default();
    }

    /// How often each fault has struck, by its number. A fault on operations has struck when one began that it
    /// shows on, not when a request matched.
    pub fn faults_struck(&self) -> &[u64] {
        self.faults.struck()
    }

    /// Lets somebody else in the cloud hold a name, as `registry` and name.
    pub fn take_name(&mut self, registry: &str, name: &str) {
        self.store.put_name(
            &format!("{registry}/{name}").to_lowercase(),
            NameHold {
                owner: String::new(),
            },
        );
    }

    /// The requests so far; of very many, the last.
    pub fn requests(&self) -> &[RequestRecord] {
        &self.requests
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&mut self) {
        self.requests.clear();
    }

    /// What was asked that this emulator does not know: a test that expects none can say so.
    pub fn unsupported_requests(&self) -> &[String] {
        &self.unsupported
    }

    /// How many requests were answered before this one.
    pub(crate) fn served(&self) -> u64 {
        self.served
    }

    /// The options that this world was made with.
    pub fn options(&self) -> &WorldOptions {
        &self.options
    }

    /// When the clock next changes something by itself: an operation ends, a purge is due.
    pub fn next_change(&self) -> Option<OffsetDateTime> {
        self.store.next_change()
    }
}
