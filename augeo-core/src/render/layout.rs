//! Lines of coloured columns whose width is counted without the colours.

use super::style::{Style, Tone};

/// One line in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Line(Vec<(Tone, String)>);

impl Line {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn plain(self, text: impl Into<String>) -> Self {
        self.tone(Tone::Plain, text)
    }

    pub(super) fn tone(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.0.push((tone, text.into()));
        self
    }

    /// Goes on at `column`, at least two columns after what is there.
    pub(super) fn to(self, column: usize) -> Self {
        let used = self.columns();
        let gap = if used == 0 {
            column
        } else {
            column.saturating_sub(used).max(2)
        };
        self.plain(" ".repeat(gap))
    }

    pub(super) fn columns(&self) -> usize {
        self.0.iter().map(|(_, text)| text.chars().count()).sum()
    }

    /// Adds what fits into so many columns, most important first: what does not is left out as a
    /// whole with everything after it, because half a message says nothing.
    pub(super) fn fitting(mut self, parts: impl IntoIterator<Item = Self>, columns: usize) -> Self {
        for part in parts {
            if self.columns() + part.columns() > columns {
                break;
            }
            self.0.extend(part.0);
        }
        self
    }

    /// Adds a last column, on a line of its own at `indent` where this one is too full.
    pub(super) fn last(
        self,
        column: usize,
        indent: usize,
        tail: &Self,
        style: &Style,
    ) -> Vec<Self> {
        if tail.columns() == 0 {
            return vec![self];
        }
        let start = column.max(self.columns() + 2);
        if start + tail.columns() <= style.columns() {
            let mut line = self.to(column);
            line.0.extend(tail.0.iter().cloned());
            return vec![line];
        }
        let mut folded = Self::new().to(indent);
        folded.0.extend(tail.0.iter().cloned());
        vec![self, folded]
    }

    pub(super) fn render(&self, style: &Style) -> String {
        let mut parts = self.0.clone();
        while let Some((_, text)) = parts.last_mut() {
            let kept = text.trim_end().len();
            text.truncate(kept);
            if kept > 0 {
                break;
            }
            parts.pop();
        }
        parts
            .iter()
            .map(|(tone, text)| style.paint(*tone, text))
            .collect()
    }
}

/// Writes lines, each with its end.
pub(super) fn write_lines<'a>(
    out: &mut String,
    lines: impl IntoIterator<Item = &'a Line>,
    style: &Style,
) {
    for line in lines {
        out.push_str(&line.render(style));
        out.push('\n');
    }
}

/// A label, and text that hangs beside it, at `column` or one space after it; never breaks a word, which may have to be copied.
pub(super) fn hanging(
    label: Line,
    column: usize,
    tone: Tone,
    text: &str,
    style: &Style,
) -> Vec<Line> {
    let (start, gap) = match (label.columns(), column) {
        (0, column) => (column, column),
        // No column: the text follows its label as in a sentence.
        (used, 0) => (used + 1, 1),
        (used, column) => (column.max(used + 2), column.max(used + 2) - used),
    };
    let mut wrapped = wrap(text, style.columns().saturating_sub(start).max(20)).into_iter();
    let first = wrapped.next().unwrap_or_default();
    let mut lines = vec![label.plain(" ".repeat(gap)).tone(tone, first)];
    lines.extend(wrapped.map(|rest| Line::new().to(start).tone(tone, rest)));
    lines
}

/// Breaks text at spaces.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.trim_end().split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The heading that all renderings share: what it is, and where it goes.
pub(super) fn heading_line(title: &str, heading: &super::Heading, style: &Style) -> Vec<Line> {
    let parts: Vec<String> = heading
        .target
        .iter()
        .chain(&heading.config)
        .map(|part| super::style::printable(part))
        .collect();
    let tail = Line::new().tone(Tone::Quiet, parts.join(" | "));
    Line::new()
        .tone(Tone::Strong, title)
        .last(25, 4, &tail, style)
}

/// The lines that end a rendering: what the caller noted, then how to go on.
pub(super) fn closing_lines(heading: &super::Heading) -> Vec<Line> {
    let mut lines: Vec<Line> = heading
        .notes
        .iter()
        .map(|(label, text)| labelled(label, Tone::Plain, text))
        .collect();
    if let Some(next) = &heading.next {
        lines.push(labelled("Next", Tone::Strong, next));
    }
    lines
}

/// One line of a summary; not wrapped, because it may have to be copied.
pub(super) fn labelled(label: &str, tone: Tone, text: &str) -> Line {
    Line::new()
        .plain(format!("{label}:"))
        .to(7)
        .tone(tone, super::style::printable(text))
}
