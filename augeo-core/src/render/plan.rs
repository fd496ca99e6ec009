//! A plan as text: groups in the order in which they start, findings, the summary last.

use super::Heading;
use super::change::{Columns, change_lines, loses_data};
use super::error::some_of;
use super::expected::whole_lines;
use super::finding::finding_block;
use super::layout::{Line, closing_lines, hanging, heading_line, labelled, write_lines};
use super::pending;
use super::style::{Style, Tone, count};
use crate::forecast::Forecast;
use crate::name::ResourceName;
use crate::plan::{Action, Blocked, Change, Plan, Purpose};

/// With more changes than this, groups are folded to a line each.
const LISTED_MAX: usize = 40;

/// Changes that are read together.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// What they have in common; `None` if everything is in one list.
    pub(super) title: Option<&'a str>,
    pub(super) changes: Vec<&'a Change>,
}

/// A plan for people.
pub fn plan_text(plan: &Plan, heading: &Heading, style: &Style) -> String {
    let mut out = String::new();
    if plan.is_empty() {
        let mut blocks = pending::of_plan(plan, style);
        blocks.extend(finding_block(&plan.findings, style));
        // A block begins with an empty line, which nothing stands above here.
        write_lines(&mut out, blocks.get(1..).unwrap_or_default(), style);
        if !blocks.is_empty() {
            out.push('\n');
        }
        out.push_str(&no_changes(plan, heading));
        out.push('\n');
        write_lines(&mut out, &closing_lines(heading), style);
        return out;
    }
    write_lines(&mut out, &heading_line(&title(plan), heading, style), style);
    out.push_str(&overview(plan));
    out.push('\n');
    let pending: Vec<&Change> = plan.pending().collect();
    let forecast = heading.forecast.as_deref();
    let columns = Columns::of(pending.iter().copied()).expecting(forecast);
    let folds = folds(plan, style);
    let mut told = false;
    let mut after_line = false;
    for group in groups(plan) {
        let hides = folds && group.changes.iter().any(|change| !change.action.removes());
        let shows = !folds || group.changes.iter().any(|change| change.action.removes());
        // What is a line each is read as a table.
        if !after_line || shows {
            out.push('\n');
        }
        after_line = !shows;
        let line = group_line(&group, folds, hides && !told, style);
        told |= hides;
        write_lines(&mut out, &line, style);
        for change in &group.changes {
            if !folds || change.action.removes() {
                write_lines(&mut out, &change_lines(change, plan, columns, style), style);
            }
        }
    }
    write_lines(&mut out, &pending::of_plan(plan, style), style);
    write_lines(&mut out, &finding_block(&plan.findings, style), style);
    out.push('\n');
    write_lines(&mut out, &summary(plan, forecast, style), style);
    write_lines(&mut out, &closing_lines(heading), style);
    out
}

/// Whether groups are lines.
fn folds(plan: &Plan, style: &Style) -> bool {
    !style.full && plan.pending().count() > LISTED_MAX
}

pub(super) fn title(plan: &Plan) -> String {
    let environment = plan.stack.environment();
    match plan.purpose {
        Purpose::Apply => format!("Plan for {environment}"),
        Purpose::Destroy => format!("Destroy {environment}"),
    }
}

/// The one line of a plan that does nothing.
pub(super) fn no_changes(plan: &Plan, heading: &Heading) -> String {
    let environment = plan.stack.environment();
    let seen = format!(
        "({}, {})",
        count(plan.changes.len(), "resource"),
        count(plan.requests, "request")
    );
    if let Some(none_now) = pending::none_now(plan, &seen) {
        return none_now;
    }
    match plan.purpose {
        Purpose::Apply => {
            let config = heading.config.as_deref().unwrap_or("its declaration");
            if plan.left_out > 0 {
                let these = match plan.changes.len() {
                    1 => "this 1 resource matches".to_owned(),
                    number => format!("these {number} resources match"),
                };
                let left = match plan.left_out {
                    1 => "1 other change is left".to_owned(),
                    number => format!("{number} other changes are left"),
                };
                let requests = count(plan.requests, "request");
                format!("No changes: {these} {config}; {left} ({requests})")
            } else {
                format!("No changes: {environment} matches {config} {seen}")
            }
        }
        Purpose::Destroy => format!("No changes: nothing of {environment} is there {seen}"),
    }
}

/// What was looked at, and how much of it changes.
pub(super) fn overview(plan: &Plan) -> String {
    let pending = plan.pending().count();
    let mut parts = vec![
        format!("{} unchanged", plan.unchanged()),
        format!("{pending} to change"),
    ];
    let waiting = plan.awaiting_outside().count();
    if waiting > 0 {
        parts.push(format!("{waiting} pending"));
    }
    if !plan.findings.is_empty() {
        parts.push(count(plan.findings.len(), "finding"));
    }
    format!(
        "{} observed in {}: {}",
        count(plan.changes.len(), "resource"),
        count(plan.requests, "request"),
        parts.join(", ")
    )
}

/// The changes by module: the part of a name before its first slash, or the name itself where
/// others begin with it. Everything is one list where that would only add lines.
pub(super) fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let modules: std::collections::BTreeSet<&str> = plan
        .changes
        .iter()
        .filter_map(|change| change.name.as_str().split_once('/'))
        .map(|(module, _)| module)
        .filter(|module| !module.is_empty())
        .collect();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in plan.pending() {
        let name = change.name.as_str();
        let module = name.split_once('/').map_or(name, |(module, _)| module);
        let title = Some(if modules.contains(module) {
            module
        } else {
            "stack"
        });
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.changes.push(change),
            None => groups.push(Group {
                title,
                changes: vec![change],
            }),
        }
    }
    if groups.len() > 1 && groups.iter().any(|group| group.changes.len() > 1) {
        return groups;
    }
    let changes: Vec<&Change> = plan.pending().collect();
    if changes.is_empty() {
        return Vec::new();
    }
    vec![Group {
        title: None,
        changes,
    }]
}

/// The line of a group; the first that hides what is in it says how that is seen.
fn group_line(group: &Group<'_>, folded: bool, told: bool, style: &Style) -> Vec<Line> {
    let changes = count(group.changes.len(), "change");
    let title = match group.title {
        Some(title) => title,
        None if folded => "all",
        None => return Vec::new(),
    };
    let mut text = changes;
    if folded {
        text = format!("{text}: {}", actions(group.changes.iter().copied()));
        if told {
            text.push_str("   --full lists all");
        }
    }
    let tail = Line::new().tone(Tone::Quiet, text);
    Line::new()
        .tone(Tone::Strong, title)
        .last(if folded { 24 } else { 70 }, 4, &tail, style)
}

/// How many changes of each kind: `12 create, 6 update`.
pub(super) fn actions<'a>(changes: impl Iterator<Item = &'a Change> + Clone) -> String {
    let mut parts: Vec<String> = Action::ALL
        .iter()
        .filter(|action| **action != Action::NoOp)
        .filter_map(|action| {
            let number = changes
                .clone()
                .filter(|change| change.action == *action)
                .count();
            (number > 0).then(|| format!("{number} {action}"))
        })
        .collect();
    let awaited = changes
        .filter(|change| change.action == Action::NoOp && change.awaits)
        .count();
    if awaited > 0 {
        parts.push(format!("{awaited} await"));
    }
    parts.join(", ")
}

/// `1 create, 3 update, 0 replace, 0 delete; 58 unchanged`.
pub(super) fn totals(plan: &Plan) -> String {
    let mut parts: Vec<String> = Vec::new();
    for action in Action::ALL {
        let always = matches!(
            action,
            Action::Create | Action::Update | Action::Replace | Action::Delete
        );
        let number = plan.count(action);
        if action != Action::NoOp && (always || number > 0) {
            parts.push(format!("{number} {action}"));
        }
    }
    let awaited = plan
        .pending()
        .filter(|change| change.action == Action::NoOp)
        .count();
    if awaited > 0 {
        parts.push(format!("{awaited} await"));
    }
    let waiting = pending::total(plan.awaiting_outside().count());
    format!(
        "{}; {} unchanged{waiting}",
        parts.join(", "),
        plan.unchanged()
    )
}

/// What becomes of data, and whether that is bad.
pub(super) fn data(plan: &Plan) -> (Tone, String) {
    let deleted = |change: &Change| change.action == Action::Delete;
    let lost = |wanted: bool| {
        let losing = plan.changes.iter().filter(|change| loses_data(change));
        let names: Vec<ResourceName> = losing
            .filter(|change| deleted(change) == wanted)
            .map(|change| change.name.clone())
            .collect();
        some_of(&names)
    };
    let parts: Vec<String> = [(lost(true), "deleted"), (lost(false), "replaced")]
        .into_iter()
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, word)| format!("{word}: {names}"))
        .collect();
    if parts.is_empty() {
        let said = "nothing that holds data is replaced or deleted";
        (Tone::Plain, said.to_owned())
    } else {
        (Tone::Bad, format!("LOST with what is {}", parts.join("; ")))
    }
}

/// The lines that sum a plan up.
fn summary(plan: &Plan, forecast: Option<&Forecast>, style: &Style) -> Vec<Line> {
    let mut lines = vec![labelled("Plan", Tone::Strong, &totals(plan))];
    lines.extend(whole_lines(forecast, style));
    let (tone, text) = data(plan);
    lines.extend(hanging(Line::new().plain("Data:"), 7, tone, &text, style));
    if let Err(blocked) = plan.ensure_executable() {
        lines.push(stop_line(&blocked));
    }
    lines
}

/// Why a plan may not be executed.
pub(super) fn stop_line(blocked: &Blocked) -> Line {
    labelled("Stop", Tone::Bad, &stop_text(blocked))
}

pub(super) fn stop_text(blocked: &Blocked) -> String {
    let errors = count(blocked.findings.len(), "error");
    format!("{errors} must be resolved before this plan can be executed")
}
