//! Serves an emulator over plain HTTP on loopback.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use azure_core::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::error::ArmError;
use super::front::Emulator;
use super::request::{ArmRequest, ArmResponse, Delivery, Method};

/// The largest body that is read: ARM's own limit for a request is 4 MB.
const MAX_BODY: usize = 4 * 1024 * 1024;
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: usize = 64 * 1024;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_CONNECTIONS: usize = 1024;
/// How long connections have to end their last request after the end was called.
const GRACE: Duration = Duration::from_secs(5);

/// Why an emulator cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Another program has the port.
    #[error("port {} on {} is in use by another program", address.port(), address.ip())]
    PortInUse {
        /// The address.
        address: SocketAddr,
    },
    /// The address is reachable from elsewhere.
    #[error(
        "{address} is not a loopback address: the emulator checks no signatures and is only served on loopback"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// An emulator that has its port and waits to serve.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    emulator: Emulator,
}

impl Listener {
    /// Takes the port. Port 0 takes a free one; [`Listener::address`] tells which.
    pub async fn bind(emulator: Emulator, address: SocketAddr) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback { address });
        }
        let listen = |source: io::Error| {
            if source.kind() == io::ErrorKind::AddrInUse {
                ListenError::PortInUse { address }
            } else {
                ListenError::Listen { address, source }
            }
        };
        let socket = TcpListener::bind(address).await.map_err(listen)?;
        let address = socket
            .local_addr()
            .map_err(|source| ListenError::Listen { address, source })?;
        Ok(Self {
            socket,
            address,
            emulator,
        })
    }

    /// The address that is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of the endpoint.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until `shutdown` is over, then lets requests end that are under way.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let places = std::sync::Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut connections = JoinSet::new();
        let graceful = hyper_util::server::graceful::GracefulShutdown::new();
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => continue,
                accepted = self.socket.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else {
                // Out of descriptors, most likely: wait for connections to end.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let Ok(place) = std::sync::Arc::clone(&places).try_acquire_owned() else {
                continue;
            };
            let _ = stream.set_nodelay(true);
            let emulator = self.emulator.clone();
            let service = service_fn(move |request| {
                let emulator = emulator.clone();
                async move { answer(&emulator, request).await }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .max_headers(MAX_HEADERS)
                .max_buf_size(MAX_HEADER_BYTES)
                .serve_connection(TokioIo::new(stream), service);
            let watched = graceful.watch(connection);
            connections.spawn(async move {
                let _place = place;
                if let Err(error) = watched.await {
                    tracing::debug!(%error, "a connection to the emulator ended early");
                }
            });
        }
        let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
        connections.shutdown().await;
    }
}

/// Binds and serves in one step.
pub async fn serve(
    emulator: Emulator,
    address: SocketAddr,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ListenError> {
    Listener::bind(emulator, address)
        .await?
        .serve(shutdown)
        .await;
    Ok(())
}

/// The connection is to be reset: the client gets no answer.
#[derive(Debug, thiserror::Error)]
#[error("a fault resets the connection")]
struct Reset;

async fn answer(
    emulator: &Emulator,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Reset> {
    let response = match read(request).await {
        Ok(request) => match emulator.handle(&request) {
            Ok(response) => response,
            Err(error) => refuse(&ArmError::new(500, "EmulatorWorldError", error.to_string())),
        },
        Err(error) => refuse(&error),
    };
    if response.delivery != Delivery::Answered {
        return Err(Reset);
    }
    if !response.latency.is_zero() {
        tokio::time::sleep(response.latency).await;
    }
    let mut out = Response::new(Full::new(Bytes::from(response.body)));
    *out.status_mut() =
        StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            out.headers_mut().insert(name, value);
        }
    }
    Ok(out)
}

fn refuse(error: &ArmError) -> ArmResponse {
    ArmResponse {
        status: error.status,
        headers: BTreeMap::from([(
            "content-type".to_owned(),
            "application/json; charset=utf-8".to_owned(),
        )]),
        body: error.body().to_string().into_bytes(),
        ..ArmResponse::default()
    }
}

async fn read(request: Request<Incoming>) -> Result<ArmRequest, ArmError> {
    let (parts, body) = request.into_parts();
    let method: Method = parts.method.as_str().parse().map_err(|_| {
        ArmError::method_not_allowed(format!(
            "The HTTP method '{}' is not supported.",
            parts.method
        ))
    })?;
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    // Links lead back to where the client came from.
    let host = parts
        .headers
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .or(parts
            .uri
            .authority()
            .map(hyper::http::uri::Authority::as_str))
        .unwrap_or("localhost");
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("http://{host}{path}");
    let collected =
        tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await;
    let body = match collected {
        Ok(Ok(body)) => body.to_bytes().to_vec(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(ArmError::new(
                413,
                "RequestContentTooLarge",
                format!("The body exceeds {MAX_BODY} bytes."),
            ));
        }
        Ok(Err(error)) => {
            return Err(ArmError::bad_request(
                "InvalidRequestContent",
                format!("The body could not be read: {error}."),
            ));
        }
        Err(_) => {
            return Err(ArmError::new(
                408,
                "RequestTimeout",
                "The body did not arrive in time.",
            ));
        }
    };
    Ok(ArmRequest {
        method,
        url,
        headers,
        body,
    })
}
