//! Operations begun, followed to their end and waited for, without ever losing track of them
//! silently.

use std::time::Duration;

use augeo_core::mutant::{self, Mutant};
use augeo_core::provider::Context;
use augeo_core::report::Event;
use serde_json::Value as Json;
use tokio::time::Instant;
use url::Url;

use super::request::request_ids;
use super::{ArmClient, ArmRequest, ArmResponse};
use crate::error::{ArmError, RetryClass};
use crate::operation::{Answer, Operation, Step};

/// A request that ARM accepted; its operation may still run.
#[derive(Clone, Debug)]
#[must_use = "the operation goes on in Azure: finish it"]
pub struct Begun {
    operation: Operation,
    step: Step,
    request: String,
    url: Url,
    ids: augeo_core::provider::RequestIds,
    is_new: bool,
}

impl Begun {
    /// Whether it ended with its first answer.
    pub fn is_finished(&self) -> bool {
        !matches!(self.step, Step::Poll { .. })
    }

    /// Whether the first answer said that nothing was there before: `201`.
    pub fn is_new(&self) -> bool {
        self.is_new
    }
}

impl ArmClient {
    /// Sends a request that begins an operation, without waiting for its end.
    ///
    /// # Errors
    /// When ARM refuses or cannot be reached, or the outcome is unknown.
    pub async fn begin(&self, request: &ArmRequest, ctx: &Context) -> Result<Begun, ArmError> {
        let url = request.url(self.shared.cloud.endpoint())?;
        let response = self.exchange(&url, request, ctx).await?;
        let response = self.expect_success(response, request, &url)?;
        let now = self.shared.clock.now();
        // The query of the request may hold more than the resource's address.
        let resource = ArmRequest::get(request.path(), request.api_version());
        let (operation, step) = Operation::start(
            request.operation_kind(),
            resource.url(self.shared.cloud.endpoint())?,
            &self.shared.cloud,
            self.shared.limits.poll,
            answer_of(&response),
            now,
        );
        Ok(Begun {
            operation,
            step,
            request: request.to_string(),
            ids: request_ids(request.method(), &url, Some(&response.headers), "", now),
            url,
            is_new: response.status == 201,
        })
    }

    /// Waits until a begun operation ends; returns the resource, or the action's result.
    ///
    /// # Errors
    /// [`ArmError::OperationFailed`] when it failed, [`ArmError::OutcomeUnknown`] when the wait
    /// was abandoned, took too long, or its state can no longer be read.
    pub async fn finish(&self, mut begun: Begun, ctx: &Context) -> Result<Option<Json>, ArmError> {
        let limits = &self.shared.limits;
        let started = Instant::now();
        let mut looks = 0;
        loop {
            let step = std::mem::replace(&mut begun.step, Step::Done(None));
            let (url, mut after) = match step {
                Step::Done(body) => return Ok(body),
                Step::Failed(_) if mutant::is_on(Mutant::TrustFailedOperation) => return Ok(None),
                Step::Poll { .. } if mutant::is_on(Mutant::ReportEarly) => return Ok(None),
                Step::Failed(mut refusal) => {
                    refusal.ids = begun.ids;
                    return Err(ArmError::OperationFailed(refusal));
                }
                Step::Lost(reason) => return Err(begun.unknown(reason)),
                Step::Poll { url, after, status } => {
                    tell_waiting(&status, after, ctx);
                    (url, after)
                }
            };
            if mutant::is_on(Mutant::PollImpatiently) {
                after = after.min(Duration::from_secs(1));
            }
            let is_bounded = !mutant::is_on(Mutant::WaitForEver);
            if looks == limits.polls_max && is_bounded {
                return Err(begun.unknown(format!("it did not end within {looks} looks")));
            }
            looks += 1;
            let end = started + limits.operation_duration_max;
            if Instant::now() + after > end && is_bounded {
                return Err(begun.unknown(format!(
                    "it did not end within {} minutes",
                    limits.operation_duration_max.as_secs() / 60
                )));
            }
            tokio::select! {
                biased;
                () = ctx.abandon.cancelled() => {
                    return Err(begun.unknown("the run was ended while it was waited for"));
                }
                () = tokio::time::sleep(after) => {}
            }
            let look = ArmRequest::look(url.path());
            let response = match self.exchange(&url, &look, ctx).await {
                Ok(response) => response,
                Err(error) => return Err(begun.unknown(error.to_string())),
            };
            let worn = self.refusal(&response, &look, &url, "").retry_class();
            if !response.is_success() && is_outage(worn) {
                return Err(begun.unknown(format!(
                    "{} answers {}",
                    self.shared.cloud.name(),
                    response.status
                )));
            }
            begun.step = begun
                .operation
                .advance(answer_of(&response), self.shared.clock.now());
        }
    }

    /// Sends a request and waits until what it begins ends.
    ///
    /// # Errors
    /// As [`ArmClient::begin`] and [`ArmClient::finish`].
    pub async fn run_operation(
        &self,
        request: &ArmRequest,
        ctx: &Context,
    ) -> Result<Option<Json>, ArmError> {
        let begun = self.begin(request, ctx).await?;
        self.finish(begun, ctx).await
    }

    /// Waits before an ambiguous request may be sent again, as long as ARM asked and at least as
    /// long as after so many outages in a row.
    pub(crate) async fn bide(&self, error: &ArmError, failures: u32, ctx: &Context) {
        let backoff = self.backoff(RetryClass::Transient, failures);
        let wait = error.retry_after().unwrap_or_default().max(backoff);
        tokio::select! {
            biased;
            () = ctx.abandon.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    /// Waits until no operation runs on a resource, whoever began it; then returns it, or nothing
    /// if it is gone. A resource whose last operation failed is returned too.
    ///
    /// # Errors
    /// When it cannot be read, or the wait was abandoned.
    pub async fn wait_until_settled(
        &self,
        path: impl std::fmt::Display + Send,
        api_version: &str,
        ctx: &Context,
    ) -> Result<Option<Json>, ArmError> {
        let request = ArmRequest::get(path, api_version);
        let started = Instant::now();
        let limits = &self.shared.limits;
        for _ in 0..limits.polls_max {
            let response = match self.send(&request, ctx).await {
                Ok(response) => response,
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) => return Err(error),
            };
            let url = request.url(self.shared.cloud.endpoint())?;
            let (_, step) = Operation::watching(
                url,
                &self.shared.cloud,
                limits.poll,
                answer_of(&response),
                self.shared.clock.now(),
            );
            let Step::Poll { after, status, .. } = step else {
                return Ok(Some(response.body));
            };
            if started.elapsed() + after > limits.operation_duration_max {
                break;
            }
            tell_waiting(&status, after, ctx);
            tokio::select! {
                biased;
                () = ctx.abandon.cancelled() => {
                    return Err(ArmError::Stopped { request: request.to_string() });
                }
                () = tokio::time::sleep(after) => {}
            }
        }
        Err(ArmError::LimitReached {
            request: request.to_string(),
            limit: format!("{} minutes", limits.operation_duration_max.as_secs() / 60),
        })
    }
}

impl Begun {
    fn unknown(&self, reason: impl Into<String>) -> ArmError {
        ArmError::OutcomeUnknown {
            request: self.request.clone(),
            reason: reason.into(),
            ids: Box::new(self.ids.clone()),
        }
    }

    /// Where the request was sent.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// Whether an answer says nothing about the operation, only about ARM's own state.
fn is_outage(class: RetryClass) -> bool {
    use crate::error::RetryClass;
    matches!(class, RetryClass::Throttled | RetryClass::Transient)
}

fn answer_of(response: &ArmResponse) -> Answer<'_> {
    Answer {
        status: response.status,
        headers: &response.headers,
        body: &response.body,
    }
}

fn tell_waiting(status: &str, next: Duration, ctx: &Context) {
    if let Some(resource) = &ctx.resource {
        ctx.observer.on_event(&Event::Waiting {
            resource: resource.clone(),
            status: status.to_owned(),
            next,
        });
    }
}
