//! Parameters, which every server has, and administrators.

use serde_json::json;

use crate::support::{Arm, refused, server};

const SERVER: &str = "Microsoft.DBforPostgreSQL/flexibleServers/pg1";
const SOMEBODY: &str = "11111111-2222-3333-4444-555555555555";

fn parameter(name: &str) -> String {
    format!("{SERVER}/configurations/{name}")
}

#[test]
fn a_server_has_its_parameters_from_the_start() {
    let mut arm = Arm::instant();
    arm.put_ok(SERVER, &server());
    let all = arm.names(&format!("{SERVER}/configurations"));
    assert!(all.len() > 40 && all.is_sorted(), "{all:?}");
    let tls = arm.get_ok(&parameter("require_secure_transport"));
    let properties = &tls["properties"];
    assert_eq!(
        (&properties["value"], &properties["source"]),
        (&json!("on"), &json!("system-default"))
    );
    refused(
        &arm.put(
            &parameter("no_such"),
            &json!({"properties": {"value": "1"}}),
        ),
        405,
        "MethodNotAllowed",
    );
    assert_eq!(arm.get(&parameter("no_such")).status, 404);
    assert_eq!(
        arm.delete(&parameter("require_secure_transport")).status,
        405
    );
}

#[test]
fn a_parameter_is_overridden_and_put_back() {
    let mut arm = Arm::instant();
    arm.put_ok(SERVER, &server());
    let path = parameter("max_connections");
    let body = json!({"properties": {"value": "100", "source": "user-override"}});
    arm.put_ok(&path, &body);
    let set = arm.get_ok(&path)["properties"].clone();
    assert_eq!(
        (&set["value"], &set["defaultValue"]),
        (&json!("100"), &json!("50"))
    );
    assert_eq!(
        (&set["source"], &set["isConfigPendingRestart"]),
        (&json!("user-override"), &json!(true))
    );
    let count = arm.names(&format!("{SERVER}/configurations")).len();
    let back = json!({"properties": {"value": "50", "source": "system-default"}});
    arm.put_ok(&path, &back);
    let set = arm.get_ok(&path)["properties"].clone();
    assert_eq!(
        (&set["value"], &set["source"]),
        (&json!("50"), &json!("system-default"))
    );
    assert_eq!(arm.names(&format!("{SERVER}/configurations")).len(), count);
}

#[test]
fn values_that_a_parameter_does_not_take_are_refused() {
    let mut arm = Arm::instant();
    arm.put_ok(SERVER, &server());
    for (name, value) in [
        ("require_secure_transport", "yes"),
        ("max_connections", "9"),
        ("log_min_duration_statement", "-2"),
        ("azure.extensions", "pgcrypto,nothing"),
        ("block_size", "8192"),
    ] {
        let body = json!({"properties": {"value": value}});
        refused(
            &arm.put(&parameter(name), &body),
            400,
            "InvalidParameterValue",
        );
    }
    let body = json!({"properties": {"value": "PGCRYPTO, vector"}});
    arm.put_ok(&parameter("azure.extensions"), &body);
    let body = json!({"properties": {"value": "-1"}});
    arm.put_ok(&parameter("log_min_duration_statement"), &body);
}

#[test]
fn parameters_wait_for_the_server() {
    let mut arm = Arm::slow();
    arm.put_ok(SERVER, &server());
    arm.pass(330);
    let body = json!({"properties": {"value": "off"}});
    assert_eq!(arm.put(&parameter("log_connections"), &body).status, 202);
    refused(
        &arm.put(&parameter("log_duration"), &body),
        409,
        "ServerBusy",
    );
    arm.pass(20);
    assert_eq!(arm.put(&parameter("log_duration"), &body).status, 202);
}

#[test]
fn administrators_need_a_server_that_knows_people_by_entra() {
    let mut arm = Arm::instant();
    arm.put_ok(SERVER, &server());
    let path = format!("{SERVER}/administrators/{SOMEBODY}");
    let body =
        json!({"properties": {"principalType": "User", "principalName": "a@b.c", "tenantId": "t"}});
    refused(
        &arm.put(&path, &body),
        400,
        "AadAuthOperationCannotBePerformedWhenServerIsNotAccessible",
    );
    let on = json!({"properties": {"authConfig": {"activeDirectoryAuth": "Enabled"}}});
    assert_eq!(arm.patch(SERVER, &on).status, 200);
    arm.put_ok(&path, &body);
    let properties = arm.get_ok(&path)["properties"].clone();
    assert_eq!(
        properties,
        json!({"principalType": "User", "principalName": "a@b.c", "objectId": SOMEBODY})
    );
    let other = json!({"properties": {"principalType": "User", "principalName": "d@b.c"}});
    refused(&arm.put(&path, &other), 400, "InvalidParameterValue");
    refused(
        &arm.put(&format!("{SERVER}/administrators/somebody"), &body),
        400,
        "InvalidResourceName",
    );
}

#[test]
fn a_server_without_passwords_needs_no_login() {
    let mut arm = Arm::instant();
    let body = json!({"location": "westeurope", "sku": {"name": "Standard_B1ms", "tier": "Burstable"}, "properties": {"authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}}});
    arm.put_ok(SERVER, &body);
    assert_eq!(
        arm.get_ok(SERVER)["properties"]["administratorLogin"],
        json!(null)
    );
}
