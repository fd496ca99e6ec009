//! What can happen to one request on its way: by class, with the answer that the client gets.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::emulator::{ArmResponse, Interruption, Method};

/// A class of faults that meet single requests. None of them alone may ever be seen by a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultClass {
    /// The connection is refused.
    Refused,
    /// It is reset after the world did what was asked.
    ResetAfterCommit,
    /// The answer's body breaks off.
    TruncatedBody,
    /// A minute of silence, then a reset; the world saw nothing.
    StallBefore,
    /// The same, and the world did what was asked.
    StallAfter,
    /// 429 with the time to wait.
    Throttled,
    /// 429 without it.
    ThrottledSilently,
    /// 408.
    RequestTimeout,
    /// 500, and nothing was done.
    InternalBefore,
    /// 500, although it was done.
    InternalAfter,
    /// 502 as a page of HTML, and nothing was done.
    GatewayPageBefore,
    /// The same, although it was done.
    GatewayPageAfter,
    /// 503 with the time to wait.
    Unavailable,
    /// 504, although it was done.
    GatewayTimeoutAfter,
    /// 409: another operation is in progress.
    AnotherOperation,
    /// 409: the group's or account's services are at work.
    ConflictingWork,
    /// 429 as a lock that is held for a while, told in the body alone.
    LockHeld,
    /// 401: the token expired, in the middle of a poll or anywhere.
    ExpiredToken,
}

/// When in the life of a request a fault meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The world has not seen it.
    Before,
    /// The world has done what was asked.
    After,
}

impl FaultClass {
    /// Every class.
    pub const ALL: [Self; 18] = [
        Self::Refused,
        Self::ResetAfterCommit,
        Self::TruncatedBody,
        Self::StallBefore,
        Self::StallAfter,
        Self::Throttled,
        Self::ThrottledSilently,
        Self::RequestTimeout,
        Self::InternalBefore,
        Self::InternalAfter,
        Self::GatewayPageBefore,
        Self::GatewayPageAfter,
        Self::Unavailable,
        Self::GatewayTimeoutAfter,
        Self::AnotherOperation,
        Self::ConflictingWork,
        Self::LockHeld,
        Self::ExpiredToken,
    ];

    /// When it meets a request.
    pub fn when(self) -> When {
        match self {
            Self::ResetAfterCommit
            | Self::TruncatedBody
            | Self::StallAfter
            | Self::InternalAfter
            | Self::GatewayPageAfter
            | Self::GatewayTimeoutAfter => When::After,
            Self::Refused
            | Self::StallBefore
            | Self::Throttled
            | Self::ThrottledSilently
            | Self::RequestTimeout
            | Self::InternalBefore
            | Self::GatewayPageBefore
            | Self::Unavailable
            | Self::AnotherOperation
            | Self::ConflictingWork
            | Self::LockHeld
            | Self::ExpiredToken => When::Before,
        }
    }

    /// Whether ARM could do this to such a request at all.
    pub fn can_meet(self, method: Method) -> bool {
        let of_writes = matches!(
            self,
            Self::AnotherOperation | Self::ConflictingWork | Self::LockHeld
        );
        !of_writes || method.is_write()
    }

    /// Whether the service is well and asks for patience: that takes as long as it takes.
    pub fn is_polite(self) -> bool {
        matches!(
            self,
            Self::Throttled
                | Self::ThrottledSilently
                | Self::AnotherOperation
                | Self::ConflictingWork
                | Self::LockHeld
        )
    }

    /// How often in a row one request may meet it, so that it stays what it is meant to be: a
    /// disturbance that passes.
    pub fn row_max(self) -> usize {
        if self == Self::ExpiredToken {
            1
        } else if matches!(self, Self::StallBefore | Self::StallAfter) {
            2
        } else {
            3
        }
    }

    /// What the client meets; `retry_after` is drawn by the caller.
    pub fn interruption(self, retry_after: u64) -> Interruption {
        const STALL: Duration = Duration::from_secs(60);
        match self {
            Self::Refused | Self::ResetAfterCommit => Interruption::Reset,
            Self::TruncatedBody => Interruption::Truncate,
            Self::StallBefore | Self::StallAfter => Interruption::Stall(STALL),
            Self::Throttled => told(
                429,
                "TooManyRequests",
                "Too many requests.",
                Some(retry_after),
            ),
            Self::ThrottledSilently => told(429, "TooManyRequests", "Too many requests.", None),
            Self::RequestTimeout => told(408, "RequestTimeout", "The request timed out.", None),
            Self::InternalBefore | Self::InternalAfter => {
                told(500, "InternalServerError", "An error occurred.", None)
            }
            Self::GatewayPageBefore | Self::GatewayPageAfter => page(),
            Self::Unavailable => told(
                503,
                "ServiceUnavailable",
                "The service is unavailable.",
                Some(retry_after),
            ),
            Self::GatewayTimeoutAfter => told(
                504,
                "GatewayTimeout",
                "The gateway did not receive a response within the specified time period.",
                None,
            ),
            Self::AnotherOperation => told(
                409,
                "AnotherOperationInProgress",
                "Another operation on this or a dependent resource is in progress.",
                None,
            ),
            Self::ConflictingWork => told(
                409,
                "StorageAccountOperationInProgress",
                "An operation is currently performing that requires exclusive access.",
                None,
            ),
            Self::LockHeld => told(
                429,
                "RetryableError",
                "A retryable error occurred: the lock is held by another request.",
                None,
            ),
            Self::ExpiredToken => told(
                401,
                "ExpiredAuthenticationToken",
                "The access token expiry UTC time is earlier than current UTC time.",
                None,
            ),
        }
    }
}

impl std::fmt::Display for FaultClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = serde_json::to_value(self).ok();
        let word = word.as_ref().and_then(|word| word.as_str());
        f.write_str(word.unwrap_or("a fault"))
    }
}

fn told(status: u16, code: &str, message: &str, retry_after: Option<u64>) -> Interruption {
    let body = serde_json::json!({ "error": { "code": code, "message": message } });
    let mut headers = BTreeMap::from([(
        "content-type".to_owned(),
        "application/json; charset=utf-8".to_owned(),
    )]);
    if let Some(seconds) = retry_after {
        headers.insert("retry-after".to_owned(), seconds.to_string());
    }
    Interruption::Answer(ArmResponse {
        status,
        headers,
        body: body.to_string().into_bytes(),
        ..ArmResponse::default()
    })
}

fn page() -> Interruption {
    Interruption::Answer(ArmResponse {
        status: 502,
        headers: BTreeMap::from([("content-type".to_owned(), "text/html".to_owned())]),
        body: b"<html><head><title>502 Bad Gateway</title></head></html>".to_vec(),
        ..ArmResponse::default()
    })
}
