//! Carries `azure_core`'s requests to a world in the same process: https URLs, no socket.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::response::PinnedStream;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, StatusCode};
use hyper::body::Bytes;

use super::front::Shared;
use super::request::{ArmRequest, ArmResponse, Delivery, Method};

/// A moment in the life of a request at which a test may cut in.
#[derive(Clone, Debug)]
pub enum Moment {
    /// The world has not seen the request.
    Before {
        /// Counts the requests of this transport from 1.
        number: u64,
        /// The request.
        request: ArmRequest,
    },
    /// The world has done what was asked; the client does not know yet.
    After {
        /// Counts the requests of this transport from 1.
        number: u64,
        /// The request.
        request: ArmRequest,
        /// What the client is about to hear.
        response: ArmResponse,
    },
}

/// What happens at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Nothing: the request goes on.
    None,
    /// The connection is reset.
    Reset,
    /// The request goes on after so long.
    Delay(Duration),
    /// Nothing comes for so long, then the connection is reset.
    Stall(Duration),
    /// Something else answers, such as a gateway. Before: the world never sees the request.
    /// After: what the world answered is lost.
    Answer(ArmResponse),
    /// The answer breaks off in the middle of its body; before, the world never sees the request.
    Truncate,
    /// Nothing is ever heard again: a test ends by dropping its future, as a killed process does.
    Silence,
}

type Watcher = Arc<dyn Fn(&Moment) -> Interruption + Send + Sync>;

/// An [`HttpClient`] whose server is a [`World`](super::World) in the same process.
#[derive(Clone)]
pub struct EmulatorTransport {
    shared: Shared,
    latency: Duration,
    watcher: Option<Watcher>,
    sent: Arc<std::sync::atomic::AtomicU64>,
}

impl fmt::Debug for EmulatorTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorTransport")
            .field("latency", &self.latency)
            .finish_non_exhaustive()
    }
}

impl EmulatorTransport {
    pub(crate) fn new(shared: Shared) -> Self {
        Self {
            shared,
            latency: Duration::ZERO,
            watcher: None,
            sent: Arc::default(),
        }
    }

    /// Adds a latency to each request, half of it on the way there and half on the way back.
    #[must_use]
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Lets a test cut in before and after each request.
    #[must_use]
    pub fn with_watcher(
        mut self,
        watcher: impl Fn(&Moment) -> Interruption + Send + Sync + 'static,
    ) -> Self {
        self.watcher = Some(Arc::new(watcher));
        self
    }

    /// How many requests this transport and its clones have sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Another answer, where something cuts in.
    async fn watch(&self, moment: &Moment) -> azure_core::Result<Option<ArmResponse>> {
        match self
            .watcher
            .as_ref()
            .map_or(Interruption::None, |watcher| watcher(moment))
        {
            Interruption::None => Ok(None),
            Interruption::Reset => Err(reset()),
            Interruption::Delay(time) => {
                tokio::time::sleep(time).await;
                Ok(None)
            }
            Interruption::Stall(time) => {
                tokio::time::sleep(time).await;
                Err(reset())
            }
            Interruption::Answer(response) => Ok(Some(response)),
            Interruption::Truncate => {
                let mut response = match moment {
                    Moment::Before { .. } => ArmResponse {
                        status: 200,
                        body: b"{}".to_vec(),
                        ..ArmResponse::default()
                    },
                    Moment::After { response, .. } => response.clone(),
                };
                response.delivery = Delivery::Truncated;
                Ok(Some(response))
            }
            Interruption::Silence => std::future::pending().await,
        }
    }

    /// Sends one request and waits as long as the service works.
    pub async fn send(&self, request: ArmRequest) -> azure_core::Result<ArmResponse> {
        let number = self.sent.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency / 2).await;
        }
        if self.watcher.is_some() {
            let moment = Moment::Before {
                number,
                request: request.clone(),
            };
            if let Some(answer) = self.watch(&moment).await? {
                return Ok(answer);
            }
        }
        let mut response = self.shared.handle(&request).map_err(|error| {
            azure_core::Error::with_error(
                ErrorKind::Io,
                error,
                "the world of the emulator cannot be read or written",
            )
        })?;
        let rest = self.latency / 2 + response.latency;
        if self.watcher.is_some() {
            let moment = Moment::After {
                number,
                request,
                response: response.clone(),
            };
            if let Some(answer) = self.watch(&moment).await? {
                response = answer;
            }
        }
        match response.delivery {
            Delivery::Answered | Delivery::Truncated => {
                if !rest.is_zero() {
                    tokio::time::sleep(rest).await;
                }
                Ok(response)
            }
            Delivery::ResetBefore | Delivery::ResetAfter => Err(reset()),
        }
    }
}

fn reset() -> azure_core::Error {
    azure_core::Error::with_message(ErrorKind::Io, "connection reset by peer")
}

/// A body that ends in its middle.
fn broken_off(mut body: Vec<u8>) -> PinnedStream {
    body.truncate(body.len() / 2);
    let parts: [azure_core::Result<Bytes>; 2] = [Ok(body.into()), Err(reset())];
    Box::pin(futures::stream::iter(parts))
}

#[async_trait]
impl HttpClient for EmulatorTransport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let method: Method = request.method().as_ref().parse().map_err(|error| {
            azure_core::Error::with_error(ErrorKind::Other, error, "the request cannot be sent")
        })?;
        let headers: BTreeMap<String, String> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_lowercase(), value.as_str().to_owned()))
            .collect();
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::SeekableStream(_) => {
                return Err(azure_core::Error::with_message(
                    ErrorKind::Other,
                    "Azure Resource Manager takes no streams",
                ));
            }
        };
        let response = self
            .send(ArmRequest {
                method,
                url: request.url().to_string(),
                headers,
                body,
            })
            .await?;
        let mut headers = Headers::new();
        for (name, value) in response.headers {
            headers.insert(HeaderName::from(name), HeaderValue::from(value));
        }
        let status = StatusCode::from(response.status);
        if response.delivery == Delivery::Truncated {
            return Ok(AsyncRawResponse::new(
                status,
                headers,
                broken_off(response.body),
            ));
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, response.body))
    }
}
