//! The Log Analytics workspace: where telemetry is kept.

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::setting::{ENABLED, Fallback, Kind, LOCK, Scalar, SectionSpec, Setting, name_of};
use crate::resources::monitor::WORKSPACE;
use crate::resources::{ResourceGroup, Workspace};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "log_analytics",
    about: "The Log Analytics workspace that telemetry is kept in.",
    settings: &[
        ENABLED,
        name_of(&WORKSPACE),
        LOCK,
        Setting {
            key: "retention_days",
            kind: Kind::Number { min: 30, max: 730 },
            default: Fallback::Always(Scalar::Number(30)),
            about: "For how many days telemetry is kept.",
        },
        Setting {
            key: "daily_cap_gb",
            kind: Kind::Number {
                min: 0,
                max: 10_000,
            },
            default: Fallback::Always(Scalar::Number(0)),
            about: "After so many gigabytes a day no more telemetry is taken in; 0 means that \
                    there is no cap.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    lock: bool,
    name: Option<String>,
    retention_days: u16,
    daily_cap_gb: u32,
}

/// The workspace, or the one that is there already, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
) -> Option<Added<Workspace>> {
    if let Some(id) = builder.existing("log_analytics") {
        let existing = Workspace::existing(&id).expect("the document's ids were checked");
        return Some(builder.add_existing("monitoring/logs", "log_analytics", existing));
    }
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return None;
    }
    let mut workspace = Workspace::within(group);
    workspace.location = builder.location().into();
    workspace.physical_name = settings.name;
    workspace.tags = builder.tags();
    workspace.retention_in_days = settings.retention_days;
    if settings.daily_cap_gb > 0 {
        workspace.workspace_capping.daily_quota_gb = settings.daily_cap_gb.into();
    }
    let workspace = builder.stack.add("monitoring/logs", workspace);
    let places = [
        ("retentionInDays", "retention_days"),
        ("workspaceCapping.dailyQuotaGb", "daily_cap_gb"),
    ];
    builder.describe(&workspace, &section, &places);
    if settings.lock {
        builder.lock(&workspace, &section);
    }
    Some(workspace)
}
