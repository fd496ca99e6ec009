//! The App Service plan: the machines that the web app runs on.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::form::Objection;
use super::setting::{ENABLED, Fallback, Kind, Scalar, SectionSpec, Setting, name_of};
use crate::resources::web::APP_SERVICE_PLAN;
use crate::resources::{AppServicePlan, ResourceGroup};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "app_service_plan",
    about: "The App Service plan (Linux).",
    settings: &[
        ENABLED,
        name_of(&APP_SERVICE_PLAN),
        Setting {
            key: "sku",
            kind: Kind::Choice(&[
                "B1", "B2", "B3", "S1", "S2", "S3", "P0v3", "P1v3", "P2v3", "P3v3",
            ]),
            default: Fallback::ByEnvironment(|defaults| Scalar::Text(defaults.plan_sku)),
            about: "The size of an instance.",
        },
        Setting {
            key: "instances",
            kind: Kind::Number { min: 1, max: 30 },
            default: Fallback::ByEnvironment(|defaults| Scalar::Number(defaults.plan_instances)),
            about: "How many instances there are: at most 3 in B sizes, 10 in S sizes.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    name: Option<String>,
    sku: String,
    instances: u32,
}

/// The plan, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
) -> Option<Added<AppServicePlan>> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return None;
    }
    let most = match settings.sku.chars().next() {
        Some('B') => 3,
        Some('S') => 10,
        _ => 30,
    };
    if settings.instances > most {
        let problem = format!(
            "cannot be {}: {} takes at most {most}",
            settings.instances, settings.sku
        );
        let help = "take fewer instances, or a larger size";
        let place = section.at("instances");
        builder
            .mistakes
            .object(place, "instances", Objection::new(problem, help));
    }
    let mut plan = AppServicePlan::within(group, settings.sku);
    plan.location = builder.location().into();
    plan.physical_name = settings.name;
    plan.tags = builder.tags();
    plan.sku.capacity = settings.instances;
    let plan = builder.stack.add("web/plan", plan);
    builder.describe(
        &plan,
        &section,
        &[("sku.name", "sku"), ("sku.capacity", "instances")],
    );
    Some(plan)
}
