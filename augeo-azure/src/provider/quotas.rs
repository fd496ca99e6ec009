//! What the subscription may have more of in a region, asked once before something is made there.
//! Too little stops the plan; what may not be asked is told as not verified.

use std::collections::BTreeMap;

use augeo_core::finding::Finding;
use augeo_core::plan::Change;
use augeo_core::provider::Context;
use augeo_core::value::{PropertyPath, Value};
use serde_json::Value as Json;

use super::Azure;
use super::capabilities::Asked;
use super::preflight::not_verified;
use crate::schema::{Counted, Quota};

impl Azure {
    /// Asks for what is made.
    pub(super) async fn check_quotas(&self, creations: &[&Change], ctx: &Context) -> Vec<Finding> {
        let mut findings = Vec::new();
        for asked in self.asked(creations.iter().copied(), |ty, _| ty.quota) {
            match self.told_of_region(&asked, asked.question.path, ctx).await {
                Ok(usages) => findings.extend(exceeded(&asked, &usages)),
                Err(error) => {
                    let names = asked.changes.iter().map(|change| change.name.as_str());
                    let names = names.collect::<Vec<_>>().join(", ");
                    let region = &asked.region;
                    let what = format!("whether the quota of {region} is enough for {names}");
                    let finding = not_verified(&what, &error);
                    findings.push(match asked.changes.first() {
                        Some(first) => finding.about(&first.name),
                        None => finding,
                    });
                }
            }
        }
        findings
    }
}

/// The counters that would go past their limit, each told at the first that takes from it.
fn exceeded(asked: &Asked<'_, Quota>, usages: &[Json]) -> Vec<Finding> {
    let region = &asked.region;
    let mut wanted: BTreeMap<String, (u64, Vec<&Change>)> = BTreeMap::new();
    for change in &asked.changes {
        let planned = change.planned.as_ref();
        for (counter, amount) in
            planned.map_or_else(Vec::new, |it| taken(asked.question.counted, it))
        {
            let entry = wanted.entry(counter).or_default();
            entry.0 += amount;
            entry.1.push(change);
        }
    }
    let mut findings = Vec::new();
    for (counter, (amount, changes)) in wanted {
        let usage = usages
            .iter()
            .find(|usage| usage.pointer("/name/value") == Some(&Json::from(counter.as_str())));
        let number = |key: &str| usage?.get(key)?.as_u64();
        let (Some(used), Some(limit), Some(first)) =
            (number("currentValue"), number("limit"), changes.first())
        else {
            continue;
        };
        if used + amount <= limit {
            continue;
        }
        let names: Vec<&str> = changes.iter().map(|change| change.name.as_str()).collect();
        let message = format!(
            "{} ({}) would take {amount} of the quota `{counter}` in {region}, of which {used} of \
             {limit} are in use",
            names.join(", "),
            first.ty.title
        );
        let finding = Finding::error("azure/quota", message).about(&first.name);
        findings.push(finding.fix(
            "ask for more quota in the portal (Subscriptions, Usage + quotas), or choose another \
             size or region",
        ));
    }
    findings
}

/// What one more takes, by counter.
fn taken(counted: Counted, planned: &Value) -> Vec<(String, u64)> {
    let text = |path: &str| planned.get(&PropertyPath::parse(path))?.as_str();
    match counted {
        Counted::Each(name) => vec![(name.to_owned(), 1)],
        Counted::Cores {
            all,
            size,
            doubled_unless: (property, word),
        } => {
            let Some((family, cores)) = text(size).and_then(family_and_cores) else {
                return Vec::new();
            };
            let alone = text(property).is_none_or(|it| it.eq_ignore_ascii_case(word));
            let cores = if alone { cores } else { 2 * cores };
            vec![(all.to_owned(), cores), (family, cores)]
        }
    }
}

/// The family of a size, as quotas are named by it, and its cores: `Standard_D2ds_v5` has 2 of
/// `standardDDSv5Family`. Burstable ones are of one family, whatever their memory.
/// ([Naming](https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions),
/// [names of the counters](https://learn.microsoft.com/powershell/module/az.postgresqlflexibleserver/get-azpostgresqlflexibleserverquotausage).)
fn family_and_cores(size: &str) -> Option<(String, u64)> {
    let size = size.strip_prefix("Standard_")?;
    let (series, version) = size.split_once('_').unwrap_or((size, ""));
    let digits: String = series.chars().filter(char::is_ascii_digit).collect();
    let letters: String = series.chars().filter(|c| !c.is_ascii_digit()).collect();
    let letters = if letters.starts_with('B') {
        "BS".to_owned()
    } else {
        letters.to_ascii_uppercase()
    };
    Some((
        format!("standard{letters}{version}Family"),
        digits.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_tell_their_family_and_cores() {
        let of = |size: &str| family_and_cores(size);
        let is = |family: &str, cores: u64| Some((family.to_owned(), cores));
        assert_eq!(of("Standard_B1ms"), is("standardBSFamily", 1));
        assert_eq!(of("Standard_B2s"), is("standardBSFamily", 2));
        assert_eq!(of("Standard_D2s_v3"), is("standardDSv3Family", 2));
        assert_eq!(of("Standard_D16ds_v5"), is("standardDDSv5Family", 16));
        assert_eq!(of("GP_Gen5_2"), None);
        assert_eq!(of("Standard_Dx_v3"), None);
    }
}
