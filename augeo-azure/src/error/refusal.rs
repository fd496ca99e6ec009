//! A refusal as ARM words it: whatever shape its body has.

use std::fmt;
use std::time::Duration;

use augeo_core::provider::{ErrorKind, RequestIds};
use serde_json::Value as Json;

use super::facts::{self, RetryClass, error_fact};

/// How deep errors inside errors are followed.
const DEPTH_MAX: usize = 8;

/// No message is longer; the rest of a page of HTML helps nobody.
const MESSAGE_LENGTH_MAX: usize = 2_000;

/// No code and no target is longer.
const CODE_LENGTH_MAX: usize = 200;

/// What ARM answered when it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status; of an operation that failed, the status that said so.
    pub status: u16,
    /// The most telling code of the body, or the status as text.
    pub code: String,
    /// What went with the code.
    pub message: String,
    /// The property that is wrong, if the body says so.
    pub target: Option<String>,
    /// When to ask again, if the answer says so.
    pub retry_after: Option<Duration>,
    /// How to find the request.
    pub ids: RequestIds,
}

/// One error of the chain from the outermost to the innermost.
struct Level {
    code: String,
    message: String,
    target: Option<String>,
}

impl Refusal {
    /// Reads the body of a refusal; any body will do.
    pub fn parse(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        match serde_json::from_str::<Json>(text) {
            Ok(json) => Self::of_json(status, &json),
            Err(_) if text.is_empty() => Self::plain(status, ""),
            Err(_) => {
                let mut message = page_text(text);
                truncate(&mut message, MESSAGE_LENGTH_MAX);
                Self::plain(status, &message)
            }
        }
    }

    /// Reads a body, or the `error` of an operation's status.
    pub fn of_json(status: u16, json: &Json) -> Self {
        let mut levels = Vec::new();
        collect(json, &mut levels, 0);
        // The innermost code that is known; a generic one around it says less. Without a known
        // one, the innermost.
        let chosen = levels
            .iter()
            .rposition(|level| error_fact(&level.code).is_some())
            .or_else(|| levels.iter().rposition(|level| !level.code.is_empty()))
            .or_else(|| levels.len().checked_sub(1));
        let Some(chosen) = chosen else {
            return Self::plain(status, "");
        };
        let mut message = std::iter::once(chosen)
            .chain((0..levels.len()).rev())
            .map(|index| levels[index].message.clone())
            .find(|message| !message.is_empty())
            .unwrap_or_else(|| reason(status).to_owned());
        let mut target = levels
            .iter()
            .skip(chosen)
            .rev()
            .find_map(|level| level.target.clone());
        let mut code = std::mem::take(&mut levels[chosen].code);
        truncate(&mut message, MESSAGE_LENGTH_MAX);
        truncate(&mut code, CODE_LENGTH_MAX);
        if let Some(target) = &mut target {
            truncate(target, CODE_LENGTH_MAX);
        }
        Self {
            code: if code.is_empty() {
                status.to_string()
            } else {
                code
            },
            message,
            target,
            ..Self::plain(status, "")
        }
    }

    /// A refusal of our own making, in ARM's form.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            target: None,
            retry_after: None,
            ids: RequestIds::default(),
        }
    }

    fn plain(status: u16, message: &str) -> Self {
        let message = if message.is_empty() {
            reason(status)
        } else {
            message
        };
        Self::new(status, &status.to_string(), message)
    }

    /// What a caller can do about it: by code, else by status.
    pub fn kind(&self) -> ErrorKind {
        let kind = match error_fact(&self.code) {
            Some(fact) => fact.kind.clone(),
            None => facts::by_status(self.status).0,
        };
        match kind {
            ErrorKind::Throttled { .. } => ErrorKind::Throttled {
                retry_after: self.retry_after,
            },
            ErrorKind::Invalid { .. } => ErrorKind::Invalid {
                property: self.target.clone(),
            },
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Moved
            | ErrorKind::NotOurs
            | ErrorKind::Denied
            | ErrorKind::Unauthenticated
            | ErrorKind::OperationFailed
            | ErrorKind::Transient
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Stopped => kind,
        }
    }

    /// Whether a repeat helps: by code, else by what the message admits, else by status.
    pub fn retry_class(&self) -> RetryClass {
        if let Some(fact) = error_fact(&self.code) {
            return fact.retry;
        }
        let message = self.message.to_ascii_lowercase();
        let busy = [
            "another operation",
            "operation is in progress",
            "operation in progress",
        ];
        if matches!(self.status, 409 | 429) && busy.iter().any(|words| message.contains(words)) {
            return RetryClass::Busy;
        }
        facts::by_status(self.status).1
    }

    /// What to do next, if the code is known.
    pub fn help(&self) -> Vec<String> {
        let quoted = self.message.split('\'').nth(1).unwrap_or("NAMESPACE");
        error_fact(&self.code).map_or_else(Vec::new, |fact| {
            fact.help
                .iter()
                .map(|text| text.replace("{quoted}", quoted))
                .collect()
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Walks from the outermost error to the innermost, first details first.
fn collect(json: &Json, levels: &mut Vec<Level>, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    match json {
        Json::Object(_) => {}
        Json::Array(items) => {
            if let Some(first) = items.first() {
                collect(first, levels, depth + 1);
            }
            return;
        }
        Json::String(text) => {
            levels.push(Level {
                code: String::new(),
                message: text.clone(),
                target: None,
            });
            return;
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => return,
    }
    let text = |key: &str| {
        field(json, key)
            .and_then(Json::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    if let Some(error) = field(json, "error") {
        if let Some(code) = error.as_str() {
            levels.push(Level {
                code: code.to_owned(),
                message: text("error_description"),
                target: None,
            });
        } else if error.is_object() {
            collect(error, levels, depth + 1);
        }
        if !levels.is_empty() {
            return;
        }
    }
    let message = text("message");
    // A provider behind a provider: its whole answer is the message.
    let nested = message
        .starts_with('{')
        .then(|| serde_json::from_str::<Json>(&message).ok())
        .flatten();
    let level = Level {
        code: text("code"),
        message: if nested.is_some() {
            String::new()
        } else {
            message
        },
        target: Some(text("target")).filter(|target| !target.is_empty()),
    };
    if !level.code.is_empty() || !level.message.is_empty() {
        levels.push(level);
    }
    if let Some(nested) = nested {
        collect(&nested, levels, depth + 1);
    }
    for key in ["details", "innererror"] {
        if let Some(inner) = field(json, key).filter(|inner| inner.is_object() || inner.is_array())
        {
            collect(inner, levels, depth + 1);
        }
    }
}

fn field<'a>(json: &'a Json, key: &str) -> Option<&'a Json> {
    let object = json.as_object()?;
    object.get(key).or_else(|| {
        object
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(key))
            .map(|(_, value)| value)
    })
}

/// What a page of HTML says: its title, else its text.
fn page_text(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|start| {
        let start = start + "<title>".len();
        let end = lower.get(start..)?.find("</title>")? + start;
        text.get(start..end)
    });
    let source = title.unwrap_or(text);
    let mut plain = String::new();
    let mut inside = false;
    for c in source.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                plain.push(' ');
            }
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn truncate(text: &mut String, length_max: usize) {
    if let Some((end, _)) = text.char_indices().nth(length_max) {
        text.truncate(end);
        text.push('…');
    }
}

/// What a status says where the body says nothing.
fn reason(status: u16) -> &'static str {
    match status {
        400 => "the request is wrong",
        401 => "the token was not accepted",
        403 => "this is not allowed",
        404 => "it does not exist",
        408 => "the request took too long",
        409 => "it conflicts with what is there",
        412 => "it changed since it was read",
        429 => "too many requests",
        500..=599 => "Azure is out of order",
        _ => "it was refused without a reason",
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
