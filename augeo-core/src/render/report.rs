//! The end of a run: what succeeded, what did not and why, and what running again would do.

use std::fmt::Write as _;

use super::Heading;
use super::error::{root, some_of};
use super::expected::{about_text, is_told, scored_text};
use super::json::outcome_word;
use super::layout::{Line, closing_lines, hanging, write_lines};
use super::pending::pending_block;
use super::shown::name_text;
use super::style::{Style, Tone, count, duration_text, printable};
use crate::forecast::Forecast;
use crate::name::ResourceName;
use crate::report::{Outcome, Report};

const LABEL: usize = 2;
const NAME: usize = 13;

/// A report for people; errors are shown before it, by `failures_text`.
pub fn report_text(report: &Report, heading: &Heading, style: &Style) -> String {
    let mut out = String::new();
    let head = Line::new()
        .tone(Tone::Strong, report.stack.environment())
        .plain(": ")
        .plain(totals(report));
    let forecast = heading.forecast.as_deref();
    let scored = forecast.and_then(|forecast| scored_text(forecast, report.elapsed));
    let scored = scored.map_or(String::new(), |scored| format!(", {scored}"));
    let took = format!("{}{scored}", duration_text(report.elapsed));
    let elapsed = Line::new().tone(Tone::Quiet, took);
    write_lines(&mut out, &head.last(52, LABEL, &elapsed, style), style);
    let widest = report
        .outcomes
        .iter()
        .map(|(name, ..)| name.as_str().len())
        .max();
    let column = NAME + widest.unwrap_or(0).clamp(18, 34) + 2;
    write_lines(&mut out, &failed(report, column, style), style);
    write_lines(&mut out, &skipped(report, column, style), style);
    write_lines(&mut out, &slowest(report, forecast, column), style);
    let waiting = report.pending.iter().map(|(name, pending)| (name, pending));
    let waiting = pending_block(waiting, style);
    write_lines(&mut out, &waiting, style);
    if !waiting.is_empty() {
        out.push('\n');
        let again = "Nothing failed: once the outside world is ready, running it again goes on.";
        write_lines(&mut out, [&Line::new().plain(again)], style);
    }
    if let Err(incomplete) = report.ok() {
        let left =
            incomplete.failed + incomplete.skipped + incomplete.cancelled + incomplete.unknown;
        let again = format!(
            "Nothing needs undoing: running it again does the {} left.",
            count(left, "change")
        );
        write_lines(&mut out, [&Line::new().plain(again)], style);
    }
    write_lines(&mut out, &closing_lines(heading), style);
    out
}

fn totals(report: &Report) -> String {
    let words = ["succeeded", "failed", "unknown", "skipped", "cancelled"];
    let ended = words.into_iter().map(|word| {
        let outcomes = report.outcomes.iter();
        let number = outcomes.filter(|(.., outcome)| outcome_word(outcome) == word);
        (number.count(), word)
    });
    let parts: Vec<String> = ended
        .chain([(report.pending.len(), "pending")])
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    if parts.is_empty() {
        "nothing to do".to_owned()
    } else {
        parts.join(", ")
    }
}

fn row(word: &str, tone: Tone, name: &str, column: usize, text: &str, style: &Style) -> Vec<Line> {
    let label = Line::new()
        .to(LABEL)
        .tone(tone, word)
        .to(NAME)
        .tone(Tone::Strong, name);
    hanging(label, column, Tone::Plain, text, style)
}

fn failed(report: &Report, column: usize, style: &Style) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, _, outcome) in &report.outcomes {
        let text = match outcome {
            Outcome::Failed { error } => format!("error[{}], shown above", printable(&error.code)),
            Outcome::Unknown { error } => format!(
                "error[{}]: its end was not seen, the next run looks",
                printable(&error.code)
            ),
            Outcome::Succeeded
            | Outcome::Skipped { .. }
            | Outcome::Pending(_)
            | Outcome::Cancelled => continue,
        };
        let word = outcome_word(outcome);
        lines.extend(row(word, Tone::Bad, &name_text(name), column, &text, style));
    }
    lines
}

/// What was not begun: one row for all that one change held back.
fn skipped(report: &Report, column: usize, style: &Style) -> Vec<Line> {
    let mut causes: Vec<(ResourceName, Vec<ResourceName>)> = Vec::new();
    let mut cancelled = Vec::new();
    for (name, _, outcome) in &report.outcomes {
        match outcome {
            Outcome::Skipped { .. } => {
                let cause = root(report, name);
                match causes.iter_mut().find(|(known, _)| *known == cause) {
                    Some((_, names)) => names.push(name.clone()),
                    None => causes.push((cause, vec![name.clone()])),
                }
            }
            Outcome::Cancelled => cancelled.push(name.clone()),
            Outcome::Succeeded
            | Outcome::Failed { .. }
            | Outcome::Pending(_)
            | Outcome::Unknown { .. } => {}
        }
    }
    let mut lines = Vec::new();
    let tone = Tone::Careful;
    for (cause, names) in causes {
        let what = match report.outcome(cause.as_str()) {
            Some(Outcome::Failed { .. }) => "failed",
            Some(Outcome::Unknown { .. }) => "has an unknown end",
            Some(Outcome::Cancelled) => "was not begun",
            Some(Outcome::Succeeded | Outcome::Skipped { .. } | Outcome::Pending(_)) | None => {
                "did not succeed"
            }
        };
        let because = format!("because {} {what}", name_text(&cause));
        lines.extend(several("skipped", tone, &names, column, &because, style));
    }
    if !cancelled.is_empty() {
        let because = "because the run was stopped";
        lines.extend(several(
            "cancelled",
            tone,
            &cancelled,
            column,
            because,
            style,
        ));
    }
    lines
}

fn several(
    word: &str,
    tone: Tone,
    names: &[ResourceName],
    column: usize,
    because: &str,
    style: &Style,
) -> Vec<Line> {
    if let [name] = names {
        return row(word, tone, &name_text(name), column, because, style);
    }
    let changes = count(names.len(), "change");
    let text = format!("{because}: {}", some_of(names));
    row(word, tone, &changes, column, &text, style)
}

/// The change that took longest, if it took a part of the time that matters.
fn slowest(report: &Report, forecast: Option<&Forecast>, column: usize) -> Vec<Line> {
    let slowest = report
        .elapsed_by_resource
        .iter()
        .max_by(|one, other| one.1.cmp(other.1).then(other.0.cmp(one.0)));
    let Some((name, elapsed)) = slowest.filter(|_| report.elapsed_by_resource.len() > 1) else {
        return Vec::new();
    };
    let whole = report.elapsed.as_millis();
    let share = (elapsed.as_millis() * 100).checked_div(whole).unwrap_or(0);
    if elapsed.as_secs() == 0 {
        return Vec::new();
    }
    let mut text = format!("{}, {share} % of the time", duration_text(*elapsed));
    let expected = forecast.and_then(|forecast| forecast.expected(name));
    if let Some(expected) = expected.filter(|expected| is_told(expected)) {
        let _ = write!(text, ", expected {}", about_text(expected.p50));
    }
    let label = Line::new()
        .to(LABEL)
        .plain("slowest")
        .to(NAME)
        .tone(Tone::Strong, name_text(name));
    vec![label.to(column).plain(text)]
}
