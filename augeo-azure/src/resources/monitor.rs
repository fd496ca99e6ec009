//! Telemetry: Log Analytics workspaces and Application Insights components.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Id, Input, OutputPath};
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, named, usual};
use super::management::ResourceGroup;
use crate::schema::{ArmType, Compare, ENVELOPE_WITHOUT_SKU, NameAlphabet, NameRule, SoftDelete};

/// How a workspace is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WorkspaceSku {
    /// By the gigabyte.
    PerGB2018,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// How much a workspace takes in a day.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceCapping {
    /// Gigabytes; `-1` means that there is no limit.
    pub daily_quota_gb: f64,
}

/// A [Log Analytics workspace](https://learn.microsoft.com/azure/templates/microsoft.operationalinsights/workspaces).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Workspace {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// How it is paid for.
    #[serde(serialize_with = "named")]
    pub sku: WorkspaceSku,
    /// For how many days it keeps what it takes in.
    pub retention_in_days: u16,
    /// How much it takes in a day.
    pub workspace_capping: WorkspaceCapping,
    /// Whether it takes telemetry over public addresses.
    pub public_network_access_for_ingestion: Switch,
    /// Whether it is queried over public addresses.
    pub public_network_access_for_query: Switch,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl Workspace {
    /// The id by which agents and queries know it (not its ARM id).
    pub const CUSTOMER_ID: OutputPath<Self, String> = OutputPath::new("customerId");

    /// A workspace outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a workspace.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&WORKSPACE, id)
    }

    /// A workspace in a group, in the group's region: paid by the gigabyte, 30 days kept.
    pub fn within(group: &Added<ResourceGroup>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            sku: WorkspaceSku::PerGB2018,
            retention_in_days: 30,
            workspace_capping: WorkspaceCapping {
                daily_quota_gb: -1.0,
            },
            public_network_access_for_ingestion: Switch::Enabled,
            public_network_access_for_query: Switch::Enabled,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for Workspace {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&WORKSPACE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of workspaces.
pub static WORKSPACE: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.OperationalInsights/workspaces",
        "2026-03-01",
        "Log Analytics workspace",
    );
    ty.facts.immutable = &["location"];
    ty.facts.holds_data = true;
    ty.facts.usual = usual(12_000, 5_000, 5_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.compare = &[("sku.name", Compare::IgnoreCase)];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 4,
        length_max: 63,
        global: false,
    };
    // Azure keeps a deleted workspace for 14 days and revives it under its name.
    ty.soft_delete = Some(SoftDelete {
        list: "providers/Microsoft.OperationalInsights/deletedWorkspaces",
        id_at: "id",
        location_at: "location",
        retention: None,
        // https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace
        kept_days: Some(14),
        purge_at: None,
        recover: None,
    });
    ty
};

/// An [Application Insights component](https://learn.microsoft.com/azure/templates/microsoft.insights/components)
/// that keeps its telemetry in a workspace.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Component {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What it watches, such as `web`.
    pub kind: String,
    /// The same, in older words: `web` or `other`.
    #[serde(rename = "Application_Type")]
    pub application_type: String,
    /// The workspace that keeps its telemetry.
    #[serde(rename = "WorkspaceResourceId")]
    pub workspace_resource_id: Input<Id<Workspace>>,
    /// Where telemetry goes: `LogAnalytics`.
    #[serde(rename = "IngestionMode")]
    pub ingestion_mode: String,
    /// Whether it takes telemetry over public addresses.
    #[serde(rename = "publicNetworkAccessForIngestion")]
    pub public_network_access_for_ingestion: Switch,
    /// Whether it is queried over public addresses.
    #[serde(rename = "publicNetworkAccessForQuery")]
    pub public_network_access_for_query: Switch,
    /// Whether telemetry is taken from Entra identities alone. Azure does not answer `false`
    /// where it was never set, so it is left out unless it is given.
    #[serde(rename = "DisableLocalAuth")]
    pub disable_local_auth: Option<bool>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl Component {
    /// What applications are configured with.
    pub const CONNECTION_STRING: OutputPath<Self, String> = OutputPath::new("ConnectionString");
    /// The older form of the same.
    pub const INSTRUMENTATION_KEY: OutputPath<Self, String> = OutputPath::new("InstrumentationKey");

    /// A component for web applications in a group, in the group's region.
    pub fn within(group: &Added<ResourceGroup>, workspace: &Added<Workspace>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            kind: "web".to_owned(),
            application_type: "web".to_owned(),
            workspace_resource_id: workspace.id().into(),
            ingestion_mode: "LogAnalytics".to_owned(),
            public_network_access_for_ingestion: Switch::Enabled,
            public_network_access_for_query: Switch::Enabled,
            disable_local_auth: None,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for Component {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&COMPONENT.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of components.
pub static COMPONENT: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Insights/components",
        "2020-02-02",
        "Application Insights",
    );
    ty.facts.immutable = &["location", "Application_Type"];
    ty.facts.usual = usual(5_000, 2_000, 5_000);
    ty.compare = &[
        ("kind", Compare::IgnoreCase),
        ("Application_Type", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::Any,
        length_min: 1,
        length_max: 260,
        global: false,
    };
    ty.companions = &[
        (
            "Microsoft.AlertsManagement/smartDetectorAlertRules",
            "Failure Anomalies",
        ),
        (
            "Microsoft.Insights/actionGroups",
            "Application Insights Smart Detection",
        ),
    ];
    ty
};
