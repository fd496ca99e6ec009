//! What people and their tools read: plans, drift, progress, reports, errors as text, Markdown, JSON.
//!
//! Everything here is a pure function of a value and a [`Style`]; what the terminal can do is found
//! out elsewhere. Colour never says anything alone. A secret is printed as `(secret)`, whatever
//! stands beside it, and nothing that came from outside can move the cursor.

mod change;
mod destroy;
mod difference;
mod drift;
mod error;
mod expected;
mod finding;
pub mod graph;
mod hunk;
mod json;
mod layout;
mod markdown;
mod pending;
mod plan;
mod progress;
mod report;
mod shown;
mod style;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::forecast::Forecast;

pub use destroy::{Destroy, destroy_text, is_protected_only, protection_text};
pub use drift::{drift_json, drift_text, has_drift};
pub use error::{ErrorPlace, chain_text, error_text, failures_text};
pub use expected::about_text;
pub use finding::{finding_text, findings_text};
pub use json::{EVENTS_HEADER, event_json, plan_json, report_json};
pub use markdown::plan_markdown;
pub use plan::plan_text;
pub use progress::{Progress, event_line};
pub use report::report_text;
pub use style::{Glyphs, Style, duration_text, printable, shell_word};

/// What only the caller of a rendering knows: where it goes to, how long that is expected to take,
/// and how to go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heading {
    /// What the target is, most important first: the account, the place.
    pub target: Vec<String>,
    /// The configuration, as it was named.
    pub config: Option<String>,
    /// Further lines of the summary: a label such as `Saved`, and its text.
    pub notes: Vec<(String, String)>,
    /// How long it is expected to take.
    pub forecast: Option<Arc<Forecast>>,
    /// The command to go on with.
    pub next: Option<String>,
}

/// Finds the text of a file, so that an error can show the line that it is about.
pub type Sources<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Finds no text.
pub fn no_sources(_: &str) -> Option<String> {
    None
}
