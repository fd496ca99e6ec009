//! What waits for the outside world: who, for what, and what is to be done next.

use super::layout::{Line, hanging, wrap};
use super::shown::name_text;
use super::style::{Style, Tone, count, printable};
use crate::name::ResourceName;
use crate::pending::Pending;
use crate::plan::Plan;

const INDENT: usize = 2;
const LABEL: usize = 4;
const TEXT: usize = 10;

/// Everything that waits, after an empty line, in one paragraph for all that wait for the same;
/// nothing if nothing waits.
pub(super) fn pending_block<'a>(
    waiting: impl IntoIterator<Item = (&'a ResourceName, &'a Pending)>,
    style: &Style,
) -> Vec<Line> {
    let mut causes: Vec<(&Pending, Vec<&ResourceName>)> = Vec::new();
    for (name, pending) in waiting {
        match causes.iter_mut().find(|(known, _)| *known == pending) {
            Some((_, names)) => names.push(name),
            None => causes.push((pending, vec![name])),
        }
    }
    if causes.is_empty() {
        return Vec::new();
    }
    let title = Line::new().tone(Tone::Strong, "Pending on the outside world");
    let mut lines = vec![Line::new(), title];
    for (pending, names) in causes {
        lines.extend(cause_lines(pending, &names, style));
    }
    lines
}

fn cause_lines(pending: &Pending, names: &[&ResourceName], style: &Style) -> Vec<Line> {
    let listed: Vec<String> = names.iter().map(|name| name_text(name)).collect();
    let columns = style.columns().saturating_sub(INDENT).max(20);
    let mut lines: Vec<Line> = wrap(&listed.join(", "), columns)
        .into_iter()
        .map(|text| Line::new().to(INDENT).tone(Tone::Strong, text))
        .collect();
    let own = names == [&pending.on];
    let state = printable(&pending.state);
    let on = if own {
        format!("it is {state}")
    } else {
        format!("{} is {state}", name_text(&pending.on))
    };
    for (label, text) in [("why", on), ("next", printable(&pending.next_step))] {
        let label = Line::new().to(LABEL).plain(label);
        lines.extend(hanging(label, TEXT, Tone::Plain, &text, style));
    }
    lines
}

/// What waits in a plan.
pub(super) fn of_plan(plan: &Plan, style: &Style) -> Vec<Line> {
    let waiting = plan.awaiting_outside();
    pending_block(
        waiting.map(|(change, pending)| (&change.name, pending)),
        style,
    )
}

/// How much waits, as a part of a summary; nothing if nothing does.
pub(super) fn total(number: usize) -> String {
    match number {
        0 => String::new(),
        number => format!(", {number} pending"),
    }
}

/// That nothing is to be done now, although not everything is done.
pub(super) fn none_now(plan: &Plan, seen: &str) -> Option<String> {
    let number = plan.awaiting_outside().count();
    let wait = if number == 1 { "waits" } else { "wait" };
    (number > 0).then(|| {
        let resources = count(number, "resource");
        format!("No changes: {resources} {wait} for the outside world {seen}")
    })
}
