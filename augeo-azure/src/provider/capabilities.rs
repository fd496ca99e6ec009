//! What a service offers in a region, asked once before something is made there: versions, sizes,
//! standbys. What is not offered stops the plan; what may not be asked is told as not verified.

use std::collections::BTreeMap;

use augeo_core::finding::Finding;
use augeo_core::plan::{Action, Change, Plan};
use augeo_core::provider::Context;
use augeo_core::value::{PropertyPath, Value};
use serde_json::Value as Json;

use super::Azure;
use super::preflight::not_verified;
use crate::arm_id::ArmId;
use crate::client::ArmRequest;
use crate::error::ArmError;
use crate::schema::{ArmType, Offer};

/// What is asked of a type's service in one region, and for which changes.
pub(super) struct Asked<'a, Q> {
    pub(super) question: Q,
    pub(super) region: String,
    version: String,
    pub(super) changes: Vec<&'a Change>,
}

impl Azure {
    /// The questions that changes raise, one for each type and region.
    pub(super) fn asked<'a, Q>(
        &self,
        changes: impl Iterator<Item = &'a Change>,
        question: impl Fn(&ArmType, &Change) -> Option<Q>,
    ) -> Vec<Asked<'a, Q>> {
        let mut asked: BTreeMap<(String, String), Asked<'a, Q>> = BTreeMap::new();
        for change in changes {
            let ty = self.types.of(&change.ty);
            let (Some(question), Some(region)) = (question(&ty, change), region(change)) else {
                continue;
            };
            let key = (change.ty.name.to_string(), region.clone());
            let entry = asked.entry(key).or_insert_with(|| Asked {
                question,
                region,
                version: ty.api_version().to_owned(),
                changes: Vec::new(),
            });
            entry.changes.push(change);
        }
        asked.into_values().collect()
    }

    /// What a service tells of the region, at a path below the subscription.
    pub(super) async fn told_of_region<Q: Sync>(
        &self,
        asked: &Asked<'_, Q>,
        path: &str,
        ctx: &Context,
    ) -> Result<Vec<Json>, ArmError> {
        let subscription = ArmId::subscription_scope(self.subscription_id());
        let path = path.replace("{location}", &asked.region);
        let request = ArmRequest::get(format!("{subscription}/{path}"), &asked.version);
        self.client.list(&request, ctx).await
    }

    /// Asks for what is made, or changed in what is offered.
    pub(super) async fn check_capabilities(&self, plan: &Plan, ctx: &Context) -> Vec<Finding> {
        let asked = self.asked(plan.pending(), |ty, change| {
            let capabilities = ty.capabilities?;
            let mut offers = capabilities.offers.iter();
            offers
                .any(|offer| asks_for(change, offer))
                .then_some(capabilities)
        });
        let mut findings = Vec::new();
        for asked in asked {
            let (capabilities, region) = (asked.question, &asked.region);
            let answer = self.told_of_region(&asked, capabilities.path, ctx).await;
            for change in &asked.changes {
                match &answer {
                    Ok(offered) => {
                        let offers = capabilities.offers.iter();
                        let offers = offers.filter(|offer| asks_for(change, offer));
                        findings.extend(
                            offers.filter_map(|offer| missing(change, offer, offered, region)),
                        );
                    }
                    Err(error) => {
                        let what = format!("whether {region} offers what {} asks for", change.name);
                        findings.push(not_verified(&what, error).about(&change.name));
                    }
                }
            }
        }
        findings
    }
}

/// Whether a change asks for what may not be offered: it is made, or changed just there.
fn asks_for(change: &Change, offer: &Offer) -> bool {
    change.action == Action::Create
        || change
            .differences
            .iter()
            .any(|difference| difference.path.is_at_or_below(offer.property))
}

/// The region that it is to be in, as ARM spells it, where that is known.
fn region(change: &Change) -> Option<String> {
    let location = change.planned.as_ref()?.field("location")?.as_str()?;
    Some(crate::normalize::location(location))
}

fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.get(&PropertyPath::parse(path))?.as_str()
}

/// The name of an offer: it is a text, or has one.
fn name(offer: &Json) -> Option<&str> {
    offer.as_str().or_else(|| offer.get("name")?.as_str())
}

/// What a resource asks for and the region does not offer. Where the answer does not tell, nothing is
/// said: the write will.
fn missing(change: &Change, offer: &Offer, offered: &[Json], region: &str) -> Option<Finding> {
    let planned = change.planned.as_ref()?;
    let wanted = text(planned, offer.property)?;
    if offer
        .free
        .is_some_and(|free| free.eq_ignore_ascii_case(wanted))
    {
        return None;
    }
    let mut level: Vec<&Json> = offered.iter().collect();
    for (list, chosen_by) in offer.lists {
        let lists = level.iter().filter_map(|value| value.get(list)?.as_array());
        let lists: Vec<&Vec<Json>> = lists.collect();
        if lists.is_empty() {
            return None;
        }
        level = lists.into_iter().flatten().collect();
        if let Some(chosen_by) = chosen_by {
            let chosen = text(planned, chosen_by)?;
            level.retain(|value| name(value).is_some_and(|it| it.eq_ignore_ascii_case(chosen)));
        }
    }
    let mut names: Vec<&str> = level.into_iter().filter_map(name).collect();
    if names.iter().any(|it| it.eq_ignore_ascii_case(wanted)) {
        return None;
    }
    names.sort_unstable();
    names.dedup();
    names.truncate(12);
    let title = &change.ty.title;
    let message = format!(
        "{} ({title}) asks for `{wanted}`, which {region} does not offer",
        change.name
    );
    let fix = if names.is_empty() {
        "take another region, or do without it".to_owned()
    } else {
        format!("it offers {}", names.join(", "))
    };
    let finding = Finding::error("azure/not-offered", message).about(&change.name);
    Some(finding.property(offer.property).fix(fix))
}
