//! Azure Resource Manager over `azure_core`'s pipeline, with one auth and one retry for every
//! target.
//!
//! ```no_run
//! # async fn example(
//! #     options: augeo_azure::client::ArmClientOptions,
//! #     ctx: &augeo_core::provider::Context,
//! # ) -> Result<(), augeo_azure::error::ArmError> {
//! use augeo_azure::client::{ArmClient, ArmRequest};
//!
//! let client = ArmClient::new(options)?;
//! let group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g";
//! if client.get(group, "2025-04-01", ctx).await?.is_none() {
//!     let body = serde_json::json!({"location": "westeurope"});
//!     client.run_operation(&ArmRequest::put(group, "2025-04-01", body), ctx).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod attempt;
mod auth;
mod limits;
mod operate;
mod request;
mod transport;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use augeo_core::clock::{Clock, Stream};
use augeo_core::mutant::{self, Mutant};
use augeo_core::provider::Context;
use azure_core::http::{
    ClientOptions, HttpClient, Pipeline, RetryOptions, Transport, UserAgentOptions,
};
use serde_json::Value as Json;
use tokio::sync::Semaphore;
use url::Url;

use crate::arm_id::SubscriptionId;
use crate::cloud::Cloud;
use crate::credential::{Credential, CredentialKind, Identity, TokenCache};
use crate::error::{ArmError, RetryClass};
use crate::throttle::{Throttle, ThrottleOptions};
use crate::trace::TraceSink;

use auth::AuthPolicy;
pub use limits::{Budget, Limits, RepeatLimit};
pub use operate::Begun;
pub use request::{ArmRequest, ArmResponse, Lag};
pub use transport::default_transport;

/// What a client is made from.
#[derive(Clone, Debug)]
pub struct ArmClientOptions {
    /// Which cloud, or emulator.
    pub cloud: Cloud,
    /// The subscription that is worked on.
    pub subscription: SubscriptionId,
    /// Who asks. An emulator takes its own credential only, and no cloud takes that one.
    pub credential: Credential,
    /// How requests travel; by default as [`default_transport`] makes it.
    pub transport: Option<Transport>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What jitter and request ids derive from.
    pub seed: u64,
    /// The bounds.
    pub limits: Limits,
    /// How requests are kept below ARM's limits.
    pub throttle: ThrottleOptions,
    /// Who is told of every request.
    pub trace: Option<Arc<dyn TraceSink>>,
    /// The program's name in the user agent: at most 24 letters, digits and `-._`.
    pub application_id: String,
}

impl ArmClientOptions {
    /// The options that are always needed; the others by assignment.
    pub fn new(
        cloud: Cloud,
        subscription: SubscriptionId,
        credential: Credential,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            cloud,
            subscription,
            credential,
            transport: None,
            clock,
            seed: 0,
            limits: Limits::default(),
            throttle: ThrottleOptions::default(),
            trace: None,
            application_id: "augeo".to_owned(),
        }
    }

    /// The options for an emulator in this process: it is reached without a socket. It has ARM's
    /// limits, so requests are held below them as they are for Azure.
    pub fn in_process(
        emulator: Arc<dyn HttpClient>,
        subscription: SubscriptionId,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let credential = Credential::emulator(Arc::clone(&clock));
        let options = Self::new(
            Cloud::emulator_in_process(),
            subscription,
            credential,
            clock,
        );
        Self {
            transport: Some(Transport::new(emulator)),
            ..options
        }
    }
}

/// Counts the requests of whoever holds it.
#[derive(Clone, Debug, Default)]
pub struct RequestCounter(Arc<AtomicUsize>);

impl RequestCounter {
    /// How many requests were sent so far, repeats included.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Shared {
    cloud: Cloud,
    subscription: SubscriptionId,
    tokens: Arc<TokenCache>,
    pipeline: Pipeline,
    clock: Arc<dyn Clock>,
    limits: Limits,
    throttle: Throttle,
    writes_burst: usize,
    trace: Option<Arc<dyn TraceSink>>,
    under_way: Semaphore,
    jitter: Mutex<Stream>,
    request_ids: Mutex<Stream>,
}

/// A client of Azure Resource Manager. Clones are cheap and share everything.
///
/// Every method takes the run's [`Context`]: its `abandon` ends any wait, its `observer` hears of
/// waits and repeats.
#[derive(Clone, Debug)]
pub struct ArmClient {
    shared: Arc<Shared>,
    counter: Option<RequestCounter>,
}

impl ArmClient {
    /// Makes a client. It sends nothing yet.
    ///
    /// # Errors
    /// When the credential does not belong to the cloud, the application's id is not one, or the
    /// default transport cannot be made.
    pub fn new(options: ArmClientOptions) -> Result<Self, ArmError> {
        let ArmClientOptions {
            cloud,
            subscription,
            credential,
            transport,
            clock,
            seed,
            limits,
            throttle,
            trace,
            application_id,
        } = options;
        if cloud.is_emulator() != (credential.kind() == CredentialKind::Emulator) {
            return Err(ArmError::Options(
                "an emulator takes its own credential, and nobody else does",
            ));
        }
        let token = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if application_id.len() > 24 || !application_id.chars().all(token) {
            return Err(ArmError::Options(
                "an application's id is at most 24 letters, digits and - . _",
            ));
        }
        let transport = match transport {
            Some(transport) => transport,
            None => default_transport()?,
        };
        let tokens = Arc::new(TokenCache::new(credential, Arc::clone(&clock)));
        let auth = AuthPolicy {
            cloud: cloud.clone(),
            tokens: Arc::clone(&tokens),
        };
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            ClientOptions {
                retry: RetryOptions::none(),
                transport: Some(transport),
                user_agent: UserAgentOptions {
                    application_id: Some(application_id).filter(|id| !id.is_empty()),
                },
                ..ClientOptions::default()
            },
            Vec::new(),
            vec![Arc::new(auth)],
            None,
        );
        let shared = Shared {
            cloud,
            subscription,
            tokens,
            pipeline,
            clock,
            limits,
            writes_burst: usize::try_from(throttle.writes.burst).unwrap_or(usize::MAX),
            throttle: Throttle::new(throttle),
            trace,
            under_way: Semaphore::new(limits.requests_max.clamp(1, Semaphore::MAX_PERMITS)),
            jitter: Mutex::new(Stream::new(seed, "arm-jitter")),
            request_ids: Mutex::new(Stream::new(seed, "arm-request-ids")),
        };
        Ok(Self {
            shared: Arc::new(shared),
            counter: None,
        })
    }

    /// The same client, with a counter of the requests that this clone, and its clones, send.
    #[must_use]
    pub fn counted(&self) -> (Self, RequestCounter) {
        let counter = RequestCounter::default();
        let client = Self {
            shared: Arc::clone(&self.shared),
            counter: Some(counter.clone()),
        };
        (client, counter)
    }

    /// The cloud that it talks to.
    pub fn cloud(&self) -> &Cloud {
        &self.shared.cloud
    }

    /// The subscription that is worked on.
    pub fn subscription(&self) -> &SubscriptionId {
        &self.shared.subscription
    }

    /// Its bounds.
    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// How many writes ARM takes at once.
    pub fn writes_burst(&self) -> usize {
        self.shared.writes_burst
    }

    /// The tokens that it uses, for other clients of the same identity.
    pub fn tokens(&self) -> &Arc<TokenCache> {
        &self.shared.tokens
    }

    /// Who asks, as far as the token tells. Fetches a token if there is none.
    ///
    /// # Errors
    /// When there is no token to be had.
    pub async fn identity(&self) -> Result<Identity, ArmError> {
        let token = self.shared.tokens.token(self.shared.cloud.scope()).await?;
        Ok(Identity::of_token(token.token.secret()))
    }

    /// Sends a request until it is answered for good.
    ///
    /// # Errors
    /// When ARM refuses, cannot be reached, or the outcome is unknown.
    pub async fn send(&self, request: &ArmRequest, ctx: &Context) -> Result<ArmResponse, ArmError> {
        let url = request.url(self.shared.cloud.endpoint())?;
        let response = self.exchange(&url, request, ctx).await?;
        self.expect_success(response, request, &url)
    }

    /// Reads; `None` if it is not there.
    ///
    /// # Errors
    /// When ARM refuses or cannot be reached.
    pub async fn get(
        &self,
        path: impl std::fmt::Display + Send,
        api_version: &str,
        ctx: &Context,
    ) -> Result<Option<Json>, ArmError> {
        self.read(&ArmRequest::get(path, api_version), ctx).await
    }

    /// As [`ArmClient::get`], for a request with a query.
    ///
    /// # Errors
    /// When ARM refuses or cannot be reached.
    pub async fn read(
        &self,
        request: &ArmRequest,
        ctx: &Context,
    ) -> Result<Option<Json>, ArmError> {
        match self.send(request, ctx).await {
            Ok(response) => Ok(Some(response.body)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads every page of a list. A list whose parent is not there is an error.
    ///
    /// # Errors
    /// When ARM refuses or cannot be reached, when a page leads elsewhere or in a circle.
    pub async fn list(&self, request: &ArmRequest, ctx: &Context) -> Result<Vec<Json>, ArmError> {
        let malformed = |reason: &str| ArmError::Malformed {
            request: request.to_string(),
            reason: reason.to_owned(),
        };
        let pages_max = self.shared.limits.pages_max;
        let mut url = request.url(self.shared.cloud.endpoint())?;
        if mutant::is_on(Mutant::IgnorePaging) {
            url.query_pairs_mut().append_pair("$top", "1");
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut items = Vec::new();
        for _ in 0..pages_max {
            let response = self.exchange(&url, request, ctx).await?;
            let mut body = self.expect_success(response, request, &url)?.body;
            match body.get_mut("value").map(Json::take) {
                Some(Json::Array(page)) => items.extend(page),
                None if body.is_object() => {}
                _ => return Err(malformed("it is not a list")),
            }
            let Some(next) = body
                .get("nextLink")
                .and_then(Json::as_str)
                .filter(|link| !link.is_empty() && !mutant::is_on(Mutant::IgnorePaging))
            else {
                return Ok(items);
            };
            // The link is used as it is: its query is signed, and must not be encoded anew.
            let next = Url::parse(next).map_err(|_| malformed("its next link is no URL"))?;
            self.admit(&next)?;
            if !seen.insert(std::mem::replace(&mut url, next)) || seen.contains(&url) {
                return Err(malformed("its pages lead in a circle"));
            }
        }
        Err(ArmError::LimitReached {
            request: request.to_string(),
            limit: format!("{pages_max} pages"),
        })
    }

    fn expect_success(
        &self,
        response: ArmResponse,
        request: &ArmRequest,
        url: &Url,
    ) -> Result<ArmResponse, ArmError> {
        if response.is_success() {
            return Ok(response);
        }
        Err(ArmError::Refused(Box::new(
            self.refusal(&response, request, url, ""),
        )))
    }

    fn admit(&self, url: &Url) -> Result<(), ArmError> {
        if self.shared.cloud.admits(url) {
            return Ok(());
        }
        Err(ArmError::ForeignHost {
            host: url.host_str().unwrap_or("nowhere").to_owned(),
            cloud: self.shared.cloud.name().to_owned(),
        })
    }

    /// A request id that a run with the same seed would give too.
    fn next_request_id(&self) -> String {
        let mut stream = self
            .shared
            .request_ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (high, low) = (stream.next_u64(), stream.next_u64());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }

    fn backoff(&self, class: RetryClass, failures: u32) -> std::time::Duration {
        let mut stream = self
            .shared
            .jitter
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let backoff = self.shared.limits.of(class).map(|limit| limit.backoff);
        backoff.unwrap_or_default().delay(failures, &mut stream)
    }
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
