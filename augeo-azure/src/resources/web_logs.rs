//! What a web app or a slot writes down about itself.

use std::borrow::Cow;

use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use serde::{Deserialize, Serialize};

use super::web_config::{config_facts, of_slot};
use super::web_slot::Site;
use crate::schema::{ArmType, Compare, NameRule};

/// How much is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// That, and what looks wrong.
    Warning,
    /// That, and what happens.
    Information,
    /// Everything.
    Verbose,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// The app's own log, as files beside the app.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApplicationLogs {
    /// How much is kept.
    pub file_system: FileSystemLevel,
}

/// How much goes into files.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FileSystemLevel {
    /// So much.
    pub level: LogLevel,
}

/// The log of requests, which for a container is also its output.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HttpLogs {
    /// How it is kept in files.
    pub file_system: FileSystemLog,
}

/// A log in files beside the app.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileSystemLog {
    /// Whether it is written.
    pub enabled: bool,
    /// How large it may grow, from 25 to 100 MB.
    pub retention_in_mb: u16,
    /// For how many days it is kept.
    pub retention_in_days: u16,
}

/// A switch.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LogSwitch {
    /// Whether it is on.
    pub enabled: bool,
}

/// The [logs](https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-logs) that a
/// web app or a slot keeps beside itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SiteLogs {
    /// The app's own log.
    pub application_logs: ApplicationLogs,
    /// The log of requests.
    pub http_logs: HttpLogs,
    /// Whether failed requests are traced.
    pub failed_requests_tracing: LogSwitch,
    /// Whether errors are kept in detail.
    pub detailed_error_messages: LogSwitch,
    #[serde(skip)]
    ty: &'static ArmType,
    #[serde(skip)]
    scope: Scope,
}

impl SiteLogs {
    /// Those of an app or a slot: a week of requests and of the container's output, 35 MB at most.
    pub fn within<S: Site>(app: &Added<S>) -> Self {
        let level = LogLevel::Off;
        Self {
            application_logs: ApplicationLogs {
                file_system: FileSystemLevel { level },
            },
            http_logs: HttpLogs {
                file_system: FileSystemLog {
                    enabled: true,
                    retention_in_mb: 35,
                    retention_in_days: 7,
                },
            },
            failed_requests_tracing: LogSwitch { enabled: false },
            detailed_error_messages: LogSwitch { enabled: false },
            ty: S::choose(&SITE_LOGS, &SLOT_LOGS),
            scope: Scope::Within(app.name().clone()),
        }
    }
}

impl Resource for SiteLogs {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&self.ty.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of an app's logs.
pub static SITE_LOGS: ArmType =
    logs_facts().named("Microsoft.Web/sites/config", "2025-03-01", "Web app logs");

/// The facts of a slot's logs.
pub static SLOT_LOGS: ArmType = of_slot(logs_facts()).named(
    "Microsoft.Web/sites/slots/config",
    "2025-03-01",
    "Slot logs",
);

const fn logs_facts() -> ArmType {
    let mut ty = config_facts();
    ty.compare = &[("applicationLogs.fileSystem.level", Compare::IgnoreCase)];
    ty.name = NameRule::Fixed("logs");
    ty
}
