//! One request as its caller describes it, and the answer.

use std::fmt;

use augeo_core::mutant::{self, Mutant};
use augeo_core::provider::RequestIds;
use azure_core::http::Method;
use azure_core::http::headers::{HeaderName, Headers};
use serde_json::Value as Json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::error::{ArmError, RetryClass};
use crate::operation::OperationKind;
use crate::trace::Redaction;

/// What a caller knows to be so new that ARM may not know it everywhere yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// What the resource lives in was made a moment ago.
    NewParent,
    /// The access that it needs was granted a moment ago.
    NewGrant,
    /// One of the caller's that says the same, or its lock, may be about to go.
    Leaving,
}

/// Whether a request may be sent again when its outcome was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repeat {
    Safe,
    LookFirst,
    /// A look at an operation: a refusal by the operation is its end, and no reason to look again.
    OutagesOnly,
}

/// One request. Reads, and whatever is marked [`ArmRequest::safe_to_repeat`], are repeated when
/// their outcome was not seen; any other returns [`ArmError::Ambiguous`] then.
#[derive(Clone)]
pub struct ArmRequest {
    method: Method,
    path: String,
    api_version: String,
    query: Vec<(String, String)>,
    body: Option<Json>,
    repeat: Repeat,
    lags: Vec<Lag>,
    redaction: Redaction,
}

impl ArmRequest {
    fn new(method: Method, path: impl fmt::Display, api_version: &str) -> Self {
        Self {
            method,
            path: path.to_string(),
            api_version: api_version.to_owned(),
            query: Vec::new(),
            body: None,
            repeat: if matches!(method, Method::Get | Method::Head) {
                Repeat::Safe
            } else {
                Repeat::LookFirst
            },
            lags: Vec::new(),
            redaction: Redaction::default(),
        }
    }

    /// Reads. `path` is an [`ArmId`](crate::arm_id::ArmId) or a path that begins with `/`.
    pub fn get(path: impl fmt::Display, api_version: &str) -> Self {
        Self::new(Method::Get, path, api_version)
    }

    /// Looks at an operation.
    pub(super) fn look(path: &str) -> Self {
        Self {
            repeat: Repeat::OutagesOnly,
            ..Self::get(path, "")
        }
    }

    /// Creates or replaces.
    pub fn put(path: impl fmt::Display, api_version: &str, body: Json) -> Self {
        Self::new(Method::Put, path, api_version).body(body)
    }

    /// Changes some properties.
    pub fn patch(path: impl fmt::Display, api_version: &str, body: Json) -> Self {
        Self::new(Method::Patch, path, api_version).body(body)
    }

    /// Runs an action, such as `…/listKeys`.
    pub fn post(path: impl fmt::Display, api_version: &str, body: Option<Json>) -> Self {
        let request = Self::new(Method::Post, path, api_version);
        match body {
            Some(body) => request.body(body),
            None => request,
        }
    }

    /// Deletes.
    pub fn delete(path: impl fmt::Display, api_version: &str) -> Self {
        Self::new(Method::Delete, path, api_version)
    }

    fn body(mut self, body: Json) -> Self {
        self.body = Some(body);
        self
    }

    /// Adds to the query.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sending it twice does no harm: actions that only read, and writes of the same whole body.
    #[must_use]
    pub fn safe_to_repeat(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    /// Refusals that such a lag explains are waited out.
    #[must_use]
    pub fn expecting(mut self, lag: Lag) -> Self {
        self.lags.push(lag);
        self
    }

    /// No lag is expected any more.
    #[must_use]
    pub(crate) fn expecting_nothing(mut self) -> Self {
        self.lags.clear();
        self
    }

    /// With another value of a key at the top of its body.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: Json) -> Self {
        if let Some(Json::Object(body)) = &mut self.body {
            body.insert(key.to_owned(), value);
        }
        self
    }

    /// What in its body no trace may show.
    #[must_use]
    pub fn redact(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The api-version.
    pub fn api_version(&self) -> &str {
        &self.api_version
    }

    /// How the operation that it begins ends.
    pub fn operation_kind(&self) -> OperationKind {
        if self.method == Method::Post {
            OperationKind::Action
        } else if self.method == Method::Delete {
            OperationKind::Delete
        } else {
            OperationKind::Write
        }
    }

    pub(super) fn is_safe_to_repeat(&self) -> bool {
        self.repeat != Repeat::LookFirst
    }

    pub(super) fn is_read(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head)
    }

    /// The class of a refusal, as far as this request's caller expects it.
    pub(super) fn retry_class(&self, class: RetryClass) -> RetryClass {
        let curable = match class {
            RetryClass::NewParent => self.lags.contains(&Lag::NewParent),
            RetryClass::NewGrant => self.lags.contains(&Lag::NewGrant),
            RetryClass::Leaving => self.lags.contains(&Lag::Leaving),
            RetryClass::Busy if mutant::is_on(Mutant::GiveUpOnBusy) => false,
            RetryClass::Busy | RetryClass::Settling => self.repeat != Repeat::OutagesOnly,
            RetryClass::Never | RetryClass::Throttled | RetryClass::Transient => true,
        };
        if curable { class } else { RetryClass::Never }
    }

    pub(crate) fn json(&self) -> Option<&Json> {
        self.body.as_ref()
    }

    pub(super) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// Where it is sent. The path is taken literally: nothing in it may change the URL's meaning.
    pub(super) fn url(&self, endpoint: &Url) -> Result<Url, ArmError> {
        let literal = self.path.starts_with('/')
            && !self.path.contains(['?', '#', '%', '\\'])
            && !self
                .path
                .split('/')
                .any(|segment| matches!(segment, "." | ".."));
        if !literal {
            return Err(ArmError::Options(
                "a request's path must begin with `/` and hold no query, escape or dot segment",
            ));
        }
        let mut url = endpoint.clone();
        url.set_path(&self.path);
        let encode = |text: &str| {
            byte_serialize(text.as_bytes())
                .collect::<String>()
                .replace('+', "%20")
        };
        let query = std::iter::once(("api-version", self.api_version.as_str()))
            .chain(
                self.query
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            )
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect::<Vec<_>>()
            .join("&");
        url.set_query(Some(&query));
        Ok(url)
    }
}

impl fmt::Debug for ArmRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}, version {}", self.api_version)
    }
}

/// Shows method and path, as errors name a request.
impl fmt::Display for ArmRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", method_name(self.method), self.path)
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct ArmResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body; null if there is none, or if it is not JSON.
    pub body: Json,
}

impl ArmResponse {
    /// Whether the status is one of success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// How to find a request in Azure's records.
pub(super) fn request_ids(
    method: Method,
    url: &Url,
    headers: Option<&Headers>,
    client_id: &str,
    now: OffsetDateTime,
) -> RequestIds {
    let header = |name| {
        headers
            .and_then(|headers| headers.get_optional_str(&HeaderName::from_static(name)))
            .map(str::to_owned)
    };
    RequestIds {
        correlation: header("x-ms-correlation-request-id"),
        request: header("x-ms-request-id").or_else(|| Some(client_id.to_owned())),
        request_line: Some(match api_version_of(url) {
            Some(version) => format!("{}, version {version}", method_name(method)),
            None => method_name(method).to_owned(),
        }),
        time: now.format(&Rfc3339).ok(),
    }
}

/// The api-version in an URL's query.
pub(super) fn api_version_of(url: &Url) -> Option<String> {
    url.query_pairs()
        .find(|(name, _)| name.eq_ignore_ascii_case("api-version"))
        .map(|(_, value)| value.into_owned())
}

/// A method in capitals.
pub(super) fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Put => "PUT",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(request: &ArmRequest) -> String {
        let endpoint = Url::parse("https://management.azure.com").unwrap();
        request
            .url(&endpoint)
            .map_or_else(|error| error.to_string(), |url| url.to_string())
    }

    #[test]
    fn urls_are_literal() {
        assert_eq!(
            url(&ArmRequest::get("/subscriptions/s/resources", "2025-04-01")
                .query("$filter", "tagName eq 'a b' and x eq '+&='")),
            "https://management.azure.com/subscriptions/s/resources?api-version=2025-04-01\
             &%24filter=tagName%20eq%20%27a%20b%27%20and%20x%20eq%20%27%2B%26%3D%27"
        );
        for path in [
            "relative",
            "/a?x=1",
            "/a#b",
            "/a/../b",
            "/a/%2e%2e/b",
            "/a\\b",
        ] {
            assert!(
                url(&ArmRequest::get(path, "1")).starts_with("a request's path"),
                "{path}"
            );
        }
    }

    #[test]
    fn lags_are_waited_out_only_where_they_are_expected() {
        let request = ArmRequest::get("/a", "1").expecting(Lag::NewParent);
        assert_eq!(
            request.retry_class(RetryClass::NewParent),
            RetryClass::NewParent
        );
        assert_eq!(request.retry_class(RetryClass::NewGrant), RetryClass::Never);
        assert_eq!(request.retry_class(RetryClass::Busy), RetryClass::Busy);
    }
}
