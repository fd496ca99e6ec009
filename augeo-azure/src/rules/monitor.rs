//! Rules for logs, telemetry, alerts and what they cannot do.

use augeo_core::resource::Desired;
use augeo_core::value::Value;
use time::macros::date;

use super::scene::{Found, Scene, is_a, items};
use super::when::When;
use super::{Rule, Test};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/logs-retention",
        title: "A Log Analytics workspace is to keep logs for fewer or more days than it can.",
        reason: "It keeps them for 30 to 730 days (Free: 7); what must stay longer is a table's own \
                 setting.",
        fix: "set 30 to 730 days",
        link: "https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure",
        types: &["Microsoft.OperationalInsights/workspaces"],
        test: Test::Property(
            When::All(&[
                When::Outside("retentionInDays", 30, 730),
                When::IsNot("sku.name", &["Free", "LACluster"]),
            ]),
            "logs are kept for 30 to 730 days",
        ),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/insights-classic",
        title: "Application Insights is without a workspace.",
        reason: "The classic kind was retired; Azure makes a workspace of its own choice for a component \
                 that names none, which is then nobody's.",
        fix: "name a Log Analytics workspace in `WorkspaceResourceId`",
        link: "https://learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource",
        date: Some(date!(2024 - 02 - 29)),
        types: &["Microsoft.Insights/components"],
        test: Test::Property(
            When::Unset("WorkspaceResourceId"),
            "components without a workspace are retired",
        ),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/diagnostics-self",
        title: "Something sends its logs to itself.",
        reason: "A storage account cannot keep its own logs, and a component that sends its telemetry to \
                 the workspace that it already writes to pays for all of it twice.",
        fix: "send an account's logs to the workspace, and a component's nowhere",
        link: "https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings",
        types: &["Microsoft.Insights/diagnosticSettings"],
        test: Test::Each(to_itself),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/diagnostics-retention",
        title: "A diagnostic setting says how long a storage account keeps logs.",
        reason: "Azure stopped deleting logs by it; the account's lifecycle policy does that.",
        fix: "delete `retentionPolicy`, and let the lifecycle policy delete what is old",
        link: "https://learn.microsoft.com/azure/azure-monitor/platform/migrate-to-azure-storage-lifecycle-policy",
        date: Some(date!(2025 - 09 - 30)),
        types: &["Microsoft.Insights/diagnosticSettings"],
        test: Test::Each(retention),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/alert-deployments",
        title: "An alert waits for deployments of templates, of which there are none.",
        reason: "Augeo writes resources one by one. An alert on `Microsoft.Resources/deployments/write` \
                 never fires; releases are told by the swap of a slot and by the upload of a static \
                 web app.",
        fix: "wait for `Microsoft.Web/sites/slots/slotsswap/action` and `Microsoft.Web/staticSites/zipdeploy/action`",
        link: "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types#activity-log-alerts",
        types: &["Microsoft.Insights/activityLogAlerts"],
        test: Test::Each(deployments),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/alert-teams",
        title: "An action group calls a webhook of Teams that has ended.",
        reason: "Connectors of Office 365 were switched off. A Workflows URL takes their place, but \
                 expects a card, and action groups send the common alert schema: a flow or a logic app \
                 has to turn one into the other.",
        fix: "call a logic app that makes the card, and keep its URL in the vault",
        link: "https://devblogs.microsoft.com/microsoft365dev/retirement-of-office-365-connectors-within-microsoft-teams/",
        date: Some(date!(2026 - 05 - 01)),
        types: &["Microsoft.Insights/actionGroups"],
        test: Test::Each(teams),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/action-group-name",
        title: "The short name of an action group is longer than 12 characters.",
        reason: "It is what a text message begins with; Azure refuses longer ones.",
        fix: "shorten `groupShortName`",
        link: "https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups",
        types: &["Microsoft.Insights/actionGroups"],
        test: Test::Each(short_name),
        ..Rule::REFUSED
    },
];

fn to_itself<'a>(scene: &Scene<'a>, setting: &'a Desired) -> Vec<Found<'a>> {
    let Some(of) = scene.parent(setting) else {
        return Vec::new();
    };
    let same = |one: &Desired, other: &Desired| one.name == other.name;
    let account = scene.referred(setting, "storageAccountId");
    if account.is_some_and(|account| {
        same(account, of) || scene.parent(of).is_some_and(|it| same(it, account))
    }) {
        let message = "a storage account cannot keep its own logs";
        return vec![Found::at(setting, "storageAccountId", message)];
    }
    let workspace = scene.referred(setting, "workspaceId");
    let is_component = is_a(of, &["Microsoft.Insights/components"]);
    let own = scene
        .referred(of, "WorkspaceResourceId")
        .filter(|_| is_component);
    if let (Some(workspace), Some(own)) = (workspace, own)
        && same(workspace, own)
    {
        let message =
            "the component writes to this workspace already: everything would be there twice";
        return vec![Found::at(setting, "workspaceId", message)];
    }
    Vec::new()
}

fn retention<'a>(_: &Scene<'a>, setting: &'a Desired) -> Vec<Found<'a>> {
    let lists = ["logs", "metrics"].into_iter();
    let kept = lists.flat_map(|list| {
        let entries = items(setting, list).iter().enumerate();
        entries.filter_map(move |(index, entry)| {
            let policy = entry.field("retentionPolicy")?;
            let on = policy
                .field("enabled")
                .is_some_and(|on| *on == Value::Bool(true));
            let path = format!("{list}[{index}].retentionPolicy");
            let message = "Azure no longer deletes logs by this";
            on.then(|| Found::at(setting, &path, message))
        })
    });
    kept.collect()
}

/// Whether a value holds a text that has one of these in it.
fn mentions(value: &Value, words: &[&str]) -> bool {
    let mut found = false;
    value.walk(&mut |_, value| {
        if let Some(text) = value.as_str() {
            let text = text.to_ascii_lowercase();
            found |= words.iter().any(|word| text.contains(word));
        }
    });
    found
}

fn deployments<'a>(_: &Scene<'a>, alert: &'a Desired) -> Vec<Found<'a>> {
    let condition = alert.value.field("condition");
    if !condition.is_some_and(|it| mentions(it, &["microsoft.resources/deployments/"])) {
        return Vec::new();
    }
    let message = "nothing here is a deployment of a template, so it never fires";
    vec![Found::at(alert, "condition", message)]
}

fn teams<'a>(_: &Scene<'a>, group: &'a Desired) -> Vec<Found<'a>> {
    let receivers = items(group, "webhookReceivers").iter().enumerate();
    let ended = receivers.filter_map(|(index, receiver)| {
        let ended = mentions(
            receiver,
            &["webhook.office.com", "outlook.office.com/webhook"],
        );
        let path = format!("webhookReceivers[{index}].serviceUri");
        ended.then(|| Found::at(group, &path, "connectors of Office 365 have ended"))
    });
    ended.collect()
}

fn short_name<'a>(_: &Scene<'a>, group: &'a Desired) -> Vec<Found<'a>> {
    let name = super::scene::text(group, "groupShortName").unwrap_or_default();
    let length = name.chars().count();
    if length <= 12 {
        return Vec::new();
    }
    let message = format!("`{name}` has {length} characters; 12 are allowed");
    vec![Found::at(group, "groupShortName", message)]
}
