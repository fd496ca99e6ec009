//! Flexible servers and their children.

use augeo_testkit::emulator::{ArmRequest, Method, Verb};
use serde_json::json;

use crate::support::{Arm, refused, server};

const SERVER: &str = "Microsoft.DBforPostgreSQL/flexibleServers/pg1";
const CANARY: &str = "Canary-Passw0rd";

#[test]
fn a_server_is_an_operation_of_minutes() {
    let mut arm = Arm::slow();
    let put = arm.put(SERVER, &server());
    assert_eq!((put.status, put.header("retry-after")), (202, Some("15")));
    let status = put
        .header("azure-asyncoperation")
        .expect("a status")
        .to_owned();
    assert!(put.header("location").is_some());
    let ask =
        |arm: &mut Arm| arm.send(ArmRequest::new(Method::Get, &status)).json()["status"].clone();
    assert_eq!(ask(&mut arm), "InProgress");
    assert_eq!(arm.get_ok(SERVER)["properties"]["state"], "Updating");
    arm.pass(329);
    assert_eq!(ask(&mut arm), "InProgress");
    arm.pass(1);
    assert_eq!(ask(&mut arm), "Succeeded");
    let body = arm.get_ok(SERVER);
    assert_eq!(body["properties"]["state"], "Ready");
    assert_eq!(
        body["properties"]["fullyQualifiedDomainName"],
        "pg1.postgres.database.azure.com"
    );
    assert_eq!(
        body["properties"]["storage"],
        json!({"storageSizeGB": 32, "autoGrow": "Disabled", "tier": "P4", "iops": 120, "type": ""})
    );
    assert!(!body.to_string().contains(CANARY));
    assert_eq!(
        arm.world.expected_duration(
            "Microsoft.DBforPostgreSQL/flexibleServers",
            Verb::Create,
            &json!({})
        ),
        Some(std::time::Duration::from_secs(330))
    );
}

#[test]
fn one_operation_per_server_children_included() {
    let mut arm = Arm::slow();
    arm.put_ok(SERVER, &server());
    refused(
        &arm.put(&format!("{SERVER}/databases/augeo"), &json!({})),
        409,
        "ServerBusy",
    );
    arm.pass(330);
    assert_eq!(
        arm.put(&format!("{SERVER}/databases/augeo"), &json!({}))
            .status,
        202
    );
    refused(
        &arm.put(
            &format!("{SERVER}/firewallRules/office"),
            &json!({"properties": {"startIpAddress": "1.2.3.4", "endIpAddress": "1.2.3.4"}}),
        ),
        409,
        "ServerBusy",
    );
    refused(
        &arm.patch(
            SERVER,
            &json!({"properties": {"backup": {"backupRetentionDays": 8}}}),
        ),
        409,
        "ServerBusy",
    );
    arm.pass(12);
    assert_eq!(
        arm.names(&format!("{SERVER}/databases")),
        ["augeo", "azure_maintenance", "azure_sys", "postgres"]
    );
    let database = arm.get_ok(&format!("{SERVER}/databases/augeo"));
    assert_eq!(
        database["properties"],
        json!({"charset": "UTF8", "collation": "en_US.utf8"})
    );
}

#[test]
fn high_availability_takes_longer_and_not_every_tier_has_it() {
    let mut arm = Arm::slow();
    let mut body = server();
    body["properties"]["highAvailability"] = json!({"mode": "ZoneRedundant"});
    refused(
        &arm.put(SERVER, &body),
        400,
        "HighAvailabilityNotSupportedOnBurstable",
    );
    body["sku"] = json!({"name": "Standard_D2s_v3", "tier": "GeneralPurpose"});
    arm.put_ok(SERVER, &body);
    arm.pass(400);
    assert_eq!(
        arm.get_ok(SERVER)["properties"]["highAvailability"]["state"],
        "CreatingStandby"
    );
    arm.pass(260);
    let made = arm.get_ok(SERVER);
    assert_eq!(
        made["properties"]["highAvailability"],
        json!({"mode": "ZoneRedundant", "state": "Healthy", "standbyAvailabilityZone": "2"})
    );
    assert_eq!(made["properties"]["availabilityZone"], "1");
}

#[test]
fn what_cannot_change_is_refused_and_the_rest_is_patched() {
    let mut arm = Arm::instant();
    arm.put_ok(SERVER, &server());
    for (path, value, code) in [
        (
            "/properties/administratorLogin",
            json!("other"),
            "InvalidParameterValue",
        ),
        (
            "/properties/version",
            json!("16"),
            "ServerVersionDowngradeNotSupported",
        ),
        (
            "/properties/backup/geoRedundantBackup",
            json!("Enabled"),
            "InvalidParameterValue",
        ),
        (
            "/properties/backup/backupRetentionDays",
            json!(36),
            "InvalidBackupRetentionDays",
        ),
        ("/sku/name", json!("Standard_D2s_v3"), "SkuAndTierMismatch"),
    ] {
        let mut body = server();
        let (parent, key) = path.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("there")[key] = value;
        refused(&arm.put(SERVER, &body), 400, code);
    }
    let patched = arm.patch(SERVER, &json!({"properties": {"backup": {"backupRetentionDays": 14}, "storage": {"storageSizeGB": 64}}}));
    assert_eq!(patched.status, 200, "{}", patched.json());
    assert_eq!(patched.json()["properties"]["storage"]["tier"], "P6");
    refused(
        &arm.patch(
            SERVER,
            &json!({"properties": {"storage": {"storageSizeGB": 32}}}),
        ),
        400,
        "ShrinkStorageSizeNotSupported",
    );
}

#[test]
fn a_server_needs_a_login_and_a_good_password() {
    let mut arm = Arm::instant();
    for (path, value) in [
        ("administratorLoginPassword", json!("short1A")),
        ("administratorLoginPassword", json!(null)),
        ("administratorLogin", json!("azure_superuser")),
        ("administratorLogin", json!(null)),
    ] {
        let mut body = server();
        body["properties"][path] = value;
        refused(&arm.put(SERVER, &body), 400, "InvalidParameterValue");
    }
}

#[test]
fn a_rule_admits_addresses_in_order() {
    let mut arm = Arm::instant();
    arm.put_ok(SERVER, &server());
    let rule = format!("{SERVER}/firewallRules/office");
    refused(
        &arm.put(
            &rule,
            &json!({"properties": {"startIpAddress": "1.2.3.5", "endIpAddress": "1.2.3.4"}}),
        ),
        400,
        "InvalidParameterValue",
    );
    arm.put_ok(
        &rule,
        &json!({"properties": {"startIpAddress": "1.2.3.4", "endIpAddress": "1.2.3.4"}}),
    );
    assert_eq!(arm.names(&format!("{SERVER}/firewallRules")), ["office"]);
    assert_eq!(arm.delete(&rule).status, 200);
    assert_eq!(arm.delete(SERVER).status, 200);
    assert_eq!(arm.world.len(), 1);
}
