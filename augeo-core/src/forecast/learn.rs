//! What real runs took, to be kept by the caller: one JSON object a line.
//!
//! A line holds no name, no id and no property: type, work, seconds, day and place. Whoever keeps
//! the lines chooses where; this only writes and reads them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::Date;

use super::model::{DurationModel, Work, works};
use crate::name::TypeName;
use crate::plan::{Change, Plan};
use crate::report::{Outcome, Report};

/// How long one change really took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// The type of the resource.
    #[serde(rename = "type")]
    pub ty: TypeName,
    /// What was done.
    pub action: Work,
    /// How long it took.
    pub seconds: f64,
    /// On which day.
    #[serde(with = "day")]
    pub date: Date,
    /// Where, in the provider's word for the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Which of the type's figures it is about, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// A line that cannot be read: a torn end, or something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which line, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// A place, if the word is one: whatever else stands there is not kept.
fn place(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
    let fits = !text.is_empty() && text.len() <= 40 && text.chars().all(plain);
    fits.then(|| text.to_owned())
}

/// What a run teaches: each change that succeeded and was one kind of work, with how long it took.
///
/// Only runs on the real provider teach anything; that is for the caller to know. `location` finds
/// the place of a change's resource.
pub fn observations(
    plan: &Plan,
    report: &Report,
    model: &DurationModel,
    date: Date,
    location: impl Fn(&Change) -> Option<String>,
) -> Vec<Observation> {
    let learnt = report.outcomes.iter().filter_map(|(name, _, outcome)| {
        let change = plan.change(name.as_str())?;
        let took = *report.elapsed_by_resource.get(name)?;
        let [work] = works(change.action) else {
            return None;
        };
        let simple = !change.awaits && change.goes_with.is_none();
        let counts = matches!(outcome, Outcome::Succeeded) && simple && took > Duration::ZERO;
        counts.then(|| Observation {
            ty: change.ty.name.clone(),
            action: *work,
            seconds: super::distribution::rounded(took).as_secs_f64(),
            date,
            location: location(change).as_deref().and_then(place),
            variant: model.figure(change, *work).variant(),
        })
    });
    learnt.collect()
}

/// Observations as lines, each with its end.
pub fn to_lines(observations: &[Observation]) -> String {
    let mut lines = String::new();
    for observation in observations {
        // Plain data always serialises; a line less is no reason to end a program.
        if let Ok(line) = serde_json::to_string(observation) {
            lines.push_str(&line);
            lines.push('\n');
        }
    }
    lines
}

/// Reads lines back. What cannot be read is left out and told: a killed program tears the last.
pub fn from_lines(text: &str) -> (Vec<Observation>, Vec<Unreadable>) {
    let mut read = Vec::new();
    let mut unreadable = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let judged = serde_json::from_str::<Observation>(line).map_err(|error| error.to_string());
        let judged = judged.and_then(|observation| {
            let sound = observation.seconds.is_finite() && observation.seconds >= 0.0;
            let why = || "it took a negative time".to_owned();
            if sound { Ok(observation) } else { Err(why()) }
        });
        match judged {
            Ok(observation) => read.push(observation),
            Err(reason) => unreadable.push(Unreadable {
                line: at + 1,
                reason,
            }),
        }
    }
    (read, unreadable)
}
