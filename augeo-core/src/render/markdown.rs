//! A plan as Markdown, in which deletes and replaces are the last to be left out.
//!
//! Comments and summaries of code hosts end at 65,535 characters. What does not fit is left out
//! from the least dangerous end, and counted.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Heading;
use super::change::{Columns, change_lines, head_lines, loses_data};
use super::expected::whole_text;
use super::finding::finding_block;
use super::layout::{Line, write_lines};
use super::pending;
use super::plan::{Group, actions, data, groups, no_changes, overview, stop_text, title, totals};
use super::style::{Style, printable};
use crate::name::ResourceName;
use crate::plan::{Action, Change, Plan};

/// How long the text may become, in bytes, which are at least as many as characters.
const LENGTH_MAX: usize = 65_535;
/// What is kept free for the frame: headings of groups, fences, what was left out.
const PER_GROUP: usize = 220;
/// With more groups than this, everything is one list.
const GROUPS_MAX: usize = 60;
/// How much of the length findings may take.
const FINDINGS_MAX: usize = 16_000;

/// How much of a change is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Whole,
    Row,
    Nothing,
}

/// A plan for a pull request or a job summary.
pub fn plan_markdown(plan: &Plan, heading: &Heading) -> String {
    let mut out = format!("### {}\n\n", escape(&title(plan)));
    let parts: Vec<&str> = heading
        .target
        .iter()
        .chain(&heading.config)
        .map(String::as_str)
        .collect();
    if !parts.is_empty() {
        let _ = write!(out, "{}\n\n", escape(&parts.join(" | ")));
    }
    let waits = plan.awaiting_outside().next().is_some();
    if plan.is_empty() && plan.findings.is_empty() && !waits {
        let _ = writeln!(out, "{}", escape(&no_changes(plan, heading)));
        let closing = closing(heading);
        if !closing.is_empty() {
            let _ = write!(out, "\n{closing}");
        }
        return out;
    }
    let _ = write!(out, "{}\n\n", overview(plan));
    let forecast = heading.forecast.as_deref();
    let _ = writeln!(out, "**Plan:** {}  ", totals(plan));
    if let Some(time) = forecast.and_then(whole_text) {
        let _ = writeln!(out, "**Time:** {}  ", escape(&time));
    }
    let _ = write!(out, "**Data:** {}", escape(&data(plan).1));
    if let Err(blocked) = plan.ensure_executable() {
        let _ = write!(out, "  \n**Stop:** {}", escape(&stop_text(&blocked)));
    }
    out.push_str("\n\n");
    let findings = format!("{}{}", waiting(plan), findings(plan));
    let closing = closing(heading);
    let mut groups = groups(plan);
    if groups.len() > GROUPS_MAX {
        groups = vec![Group {
            title: None,
            changes: plan.pending().collect(),
        }];
    }
    let taken = out.len() + findings.len() + closing.len() + PER_GROUP * (groups.len() + 1);
    let columns = Columns::of(plan.pending()).expecting(forecast);
    let extents = extents(plan, columns, LENGTH_MAX.saturating_sub(taken));
    for group in &groups {
        out.push_str(&group_text(group, plan, columns, &extents));
    }
    let left: Vec<&Change> = plan
        .pending()
        .zip(&extents)
        .filter(|(_, extent)| **extent == Extent::Nothing)
        .map(|(change, _)| change)
        .collect();
    if !left.is_empty() {
        let kinds = actions(left.iter().copied());
        let _ = write!(out, "Too long to show here: {kinds}.\n\n");
    }
    out.push_str(&findings);
    out.push_str(&closing);
    out
}

fn style() -> Style {
    Style::default()
}

/// The text of a change; it ends with a line end.
fn text_of(change: &Change, plan: &Plan, columns: Columns<'_>, extent: Extent) -> String {
    let lines = match extent {
        Extent::Whole => change_lines(change, plan, columns, &style()),
        Extent::Row => head_lines(change, columns, &style()),
        Extent::Nothing => Vec::new(),
    };
    let mut text = String::new();
    write_lines(&mut text, &lines, &style());
    text
}

/// How dangerous a change is: the least number is the greatest danger.
fn danger(change: &Change) -> usize {
    match change.action {
        Action::Delete | Action::Replace if loses_data(change) => 0,
        Action::Delete => 1,
        Action::Replace => 2,
        Action::Forget | Action::Adopt | Action::Lift => 3,
        Action::Update | Action::Recover => 4,
        Action::Create => 5,
        Action::NoOp => 6,
    }
}

/// Gives every change as much as fits; rows of what is deleted or replaced are given first.
fn extents(plan: &Plan, columns: Columns<'_>, mut free: usize) -> Vec<Extent> {
    let pending: Vec<&Change> = plan.pending().collect();
    let mut extents = vec![Extent::Nothing; pending.len()];
    let mut order: Vec<usize> = (0..pending.len()).collect();
    order.sort_by_key(|index| danger(pending[*index]));
    let long = |index: usize, extent| text_of(pending[index], plan, columns, extent).len();
    for &index in &order {
        let row = long(index, Extent::Row);
        if !pending[index].action.removes() || row > free {
            break;
        }
        free -= row;
        extents[index] = Extent::Row;
    }
    for &index in &order {
        let row = long(index, Extent::Row);
        let given = if extents[index] == Extent::Row {
            row
        } else {
            0
        };
        let whole = long(index, Extent::Whole);
        if whole <= free + given {
            free = free + given - whole;
            extents[index] = Extent::Whole;
        } else if given == 0 {
            // Whatever is less dangerous is left out too, so that the cut is in one place.
            if row > free {
                break;
            }
            free -= row;
            extents[index] = Extent::Row;
        }
    }
    extents
}

fn group_text(group: &Group<'_>, plan: &Plan, columns: Columns<'_>, extents: &[Extent]) -> String {
    let names: BTreeSet<&ResourceName> = group.changes.iter().map(|change| &change.name).collect();
    let body: String = plan
        .pending()
        .zip(extents)
        .filter(|(change, _)| names.contains(&change.name))
        .map(|(change, extent)| text_of(change, plan, columns, *extent))
        .collect();
    if body.is_empty() {
        return String::new();
    }
    let open = if group.changes.iter().any(|change| change.action.removes()) {
        " open"
    } else {
        ""
    };
    let title = group.title.unwrap_or("changes");
    let kinds = actions(group.changes.iter().copied());
    format!(
        "<details{open}><summary><b>{}</b> {kinds}</summary>\n\n{}\n</details>\n\n",
        escape(title),
        fenced(&body)
    )
}

/// What waits for the outside world.
fn waiting(plan: &Plan) -> String {
    let lines = pending::of_plan(plan, &style());
    let mut text = String::new();
    write_lines(&mut text, lines.get(2..).unwrap_or_default(), &style());
    if text.is_empty() {
        return text;
    }
    format!("**Pending on the outside world**\n\n{}\n", fenced(&text))
}

fn findings(plan: &Plan) -> String {
    if plan.findings.is_empty() {
        return String::new();
    }
    let lines: Vec<Line> = finding_block(&plan.findings, &style())
        .into_iter()
        .skip(2)
        .collect();
    let mut text = String::new();
    let mut left = 0;
    for line in &lines {
        let rendered = line.render(&style());
        if left > 0 || text.len() + rendered.len() > FINDINGS_MAX {
            left += 1;
        } else {
            text.push_str(&rendered);
            text.push('\n');
        }
    }
    if left > 0 {
        let _ = writeln!(text, "  {left} more lines are too long to show here");
    }
    format!("**Findings**\n\n{}\n", fenced(&text))
}

fn closing(heading: &Heading) -> String {
    let next = heading.next.iter().map(|next| ("Next", next.as_str()));
    let notes = heading
        .notes
        .iter()
        .map(|(label, text)| (label.as_str(), text.as_str()));
    let mut closing = String::new();
    for (label, text) in notes.chain(next) {
        let text = printable(text).replace('`', "'");
        let _ = writeln!(closing, "**{}:** `{text}`  ", escape(label));
    }
    closing
}

/// A block whose fence is longer than any inside it.
fn fenced(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}{fence}\n")
}

/// Text that stays text in Markdown.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '@' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}
