//! Autoscale: how many machines there are, by what they have to do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::{Id, Input};
use serde::{Deserialize, Serialize};

use super::facts::usual;
use super::management::ResourceGroup;
use super::web::AppServicePlan;
use crate::schema::{ArmType, Compare, ENVELOPE_WITHOUT_SKU, NameAlphabet, NameRule};

/// How many machines there may be; Azure has numbers of machines as text.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ScaleCapacity {
    /// At least.
    pub minimum: String,
    /// At most.
    pub maximum: String,
    /// Where the metric is not known.
    pub default: String,
}

/// Whether a rule holds above or below its threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ScaleOperator {
    /// Above.
    GreaterThan,
    /// Below.
    LessThan,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// When a rule acts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MetricTrigger {
    /// The metric, such as `CpuPercentage`.
    pub metric_name: String,
    /// Whose metric it is.
    pub metric_resource_uri: Input<Id<AppServicePlan>>,
    /// How often it is measured, as an ISO duration.
    pub time_grain: String,
    /// How the machines' values are put together.
    pub statistic: String,
    /// Over how long it is looked at, as an ISO duration.
    pub time_window: String,
    /// How the values of that time are put together.
    pub time_aggregation: String,
    /// On which side of the threshold it acts.
    pub operator: ScaleOperator,
    /// The threshold.
    pub threshold: u32,
}

/// More or fewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ScaleDirection {
    /// More.
    Increase,
    /// Fewer.
    Decrease,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// What a rule does.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ScaleAction {
    /// More or fewer.
    pub direction: ScaleDirection,
    /// What the value counts, such as `ChangeCount`.
    pub r#type: String,
    /// By how much.
    pub value: String,
    /// How long nothing is done afterwards, as an ISO duration.
    pub cooldown: String,
}

/// One rule.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ScaleRule {
    /// When it acts.
    pub metric_trigger: MetricTrigger,
    /// What it does.
    pub scale_action: ScaleAction,
}

/// Rules that hold together.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ScaleProfile {
    /// Their name.
    pub name: String,
    /// How many machines there may be.
    pub capacity: ScaleCapacity,
    /// The rules.
    pub rules: Vec<ScaleRule>,
}

/// An [autoscale setting](https://learn.microsoft.com/azure/templates/microsoft.insights/autoscalesettings)
/// of an App Service plan. The plan must say that it is [`autoscaled`](AppServicePlan::autoscaled),
/// or every write of it would undo what this did.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AutoscaleSetting {
    /// Its region: its plan's.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it acts.
    pub enabled: bool,
    /// The plan; cannot be changed.
    pub target_resource_uri: Input<Id<AppServicePlan>>,
    /// Its rules.
    pub profiles: Vec<ScaleProfile>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl AutoscaleSetting {
    /// From `minimum` to `maximum` machines for a plan: one more when the processors are busier
    /// than 70 % for ten minutes, one fewer below 30 %. The distance between the two
    /// [keeps it from going back and forth](https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-best-practices).
    pub fn by_processor(
        group: &Added<ResourceGroup>,
        plan: &Added<AppServicePlan>,
        minimum: u32,
        maximum: u32,
    ) -> Self {
        let rule = |operator, threshold, direction, cooldown: &str| ScaleRule {
            metric_trigger: MetricTrigger {
                metric_name: "CpuPercentage".to_owned(),
                metric_resource_uri: plan.id().into(),
                time_grain: "PT1M".to_owned(),
                statistic: "Average".to_owned(),
                time_window: "PT10M".to_owned(),
                time_aggregation: "Average".to_owned(),
                operator,
                threshold,
            },
            scale_action: ScaleAction {
                direction,
                r#type: "ChangeCount".to_owned(),
                value: "1".to_owned(),
                cooldown: cooldown.to_owned(),
            },
        };
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            enabled: true,
            target_resource_uri: plan.id().into(),
            profiles: vec![ScaleProfile {
                name: "processor".to_owned(),
                capacity: ScaleCapacity {
                    minimum: minimum.to_string(),
                    maximum: maximum.to_string(),
                    default: minimum.to_string(),
                },
                rules: vec![
                    rule(
                        ScaleOperator::GreaterThan,
                        70,
                        ScaleDirection::Increase,
                        "PT5M",
                    ),
                    rule(
                        ScaleOperator::LessThan,
                        30,
                        ScaleDirection::Decrease,
                        "PT10M",
                    ),
                ],
            }],
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for AutoscaleSetting {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&AUTOSCALE_SETTING.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of autoscale settings.
pub static AUTOSCALE_SETTING: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Insights/autoscalesettings",
        "2022-10-01",
        "Autoscale setting",
    );
    ty.facts.immutable = &["location", "targetResourceUri"];
    // Azure takes one setting for each plan.
    ty.facts.exclusion = &[Exclusion::Property("targetResourceUri")];
    ty.facts.usual = usual(2_000, 2_000, 2_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.key_sets = &[];
    ty.compare = &[
        ("profiles", Compare::Keyed("name")),
        ("profiles[].rules[].scaleAction.type", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 260,
        global: false,
    };
    ty
};
