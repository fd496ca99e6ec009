//! Findings: as a block of a plan, and one by one with the line of the file that each is about.

use super::Sources;
use super::change::place_text;
use super::layout::{Line, hanging, write_lines};
use super::style::{Style, Tone, count, printable};
use crate::finding::{Finding, Severity, SourceLocation};

/// With more notes than this, they are counted unless everything is listed.
const NOTES_MAX: usize = 20;
/// How many columns of a line of source are shown.
const SNIPPET_MAX: usize = 90;

pub(super) fn tone_of(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Careful,
        Severity::Note => Tone::Quiet,
    }
}

/// What a finding is about and says, on one line.
pub(super) fn message(finding: &Finding) -> String {
    let begins = |name: &crate::name::ResourceName| {
        let rest = finding.message.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.starts_with(' '))
    };
    // A message that begins with the name needs it no second time.
    let resource = finding.resource.as_ref().filter(|name| !begins(name));
    let about = match (resource, &finding.property) {
        (None, Some(_)) if finding.resource.is_some() => String::new(),
        (Some(resource), Some(property)) => format!("{resource}.{property}: "),
        (Some(resource), None) => format!("{resource}: "),
        (None, Some(property)) => format!("{property}: "),
        (None, None) => String::new(),
    };
    printable(&format!("{about}{}", finding.message))
}

/// Findings in the order in which they matter.
pub(super) fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort();
    sorted.dedup();
    sorted
}

/// The findings of a plan, after an empty line; nothing if there are none.
pub(super) fn finding_block(findings: &[Finding], style: &Style) -> Vec<Line> {
    if findings.is_empty() {
        return Vec::new();
    }
    let sorted = sorted(findings);
    let notes = sorted
        .iter()
        .filter(|finding| finding.severity == Severity::Note)
        .count();
    let hidden = if style.full || notes <= NOTES_MAX {
        0
    } else {
        notes
    };
    let listed = &sorted[..sorted.len() - hidden];
    let widest = listed.iter().map(|finding| finding.rule.len()).max();
    let column = 11 + widest.unwrap_or(0).clamp(6, 24) + 2;
    let mut lines = vec![Line::new(), Line::new().tone(Tone::Strong, "findings")];
    for finding in listed {
        lines.extend(finding_lines(finding, column, style));
    }
    if hidden > 0 {
        lines.push(Line::new().plain(format!("  {}   --full lists them", count(hidden, "note"))));
    }
    lines
}

fn finding_lines(finding: &Finding, column: usize, style: &Style) -> Vec<Line> {
    let label = Line::new()
        .to(2)
        .tone(tone_of(finding.severity), finding.severity.to_string())
        .to(11)
        .plain(printable(&finding.rule));
    let mut lines = hanging(label, column, Tone::Plain, &message(finding), style);
    if let Some(place) = &finding.location {
        let last = lines.pop().expect("hanging text has at least one line");
        let tail = Line::new().tone(Tone::Quiet, place_text(place));
        lines.extend(last.last(0, column, &tail, style));
    }
    if let Some(fix) = &finding.fix {
        let label = Line::new().to(11).plain("fix");
        lines.extend(hanging(label, column, Tone::Plain, &printable(fix), style));
    }
    lines
}

/// One finding in the form of an error, with the line that it is about.
pub fn finding_text(finding: &Finding, sources: Sources<'_>, style: &Style) -> String {
    let mut lines = vec![
        Line::new()
            .tone(
                tone_of(finding.severity),
                format!("{}[{}]", finding.severity, printable(&finding.rule)),
            )
            .tone(Tone::Strong, format!(": {}", message(finding))),
    ];
    if let Some(place) = &finding.location {
        lines.extend(place_lines(place, "", sources));
    }
    if let Some(fix) = &finding.fix {
        lines.push(Line::new());
        lines.push(help_line(fix));
    }
    let mut out = String::new();
    write_lines(&mut out, &lines, style);
    out
}

/// Several findings, the ones that stop first, an empty line between them.
pub fn findings_text(findings: &[Finding], sources: Sources<'_>, style: &Style) -> String {
    let texts: Vec<String> = sorted(findings)
        .into_iter()
        .map(|finding| finding_text(finding, sources, style))
        .collect();
    texts.join("\n")
}

/// A line to act on; not wrapped, because it may have to be copied.
pub(super) fn help_line(text: &str) -> Line {
    Line::new()
        .tone(Tone::Good, "help")
        .plain(format!(": {}", printable(text)))
}

/// Where something was written, what is meant there, and the line itself if it can be read.
pub(super) fn place_lines(place: &SourceLocation, what: &str, sources: Sources<'_>) -> Vec<Line> {
    let head = arrow_line(Some(place)).plain(place_text(place));
    let mut lines = vec![if what.is_empty() {
        head
    } else {
        head.plain(format!("    {}", printable(what)))
    }];
    lines.extend(snippet(place, sources).unwrap_or_default());
    lines
}

/// How many columns the numbers of lines take.
pub(super) fn gutter(place: Option<&SourceLocation>) -> usize {
    place.map_or(2, |place| place.line.to_string().len().max(2))
}

pub(super) fn arrow_line(place: Option<&SourceLocation>) -> Line {
    Line::new().tone(Tone::Quiet, format!("{}--> ", " ".repeat(gutter(place))))
}

pub(super) fn bar_line(place: Option<&SourceLocation>) -> Line {
    Line::new().tone(Tone::Quiet, format!("{} |", " ".repeat(gutter(place))))
}

fn snippet(place: &SourceLocation, sources: Sources<'_>) -> Option<Vec<Line>> {
    let text = sources(&place.file)?;
    let index = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let line = text.lines().nth(index)?;
    let column = usize::try_from(place.column).ok()?.max(1) - 1;
    let number = place.line.to_string();
    let bar = || bar_line(Some(place));
    // Of a generated line only what is around the place is of use.
    let start = if column > 60 { column - 30 } else { 0 };
    let marks = "^".repeat(token_length(line, column).min(SNIPPET_MAX - (column - start)));
    // Only characters of one column each stay, so that the marks stand under what they mark.
    let shown: String = line
        .chars()
        .skip(start)
        .take(SNIPPET_MAX)
        .map(|c| if super::style::is_unsafe(c) { ' ' } else { c })
        .collect();
    Some(vec![
        bar(),
        Line::new()
            .tone(Tone::Quiet, format!("{number:>0$} |", gutter(Some(place))))
            .plain(format!(" {shown}")),
        bar()
            .plain(" ".repeat(column.min(line.chars().count()).saturating_sub(start) + 1))
            .tone(Tone::Bad, marks),
    ])
}

/// How much of the line, from this column on, is one key, one value or one quoted text.
fn token_length(line: &str, column: usize) -> usize {
    let rest: Vec<char> = line.chars().skip(column).collect();
    let length = match rest.first() {
        Some(quote @ ('"' | '\'')) => rest
            .iter()
            .skip(1)
            .position(|c| c == quote)
            .map_or(rest.len(), |end| end + 2),
        Some('[') => rest
            .iter()
            .position(|c| *c == ']')
            .map_or(rest.len(), |end| {
                end + 1 + rest[end + 1..].iter().take_while(|c| **c == ']').count()
            }),
        Some(_) | None => rest
            .iter()
            .position(|c| c.is_whitespace() || ",=]})#;".contains(*c))
            .unwrap_or(rest.len()),
    };
    length.max(1)
}
