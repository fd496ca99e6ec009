//! One exchange: attempts, each classified, repeated as far as its class allows.

use std::time::Duration;

use augeo_core::mutant::{self, Mutant};
use augeo_core::provider::Context;
use augeo_core::report::Event;
use azure_core::error::ErrorKind as CoreErrorKind;
use azure_core::http::{PipelineSendOptions, Request, headers};
use tokio::time::Instant;
use url::Url;

use super::auth::AuthError;
use super::request::{api_version_of, method_name, request_ids};
use super::{ArmClient, ArmRequest, ArmResponse, Budget};
use crate::error::{ArmError, Refusal, RetryClass};
use crate::operation::retry_after;
use crate::throttle::RequestShape;
use crate::trace::TraceRecord;

/// What became of one attempt.
enum Attempt {
    /// It was answered.
    Answered {
        response: ArmResponse,
        /// The bytes of a refusal, or of an answer that is no JSON.
        raw: Vec<u8>,
        request_id: String,
        /// The token that was not accepted.
        refused_token: Option<String>,
    },
    /// It was not sent: the other side cannot be reached.
    NotSent(String),
    /// It was sent, or may have been, and no answer came.
    Broken { reason: String, request_id: String },
    /// The run was abandoned while it was under way.
    Abandoned { request_id: String },
    /// It must not be sent.
    Forbidden(ArmError),
}

/// Why another attempt may be made, and what is told if none is.
struct Failure {
    class: RetryClass,
    reason: String,
    retry_after: Option<Duration>,
    end: End,
}

/// What an exchange returns when the budget is spent.
enum End {
    /// The refusal itself: some callers know what to do with it.
    Response(Box<ArmResponse>),
    /// An error.
    Error(ArmError),
}

impl ArmClient {
    /// Sends a request to an URL until it is answered for good. Returns whatever the answer is;
    /// refusals that a repeat may cure only once their budget is spent.
    pub(super) async fn exchange(
        &self,
        url: &Url,
        request: &ArmRequest,
        ctx: &Context,
    ) -> Result<ArmResponse, ArmError> {
        self.admit(url)?;
        let shape = RequestShape::new(request.method(), url.path());
        let mut budget = Budget::default();
        let mut resent = false;
        let mut answered = false;
        loop {
            let turn = async {
                self.shared.throttle.wait(&shape).await;
                self.shared.under_way.acquire().await
            };
            let permit = tokio::select! {
                biased;
                () = ctx.abandon.cancelled() => return Err(stopped(request)),
                permit = turn => permit.expect("the semaphore is never closed"),
            };
            let attempt = self.attempt(url, request, ctx, &shape).await;
            drop(permit);
            let failure = match self.judge(attempt, url, request, &shape, &mut resent).await {
                Verdict::End(end) => return end.map_err(|error| error.amidst(answered)),
                Verdict::Resend => continue,
                Verdict::Failed(failure) => failure,
            };
            answered |= failure.class != RetryClass::Transient;
            let affordable = failure
                .retry_after
                .is_none_or(|wait| self.is_bearable(wait));
            let admitted = budget
                .admit(failure.class, &self.shared.limits)
                .filter(|_| affordable);
            let Some(failures) = admitted else {
                return match failure.end {
                    End::Response(response) => Ok(*response),
                    End::Error(error) => Err(error),
                };
            };
            let after = failure
                .retry_after
                .filter(|_| !mutant::is_on(Mutant::IgnoreRetryAfter))
                .unwrap_or_else(|| self.backoff(failure.class, failures));
            ctx.observer.on_event(&Event::Retrying {
                resource: ctx.resource.clone(),
                reason: failure.reason,
                after,
            });
            self.pause(after, request, ctx).await?;
        }
    }

    /// Whether ARM's wish is waited for at all.
    fn is_bearable(&self, wait: Duration) -> bool {
        wait <= self.shared.limits.retry_after_max
    }

    /// Waits before a repeat. Nothing was begun, so a run that stops ends here.
    async fn pause(
        &self,
        wait: Duration,
        request: &ArmRequest,
        ctx: &Context,
    ) -> Result<(), ArmError> {
        tokio::select! {
            biased;
            () = ctx.abandon.cancelled() => Err(stopped(request)),
            () = ctx.stop.cancelled(), if !request.is_read() => Err(stopped(request)),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }

    async fn attempt(
        &self,
        url: &Url,
        request: &ArmRequest,
        ctx: &Context,
        shape: &RequestShape,
    ) -> Attempt {
        let request_id = self.next_request_id();
        let mut sent = Request::new(url.clone(), request.method());
        sent.insert_header("accept", "application/json");
        sent.insert_header("x-ms-client-request-id", request_id.clone());
        if let Some(body) = request.json() {
            sent.insert_header("content-type", "application/json");
            sent.set_body(body.to_string());
        }
        if let Some(counter) = &self.counter {
            counter.increment();
        }
        let started = Instant::now();
        let context = azure_core::http::Context::new();
        let options = PipelineSendOptions {
            skip_checks: true,
            ..PipelineSendOptions::default()
        };
        let answer = self
            .shared
            .pipeline
            .send(&context, &mut sent, Some(options));
        let attempt = tokio::select! {
            biased;
            answer = answer => match answer {
                Ok(raw) => {
                    let (status, headers, body) = raw.deconstruct();
                    let bytes: &[u8] = &body;
                    let response = ArmResponse {
                        status: u16::from(status),
                        headers,
                        body: serde_json::from_slice(bytes).unwrap_or_default(),
                    };
                    // A page of a list is large, and nobody needs it twice.
                    let understood = response.is_success() && !response.body.is_null();
                    let raw = if understood { Vec::new() } else { bytes.to_vec() };
                    let refused_token = (response.status == 401)
                        .then(|| sent.headers().get_optional_str(&headers::AUTHORIZATION))
                        .flatten()
                        .map(|value| value.trim_start_matches("Bearer ").to_owned());
                    Attempt::Answered { response, raw, request_id, refused_token }
                }
                Err(error) => self.unanswered(error, request_id, url),
            },
            () = ctx.abandon.cancelled() => Attempt::Abandoned { request_id },
            () = tokio::time::sleep(self.shared.limits.attempt_duration_max) => Attempt::Broken {
                reason: "no answer in time".to_owned(),
                request_id,
            },
        };
        let status = match &attempt {
            Attempt::Answered { response, .. } => {
                self.shared.throttle.learn(shape, &response.headers);
                Some(response.status)
            }
            Attempt::NotSent(_)
            | Attempt::Broken { .. }
            | Attempt::Abandoned { .. }
            | Attempt::Forbidden(_) => None,
        };
        if let Some(trace) = &self.shared.trace {
            trace.on_request(&TraceRecord {
                method: method_name(request.method()),
                path: url.path().to_owned(),
                api_version: api_version_of(url).unwrap_or_default(),
                body: request.json().map(|body| request.redaction().apply(body)),
                status,
                duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            });
        }
        attempt
    }

    fn unanswered(&self, error: azure_core::Error, request_id: String, url: &Url) -> Attempt {
        let reason = innermost(&error);
        match error.kind() {
            CoreErrorKind::Connection => Attempt::NotSent(reason),
            CoreErrorKind::Credential => {
                let inner = error
                    .into_inner()
                    .ok()
                    .and_then(|inner| inner.downcast::<AuthError>().ok());
                Attempt::Forbidden(match inner.map(|inner| *inner) {
                    Some(AuthError::Credential(error)) => error.into(),
                    Some(AuthError::ForeignHost(host)) => ArmError::ForeignHost {
                        host,
                        cloud: self.shared.cloud.name().to_owned(),
                    },
                    None => ArmError::Unreachable {
                        host: host_of(url),
                        reason,
                    },
                })
            }
            CoreErrorKind::Io
            | CoreErrorKind::HttpResponse { .. }
            | CoreErrorKind::DataConversion
            | CoreErrorKind::Other => Attempt::Broken { reason, request_id },
        }
    }

    /// Decides what an attempt means.
    async fn judge(
        &self,
        attempt: Attempt,
        url: &Url,
        request: &ArmRequest,
        shape: &RequestShape,
        resent: &mut bool,
    ) -> Verdict {
        let ambiguous = |reason: String, retry_after, ids| ArmError::Ambiguous {
            request: request.to_string(),
            reason,
            answered: false,
            retry_after,
            ids: Box::new(ids),
        };
        let ids = |id: &str| request_ids(request.method(), url, None, id, self.shared.clock.now());
        match attempt {
            Attempt::Forbidden(error) => Verdict::End(Err(error)),
            Attempt::Abandoned { .. } if request.is_read() => Verdict::End(Err(stopped(request))),
            Attempt::Abandoned { request_id } => Verdict::End(Err(ambiguous(
                "the run was ended while it was under way".to_owned(),
                None,
                ids(&request_id),
            ))),
            Attempt::NotSent(reason) => Verdict::Failed(unreachable(url, reason)),
            Attempt::Broken { reason, .. } if request.is_safe_to_repeat() => {
                Verdict::Failed(unreachable(url, reason))
            }
            Attempt::Broken { reason, request_id } => {
                Verdict::End(Err(ambiguous(reason, None, ids(&request_id))))
            }
            Attempt::Answered { response, raw, .. } if response.is_success() => {
                if response.body.is_null() && !raw.is_empty() && request.is_read() {
                    return Verdict::Failed(Failure {
                        class: RetryClass::Transient,
                        reason: "the answer is not JSON".to_owned(),
                        retry_after: None,
                        end: End::Error(ArmError::Malformed {
                            request: request.to_string(),
                            reason: "it is not JSON".to_owned(),
                        }),
                    });
                }
                Verdict::End(Ok(response))
            }
            Attempt::Answered {
                mut response,
                raw,
                request_id,
                refused_token,
            } => {
                let renews = !mutant::is_on(Mutant::KeepExpiredToken);
                if let Some(token) = refused_token.filter(|_| renews) {
                    let scope = self.shared.cloud.scope();
                    self.shared.tokens.forget(scope, &token).await;
                    if !std::mem::replace(resent, true) {
                        return Verdict::Resend;
                    }
                } else {
                    // The new token was accepted: it may expire in its turn.
                    *resent = false;
                }
                let mut refusal = Refusal::parse(response.status, &raw);
                self.complete(&mut refusal, &response, request, url, &request_id);
                if !response.body.is_object() && !raw.is_empty() {
                    // Whoever reads the answer finds what the page of HTML said.
                    response.body = serde_json::json!({"error": {"code": refusal.code, "message": refusal.message}});
                }
                let class = request.retry_class(refusal.retry_class());
                if class == RetryClass::Throttled {
                    self.close_bucket(shape, &refusal);
                }
                if class == RetryClass::Transient && !request.is_safe_to_repeat() {
                    let after = refusal.retry_after.filter(|wait| self.is_bearable(*wait));
                    return Verdict::End(Err(ambiguous(refusal.to_string(), after, refusal.ids)));
                }
                Verdict::Failed(Failure {
                    class,
                    reason: refusal.to_string(),
                    retry_after: refusal.retry_after,
                    end: End::Response(Box::new(response)),
                })
            }
        }
    }

    /// The whole subscription is throttled: nobody else needs to find out by asking.
    fn close_bucket(&self, shape: &RequestShape, refusal: &Refusal) {
        let whole = ["SubscriptionRequestsThrottled", "TenantRequestsThrottled"];
        let whole = whole
            .iter()
            .any(|code| refusal.code.eq_ignore_ascii_case(code));
        if let Some(wait) = refusal.retry_after.filter(|_| whole) {
            self.shared.throttle.close(shape, wait);
        }
    }

    /// The refusal that an answer holds.
    pub(super) fn refusal(
        &self,
        response: &ArmResponse,
        request: &ArmRequest,
        url: &Url,
        request_id: &str,
    ) -> Refusal {
        let mut refusal = Refusal::of_json(response.status, &response.body);
        self.complete(&mut refusal, response, request, url, request_id);
        refusal
    }

    fn complete(
        &self,
        refusal: &mut Refusal,
        response: &ArmResponse,
        request: &ArmRequest,
        url: &Url,
        request_id: &str,
    ) {
        let now = self.shared.clock.now();
        refusal.retry_after = retry_after(&response.headers, now);
        let headers = Some(&response.headers);
        refusal.ids = request_ids(request.method(), url, headers, request_id, now);
    }
}

/// What to do after an attempt.
enum Verdict {
    End(Result<ArmResponse, ArmError>),
    Resend,
    Failed(Failure),
}

fn stopped(request: &ArmRequest) -> ArmError {
    ArmError::Stopped {
        request: request.to_string(),
    }
}

fn unreachable(url: &Url, reason: String) -> Failure {
    Failure {
        class: RetryClass::Transient,
        reason: reason.clone(),
        retry_after: None,
        end: End::Error(ArmError::Unreachable {
            host: host_of(url),
            reason,
        }),
    }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or("nowhere").to_owned()
}

/// The innermost cause: the SDK's own words around it say nothing. No URL is in it, for its query
/// may be signed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        told = source.to_string();
        cause = source.source();
    }
    match told.find("://") {
        Some(_) => "the connection broke off".to_owned(),
        None => told,
    }
}
