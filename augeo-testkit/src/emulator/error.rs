//! Errors as Azure Resource Manager words them.

use serde_json::{Value, json};

/// An answer that refuses, in ARM's envelope.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ArmError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) target: Option<String>,
    pub(crate) details: Vec<(String, String)>,
    /// Seconds, already divided by the time scale.
    pub(crate) retry_after: Option<u64>,
    /// The emulator lacks this; it is recorded apart so that a test can ask for it.
    pub(crate) unsupported: bool,
}

impl ArmError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            target: None,
            details: Vec::new(),
            retry_after: None,
            unsupported: false,
        }
    }

    pub(crate) fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::new(404, code, message)
    }

    pub(crate) fn conflict(code: &str, message: impl Into<String>) -> Self {
        Self::new(409, code, message)
    }

    pub(crate) fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(405, "MethodNotAllowed", message)
    }

    pub(crate) fn unsupported(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            unsupported: true,
            ..Self::new(status, code, message)
        }
    }

    pub(crate) fn at(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The envelope.
    pub(crate) fn body(&self) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if let Some(target) = &self.target {
            error["target"] = json!(target);
        }
        if !self.details.is_empty() {
            error["details"] = self.details.iter().map(|(target, message)| json!({"code": self.code, "target": target, "message": message})).collect();
        }
        json!({ "error": error })
    }
}
