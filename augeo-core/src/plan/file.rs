//! Saved plans: the file form of a plan, lossless, without facts of types and without secrets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Action, Change, Difference, Plan, Purpose, Reason};
use crate::finding::{Finding, SourceLocation};
use crate::name::{ResourceId, ResourceName, StackName, TypeName};
use crate::provider::Provider;
use crate::resource::{Observed, ResourceType};
use crate::value::{Value, plan_form};

/// The version of the form. It changes whenever an older program could misread the file.
const SCHEMA: &str = "augeo.saved-plan/1";

/// What is wrong with a saved plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It is not a plan at all, or it was cut short.
    #[error("the file is not a saved plan")]
    Malformed(#[source] serde_json::Error),
    /// It was written by another version.
    #[error("the saved plan has the form `{0}`; this version reads `{SCHEMA}`")]
    OtherVersion(String),
    /// It breaks an invariant of plans, so it was edited or damaged.
    #[error("the saved plan is inconsistent: {0}")]
    Inconsistent(String),
    /// Its sum is not that of what it holds, so it was edited or damaged.
    #[error("the saved plan was changed after it was written; make it again")]
    Changed,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    schema: String,
    stack: StackName,
    purpose: Purpose,
    changes: Vec<Entry>,
    existing: BTreeMap<ResourceName, Observed>,
    findings: Vec<Finding>,
    #[serde(default)]
    left_out: usize,
    requests: usize,
    /// Of everything else: it guards against accidents, not against people.
    sum: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: ResourceName,
    id: ResourceId,
    ty: TypeName,
    version: String,
    action: Action,
    awaits: bool,
    reasons: Vec<Reason>,
    differences: Vec<Difference>,
    #[serde(with = "plan_form::option")]
    desired: Option<Value>,
    #[serde(with = "plan_form::option")]
    planned: Option<Value>,
    prior: Option<Observed>,
    after: BTreeSet<ResourceName>,
    #[serde(default)]
    once_ready: BTreeSet<ResourceName>,
    #[serde(default)]
    follows: BTreeSet<ResourceName>,
    exclusion: BTreeSet<String>,
    scope: Option<ResourceName>,
    goes_with: Option<ResourceName>,
    location: Option<SourceLocation>,
    declared: String,
    digest: String,
}

/// The file form of a plan.
///
/// # Panics
/// Never: names are text, and every value has a form in a file.
pub fn to_json(plan: &Plan) -> serde_json::Value {
    let changes = plan.changes.iter().cloned().map(|change| Entry {
        name: change.name,
        id: change.id,
        ty: change.ty.name.clone(),
        version: change.ty.version.to_string(),
        action: change.action,
        awaits: change.awaits,
        reasons: change.reasons,
        differences: change.differences,
        desired: change.desired,
        planned: change.planned,
        prior: change.prior,
        after: change.after,
        once_ready: change.once_ready,
        follows: change.follows,
        exclusion: change.exclusion,
        scope: change.scope,
        goes_with: change.goes_with,
        location: change.location,
        declared: change.declared,
        digest: change.digest,
    });
    let file = File {
        schema: SCHEMA.to_owned(),
        stack: plan.stack.clone(),
        purpose: plan.purpose,
        changes: changes.collect(),
        existing: plan.existing.clone(),
        findings: plan.findings.clone(),
        left_out: plan.left_out,
        requests: plan.requests,
        sum: String::new(),
    };
    let mut json =
        serde_json::to_value(file).expect("names are text and every value has a plan form");
    json["sum"] = sum(&json).into();
    json
}

/// The sum of a file's content: of its text with the keys in order and without a sum.
fn sum(json: &serde_json::Value) -> String {
    let mut without = json.clone();
    if let Some(file) = without.as_object_mut() {
        file.remove("sum");
    }
    without.sort_all_objects();
    format!("{:x}", Sha256::digest(without.to_string()))
}

/// Reads a plan back; the facts of its types come from the provider that will execute it.
///
/// # Errors
/// When the file is malformed, of another version, or breaks an invariant of plans.
pub fn from_json(json: serde_json::Value, provider: &dyn Provider) -> Result<Plan, PlanFileError> {
    let schema = json.get("schema").and_then(serde_json::Value::as_str);
    if let Some(schema) = schema.filter(|schema| *schema != SCHEMA) {
        return Err(PlanFileError::OtherVersion(schema.to_owned()));
    }
    let found = sum(&json);
    let file: File = serde_json::from_value(json).map_err(PlanFileError::Malformed)?;
    let changes = file.changes.into_iter().map(|entry| Change {
        ty: facts(provider, &entry.ty, &entry.id, entry.version),
        name: entry.name,
        id: entry.id,
        action: entry.action,
        awaits: entry.awaits,
        reasons: entry.reasons,
        differences: entry.differences,
        desired: entry.desired,
        planned: entry.planned,
        prior: entry.prior,
        after: entry.after,
        once_ready: entry.once_ready,
        follows: entry.follows,
        exclusion: entry.exclusion,
        scope: entry.scope,
        goes_with: entry.goes_with,
        location: entry.location,
        declared: entry.declared,
        digest: entry.digest,
    });
    let plan = Plan {
        stack: file.stack,
        purpose: file.purpose,
        changes: changes.collect(),
        existing: file.existing,
        findings: file.findings,
        left_out: file.left_out,
        requests: file.requests,
    };
    match plan.check().into_iter().next() {
        Some(broken) => Err(PlanFileError::Inconsistent(broken)),
        None if file.sum != found => Err(PlanFileError::Changed),
        None => Ok(plan),
    }
}

fn facts(
    provider: &dyn Provider,
    name: &TypeName,
    id: &ResourceId,
    version: String,
) -> Arc<ResourceType> {
    let known = provider
        .resource_type(name, id)
        .map(std::borrow::Cow::into_owned);
    let facts = known.unwrap_or_else(|| ResourceType {
        name: name.clone(),
        title: name.to_string().into(),
        ..ResourceType::BASE
    });
    Arc::new(ResourceType {
        version: version.into(),
        ..facts
    })
}
