//! The App Service plan: the machines that the web app runs on.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::setting::{ENABLED, Fallback, Kind, Scalar, SectionSpec, Setting, name_of};
use crate::resources::web::APP_SERVICE_PLAN;
use crate::resources::{AppServicePlan, AutoscaleSetting, ResourceGroup};

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
            about: "How many instances there are: at most 3 in B sizes, 10 in S sizes. Where \
                    autoscale is on, there are at least so many.",
        },
        Setting {
            key: "autoscale_max",
            kind: Kind::Number { min: 0, max: 30 },
            default: Fallback::ByEnvironment(|defaults| {
                Scalar::Number(defaults.plan_autoscale_max)
            }),
            about: "Up to how many instances Azure adds while the processors are busier than 70 %; \
                    it takes them away below 30 %. 0 switches autoscale off; B sizes have none. The \
                    number of instances is then Azure's.",
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
    autoscale_max: u32,
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
    let scales = settings.autoscale_max > 0;
    let mut plan = AppServicePlan::within(group, settings.sku);
    plan.location = builder.location().into();
    plan.physical_name = settings.name;
    plan.tags = builder.tags();
    plan.sku.capacity = settings.instances;
    plan.autoscaled = scales;
    let plan = builder.stack.add("web/plan", plan);
    builder.describe(
        &plan,
        &section,
        &[("sku.name", "sku"), ("sku.capacity", "instances")],
    );
    if scales {
        let (least, most) = (settings.instances, settings.autoscale_max);
        let mut scale = AutoscaleSetting::by_processor(group, &plan, least, most);
        scale.location = builder.location().into();
        scale.tags = builder.tags();
        let scale = builder.stack.add("web/plan-autoscale", scale);
        let capacity = |end: &str| format!("profiles[0].capacity.{end}");
        let (minimum, maximum) = (capacity("minimum"), capacity("maximum"));
        let places = [
            (minimum.as_str(), "instances"),
            (maximum.as_str(), "autoscale_max"),
        ];
        builder.describe(&scale, &section, &places);
    }
    Some(plan)
}
