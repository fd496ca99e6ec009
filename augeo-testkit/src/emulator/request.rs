//! The plain request and response that the world answers, whatever carried them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where Azure Resource Manager lives in the public cloud; what a path without a host refers to.
pub const PUBLIC_ENDPOINT: &str = "https://management.azure.com";

/// An HTTP method that Azure Resource Manager knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads a resource or a list.
    Get,
    /// Asks whether something exists.
    Head,
    /// Creates or replaces.
    Put,
    /// Merges.
    Patch,
    /// Runs an action.
    Post,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request of this method may change the world.
    pub fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A method that Azure Resource Manager does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Azure Resource Manager does not know the method {0}")]
pub struct UnknownMethod(pub String);

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            other => return Err(UnknownMethod(other.to_owned())),
        })
    }
}

/// One request to Azure Resource Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArmRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL, or a path with its query, which is taken at [`PUBLIC_ENDPOINT`].
    pub url: String,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
}

impl ArmRequest {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: BTreeMap::new(),
            body: Vec::new(),
        }
    }

    /// Adds a header; its name is put in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.into());
        self
    }

    /// Adds a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.header("content-type", "application/json")
    }
}

/// Whether the answer reaches the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// It does.
    #[default]
    Answered,
    /// The connection is reset before the world saw the request.
    ResetBefore,
    /// The connection is reset after the world did what was asked.
    ResetAfter,
    /// Its body breaks off in the middle.
    Truncated,
}

/// One answer of Azure Resource Manager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArmResponse {
    /// The status code.
    pub status: u16,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
    /// How long the service works before it answers: whoever carries the answer waits that long.
    pub latency: Duration,
    /// Whether the answer reaches the client.
    pub delivery: Delivery,
}

impl ArmResponse {
    /// The body as JSON; `Null` where there is none or it is something else.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The code of an ARM error, if this is one.
    pub fn error_code(&self) -> Option<String> {
        Some(self.json().get("error")?.get("code")?.as_str()?.to_owned())
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// What the world remembers of a request, for tests that bound them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// The method.
    pub method: Method,
    /// Path and query as sent.
    pub path: String,
    /// The status code of the answer; 0 where the connection was reset.
    pub status: u16,
}
