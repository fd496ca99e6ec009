//! Draws the line of a configuration that a mistake stands in, with the offending part marked.

use std::ops::Range;

use super::source::Source;

/// Longer lines are cut around the marked part.
const WIDTH_MAX: usize = 88;
const LEAD: usize = 20;

/// Three lines, each ended: a rule, the text with its number, the mark with `label` beside it.
pub(super) fn draw(source: &Source, span: Range<usize>, label: Option<&str>) -> String {
    let (number, line, marked) = source.line(span);
    let before = line[..marked.start].chars().count();
    let length = line[marked].chars().count().max(1);
    let (skip, cut) = if before + length > WIDTH_MAX {
        (before.saturating_sub(LEAD), "..")
    } else {
        (0, "")
    };
    // A terminal must not obey what somebody else's file contains; a tab has no known width.
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let shown: String = line
        .chars()
        .skip(skip)
        .take(WIDTH_MAX)
        .map(visible)
        .collect();
    let margin = " ".repeat(number.to_string().len());
    let indent = " ".repeat(cut.len() + before - skip);
    let mark = "^".repeat(length.min(WIDTH_MAX.saturating_sub(before - skip)).max(1));
    let label = label.map(|label| format!(" {label}")).unwrap_or_default();
    let text = format!("{number} | {cut}{shown}");
    format!(
        "{margin} |\n{}\n{margin} | {indent}{mark}{label}\n",
        text.trim_end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_the_text() {
        let text = "a = 1\n\tb = \u{1b}ü2 # x\n";
        let (source, at) = (Source::new("a", text), text.find('ü').unwrap());
        let drawn = draw(&source, at..at + 3, Some("why?"));
        assert_eq!(drawn, "  |\n2 |  b =  ü2 # x\n  |       ^^ why?\n");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let source = Source::new("a", &format!("a = '{}' b", "x".repeat(300)));
        let drawn = draw(&source, 307..308, None);
        assert!(drawn.lines().all(|line| line.len() <= 100), "{drawn}");
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[1].find('b'), lines[2].find('^'), "{drawn}");
    }

    #[test]
    fn an_empty_text_can_be_marked() {
        assert_eq!(draw(&Source::new("a", ""), 0..0, None), "  |\n1 |\n  | ^\n");
    }
}
