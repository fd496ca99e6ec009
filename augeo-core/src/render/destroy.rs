//! The preview of a destruction: what holds data, what stays taken, what is plumbing, what stays.

use std::collections::{BTreeMap, BTreeSet};

use super::Heading;
use super::finding::{finding_block, help_line};
use super::layout::{Line, closing_lines, hanging, heading_line, write_lines};
use super::plan::{groups, no_changes, title};
use super::shown::names;
use super::style::{Style, Tone, clean, count};
use crate::name::ResourceName;
use crate::plan::{Action, Change, Plan};
use crate::resource::Condition;

/// What a plan does not say of a destruction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destroy {
    /// What holds data and was not asked for by name: it is protected.
    pub protected: BTreeSet<ResourceName>,
    /// What stays taken after its deletion, and until when, in words.
    pub held: BTreeMap<ResourceName, String>,
    /// What stays although it is near: a name, and why.
    pub stays: Vec<(String, String)>,
    /// The command that would also delete the protected ones, up to the list of names.
    pub command: String,
}

const LABEL: usize = 10;

/// What a plan to destroy would do. Nothing here asks; the caller does.
pub fn destroy_text(plan: &Plan, heading: &Heading, destroy: &Destroy, style: &Style) -> String {
    let mut out = String::new();
    if plan.is_empty() && plan.findings.is_empty() {
        out.push_str(&no_changes(plan, heading));
        out.push('\n');
        write_lines(&mut out, &staying(plan, destroy, style), style);
        write_lines(&mut out, &closing_lines(heading), style);
        return out;
    }
    write_lines(&mut out, &heading_line(&title(plan), heading, style), style);
    let deletes: Vec<&Change> = plan
        .pending()
        .filter(|change| change.action.removes())
        .collect();
    let deleted = count(deletes.len(), "resource");
    out.push_str(&format!(
        "{deleted} to delete, observed in {}\n\n",
        count(plan.requests, "request")
    ));

    let mut lines = Vec::new();
    let of_data: Vec<_> = deletes
        .iter()
        .filter(|change| change.ty.holds_data)
        .collect();
    let rows: Vec<(String, String)> = of_data
        .iter()
        .map(|change| (change.name.to_string(), data_text(change, destroy)))
        .collect();
    lines.extend(section("DATA", Tone::Bad, &rows, style));
    let held: Vec<(String, String)> = deletes
        .iter()
        .filter_map(|change| {
            Some((
                change.name.to_string(),
                destroy.held.get(&change.name)?.clone(),
            ))
        })
        .collect();
    lines.extend(section("HELD", Tone::Careful, &held, style));
    lines.extend(plumbing(plan, destroy, style));
    lines.extend(staying(plan, destroy, style));
    write_lines(&mut out, &lines, style);
    write_lines(&mut out, &finding_block(&plan.findings, style), style);

    let protected: Vec<&ResourceName> = deletes
        .iter()
        .map(|change| &change.name)
        .filter(|name| destroy.protected.contains(*name))
        .collect();
    if !protected.is_empty() {
        out.push('\n');
        let are = if protected.len() == 1 { "is" } else { "are" };
        let listed = names(protected.iter().copied());
        let code = Line::new().tone(Tone::Bad, "error[protected]").plain(":");
        let text = format!("{listed} {are} protected: deleting loses data");
        write_lines(
            &mut out,
            &hanging(code, 0, Tone::Strong, &text, style),
            style,
        );
        let command = if destroy.command.is_empty() {
            format!("augeo destroy {}", plan.stack.environment())
        } else {
            destroy.command.clone()
        };
        let list = listed.replace(", ", ",");
        let help = help_line(&format!("{command} --delete-data {list}"));
        write_lines(&mut out, [&help], style);
    }
    write_lines(&mut out, &closing_lines(heading), style);
    out
}

fn data_text(change: &Change, destroy: &Destroy) -> String {
    let fate = if destroy.held.contains_key(&change.name) {
        "deleted; HELD says until when it can be brought back"
    } else {
        "gone at once"
    };
    format!("{}, {fate}", change.ty.title)
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
        let name = start.to(LABEL).tone(Tone::Strong, clean(name));
        lines.extend(hanging(name, column, Tone::Plain, &clean(text), style));
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
    if style.full || all.len() <= 6 {
        let rows: Vec<(String, String)> = all
            .iter()
            .map(|change| (change.name.to_string(), change.ty.title.to_string()))
            .collect();
        return section("PLUMBING", Tone::Plain, &rows, style);
    }
    let parts: Vec<String> = groups(plan)
        .into_iter()
        .filter_map(|group| {
            let number = group
                .changes
                .iter()
                .filter(|change| is_plumbing(change, destroy))
                .count();
            let title = group.title?;
            (number > 0).then(|| format!("{title} {number}"))
        })
        .collect();
    let mut text = parts.join(", ");
    text.push_str(if text.is_empty() {
        "--full lists them"
    } else {
        "   --full lists them"
    });
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
        if change.action == Action::Forget {
            rows.push((
                change.name.to_string(),
                "is not deleted, and ours no more".to_owned(),
            ));
        } else if let (Action::NoOp, Some(purged_at)) = (change.action, soft_deleted) {
            let until = purged_at.map_or(String::new(), |at| format!(" until {}", at.date()));
            let text = format!("is soft-deleted already, its name stays taken{until}");
            rows.push((change.name.to_string(), text));
        }
    }
    rows.extend(
        plan.existing
            .keys()
            .map(|name| (name.to_string(), "is not ours".to_owned())),
    );
    rows.extend(destroy.stays.iter().cloned());
    section("STAYS", Tone::Good, &rows, style)
}
