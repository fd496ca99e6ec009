//! The client against a scripted ARM, under a paused clock: every wait is checked to the
//! millisecond.

mod identity;
mod operations;
mod repeats;

use serde_json::json;

use super::ArmRequest;
use super::fake::{Reply, answer};

const ID: &str = "/subscriptions/s/resourceGroups/g/providers/N.X/things/t";
const OPERATION: &str = "https://management.azure.com/subscriptions/s/providers/N.X/operations/1?api-version=2&t=6%2B3&c=a+b";

fn ok() -> Reply {
    answer(200, &[], &json!({"id": ID}))
}

fn put() -> ArmRequest {
    ArmRequest::put(ID, "2025-01-01", json!({"location": "westeurope"}))
}

fn throttled(retry_after: &str) -> Reply {
    let body = json!({"error": {"code": "TooManyRequests", "message": "m"}});
    answer(429, &[("retry-after", retry_after)], &body)
}

fn times(count: usize, make: impl Fn() -> Reply) -> Vec<Reply> {
    (0..count).map(|_| make()).collect()
}
