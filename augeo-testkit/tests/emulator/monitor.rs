//! Workspaces, components, action groups.

use serde_json::json;

use crate::support::{Arm, GROUP, refused, subscription};

const WORKSPACE: &str = "Microsoft.OperationalInsights/workspaces/law-1";
const COMPONENT: &str = "Microsoft.Insights/components/ai-1";

#[test]
fn a_workspace_fills_in_and_rewrites() {
    let mut arm = Arm::slow();
    let put = arm.put(WORKSPACE, &json!({"location": "westeurope", "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}}));
    assert_eq!(
        (put.status, &put.json()["properties"]["provisioningState"]),
        (201, &json!("Creating"))
    );
    arm.pass(12);
    let body = arm.get_ok(WORKSPACE);
    assert_eq!(body["properties"]["sku"]["name"], "pergb2018");
    assert_eq!(body["properties"]["workspaceCapping"]["dailyQuotaGb"], -1.0);
    assert_eq!(
        body["properties"]["customerId"].as_str().map(str::len),
        Some(36)
    );
    refused(
        &arm.put(
            WORKSPACE,
            &json!({"location": "westeurope", "properties": {"retentionInDays": 7}}),
        ),
        400,
        "InvalidParameter",
    );
}

#[test]
fn a_workspace_comes_back_under_its_name_for_a_fortnight() {
    let mut arm = Arm::instant();
    let body = json!({"location": "westeurope"});
    let customer = arm.put_ok(WORKSPACE, &body)["properties"]["customerId"].clone();
    arm.delete(WORKSPACE);
    for list in [subscription(), GROUP.to_owned()] {
        assert_eq!(
            arm.names(&format!(
                "{list}/providers/Microsoft.OperationalInsights/deletedWorkspaces"
            )),
            ["law-1"]
        );
    }
    arm.pass(13 * 24 * 3600);
    assert_eq!(
        arm.put_ok(WORKSPACE, &body)["properties"]["customerId"],
        customer,
        "the same workspace"
    );
    arm.delete(WORKSPACE);
    arm.pass(14 * 24 * 3600);
    assert_ne!(
        arm.put_ok(WORKSPACE, &body)["properties"]["customerId"],
        customer,
        "a new one"
    );
    arm.delete(&format!("{WORKSPACE}?force=true"));
    assert!(arm.world.soft_deleted().is_empty());
}

#[test]
fn a_component_points_to_its_workspace() {
    let mut arm = Arm::instant();
    let id = format!("{GROUP}/providers/{WORKSPACE}");
    let body = json!({"location": "westeurope", "kind": "web", "properties": {"Application_Type": "web", "WorkspaceResourceId": id}});
    refused(&arm.put(COMPONENT, &body), 400, "WorkspaceNotFound");
    arm.put_ok(WORKSPACE, &json!({"location": "westeurope"}));
    let made = arm.put(COMPONENT, &body);
    assert_eq!(made.status, 200);
    let made = made.json();
    let key = made["properties"]["InstrumentationKey"]
        .as_str()
        .expect("a key")
        .to_owned();
    assert!(
        made["properties"]["ConnectionString"]
            .as_str()
            .is_some_and(|c| c.starts_with(&format!("InstrumentationKey={key};")))
    );
    assert_eq!(
        (
            &made["properties"]["RetentionInDays"],
            &made["properties"]["IngestionMode"]
        ),
        (&json!(90), &json!("LogAnalytics"))
    );
    assert_eq!(
        arm.put_ok(COMPONENT, &body)["properties"]["InstrumentationKey"],
        key
    );
    let mut other = body;
    other["properties"]["Application_Type"] = json!("other");
    refused(&arm.put(COMPONENT, &other), 400, "InvalidRequest");
}

#[test]
fn an_action_group_has_empty_lists_of_all_kinds() {
    let mut arm = Arm::instant();
    let group = "Microsoft.Insights/actionGroups/ops";
    let mut body = json!({"location": "global", "properties": {"groupShortName": "ops", "enabled": true, "emailReceivers": [{"name": "a", "emailAddress": "a@example.com"}]}});
    let made = arm.put(group, &body);
    assert_eq!(
        (made.status, &made.json()["properties"]["smsReceivers"]),
        (201, &json!([]))
    );
    body["properties"]["groupShortName"] = json!("far-too-long-a-name");
    assert_eq!(arm.put(group, &body).status, 400);
    assert_eq!(arm.delete(group).status, 200);
}
