//! The preview of a destruction: what holds data, what stays taken, what is plumbing, what stays.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Heading;
use super::change::place_text;
use super::expected::about_text;
use super::finding::{finding_block, help_line};
use super::layout::{Line, closing_lines, hanging, heading_line, write_lines};
use super::plan::{groups, no_changes, stop_line, title};
use super::shown::{name_text, names};
use super::style::{Style, Tone, count, printable, shell_word};
use crate::finding::Finding;
use crate::name::ResourceName;
use crate::plan::{Action, Blocked, Change, Plan};
use crate::resource::Condition;

/// What a plan does not say of a destruction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destroy {
    /// What stays taken after its deletion, and until when, in words.
    pub held: BTreeMap<ResourceName, String>,
    /// What stays although it is near: a name, and why.
    pub stays: Vec<(String, String)>,
    /// The command that destroys, to which the names of what holds data are added.
    pub command: String,
}

const LABEL: usize = 10;
/// Up to as many others are listed, more are counted.
const PLUMBING_MAX: usize = 6;
const PROTECTED: &str = "augeo/protected";
const STAYS: [&str; 2] = ["augeo/host-stays", "augeo/left-behind"];

/// What a plan to destroy would do. Nothing here asks; the caller does.
pub fn destroy_text(plan: &Plan, heading: &Heading, destroy: &Destroy, style: &Style) -> String {
    let mut out = String::new();
    if plan.is_empty() {
        let block = finding_block(&others(plan), style);
        // The block begins with an empty line, which nothing stands above here.
        write_lines(&mut out, block.get(1..).unwrap_or_default(), style);
        if !block.is_empty() {
            out.push('\n');
        }
        out.push_str(&no_changes(plan, heading));
        out.push('\n');
        write_lines(&mut out, &staying(plan, destroy, style), style);
        if let Err(blocked) = plan.ensure_executable() {
            write_lines(&mut out, [&stop_line(&blocked)], style);
        }
        write_lines(&mut out, &closing_lines(heading), style);
        return out;
    }
    write_lines(&mut out, &heading_line(&title(plan), heading, style), style);
    let deletes: Vec<&Change> = deletes(plan).collect();
    let number = count(deletes.len(), "resource");
    let requests = count(plan.requests, "request");
    let time = heading.forecast.as_ref().filter(|it| !it.p50.is_zero());
    let time = time.map_or(String::new(), |it| {
        format!(", about {}", about_text(it.p50))
    });
    let _ = writeln!(out, "{number} to delete, observed in {requests}{time}\n");

    let mut lines = section("DATA", Tone::Bad, &data(plan, destroy), style);
    let held: Vec<(String, String)> = deletes
        .iter()
        .filter_map(|change| {
            let until = destroy.held.get(&change.name)?.clone();
            Some((name_text(&change.name), until))
        })
        .collect();
    lines.extend(section("HELD", Tone::Careful, &held, style));
    lines.extend(plumbing(plan, destroy, style));
    lines.extend(staying(plan, destroy, style));
    write_lines(&mut out, &lines, style);
    write_lines(&mut out, &finding_block(&others(plan), style), style);
    if let Err(blocked) = plan.ensure_executable() {
        out.push('\n');
        write_lines(&mut out, [&stop_line(&blocked)], style);
    }
    write_lines(&mut out, &closing_lines(heading), style);
    out
}

/// The findings that are told of in no place of their own.
fn others(plan: &Plan) -> Vec<Finding> {
    let findings = plan.findings.iter();
    findings
        .filter(|finding| !is_protection(finding) && !STAYS.contains(&finding.rule.as_str()))
        .cloned()
        .collect()
}

/// What keeps a destruction from beginning because it would lose data, and the command that lets
/// it; empty if nothing does. It is an error, for where errors go.
pub fn protection_text(plan: &Plan, destroy: &Destroy, style: &Style) -> String {
    let mut out = String::new();
    write_lines(&mut out, &protection(plan, destroy, style), style);
    out
}

/// Whether a plan to destroy is stopped by nothing but data that was not named.
pub fn is_protected_only(blocked: &Blocked) -> bool {
    blocked.findings.iter().all(is_protection)
}

fn deletes(plan: &Plan) -> impl Iterator<Item = &Change> {
    plan.pending().filter(|change| change.action.removes())
}

fn is_protection(finding: &Finding) -> bool {
    finding.rule == PROTECTED && finding.resource.is_some()
}

/// What must be named for its data to be deleted.
fn data_holders(plan: &Plan) -> impl Iterator<Item = &Change> {
    deletes(plan).filter(|change| change.ty.holds_data && change.goes_with.is_none())
}

fn data(plan: &Plan, destroy: &Destroy) -> Vec<(String, String)> {
    deletes(plan)
        .filter(|change| change.ty.holds_data && !goes_with_data(plan, change))
        .map(|change| {
            let fate = match (&change.goes_with, destroy.held.contains_key(&change.name)) {
                (Some(parent), _) => format!("goes with {}", name_text(parent)),
                (None, true) => "deleted; HELD says until when it can be brought back".to_owned(),
                (None, false) => "deleted with its data".to_owned(),
            };
            let mut text = format!("{}, {fate}", change.ty.title);
            let inside: Vec<&Change> = deletes(plan)
                .filter(|other| other.ty.holds_data)
                .filter(|other| other.goes_with.as_ref() == Some(&change.name))
                .collect();
            if !inside.is_empty() {
                let listed: Vec<_> = inside.iter().map(|other| other.name.clone()).collect();
                let _ = write!(text, "; with it {}", super::error::some_of(&listed));
            }
            (name_text(&change.name), text)
        })
        .collect()
}

/// Whether it is told of where what takes it along is told of.
fn goes_with_data(plan: &Plan, change: &Change) -> bool {
    change.goes_with.as_ref().is_some_and(|parent| {
        plan.change(parent.as_str())
            .is_some_and(|parent| parent.ty.holds_data && parent.action.removes())
    })
}

fn protection(plan: &Plan, destroy: &Destroy, style: &Style) -> Vec<Line> {
    let protected: Vec<&Finding> = plan
        .findings
        .iter()
        .filter(|finding| is_protection(finding))
        .collect();
    if protected.is_empty() {
        return Vec::new();
    }
    let are = if protected.len() == 1 { "is" } else { "are" };
    let listed = names(
        protected
            .iter()
            .filter_map(|finding| finding.resource.as_ref()),
    );
    let code = Line::new()
        .tone(Tone::Bad, format!("error[{PROTECTED}]"))
        .plain(":");
    let text = format!("{listed} {are} protected, because deleting loses data");
    let mut lines = hanging(code, 0, Tone::Strong, &text, style);
    let places = protected
        .iter()
        .filter_map(|finding| finding.location.as_ref());
    lines.extend(places.map(|place| Line::new().plain(format!("  --> {}", place_text(place)))));
    let command = if destroy.command.is_empty() {
        format!("augeo destroy {}", plan.stack.environment())
    } else {
        destroy.command.clone()
    };
    // Those that were named already have to be named again.
    let list = names(data_holders(plan).map(|change| &change.name)).replace(", ", ",");
    let list = shell_word(&list);
    lines.push(Line::new());
    lines.push(help_line(&format!("{command} --delete-data {list}")));
    lines
}

/// A label beside the first of its rows, names in one column.
fn section(label: &str, tone: Tone, rows: &[(String, String)], style: &Style) -> Vec<Line> {
    let widest = rows.iter().map(|(name, _)| name.chars().count()).max();
    let column = LABEL + widest.unwrap_or(0).clamp(16, 34) + 2;
    let mut lines = Vec::new();
    for (position, (name, text)) in rows.iter().enumerate() {
        let start = if position == 0 {
            Line::new().tone(tone, label)
        } else {
            Line::new()
        };
        let name = start.to(LABEL).tone(Tone::Strong, printable(name));
        lines.extend(hanging(name, column, Tone::Plain, &printable(text), style));
    }
    lines
}

fn is_plumbing(change: &Change, destroy: &Destroy) -> bool {
    change.action.removes() && !change.ty.holds_data && !destroy.held.contains_key(&change.name)
}

fn plumbing(plan: &Plan, destroy: &Destroy, style: &Style) -> Vec<Line> {
    let all: Vec<&Change> = plan
        .pending()
        .filter(|change| is_plumbing(change, destroy))
        .collect();
    if all.is_empty() {
        return Vec::new();
    }
    if style.full || all.len() <= PLUMBING_MAX {
        let rows: Vec<(String, String)> = all
            .iter()
            .map(|change| (name_text(&change.name), change.ty.title.to_string()))
            .collect();
        return section("PLUMBING", Tone::Plain, &rows, style);
    }
    let parts: Vec<String> = groups(plan)
        .into_iter()
        .filter_map(|group| {
            let others = group
                .changes
                .iter()
                .filter(|change| is_plumbing(change, destroy));
            let number = others.count();
            let title = group.title?;
            (number > 0).then(|| format!("{title} {number}"))
        })
        .collect();
    let text = format!("{}   --full lists them", parts.join(", "));
    let label = Line::new()
        .plain("PLUMBING")
        .to(LABEL)
        .plain(count(all.len(), "other"));
    hanging(label, LABEL + 12, Tone::Plain, &text, style)
}

fn staying(plan: &Plan, destroy: &Destroy, style: &Style) -> Vec<Line> {
    let mut rows = Vec::new();
    for change in &plan.changes {
        let soft_deleted = change
            .prior
            .as_ref()
            .and_then(|prior| match prior.condition {
                Condition::SoftDeleted { purged_at } => Some(purged_at),
                Condition::Ready
                | Condition::Busy { .. }
                | Condition::Failed { .. }
                | Condition::Deleting => None,
            });
        let name = name_text(&change.name);
        if change.action == Action::Forget {
            rows.push((name, "is not deleted, and ours no more".to_owned()));
        } else if let (Action::NoOp, Some(purged_at)) = (change.action, soft_deleted) {
            let until = purged_at.map_or(String::new(), |at| format!(" until {}", at.date()));
            rows.push((
                name,
                format!("is soft-deleted already, its name stays taken{until}"),
            ));
        }
    }
    for finding in &plan.findings {
        if let Some(name) = finding
            .resource
            .as_ref()
            .filter(|_| STAYS.contains(&finding.rule.as_str()))
        {
            let name = name_text(name);
            let message = finding.message.strip_prefix(&format!("{name} "));
            let message = message.map(|text| text.strip_prefix("stays, ").unwrap_or(text));
            rows.push((name, message.unwrap_or(&finding.message).to_owned()));
        }
    }
    rows.extend(
        plan.existing
            .keys()
            .map(|name| (name_text(name), "is not ours".to_owned())),
    );
    rows.extend(destroy.stays.iter().cloned());
    section("STAYS", Tone::Good, &rows, style)
}
