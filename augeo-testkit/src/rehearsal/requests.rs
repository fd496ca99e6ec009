//! How many requests a rehearsal took, against what ARM lets through.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::emulator::{ArmRequest, ArmResponse, Method, requests_at_once};

/// The requests of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kind {
    /// How many there were.
    pub sent: u64,
    /// How many ARM lets through at once.
    pub limit: u64,
    /// How many it would still have let through, at the worst moment.
    pub left_min: u64,
}

/// How many requests there were, and how near to ARM's limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    /// What looks.
    pub reads: Kind,
    /// What creates, changes and acts.
    pub writes: Kind,
    /// What deletes.
    pub deletes: Kind,
    /// How many were refused because there were too many.
    pub throttled: u64,
}

impl Default for Requests {
    fn default() -> Self {
        let kind = |method: Method| {
            let limit = requests_at_once(method);
            Kind {
                sent: 0,
                limit,
                left_min: limit,
            }
        };
        Self {
            reads: kind(Method::Get),
            writes: kind(Method::Put),
            deletes: kind(Method::Delete),
            throttled: 0,
        }
    }
}

/// Counts from within a transport.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter(Arc<Mutex<Requests>>);

impl Counter {
    pub(super) fn count(&self, request: &ArmRequest, response: &ArmResponse) {
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.throttled += u64::from(response.status == 429);
        let (kind, word) = match request.method {
            Method::Get | Method::Head => (&mut requests.reads, "reads"),
            Method::Put | Method::Patch | Method::Post => (&mut requests.writes, "writes"),
            Method::Delete => (&mut requests.deletes, "deletes"),
        };
        kind.sent += 1;
        let header = format!("x-ms-ratelimit-remaining-subscription-{word}");
        let left = response.headers.get(&header);
        if let Some(left) = left.and_then(|left| left.parse().ok()) {
            kind.left_min = kind.left_min.min(left);
        }
    }

    /// Sets what was counted.
    pub(super) fn put(&self, requests: Requests) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = requests;
    }

    pub(super) fn take(&self) -> Requests {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
