//! Plans, reports and events for tools. Schemas are named in the output and only ever grow.
//!
//! Values that are not known yet are `{"$augeo": {"unknown": …}}`; a secret has no value at all.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Heading;
use super::change::loses_data;
use super::difference::{Row, rows};
use super::shown::has_secret;
use crate::finding::Finding;
use crate::forecast::Forecast;
use crate::name::ResourceName;
use crate::pending::Pending;
use crate::plan::{Action, Cause, Change, Plan};
use crate::provider::ProviderError;
use crate::report::{Event, Outcome, Report};
use crate::value::Value;

/// The first line of every stream of events.
pub const EVENTS_HEADER: &str = r#"{"schema":"augeo.events/1"}"#;

pub(super) fn to_text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data always serialises");
    text.push('\n');
    text
}

/// One property that differs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DifferenceJson<'a> {
    path: String,
    before: Option<Json>,
    after: Option<Json>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    secret: bool,
    #[serde(flatten)]
    cause: &'a Cause,
    forces_replacement: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Json>,
}

pub(super) fn differences_json<'a>(rows: &[Row<'a>]) -> Vec<DifferenceJson<'a>> {
    rows.iter()
        .map(|row| {
            let visible = |value: Option<&Value>| {
                value
                    .filter(|value| !row.secret && !has_secret(value))
                    .map(Value::to_plan_json)
            };
            DifferenceJson {
                path: row.path.to_string(),
                before: visible(row.before),
                after: visible(row.after),
                secret: row.secret,
                cause: &row.origin.cause,
                forces_replacement: row.origin.forces_replacement,
                source: row.origin.source.as_ref().map(plain),
            }
        })
        .collect()
}

fn plain(value: &impl Serialize) -> Json {
    serde_json::to_value(value).expect("plain data always serialises")
}

pub(super) fn finding_json(finding: &Finding) -> Json {
    plain(finding)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanJson<'a> {
    schema: &'static str,
    project: &'a str,
    environment: &'a str,
    purpose: Json,
    target: &'a [String],
    config: Option<&'a str>,
    summary: SummaryJson,
    left_out: usize,
    requests: usize,
    executable: bool,
    loses_data: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<&'a Forecast>,
    changes: Vec<ChangeJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending: Vec<PendingJson<'a>>,
    findings: Vec<Json>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    create: usize,
    update: usize,
    replace: usize,
    delete: usize,
    recover: usize,
    #[serde(skip_serializing_if = "is_none")]
    lift: usize,
    adopt: usize,
    forget: usize,
    awaited: usize,
    unchanged: usize,
    pending: usize,
}

/// What waits for the outside world.
#[derive(Serialize)]
struct PendingJson<'a> {
    resource: &'a str,
    #[serde(flatten)]
    pending: &'a Pending,
}

fn pending_json<'a>((name, pending): (&'a ResourceName, &'a Pending)) -> PendingJson<'a> {
    let resource = name.as_str();
    PendingJson { resource, pending }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeJson<'a> {
    name: &'a str,
    id: &'a str,
    #[serde(rename = "type")]
    ty: &'a str,
    title: &'a str,
    action: Action,
    awaits: bool,
    loses_data: bool,
    reasons: Vec<Json>,
    differences: Vec<DifferenceJson<'a>>,
    after: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Json>,
}

/// A plan for tools (`augeo.plan/1`). It cannot be executed: the saved plan is another file.
pub fn plan_json(plan: &Plan, heading: &Heading) -> String {
    to_text(&PlanJson {
        schema: "augeo.plan/1",
        project: plan.stack.project(),
        environment: plan.stack.environment(),
        purpose: plain(&plan.purpose),
        target: &heading.target,
        config: heading.config.as_deref(),
        summary: SummaryJson {
            create: plan.count(Action::Create),
            update: plan.count(Action::Update),
            replace: plan.count(Action::Replace),
            delete: plan.count(Action::Delete),
            recover: plan.count(Action::Recover),
            lift: plan.count(Action::Lift),
            adopt: plan.count(Action::Adopt),
            forget: plan.count(Action::Forget),
            awaited: plan.pending().filter(|change| change.awaits).count(),
            unchanged: plan.unchanged(),
            pending: plan.awaiting_outside().count(),
        },
        left_out: plan.left_out,
        requests: plan.requests,
        executable: plan.ensure_executable().is_ok(),
        loses_data: plan
            .changes
            .iter()
            .filter(|change| loses_data(change))
            .map(|change| change.name.as_str())
            .collect(),
        forecast: heading.forecast.as_deref(),
        changes: plan.pending().map(change_json).collect(),
        pending: plan
            .awaiting_outside()
            .map(|(change, pending)| pending_json((&change.name, pending)))
            .collect(),
        findings: plan.findings.iter().map(finding_json).collect(),
    })
}

fn change_json(change: &Change) -> ChangeJson<'_> {
    ChangeJson {
        name: change.name.as_str(),
        id: change.id.text(),
        ty: change.ty.name.as_str(),
        title: &change.ty.title,
        action: change.action,
        awaits: change.awaits,
        loses_data: loses_data(change),
        reasons: change.reasons.iter().map(plain).collect(),
        differences: differences_json(&rows(change)),
        after: change.after.iter().map(ResourceName::as_str).collect(),
        location: change.location.as_ref().map(plain),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportJson<'a> {
    schema: &'static str,
    project: &'a str,
    environment: &'a str,
    complete: bool,
    elapsed_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ScoreJson>,
    outcomes: Vec<OutcomeJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pending: Vec<PendingJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeJson<'a> {
    resource: &'a str,
    action: Action,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_seconds: Option<f64>,
}

/// What was predicted, scored against what happened.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScoreJson {
    p50_seconds: f64,
    p90_seconds: f64,
    within_p90: bool,
}

/// A report for tools (`augeo.report/1`), with what was predicted if something was. The values of
/// what exists are not part of it.
pub fn report_json(report: &Report, forecast: Option<&Forecast>) -> String {
    to_text(&ReportJson {
        schema: "augeo.report/1",
        project: report.stack.project(),
        environment: report.stack.environment(),
        complete: report.ok().is_ok(),
        elapsed_seconds: seconds(report.elapsed),
        forecast: forecast.map(|forecast| ScoreJson {
            p50_seconds: seconds(forecast.p50),
            p90_seconds: seconds(forecast.p90),
            within_p90: report.elapsed <= forecast.p90,
        }),
        outcomes: report
            .outcomes
            .iter()
            .map(|(name, action, outcome)| OutcomeJson {
                resource: name.as_str(),
                action: *action,
                outcome: outcome_word(outcome),
                because: match outcome {
                    Outcome::Skipped { because } => Some(because.as_str()),
                    Outcome::Succeeded
                    | Outcome::Failed { .. }
                    | Outcome::Pending(_)
                    | Outcome::Cancelled
                    | Outcome::Unknown { .. } => None,
                },
                error: outcome_error(outcome).map(error_json),
                elapsed_seconds: report.elapsed_by_resource.get(name).copied().map(seconds),
                expected_seconds: forecast
                    .and_then(|forecast| forecast.expected(name))
                    .map(|expected| seconds(expected.p50)),
            })
            .collect(),
        pending: report
            .pending
            .iter()
            .map(|(name, pending)| pending_json((name, pending)))
            .collect(),
    })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_none(number: &usize) -> bool {
    *number == 0
}

fn seconds(duration: Duration) -> f64 {
    // Whole milliseconds: more is noise.
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)).as_secs_f64()
}

fn outcome_error(outcome: &Outcome) -> Option<&ProviderError> {
    match outcome {
        Outcome::Failed { error } | Outcome::Unknown { error } => Some(error),
        Outcome::Succeeded | Outcome::Skipped { .. } | Outcome::Pending(_) | Outcome::Cancelled => {
            None
        }
    }
}

pub(super) fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed { .. } => "failed",
        Outcome::Skipped { .. } => "skipped",
        Outcome::Pending(_) => "pending",
        Outcome::Cancelled => "cancelled",
        Outcome::Unknown { .. } => "unknown",
    }
}

fn error_json(error: &ProviderError) -> Json {
    plain(error)
}

/// One event as one line, without its end; the stream begins with [`EVENTS_HEADER`].
pub fn event_json(event: &Event, now: OffsetDateTime) -> String {
    let mut line = event_fields(event);
    // Years that the form cannot hold are no times of a run.
    let time = now.format(&Rfc3339).unwrap_or_default();
    if let Some(fields) = line.as_object_mut() {
        fields.insert("time".to_owned(), time.into());
    }
    line.to_string()
}

fn event_fields(event: &Event) -> Json {
    match event {
        Event::Started { stack, changes } => json!({
            "type": "started", "project": stack.project(), "environment": stack.environment(),
            "changes": changes,
        }),
        Event::ChangeStarted {
            resource,
            action,
            usual,
        } => json!({
            "type": "changeStarted", "resource": resource, "action": action,
            "usualSeconds": seconds(*usual),
        }),
        Event::Waiting {
            resource,
            status,
            next,
        } => json!({
            "type": "waiting", "resource": resource, "status": status,
            "nextSeconds": seconds(*next),
        }),
        Event::Retrying {
            resource,
            reason,
            after,
        } => json!({
            "type": "retrying", "resource": resource, "reason": reason,
            "afterSeconds": seconds(*after),
        }),
        Event::ChangeFinished {
            resource,
            action,
            outcome,
            elapsed,
        } => {
            let mut line = json!({
                "type": "changeFinished", "resource": resource, "action": action,
                "outcome": outcome_word(outcome), "elapsedSeconds": seconds(*elapsed),
            });
            if let Outcome::Skipped { because } = outcome {
                line["because"] = json!(because);
            }
            if let Outcome::Pending(pending) = outcome {
                line["pending"] = plain(pending);
            }
            if let Some(error) = outcome_error(outcome) {
                line["error"] = error_json(error);
            }
            line
        }
        Event::Stopping => json!({"type": "stopping"}),
        Event::Finished {
            elapsed,
            succeeded,
            others,
            pending,
        } => json!({
            "type": "finished", "elapsedSeconds": seconds(*elapsed), "succeeded": succeeded,
            "others": others,
            "pending": pending,
        }),
    }
}
