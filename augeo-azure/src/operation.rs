//! ARM's long-running operations as a pure state machine: an answer in, the next request or the
//! end out. It sends nothing, reads no clock and follows no link outside its cloud.

use std::time::Duration;

use augeo_core::mutant::{self, Mutant};
use azure_core::http::headers::{HeaderName, Headers};
use serde_json::Value as Json;
use time::OffsetDateTime;
use url::Url;

use crate::cloud::Cloud;
use crate::error::Refusal;

const ASYNC_OPERATION: HeaderName = HeaderName::from_static("azure-asyncoperation");
const LOCATION: HeaderName = HeaderName::from_static("location");

/// What kind of request began the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// PUT or PATCH: it ends with the resource.
    Write,
    /// POST: it ends with whatever the action returns.
    Action,
    /// DELETE: it ends with nothing.
    Delete,
}

/// An answer of ARM.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: &'a Headers,
    /// Its body; null if it has none.
    pub body: &'a Json,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Wait, then GET this URL as it is and [`Operation::advance`] with the answer.
    Poll {
        /// Where to look.
        url: Url,
        /// How long to wait first.
        after: Duration,
        /// What ARM calls what is going on.
        status: String,
    },
    /// It succeeded; with the resource or the action's result, if there is one.
    Done(Option<Json>),
    /// It failed.
    Failed(Box<Refusal>),
    /// It can no longer be followed; how it ends is unknown.
    Lost(String),
}

/// How long to wait, and how often to look for what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollLimits {
    /// The wait between looks where ARM does not say.
    pub delay: Duration,
    /// How often in a row an operation or a resource may be missing before that is believed.
    pub missing_max: u32,
}

impl Default for PollLimits {
    fn default() -> Self {
        Self {
            delay: Duration::from_secs(10),
            missing_max: 5,
        }
    }
}

/// Where the state of the operation is read.
#[derive(Clone, Debug, PartialEq)]
enum Watch {
    /// A status document.
    Status(Url),
    /// An URL that answers 202 until the end.
    Location(Url),
    /// The resource itself.
    Resource,
    /// The result of an action whose status document says that it succeeded.
    Result(Url),
}

/// An operation that was accepted.
#[derive(Clone, Debug)]
pub struct Operation {
    kind: OperationKind,
    cloud: Cloud,
    /// The resource, with its api-version.
    resource: Url,
    result: Option<Url>,
    watch: Watch,
    /// Whether a status document or a location already said that it succeeded.
    succeeded: bool,
    missing: u32,
    limits: PollLimits,
}

/// A word that ARM uses for a state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Succeeded,
    Failed,
    Running,
}

impl Operation {
    /// Begins with the answer to the request itself, which must be a success (2xx).
    ///
    /// `resource` is the URL of the resource with its api-version; of an action, the URL that it
    /// was posted to.
    pub fn start(
        kind: OperationKind,
        resource: Url,
        cloud: &Cloud,
        limits: PollLimits,
        answer: Answer<'_>,
        now: OffsetDateTime,
    ) -> (Self, Step) {
        let mut operation = Self {
            kind,
            cloud: cloud.clone(),
            resource,
            result: None,
            watch: Watch::Resource,
            succeeded: false,
            missing: 0,
            limits,
        };
        let step = operation.begin(answer, now).unwrap_or_else(Step::Lost);
        (operation, step)
    }

    /// Waits out whatever operation runs on a resource, beginning with a read of it.
    pub fn watching(
        resource: Url,
        cloud: &Cloud,
        limits: PollLimits,
        answer: Answer<'_>,
        now: OffsetDateTime,
    ) -> (Self, Step) {
        let mut operation = Self {
            kind: OperationKind::Write,
            cloud: cloud.clone(),
            resource,
            result: None,
            watch: Watch::Resource,
            succeeded: true,
            missing: 0,
            limits,
        };
        let step = operation.advance(answer, now);
        (operation, step)
    }

    /// Goes on with the answer to the last [`Step::Poll`], whatever its status.
    pub fn advance(&mut self, answer: Answer<'_>, now: OffsetDateTime) -> Step {
        match self.watch.clone() {
            Watch::Status(_) => self.on_status(answer, now),
            Watch::Location(_) => self.on_location(answer, now),
            Watch::Resource => self.on_resource(answer, now),
            Watch::Result(_) if answer.status == 202 => self.poll(answer, now, "Succeeded"),
            Watch::Result(_) if is_success(answer.status) => Step::Done(present(answer.body)),
            Watch::Result(_) => Step::Lost(unreadable(answer)),
        }
    }

    fn begin(&mut self, answer: Answer<'_>, now: OffsetDateTime) -> Result<Step, String> {
        let status_url = self.link(answer.headers, &ASYNC_OPERATION)?;
        let location = self.link(answer.headers, &LOCATION)?;
        let state = state_of(answer.body);
        if let Some(url) = status_url {
            self.result = location;
            self.watch = Watch::Status(url);
            return Ok(self.poll(answer, now, state.unwrap_or("Accepted")));
        }
        // With 200 and 201, a Location may be no more than the resource's own address.
        let followed = answer.status == 202 || (answer.status == 201 && state.is_none());
        if let Some(url) = location.filter(|_| followed) {
            self.watch = Watch::Location(url);
            return Ok(self.poll(answer, now, state.unwrap_or("Accepted")));
        }
        Ok(match self.kind {
            OperationKind::Action => Step::Done(present(answer.body)),
            OperationKind::Delete if answer.status == 202 => {
                self.poll(answer, now, state.unwrap_or("Deleting"))
            }
            OperationKind::Delete => Step::Done(None),
            OperationKind::Write if answer.body.is_null() => self.poll(answer, now, "Accepted"),
            OperationKind::Write => self.on_resource(answer, now),
        })
    }

    fn on_status(&mut self, answer: Answer<'_>, now: OffsetDateTime) -> Step {
        if matches!(answer.status, 404 | 410) {
            return self.on_missing(answer, now);
        }
        self.missing = 0;
        if !is_success(answer.status) {
            // The status could not be read; the operation itself may well go on.
            return self.lost_or_resource(answer);
        }
        let word = answer
            .body
            .get("status")
            .and_then(Json::as_str)
            .or_else(|| state_of(answer.body));
        let Some(word) = word else {
            return match answer.status {
                202 => self.poll(answer, now, "InProgress"),
                204 => self.on_success(answer, now),
                _ => self.lost_or_resource(answer),
            };
        };
        match progress(word) {
            Progress::Succeeded => self.on_success(answer, now),
            Progress::Failed => failed(answer, word),
            Progress::Running => self.poll(answer, now, word),
        }
    }

    fn on_location(&mut self, answer: Answer<'_>, now: OffsetDateTime) -> Step {
        match answer.status {
            202 => {
                // A location may move, and may start to tell of a status document.
                match (
                    self.link(answer.headers, &ASYNC_OPERATION),
                    self.link(answer.headers, &LOCATION),
                ) {
                    (Ok(Some(url)), location) => {
                        self.result = location.ok().flatten();
                        self.watch = Watch::Status(url);
                    }
                    (Ok(None), Ok(Some(url))) => self.watch = Watch::Location(url),
                    (Ok(None), Ok(None)) => {}
                    (Err(reason), _) | (_, Err(reason)) => return Step::Lost(reason),
                }
                self.missing = 0;
                let word = state_of(answer.body).unwrap_or("InProgress");
                self.poll(answer, now, word)
            }
            404 | 410 if self.kind == OperationKind::Delete => self.lost_or_resource(answer),
            404 | 410 => self.on_missing(answer, now),
            status if is_success(status) => self.on_success(answer, now),
            401 | 403 => self.lost_or_resource(answer),
            // A location has no other way to say that the operation failed.
            _ => failed(answer, "Failed"),
        }
    }

    fn on_success(&mut self, answer: Answer<'_>, now: OffsetDateTime) -> Step {
        self.succeeded = true;
        self.missing = 0;
        match self.kind {
            OperationKind::Delete => Step::Done(None),
            OperationKind::Write => {
                let is_resource = matches!(self.watch, Watch::Location(_))
                    && answer.body.get("id").is_some_and(|id| self.is_own_id(id));
                self.watch = Watch::Resource;
                if is_resource {
                    return self.on_resource(answer, now);
                }
                self.read_now(&self.resource.clone())
            }
            OperationKind::Action => match (&self.watch, self.result.take()) {
                (Watch::Status(_), Some(url)) => {
                    self.watch = Watch::Result(url.clone());
                    self.read_now(&url)
                }
                (Watch::Status(_), None) => {
                    Step::Done(answer.body.get("properties").and_then(present))
                }
                _ => Step::Done(present(answer.body)),
            },
        }
    }

    fn on_resource(&mut self, answer: Answer<'_>, now: OffsetDateTime) -> Step {
        let missing = matches!(answer.status, 404 | 410);
        if self.kind == OperationKind::Delete {
            return match answer.status {
                204 | 404 | 410 => Step::Done(None),
                status if is_success(status) => match state_of(answer.body) {
                    Some(word) if progress(word) == Progress::Failed => failed(answer, word),
                    word => self.poll(answer, now, word.unwrap_or("Deleting")),
                },
                _ => Step::Lost(unreadable(answer)),
            };
        }
        if missing {
            // Reads lag behind writes: it was accepted, so it will appear.
            self.missing += 1;
            if self.missing <= self.limits.missing_max {
                return self.poll(answer, now, "Accepted");
            }
            return Step::Failed(Box::new(Refusal::new(
                answer.status,
                "ResourceNotFound",
                "the request was accepted, and the resource is not there",
            )));
        }
        if !is_success(answer.status) {
            return Step::Lost(unreadable(answer));
        }
        self.missing = 0;
        match state_of(answer.body) {
            None => Step::Done(present(answer.body)),
            Some(word) => match progress(word) {
                Progress::Succeeded => Step::Done(present(answer.body)),
                Progress::Failed => failed(answer, word),
                Progress::Running => self.poll(answer, now, word),
            },
        }
    }

    /// The status of the operation is not there, or not any more.
    fn on_missing(&mut self, answer: Answer<'_>, now: OffsetDateTime) -> Step {
        self.missing += 1;
        if self.missing <= self.limits.missing_max {
            return self.poll(answer, now, "InProgress");
        }
        self.lost_or_resource(answer)
    }

    /// The status cannot be had: the resource knows how it went. Of an action, nobody does.
    fn lost_or_resource(&mut self, answer: Answer<'_>) -> Step {
        if mutant::is_on(Mutant::TrustLostOperation) {
            return Step::Done(None);
        }
        if self.kind == OperationKind::Action {
            return Step::Lost(unreadable(answer));
        }
        self.missing = 0;
        self.watch = Watch::Resource;
        self.read_now(&self.resource.clone())
    }

    fn read_now(&self, url: &Url) -> Step {
        Step::Poll {
            url: url.clone(),
            after: Duration::ZERO,
            status: if self.succeeded {
                "Succeeded"
            } else {
                "InProgress"
            }
            .to_owned(),
        }
    }

    fn poll(&self, answer: Answer<'_>, now: OffsetDateTime, status: &str) -> Step {
        let url = match &self.watch {
            Watch::Status(url) | Watch::Location(url) | Watch::Result(url) => url,
            Watch::Resource => &self.resource,
        };
        Step::Poll {
            url: url.clone(),
            after: retry_after(answer.headers, now).unwrap_or(self.limits.delay),
            status: status.to_owned(),
        }
    }

    /// A link of the answer, as it is; relative ones are taken from the resource's host.
    fn link(&self, headers: &Headers, name: &HeaderName) -> Result<Option<Url>, String> {
        let Some(text) = headers
            .get_optional_str(name)
            .map(str::trim)
            .filter(|t| !t.is_empty())
        else {
            return Ok(None);
        };
        let url = self
            .resource
            .join(text)
            .map_err(|error| format!("the link in `{}` is no URL: {error}", name.as_str()))?;
        if self.cloud.admits(&url) {
            Ok(Some(url))
        } else {
            Err(format!(
                "the link in `{}` leads to {}, which is no host of {}",
                name.as_str(),
                url.host_str().unwrap_or("nowhere"),
                self.cloud.name()
            ))
        }
    }

    fn is_own_id(&self, id: &Json) -> bool {
        id.as_str()
            .is_some_and(|id| id.eq_ignore_ascii_case(self.resource.path()))
    }
}

/// No answer asks for a longer wait: such a wait is never borne, and the sum of any time and it
/// stays a time.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// When to ask again: milliseconds, seconds, or a date; at most [`RETRY_AFTER_MAX`].
pub fn retry_after(headers: &Headers, now: OffsetDateTime) -> Option<Duration> {
    asked_wait(headers, now).map(|wait| wait.min(RETRY_AFTER_MAX))
}

fn asked_wait(headers: &Headers, now: OffsetDateTime) -> Option<Duration> {
    let text = |name| {
        headers
            .get_optional_str(&HeaderName::from_static(name))
            .map(str::trim)
    };
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        if let Some(millis) = text(name).and_then(|text| text.parse().ok()) {
            return Some(Duration::from_millis(millis));
        }
    }
    let text = text("retry-after")?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = azure_core::time::parse_rfc7231(text).ok()?;
    Some(Duration::try_from(date - now).unwrap_or_default())
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn present(body: &Json) -> Option<Json> {
    (!body.is_null()).then(|| body.clone())
}

fn state_of(body: &Json) -> Option<&str> {
    let state = |value: &'_ Json| {
        value
            .get("provisioningState")
            .and_then(Json::as_str)
            .is_some()
    };
    let holder = body
        .get("properties")
        .filter(|p| state(p))
        .or(Some(body).filter(|b| state(b)))?;
    holder
        .get("provisioningState")
        .and_then(Json::as_str)
        .filter(|word| !word.is_empty())
}

/// Any state that is not an end is a state of work.
fn progress(word: &str) -> Progress {
    match word.to_ascii_lowercase().as_str() {
        "succeeded" => Progress::Succeeded,
        "canceled" if mutant::is_on(Mutant::TrustCancelledOperation) => Progress::Succeeded,
        "failed" | "canceled" | "cancelled" => Progress::Failed,
        _ => Progress::Running,
    }
}

fn failed(answer: Answer<'_>, word: &str) -> Step {
    let mut refusal = Refusal::of_json(answer.status, answer.body);
    let told =
        answer.body.get("error").is_some_and(Json::is_object) || answer.body.get("code").is_some();
    if !told {
        let error = answer
            .body
            .get("properties")
            .and_then(|properties| properties.get("error"));
        refusal = match error.filter(|error| error.is_object()) {
            Some(error) => Refusal::of_json(answer.status, error),
            None => Refusal::new(
                answer.status,
                if word.eq_ignore_ascii_case("failed") {
                    "OperationFailed"
                } else {
                    "OperationCanceled"
                },
                format!("the operation ended as {word}, without a reason"),
            ),
        };
    }
    Step::Failed(Box::new(refusal))
}

fn unreadable(answer: Answer<'_>) -> String {
    let refusal = Refusal::of_json(answer.status, answer.body);
    format!("its state cannot be read ({}: {refusal})", answer.status)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
