//! Budgets: what a group may cost, and who is told when it costs more.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::Input;
use serde::{Deserialize, Serialize};

use super::facts::usual;
use super::management::ResourceGroup;
use crate::schema::{ArmScope, ArmType, Compare, NameAlphabet, NameRule, OwnershipMark};

/// How often the amount begins anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TimeGrain {
    /// Each month.
    Monthly,
    /// Each quarter.
    Quarterly,
    /// Each year.
    Annually,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// Which cost a notification looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ThresholdType {
    /// What was spent.
    Actual,
    /// What will be spent by the end of the period, as Azure expects.
    Forecasted,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// How a cost is compared with a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum BudgetOperator {
    /// Over the threshold.
    GreaterThan,
    /// At the threshold or over it.
    GreaterThanOrEqualTo,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// Who is told that a budget was used up so far.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Notification {
    /// Whether it is sent.
    pub enabled: bool,
    /// How the cost is compared with the threshold.
    pub operator: BudgetOperator,
    /// The threshold, in percent of the amount.
    pub threshold: u16,
    /// Which cost is compared.
    pub threshold_type: ThresholdType,
    /// The addresses that a mail goes to.
    pub contact_emails: Vec<String>,
    /// The action groups that are told.
    pub contact_groups: Vec<Input<String>>,
}

impl Notification {
    /// Tells these addresses when the cost has come to so many percent.
    pub fn at(
        threshold: u16,
        threshold_type: ThresholdType,
        contact_emails: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            enabled: true,
            operator: BudgetOperator::GreaterThanOrEqualTo,
            threshold,
            threshold_type,
            contact_emails: contact_emails.into_iter().map(Into::into).collect(),
            contact_groups: Vec::new(),
        }
    }
}

/// The time in which a budget holds.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TimePeriod {
    /// The first day of a month. Where it is not given, that in which the budget is made; it
    /// cannot change later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// The last day; Azure takes ten years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
}

/// A [budget](https://learn.microsoft.com/azure/templates/microsoft.consumption/budgets) of a
/// group. The amount is in the currency that the subscription is billed in; nothing is stopped
/// when it is used up.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Budget {
    /// What is counted.
    pub category: String,
    /// What may be spent in each period.
    pub amount: u32,
    /// How long a period is.
    pub time_grain: TimeGrain,
    /// When it begins and ends to hold.
    pub time_period: TimePeriod,
    /// Who is told what, by a name of one's own; at most five.
    pub notifications: BTreeMap<String, Notification>,
    #[serde(skip)]
    scope: Scope,
}

impl Budget {
    /// A monthly budget of what is in a group.
    pub fn on(group: &Added<ResourceGroup>, amount: u32) -> Self {
        Self {
            category: "Cost".to_owned(),
            amount,
            time_grain: TimeGrain::Monthly,
            time_period: TimePeriod::default(),
            notifications: BTreeMap::new(),
            scope: Scope::On(group.name().clone()),
        }
    }
}

impl Resource for Budget {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&BUDGET.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of budgets.
pub static BUDGET: ArmType = {
    let mut ty = ArmType::REGIONAL.named("Microsoft.Consumption/budgets", "2026-06-01", "Budget");
    ty.facts.immutable = &["category", "timeGrain"];
    // The beginning cannot change either, and what was sent once is sent back:
    // https://learn.microsoft.com/rest/api/consumption/budgets/create-or-update
    ty.facts.initial = &["timePeriod.startDate", "eTag"];
    ty.facts.whole_maps = &["notifications"];
    ty.facts.sign_at = Some("tags.augeo-budgets");
    ty.facts.usual = usual(2_000, 2_000, 1_500);
    ty.scope = ArmScope::Extension;
    ty.top_level = &["eTag"];
    ty.ownership = OwnershipMark::NamePrefix;
    ty.compare = &[
        ("category", Compare::IgnoreCase),
        ("timeGrain", Compare::IgnoreCase),
        ("notifications.*.operator", Compare::IgnoreCase),
        ("notifications.*.thresholdType", Compare::IgnoreCase),
        ("notifications.*.contactEmails", Compare::Set),
        ("notifications.*.contactGroups", Compare::Set),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDashUnderscore,
        length_min: 1,
        length_max: 63,
        global: false,
    };
    ty.month_at = Some("timePeriod.startDate");
    ty.etag_at = Some("eTag");
    ty
};
