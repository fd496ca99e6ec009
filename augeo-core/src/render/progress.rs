//! Progress: one line per event where nothing can be redrawn, and what a terminal redraws.
//!
//! It knows no clock and no terminal: the caller says what time it is and where the text goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::change::{symbol, tone_of};
use super::expected::{about_text, is_critical, is_told};
use super::json::event_json;
use super::layout::Line;
use super::shown::name_text;
use super::style::{Glyphs, Style, Tone, clock_text, count, duration_text, printable};
use crate::forecast::{Expected, Forecast};
use crate::name::ResourceName;
use crate::plan::Action;
use crate::report::{Event, Outcome};

/// After how many minutes a change that still runs is mentioned; then every last of them.
const BEATS: [u64; 5] = [1, 2, 4, 8, 15];

/// One event as a line of a log, without its end; `None` for what is only of the moment.
pub fn event_line(event: &Event, now: OffsetDateTime, style: &Style) -> Option<String> {
    line(event, now, None).map(|line| line.render(style))
}

fn line(event: &Event, now: OffsetDateTime, counted: Option<(usize, usize)>) -> Option<Line> {
    let of = counted.map_or(String::new(), |(done, all)| format!(", {done} of {all}"));
    Some(match event {
        Event::Started { stack, changes } => log(now, "begin", Tone::Plain).plain(format!(
            "{}: {}",
            stack.environment(),
            count(*changes, "change")
        )),
        Event::ChangeStarted {
            resource, action, ..
        } => subject(log(now, "start", Tone::Plain), *action, resource),
        Event::Waiting { .. } => return None,
        Event::Retrying {
            resource,
            reason,
            after,
        } => {
            let about = resource.as_ref().map_or("requests".to_owned(), name_text);
            let text = format!(
                "{}, again in {}",
                printable(reason).trim_end_matches('.'),
                duration_text(*after)
            );
            log(now, "retry", Tone::Careful)
                .to(26)
                .plain(about)
                .to(54)
                .plain(text)
        }
        Event::ChangeFinished {
            resource,
            action,
            outcome,
            elapsed,
        } => {
            let (word, tone, text) = finish(outcome, *elapsed);
            subject(log(now, word, tone), *action, resource)
                .to(54)
                .plain(format!("{text}{of}"))
        }
        Event::Stopping => log(now, "stop", Tone::Careful).plain("no new change starts"),
        Event::Finished {
            elapsed,
            succeeded,
            others,
            pending,
        } => {
            let mut text = format!("{succeeded} succeeded");
            if *pending > 0 {
                let _ = write!(text, ", {pending} pending");
            }
            if *others > 0 {
                let _ = write!(text, ", {others} did not");
            }
            log(now, "end", Tone::Plain).plain(format!("{text}; {}", duration_text(*elapsed)))
        }
    })
}

fn finish(outcome: &Outcome, elapsed: Duration) -> (&'static str, Tone, String) {
    match outcome {
        Outcome::Succeeded => ("done", Tone::Good, duration_text(elapsed)),
        Outcome::Failed { error } => (
            "failed",
            Tone::Bad,
            format!(
                "error[{}], {}",
                printable(&error.code),
                duration_text(elapsed)
            ),
        ),
        Outcome::Skipped { because } => (
            "skip",
            Tone::Careful,
            format!("because {} did not succeed", name_text(because)),
        ),
        Outcome::Pending(pending) => (
            "later",
            Tone::Careful,
            format!(
                "{} is {}",
                name_text(&pending.on),
                printable(&pending.state)
            ),
        ),
        Outcome::Cancelled => ("cancel", Tone::Careful, "the run was stopped".to_owned()),
        Outcome::Unknown { error } => (
            "unknown",
            Tone::Bad,
            format!("error[{}], its end was not seen", printable(&error.code)),
        ),
    }
}

fn log(now: OffsetDateTime, word: &str, tone: Tone) -> Line {
    let now = now.to_offset(time::UtcOffset::UTC);
    let time = format!(
        "{:02}:{:02}:{:02}Z ",
        now.hour(),
        now.minute(),
        now.second()
    );
    Line::new()
        .tone(Tone::Quiet, time)
        .tone(tone, format!("{word:<7}"))
}

fn subject(line: Line, action: Action, resource: &ResourceName) -> Line {
    line.tone(tone_of(action), format!("{:<9}", verb(action)))
        .plain(name_text(resource))
}

fn verb(action: Action) -> &'static str {
    if action == Action::NoOp {
        "await"
    } else {
        action.verb()
    }
}

#[derive(Clone, Debug)]
struct Running {
    action: Action,
    since: OffsetDateTime,
    /// What the provider said last, and when.
    status: Option<(String, OffsetDateTime)>,
    /// How many times it was mentioned as still running.
    mentioned: u64,
}

/// What is known of a run while it runs, fed with its events.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    changes: usize,
    finished: usize,
    failed: usize,
    retries: usize,
    since: Option<OffsetDateTime>,
    stopping: bool,
    running: BTreeMap<ResourceName, Running>,
    ended: BTreeSet<ResourceName>,
    forecast: Option<Arc<Forecast>>,
    /// How long each change is expected to take, also where nothing takes time.
    usual: Option<Arc<Forecast>>,
}

impl Progress {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing has happened yet, and this is expected.
    pub fn expecting(forecast: Option<Arc<Forecast>>) -> Self {
        let usual = forecast.clone();
        let forecast = forecast.filter(|forecast| !forecast.p50.is_zero());
        Self {
            forecast,
            usual,
            ..Self::default()
        }
    }

    fn expected(&self, resource: &ResourceName) -> Option<&Expected> {
        let expected = self.forecast.as_ref()?.expected(resource)?;
        is_told(expected).then_some(expected)
    }

    /// How long it goes on as a rule, and what decides that.
    fn remaining(&self, now: OffsetDateTime) -> Option<(Duration, Option<ResourceName>)> {
        let forecast = self.forecast.as_ref().filter(|_| !self.stopping)?;
        let running = self.running.iter();
        let running = running.map(|(name, running)| (name, elapsed(running.since, now)));
        let left = forecast.remaining(&self.ended, running);
        (!left.time.is_zero()).then_some((left.time, left.decides))
    }

    /// Takes an event in.
    pub fn take(&mut self, event: &Event, now: OffsetDateTime) {
        match event {
            Event::Started { changes, .. } => {
                self.changes = *changes;
                self.since = Some(now);
            }
            Event::ChangeStarted {
                resource, action, ..
            } => {
                let running = Running {
                    action: *action,
                    since: now,
                    status: None,
                    mentioned: 0,
                };
                self.running.insert(resource.clone(), running);
            }
            Event::Waiting {
                resource, status, ..
            } => {
                if let Some(running) = self.running.get_mut(resource) {
                    running.status = Some((status.clone(), now));
                }
            }
            Event::Retrying { .. } => self.retries += 1,
            Event::ChangeFinished {
                resource, outcome, ..
            } => {
                self.running.remove(resource);
                self.ended.insert(resource.clone());
                self.finished += 1;
                if matches!(outcome, Outcome::Failed { .. } | Outcome::Unknown { .. }) {
                    self.failed += 1;
                }
            }
            Event::Stopping => self.stopping = true,
            Event::Finished { .. } => self.running.clear(),
        }
    }

    /// Takes an event in and answers its line for a log, with how many changes have ended.
    pub fn log_line(
        &mut self,
        event: &Event,
        now: OffsetDateTime,
        style: &Style,
    ) -> Option<String> {
        self.take(event, now);
        let line = line(event, now, Some((self.finished, self.changes)))?;
        let expected = if let Event::ChangeStarted { resource, .. } = event {
            self.expected(resource)
        } else {
            None
        };
        let line = match expected {
            None => line,
            Some(expected) => {
                let path = if is_critical(expected) {
                    ", critical path"
                } else {
                    ""
                };
                line.to(54)
                    .plain(format!("expected {}{path}", about_text(expected.p50)))
            }
        };
        Some(line.render(style))
    }

    /// Takes an event in and answers its line for programs, without its end. What a change usually
    /// takes is what is expected here, at this target's pace.
    pub fn json_line(&mut self, event: &Event, now: OffsetDateTime) -> String {
        self.take(event, now);
        let mut event = event.clone();
        if let Event::ChangeStarted {
            resource, usual, ..
        } = &mut event
            && let Some(forecast) = &self.usual
            && let Some(expected) = forecast.expected(resource)
        {
            *usual = expected.p50;
        }
        event_json(&event, now)
    }

    /// Lines for a log about what still runs: after 1, 2, 4, 8 and 15 minutes, then every 15, so
    /// that the log of a long run stays short. To be called every few seconds.
    pub fn heartbeats(&mut self, now: OffsetDateTime, style: &Style) -> Vec<String> {
        let mut lines = Vec::new();
        let forecast = self.forecast.clone();
        for (resource, running) in &mut self.running {
            let elapsed = elapsed(running.since, now);
            let due = beats(elapsed);
            if due <= running.mentioned {
                continue;
            }
            running.mentioned = due;
            let said = running
                .status
                .as_ref()
                .map_or(String::new(), |(status, _)| {
                    format!(", it says {}", printable(status))
                });
            let expected = forecast.as_ref().and_then(|it| it.expected(resource));
            let expected = expected.filter(|expected| is_told(expected));
            let of = expected.map_or(String::new(), |expected| {
                format!(
                    " of ~{}{}",
                    about_text(expected.p50),
                    late(expected, elapsed)
                )
            });
            let line = subject(log(now, "still", Tone::Quiet), running.action, resource)
                .to(54)
                .plain(format!("{}{of}", duration_text(elapsed)));
            let said = Line::new().plain(said);
            lines.push(line.fitting([said], style.columns()).render(style));
        }
        lines
    }

    /// The row that stays on a terminal when a change has ended.
    pub fn finished_row(&self, event: &Event, style: &Style) -> Option<String> {
        let Event::ChangeFinished {
            resource,
            action,
            outcome,
            elapsed,
        } = event
        else {
            return None;
        };
        let (word, tone, mut text) = finish(outcome, *elapsed);
        let expected = self.expected(resource);
        if let Some(expected) = expected.filter(|_| outcome.is_succeeded()) {
            let _ = write!(text, " (expected {})", about_text(expected.p50));
        }
        let line = Line::new()
            .to(2)
            .tone(tone, format!("{word:<7}"))
            .tone(tone_of(*action), symbol(*action))
            .plain(format!("{:<27} ", name_text(resource)))
            .tone(tone_of(*action), format!("{:<9}", verb(*action)))
            .plain(text);
        Some(line.render(style))
    }

    /// What a terminal redraws: how far it is, then at most `rows_max` of what runs, longest first.
    pub fn live(&self, now: OffsetDateTime, rows_max: usize, style: &Style) -> Vec<String> {
        let since = self.since.unwrap_or(now);
        let mut head = Line::new()
            .plain(self.bar(style))
            .to(29)
            .tone(
                Tone::Strong,
                format!("{} of {}", self.finished, self.changes),
            )
            .to(40)
            .plain(format!("{} gone", clock_text(elapsed(since, now))));
        let free = style.columns();
        let gap = || Line::new().plain("   ");
        let mut parts = Vec::new();
        if self.failed > 0 {
            parts.push(gap().tone(Tone::Bad, format!("{} failed", self.failed)));
        }
        if self.stopping {
            parts.push(gap().tone(Tone::Careful, "stopping"));
        }
        if let Some((left, decides)) = self.remaining(now) {
            parts.push(gap().plain(format!("about {} left", about_text(left))));
            if let Some(name) = decides.filter(|_| self.running.len() > 1) {
                parts.push(gap().plain(format!("{} decides", name_text(&name))));
            }
        }
        if self.retries > 0 {
            parts.push(gap().plain(count(self.retries, "retry")));
        }
        head = head.fitting(parts, free);
        let mut rows: Vec<(&ResourceName, &Running)> = self.running.iter().collect();
        rows.sort_by_key(|(name, running)| (running.since, (*name).clone()));
        let hidden = rows.len().saturating_sub(rows_max);
        let mut lines = vec![head.render(style)];
        for (name, running) in rows.into_iter().take(rows_max) {
            let said = running.status.iter().flat_map(|(status, at)| {
                let ago = duration_text(Duration::from_secs(elapsed(*at, now).as_secs()));
                let says = format!("   it says {}", printable(status));
                [says, format!(", asked {ago} ago")]
            });
            let said = said.map(|said| Line::new().tone(Tone::Quiet, said));
            let took = elapsed(running.since, now);
            let (mut of, mut marks) = (String::new(), String::new());
            if let Some(expected) = self.expected(name) {
                of = format!(" of ~{}", about_text(expected.p50));
                let late = late(expected, took);
                marks = match (late.strip_prefix(", "), is_critical(expected)) {
                    (Some(late), _) => late.to_owned(),
                    (None, true) => "CRITICAL PATH".to_owned(),
                    (None, false) => String::new(),
                };
            }
            let line = Line::new()
                .tone(tone_of(running.action), symbol(running.action))
                .plain(format!("{:<28}", name_text(name)))
                .plain(format!("{:>7}{of}", clock_text(took)));
            let line = if marks.is_empty() {
                line
            } else {
                line.to(56).tone(Tone::Careful, marks)
            };
            lines.push(line.fitting(said, free).render(style));
        }
        if hidden > 0 {
            lines.push(format!("    and {hidden} more"));
        }
        lines
    }

    fn bar(&self, style: &Style) -> String {
        const CELLS: usize = 24;
        let filled = (self.finished * CELLS)
            .checked_div(self.changes)
            .unwrap_or(0)
            .min(CELLS);
        let (full, empty) = match style.glyphs {
            Glyphs::Ascii => ("#", "-"),
            Glyphs::Unicode => ("█", "░"),
        };
        format!("[{}{}]", full.repeat(filled), empty.repeat(CELLS - filled))
    }

    /// What has begun and not ended, each with how long it has been running.
    pub fn running(
        &self,
        now: OffsetDateTime,
    ) -> impl Iterator<Item = (&ResourceName, Action, Duration)> {
        self.running
            .iter()
            .map(move |(name, running)| (name, running.action, elapsed(running.since, now)))
    }

    /// How many changes there are, and how many of them have ended.
    pub fn counts(&self) -> (usize, usize) {
        (self.changes, self.finished)
    }
}

/// What is said of a change that takes longer than nearly all.
fn late(expected: &Expected, elapsed: Duration) -> String {
    if elapsed > expected.p95 {
        format!(", LATE, p95 is {}", about_text(expected.p95))
    } else {
        String::new()
    }
}

fn elapsed(since: OffsetDateTime, now: OffsetDateTime) -> Duration {
    Duration::try_from(now - since).unwrap_or_default()
}

/// How many mentions are due after this time.
fn beats(elapsed: Duration) -> u64 {
    let minutes = elapsed.as_secs() / 60;
    let early = BEATS.iter().filter(|beat| **beat <= minutes).count();
    let last = BEATS[BEATS.len() - 1];
    u64::try_from(early).unwrap_or(u64::MAX) + (minutes / last).saturating_sub(1)
}
