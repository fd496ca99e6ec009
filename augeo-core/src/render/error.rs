//! Refusals of a provider, placed in the stack, and chains of causes; each said once.

use std::error::Error;
use std::fmt::Write as _;

use super::Sources;
use super::finding::{arrow_line, bar_line, gutter, help_line, place_lines};
use super::layout::{Line, hanging, write_lines};
use super::shown::names;
use super::style::{Style, Tone, count, printable};
use crate::finding::SourceLocation;
use crate::name::ResourceName;
use crate::plan::{Action, Plan};
use crate::provider::{ErrorKind, ProviderError};
use crate::report::{Outcome, Report};

/// What an error is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorPlace {
    /// The resource.
    pub resource: Option<ResourceName>,
    /// What was being done to it.
    pub action: Option<Action>,
    /// Where it was written.
    pub location: Option<SourceLocation>,
    /// Other resources that were refused in the same words.
    pub also: Vec<ResourceName>,
    /// The changes that did not begin because of it.
    pub held_back: Vec<ResourceName>,
    /// How many other changes were done in spite of it.
    pub went_on: usize,
}

/// One refusal.
pub fn error_text(
    error: &ProviderError,
    place: &ErrorPlace,
    sources: Sources<'_>,
    style: &Style,
) -> String {
    let code = printable(&error.code);
    let head = Line::new()
        .tone(Tone::Bad, format!("error[{code}]"))
        .plain(":");
    let message = message_lines(error).next().unwrap_or_default();
    let mut lines = hanging(head, 0, Tone::Strong, &printable(message), style);
    let about = about(place);
    match &place.location {
        Some(location) => lines.extend(place_lines(location, &about, sources)),
        None if about.is_empty() => {}
        None => lines.push(arrow_line(None).plain(about)),
    }
    let notes = notes(error, place);
    if !notes.is_empty() && place.location.is_some() {
        lines.push(bar_line(place.location.as_ref()));
    }
    let gutter = gutter(place.location.as_ref());
    for (label, text) in notes {
        let label = Line::new().tone(Tone::Quiet, format!("{} = {label}", " ".repeat(gutter)));
        lines.extend(hanging(label, gutter + 16, Tone::Plain, &text, style));
    }
    lines.extend(id_lines(error, gutter));
    if !error.help.is_empty() {
        lines.push(Line::new());
        lines.extend(error.help.iter().take(2).map(|help| help_line(help)));
    }
    let mut out = String::new();
    write_lines(&mut out, &lines, style);
    out
}

/// A message is a sentence; what follows on lines of its own says why.
fn message_lines(error: &ProviderError) -> impl Iterator<Item = &str> {
    let lines = error.message.lines();
    lines.filter(|line| !line.trim().is_empty())
}

fn about(place: &ErrorPlace) -> String {
    let mut parts = Vec::new();
    parts.extend(place.resource.as_ref().map(ToString::to_string));
    parts.extend(place.action.map(|action| action.verb().to_owned()));
    parts.join(", ")
}

fn notes(error: &ProviderError, place: &ErrorPlace) -> Vec<(&'static str, String)> {
    let mut notes: Vec<(&'static str, String)> = Vec::new();
    let reasons = message_lines(error).skip(1);
    notes.extend(reasons.map(|reason| ("because:", printable(reason))));
    let kind = kind_text(&error.kind);
    notes.push((
        "answer:",
        match error.status {
            Some(status) => format!("{status}, {kind}"),
            None => kind,
        },
    ));
    if !place.also.is_empty() {
        notes.push(("also:", some_of(&place.also)));
    }
    if !place.held_back.is_empty() {
        let held = count(place.held_back.len(), "change");
        let needs = if place.held_back.len() == 1 {
            "needs"
        } else {
            "need"
        };
        let mut text = format!("{held} that {needs} it: {}", some_of(&place.held_back));
        if place.went_on > 0 {
            let _ = write!(text, "; {} went on", count(place.went_on, "other"));
        }
        notes.push(("held back:", text));
    }
    notes
}

/// The first few names, and how many more there are.
pub(super) fn some_of(resources: &[ResourceName]) -> String {
    const NAMED_MAX: usize = 6;
    let hidden = resources.len().saturating_sub(NAMED_MAX);
    let listed = names(resources.iter().take(NAMED_MAX));
    if hidden == 0 {
        listed
    } else {
        format!("{listed} and {hidden} more")
    }
}

fn kind_text(kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => "it is not there".to_owned(),
        ErrorKind::Conflict => "it conflicts with what there is or goes on".to_owned(),
        ErrorKind::Moved => "it changed since it was read".to_owned(),
        ErrorKind::NotOurs => "it exists and is not this stack's".to_owned(),
        ErrorKind::Throttled { retry_after } => match retry_after {
            Some(after) => format!(
                "too many requests, more in {}",
                super::style::duration_text(*after)
            ),
            None => "too many requests".to_owned(),
        },
        ErrorKind::Denied => "you may not do it".to_owned(),
        ErrorKind::Unauthenticated => "you are not signed in".to_owned(),
        ErrorKind::Invalid { property } => match property {
            Some(property) => format!("the request is wrong in {}", printable(property)),
            None => "the request is wrong".to_owned(),
        },
        ErrorKind::OperationFailed => "it was accepted and then failed".to_owned(),
        ErrorKind::Transient => "out of reach or out of order; later may help".to_owned(),
        ErrorKind::OutcomeUnknown => "it was sent and its end was not seen".to_owned(),
        ErrorKind::Stopped => "nothing was done, the run was stopped".to_owned(),
    }
}

fn id_lines(error: &ProviderError, gutter: usize) -> Vec<Line> {
    let ids = &error.ids;
    let first = [("correlation", &ids.correlation, &ids.time)];
    let second = [("request", &ids.request, &ids.request_line)];
    let mut lines = Vec::new();
    for (name, id, beside) in first.into_iter().chain(second) {
        if id.is_none() && beside.is_none() {
            continue;
        }
        let label = if lines.is_empty() {
            format!("{} = ids:", " ".repeat(gutter))
        } else {
            String::new()
        };
        let mut text = format!("{name:<12}{}", printable(id.as_deref().unwrap_or("-")));
        if let Some(beside) = beside {
            let _ = write!(text, "   {}", printable(beside));
        }
        lines.push(
            Line::new()
                .tone(Tone::Quiet, label)
                .to(gutter + 16)
                .tone(Tone::Quiet, text),
        );
    }
    lines
}

/// Every failure of a report, once per cause, with what each held back; empty without any.
pub fn failures_text(plan: &Plan, report: &Report, sources: Sources<'_>, style: &Style) -> String {
    let mut causes: Vec<(&ProviderError, ErrorPlace)> = Vec::new();
    let went_on = report
        .outcomes
        .iter()
        .filter(|(.., outcome)| outcome.is_succeeded())
        .count();
    for (name, action, outcome) in &report.outcomes {
        let (Outcome::Failed { error } | Outcome::Unknown { error }) = outcome else {
            continue;
        };
        let held_back = held_back(report, name);
        let same = causes
            .iter_mut()
            .find(|(known, _)| (&known.code, &known.message) == (&error.code, &error.message));
        if let Some((_, place)) = same {
            place.also.push(name.clone());
            place.held_back.extend(held_back);
            continue;
        }
        let change = plan.change(name.as_str());
        let place = ErrorPlace {
            resource: Some(name.clone()),
            action: Some(*action),
            location: change.and_then(|change| location(change, error)),
            also: Vec::new(),
            held_back,
            went_on,
        };
        causes.push((error, place));
    }
    let texts: Vec<String> = causes
        .iter()
        .map(|(error, place)| error_text(error, place, sources, style))
        .collect();
    texts.join("\n")
}

/// Where the property that is wrong was written, if that is known, or else the resource.
fn location(change: &crate::plan::Change, error: &ProviderError) -> Option<SourceLocation> {
    if let ErrorKind::Invalid {
        property: Some(property),
    } = &error.kind
    {
        let written = change
            .differences
            .iter()
            .find(|difference| difference.path.to_string().eq_ignore_ascii_case(property))
            .and_then(|difference| difference.source.clone());
        if written.is_some() {
            return written;
        }
    }
    change.location.clone()
}

/// What was skipped because of a change, directly or through others that were skipped.
fn held_back(report: &Report, cause: &ResourceName) -> Vec<ResourceName> {
    report
        .outcomes
        .iter()
        .filter(|(name, _, outcome)| outcome.is_skipped() && root(report, name) == *cause)
        .map(|(name, ..)| name.clone())
        .collect()
}

/// The change that a skipped one waits for in the end.
pub(super) fn root(report: &Report, name: &ResourceName) -> ResourceName {
    let mut current = name.clone();
    for _ in 0..report.outcomes.len() {
        match report.outcome(current.as_str()) {
            Some(Outcome::Skipped { because }) => current = because.clone(),
            Some(
                Outcome::Succeeded
                | Outcome::Failed { .. }
                | Outcome::Pending(_)
                | Outcome::Cancelled
                | Outcome::Unknown { .. },
            )
            | None => break,
        }
    }
    current
}

/// An error and its causes, one line each; what was said already is not said again.
pub fn chain_text(error: &(dyn Error + 'static), style: &Style) -> String {
    let mut out = String::new();
    let mut said: Vec<String> = Vec::new();
    let mut current = Some(error);
    while let Some(error) = current {
        let text = printable(&error.to_string());
        if !text.is_empty() && !said.iter().any(|known| known.contains(&text)) {
            let label = if said.is_empty() {
                Line::new().tone(Tone::Bad, "error:")
            } else {
                Line::new().tone(Tone::Quiet, "  because:")
            };
            write_lines(
                &mut out,
                &hanging(label, 0, Tone::Plain, &text, style),
                style,
            );
            said.push(text);
        }
        current = error.source();
    }
    out
}
