//! Locks of others that would keep a plan from deleting: looked for only where it does.

use std::collections::BTreeSet;

use augeo_core::finding::Finding;
use augeo_core::plan::{Change, Plan};
use augeo_core::provider::Context;
use augeo_core::resource::Lifecycle;
use augeo_core::value::{PropertyPath, Value};
use serde_json::Value as Json;

use super::Azure;
use super::look::id_of;
use crate::arm_id::ArmId;
use crate::client::ArmRequest;
use crate::schema::{ArmScope, ArmType};

impl Azure {
    /// Locks that nobody knew of when the plan was made and that refuse something of it.
    pub(super) async fn check_locks(&self, plan: &Plan, ctx: &Context) -> Vec<Finding> {
        let removed: Vec<(&Change, ArmId)> = plan
            .pending()
            .filter(|change| change.action.removes() && change.goes_with.is_none())
            .filter(|change| change.ty.lifecycle != Lifecycle::Resettable)
            .filter_map(|change| Some((change, ArmId::try_from(&change.id).ok()?)))
            .collect();
        let groups: BTreeSet<ArmId> = removed
            .iter()
            .filter_map(|(_, id)| id.resource_group_id())
            .collect();
        let mut findings = Vec::new();
        let guards = |ty: &&ArmType| ty.scope == ArmScope::Extension && ty.facts.guards.is_some();
        for ty in self.types.all().filter(guards) {
            for group in &groups {
                let path = format!("{group}/providers/{}", ty.name());
                let request = ArmRequest::get(path, ty.api_version());
                // Who may not see locks is told by the deletion.
                let locks = self.client.list(&request, ctx).await.unwrap_or_default();
                findings.extend(
                    locks
                        .iter()
                        .filter_map(|lock| refusal(plan, &removed, lock)),
                );
            }
        }
        findings
    }
}

/// What a lock that the plan does not know keeps from being deleted.
fn refusal(plan: &Plan, removed: &[(&Change, ArmId)], lock: &Json) -> Option<Finding> {
    let id = id_of(lock)?;
    let known = id.to_resource_id();
    let planned = plan.changes.iter().any(|change| change.id == known);
    let level = Value::from(lock.clone());
    let level = level
        .get(&PropertyPath::parse("properties.level"))?
        .as_str()?;
    if planned || level.eq_ignore_ascii_case("NotSpecified") {
        return None;
    }
    let scope = key(&id.target()?);
    let (change, _) = removed.iter().find(|(_, id)| {
        let id = key(id);
        id.starts_with(&scope) || scope.starts_with(&id)
    })?;
    let message = format!(
        "{} cannot be deleted: the lock {id}, which is not this stack's, forbids it",
        change.name
    );
    let finding = Finding::error("augeo/locked", message).about(&change.name);
    Some(finding.fix("have whoever put it there take it off, then plan again"))
}

fn key(id: &ArmId) -> String {
    format!("{}/", id.to_string().to_ascii_lowercase())
}
