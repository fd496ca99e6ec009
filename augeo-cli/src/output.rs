//! What the program prints, and where: data on stdout, everything else on stderr.
//!
//! All printing goes through here. A reader that went away is no failure: what is being done to a
//! target must end properly, whoever still listens.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use augeo_core::plan::Plan;
use augeo_core::render::{EVENTS_HEADER, Heading, Sources, Style, plan_json};
use indicatif::ProgressBar;
use serde_json::{Value as Json, json};

use crate::error::CliError;
use crate::terminal::Terminal;

/// Where the program prints to.
#[derive(Debug)]
pub(crate) struct Output {
    terminal: Terminal,
    json: bool,
    streams: Mutex<Streams>,
    sources: Mutex<BTreeMap<String, String>>,
}

#[derive(Debug, Default)]
struct Streams {
    /// The rows that are redrawn; text goes above them.
    live: Option<ProgressBar>,
    /// Whether the first line of the event stream is written.
    header_written: bool,
}

impl Output {
    pub(crate) fn new(terminal: Terminal, json: bool) -> Self {
        Self {
            terminal,
            json,
            streams: Mutex::default(),
            sources: Mutex::default(),
        }
    }

    pub(crate) fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Whether stdout is a stream of events.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// How text that is printed by [`Output::data`] looks.
    pub(crate) fn style(&self) -> Style {
        self.terminal.style_stdout()
    }

    /// What was asked for, for people; nothing where stdout is a stream of events.
    pub(crate) fn data(&self, text: &str) {
        if !self.json {
            self.raw_data(text);
        }
    }

    /// What was asked for in a form of its own, whatever else stdout is.
    pub(crate) fn raw_data(&self, text: &str) {
        self.print(|| write_line(&mut std::io::stdout().lock(), text));
    }

    /// Anything else that is said to people.
    pub(crate) fn note(&self, text: &str) {
        self.print(|| write_line(&mut std::io::stderr().lock(), text));
    }

    /// The start of a line that the user ends.
    pub(crate) fn ask(&self, question: &str) {
        self.print(|| {
            let mut stderr = std::io::stderr().lock();
            // A question that cannot be printed is answered by the end of the input.
            let _ = write!(stderr, "{question} ").and_then(|()| stderr.flush());
        });
    }

    /// One event, where stdout is a stream of events.
    pub(crate) fn event(&self, event: &Json) {
        self.event_line(&event.to_string());
    }

    /// One event whose fields are a document: `name` holds it.
    pub(crate) fn document_event(&self, kind: &str, name: &str, document: &str) {
        if self.json {
            let document: Json = serde_json::from_str(document).expect("documents are JSON");
            self.event(&json!({"type": kind, name: document}));
        }
    }

    /// A plan as an event.
    pub(crate) fn plan_event(&self, plan: &Plan, heading: &Heading) {
        if self.json {
            self.document_event("plan", "plan", &plan_json(plan, heading));
        }
    }

    /// One event that is a line already.
    pub(crate) fn event_line(&self, event: &str) {
        if !self.json {
            return;
        }
        let header = {
            let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
            !std::mem::replace(&mut streams.header_written, true)
        };
        self.print(|| {
            let mut stdout = std::io::stdout().lock();
            if header {
                write_line(&mut stdout, EVENTS_HEADER);
            }
            write_line(&mut stdout, event);
        });
    }

    /// The command to go on with, at the very end.
    pub(crate) fn next(&self, command: &str) {
        if !self.json {
            self.note(&format!("Next:  {command}"));
        }
    }

    /// What went wrong: on stderr, and in the stream of events if there is one.
    pub(crate) fn error(&self, error: &CliError) {
        self.event(&error.to_json());
        let text = {
            let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
            error.to_text(
                &|file| sources.get(file).cloned(),
                &self.terminal.style_stderr(),
            )
        };
        self.note(text.trim_end());
    }

    /// Keeps the text of a file, to show lines of it in errors.
    pub(crate) fn remember(&self, file: &str, text: &str) {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.insert(file.to_owned(), text.to_owned());
    }

    /// Calls `read` with what finds the text of a remembered file.
    pub(crate) fn with_sources<T>(&self, read: impl FnOnce(Sources<'_>) -> T) -> T {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        read(&|file| sources.get(file).cloned())
    }

    /// From now on text goes above these rows; `None`: there are none any more.
    pub(crate) fn set_live(&self, live: Option<ProgressBar>) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        streams.live = live;
    }

    fn print(&self, write: impl FnOnce()) {
        let live = {
            let streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
            streams.live.clone()
        };
        match live {
            Some(live) => live.suspend(write),
            None => write(),
        }
    }
}

/// Writes text and ends its last line. Errors are dropped: see the head of this file.
fn write_line(stream: &mut impl Write, text: &str) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let _ = write!(stream, "{text}{end}").and_then(|()| stream.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_ends_its_line_once() {
        for text in ["one", "one\n"] {
            let mut stream = Vec::new();
            write_line(&mut stream, text);
            assert_eq!(stream, b"one\n");
        }
    }
}
