//! Application Insights: the telemetry of the web app, kept in the Log Analytics workspace.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::log_analytics;
use super::setting::{ENABLED, SectionSpec, name_of};
use crate::resources::monitor::COMPONENT;
use crate::resources::{Component, ResourceGroup, Workspace};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "monitoring",
    about: "Application Insights, which writes to the Log Analytics workspace.",
    settings: &[ENABLED, name_of(&COMPONENT)],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    name: Option<String>,
}

/// The component, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
    logs: Option<&Added<Workspace>>,
) -> Option<Added<Component>> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return None;
    }
    let Some(logs) = logs else {
        let help = "set `existing.log_analytics` to a workspace that is there, or \
                    `monitoring.enabled = false`";
        builder.needs("monitoring", &log_analytics::SECTION, help);
        return None;
    };
    let mut component = Component::within(group, logs);
    component.location = builder.location().into();
    component.physical_name = settings.name;
    component.tags = builder.tags();
    let component = builder.stack.add("monitoring/insights", component);
    builder.describe(&component, &section, &[]);
    Some(component)
}
