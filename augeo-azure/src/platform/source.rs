//! The text of a configuration: its name, and where in it a byte is.

use std::ops::Range;
use std::sync::Arc;

use augeo_core::finding::SourceLocation;

/// A text with a name. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Source {
    file: Arc<str>,
    text: Arc<str>,
    line_starts: Arc<[usize]>,
}

impl Source {
    pub(super) fn new(file: &str, text: &str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file: file.into(),
            text: text.into(),
            line_starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    /// The nearest character boundary at or before a byte.
    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn line_index(&self, at: usize) -> usize {
        self.line_starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    /// Where a byte is, as line and column from 1; columns count characters.
    pub(super) fn location(&self, at: usize) -> SourceLocation {
        let at = self.boundary(at);
        let index = self.line_index(at);
        let column = self.text[self.line_starts[index]..at].chars().count();
        let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
        SourceLocation::new(Arc::clone(&self.file), number(index), number(column))
    }

    /// The first line of a span: its number, its text, and the part of the text that is meant.
    pub(super) fn line(&self, span: Range<usize>) -> (usize, &str, Range<usize>) {
        let (from, to) = (
            self.boundary(span.start),
            self.boundary(span.end.max(span.start)),
        );
        let index = self.line_index(from);
        let start = self.line_starts[index];
        let end = self
            .line_starts
            .get(index + 1)
            .map_or(self.text.len(), |next| next - 1);
        let line = self.text[start..end].trim_end_matches('\r');
        let within = |at: usize| at.saturating_sub(start).min(line.len());
        (index + 1, line, within(from)..within(to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters() {
        let source = Source::new("a.toml", "ä = 1\r\nbc = 'ü'\n");
        let at = source.text.find('ü').unwrap();
        assert_eq!(source.location(at).to_string(), "a.toml:2:7");
        assert_eq!(
            source.location(at + 1).to_string(),
            "a.toml:2:7",
            "inside a character"
        );
        assert_eq!(source.location(999).to_string(), "a.toml:3:1");
        assert_eq!(
            source.line(0..40),
            (1, "ä = 1", 0..6),
            "a span ends with its line"
        );
    }
}
