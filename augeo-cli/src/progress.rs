//! Progress on stderr: rows that are redrawn on a terminal, lines of a log anywhere else.
//!
//! What the rows and lines say is core's rendering; this decides when they appear.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use augeo_core::clock::{Clock, SystemClock};
use augeo_core::forecast::Forecast;
use augeo_core::render::{Progress, Style, duration_text, event_json, event_line};
use augeo_core::report::{Event, Observer};
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// How often the rows are redrawn at most; also the beat of the heartbeats.
pub(crate) const BEAT: Duration = Duration::from_millis(250);

/// At most this many rows of what runs are shown.
const ROWS_MAX: usize = 12;

/// Shows the events of a run.
#[derive(Debug)]
pub(crate) struct ProgressView {
    output: Arc<Output>,
    style: Style,
    bar: Option<ProgressBar>,
    progress: Mutex<Progress>,
}

impl ProgressView {
    /// Shows a run of which this is expected.
    pub(crate) fn new(output: &Arc<Output>, forecast: Option<Arc<Forecast>>) -> Self {
        let terminal = output.terminal();
        let bar = (terminal.can_redraw() && !output.is_json()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(ProgressStyle::with_template("{msg}").expect("it is a template"));
            bar
        });
        output.set_live(bar.clone());
        Self {
            output: Arc::clone(output),
            style: terminal.style_stderr(),
            bar,
            progress: Mutex::new(Progress::expecting(forecast)),
        }
    }

    /// Redraws the rows, or says what has been running for long.
    pub(crate) fn beat(&self) {
        let now = SystemClock.now();
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bar) = &self.bar {
            bar.set_message(progress.live(now, ROWS_MAX, &self.style).join("\n"));
        } else if !self.output.is_json() {
            let lines = progress.heartbeats(now, &self.style);
            drop(progress);
            for line in &lines {
                self.output.note(line);
            }
        }
    }

    /// What has begun and not ended, in words.
    pub(crate) fn running(&self) -> Vec<String> {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress
            .running(SystemClock.now())
            .map(|(name, _, elapsed)| format!("{name}, {}", duration_text(elapsed)))
            .collect()
    }

    /// Takes away the `^C` that a terminal wrote under the rows: they end at its right edge, so it
    /// took a line that nobody counted, and the first row would stay when they are redrawn.
    pub(crate) fn forget_echo(&self) {
        if self.bar.is_some() {
            let stderr = Term::stderr();
            // What cannot be written to is not seen either.
            let _ = stderr.clear_line().and_then(|()| stderr.move_cursor_up(1));
        }
    }

    /// Takes the rows away.
    pub(crate) fn finish(&self) {
        self.output.set_live(None);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn show(&self, event: &Event) {
        let now = SystemClock.now();
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if self.output.is_json() {
            let line = progress.json_line(event, now);
            drop(progress);
            self.output.event_line(&line);
        } else if let Some(bar) = &self.bar {
            progress.take(event, now);
            let rows = progress.live(now, ROWS_MAX, &self.style).join("\n");
            let row = progress.finished_row(event, &self.style);
            drop(progress);
            if let Some(row) = row {
                bar.println(row);
            }
            bar.set_message(rows);
        } else {
            let line = progress.log_line(event, now, &self.style);
            drop(progress);
            if let Some(line) = line {
                self.output.note(&line);
            }
        }
    }
}

impl Observer for ProgressView {
    fn on_event(&self, event: &Event) {
        self.show(event);
    }
}

/// Shows the waits and repeats of planning, which has no rows.
#[derive(Debug)]
pub(crate) struct PlanningView {
    output: Arc<Output>,
}

impl PlanningView {
    pub(crate) fn new(output: &Arc<Output>) -> Self {
        Self {
            output: Arc::clone(output),
        }
    }
}

impl Observer for PlanningView {
    fn on_event(&self, event: &Event) {
        let now = SystemClock.now();
        if self.output.is_json() {
            self.output.event_line(&event_json(event, now));
        } else if let Some(line) = event_line(event, now, &self.output.terminal().style_stderr()) {
            self.output.note(&line);
        }
    }
}
