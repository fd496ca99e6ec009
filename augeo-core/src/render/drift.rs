//! Drift: what changed although nobody declared it, desired first, observed second.

use serde::Serialize;
use std::fmt::Write as _;

use super::Heading;
use super::change::{Columns, drifted};
use super::difference::{Row, row_lines, rows};
use super::finding::finding_block;
use super::json::{DifferenceJson, differences_json, finding_json, to_text};
use super::layout::{Line, closing_lines, heading_line, write_lines};
use super::style::{Style, Tone, count, printable};
use crate::plan::{Action, Cause, Change, Difference, Plan};

/// How many properties of one resource are listed unless all are.
const LISTED_MAX: usize = 12;

/// Whether anything drifted: changed, or gone, although its declaration says otherwise.
pub fn has_drift(plan: &Plan) -> bool {
    drift(plan).next().is_some()
}

fn drift(plan: &Plan) -> impl Iterator<Item = &Change> + Clone {
    plan.pending().filter(|change| drifts(change))
}

/// Whether a difference is drift, or may be: where no record of the last declaration is kept, or
/// the declaration changed as well, nobody can tell it from a change, and silence would hide what
/// was weakened.
fn is_drift(cause: &Cause) -> bool {
    matches!(cause, Cause::Drift | Cause::Undetermined)
}

/// The differences of a resource that nobody declared.
fn undeclared(change: &Change) -> Vec<Row<'_>> {
    rows(change)
        .into_iter()
        .filter(|row| is_drift(&row.origin.cause))
        .collect()
}

/// The drift that a plan found, for people.
pub fn drift_text(plan: &Plan, heading: &Heading, style: &Style) -> String {
    let mut out = String::new();
    let environment = plan.stack.environment();
    let seen = format!(
        "{}, {}",
        count(plan.changes.len(), "resource"),
        count(plan.requests, "request")
    );
    let others = plan.pending().filter(|change| !drifts(change)).count();
    if has_drift(plan) && plan.changes.iter().all(|change| change.prior.is_none()) {
        let _ = writeln!(
            out,
            "Nothing of {environment} is there ({seen}): it was never provisioned, was destroyed, or \
             somebody deleted all of it"
        );
        write_lines(&mut out, &finding_block(&plan.findings, style), style);
        write_lines(&mut out, &closing_lines(heading), style);
        return out;
    }
    if has_drift(plan) {
        let title = format!("Drift in {environment}");
        write_lines(&mut out, &heading_line(&title, heading, style), style);
        out.push_str(&seen);
        out.push_str("\n\n");
    } else {
        let config = heading.config.as_deref().unwrap_or("its declaration");
        let _ = writeln!(
            out,
            "No drift: {environment} matches {config} as last applied ({seen})"
        );
    }
    let columns = Columns::of(drift(plan));
    let mut properties = 0;
    for change in drift(plan) {
        let rows = undeclared(change);
        properties += rows.len();
        write_lines(
            &mut out,
            &resource_lines(change, &rows, plan, columns, style),
            style,
        );
    }
    if others > 0 {
        let are = if others == 1 { "is" } else { "are" };
        let pending = count(others, "other change");
        let line = format!("Not drift: {pending} {are} declared and not applied yet");
        out.push_str(if has_drift(plan) { "\n" } else { "" });
        out.push_str(&line);
        out.push('\n');
    }
    write_lines(&mut out, &finding_block(&plan.findings, style), style);
    if has_drift(plan) {
        out.push('\n');
        out.push_str(&total(plan, properties));
        out.push('\n');
    }
    write_lines(&mut out, &closing_lines(heading), style);
    out
}

fn drifts(change: &Change) -> bool {
    let differs = |difference: &Difference| is_drift(&difference.cause);
    change.action == Action::Create || change.differences.iter().any(differs)
}

fn total(plan: &Plan, properties: usize) -> String {
    let mut parts = vec![
        format!("{} drifted", count(drift(plan).count(), "resource")),
        count(properties, "property"),
    ];
    if !plan.findings.is_empty() {
        parts.push(count(plan.findings.len(), "finding"));
    }
    let holding = super::shown::names(
        drift(plan)
            .filter(|change| change.ty.holds_data)
            .map(|change| &change.name),
    );
    let data = if holding.is_empty() {
        "none holds data".to_owned()
    } else {
        format!("data is held by {holding}")
    };
    format!("{}; {data}", parts.join(", "))
}

fn resource_lines(
    change: &Change,
    rows: &[Row<'_>],
    plan: &Plan,
    columns: Columns<'_>,
    style: &Style,
) -> Vec<Line> {
    let gone = change.action == Action::Create;
    let mark = match (gone, drifted(change)) {
        (true, _) => "is not there",
        (false, true) => "",
        (false, false) => "drifted, or not yet applied",
    };
    let mark = Line::new().tone(Tone::Bad, mark);
    let mut lines = Line::new()
        .to(2)
        .tone(Tone::Strong, super::shown::name_text(&change.name))
        .to(2 + columns.name + 2)
        .plain(printable(&change.ty.title))
        .last(72, 6, &mark, style);
    let listed = if style.full || rows.len() == LISTED_MAX + 1 {
        rows.len()
    } else {
        LISTED_MAX
    };
    for row in rows.iter().take(listed) {
        // Read from what was asked for to what there is.
        let reversed = Row {
            before: row.after,
            after: row.before,
            ..row.clone()
        };
        lines.extend(row_lines(&reversed, plan, style));
    }
    if rows.len() > listed {
        let more = count(rows.len() - listed, "more property");
        lines.push(
            Line::new()
                .to(6)
                .plain(format!("{more}   --full lists them")),
        );
    }
    lines
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DriftJson<'a> {
    schema: &'static str,
    project: &'a str,
    environment: &'a str,
    resources: usize,
    requests: usize,
    drifted: Vec<ResourceJson<'a>>,
    pending: usize,
    findings: Vec<serde_json::Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceJson<'a> {
    name: &'a str,
    id: &'a str,
    #[serde(rename = "type")]
    ty: &'a str,
    gone: bool,
    holds_data: bool,
    /// `before` is observed, `after` is desired, as in a plan.
    differences: Vec<DifferenceJson<'a>>,
}

/// The drift that a plan found, for tools: `before` is observed, `after` is desired.
pub fn drift_json(plan: &Plan) -> String {
    let drifted: Vec<_> = drift(plan)
        .map(|change| ResourceJson {
            name: change.name.as_str(),
            id: change.id.text(),
            ty: change.ty.name.as_str(),
            gone: change.action == Action::Create,
            holds_data: change.ty.holds_data,
            differences: differences_json(&undeclared(change)),
        })
        .collect();
    to_text(&DriftJson {
        schema: "augeo.drift/1",
        project: plan.stack.project(),
        environment: plan.stack.environment(),
        resources: plan.changes.len(),
        requests: plan.requests,
        pending: plan.pending().filter(|change| !drifts(change)).count(),
        findings: plan.findings.iter().map(finding_json).collect(),
        drifted,
    })
}
