//! Subscriptions, providers, tags, faults, and changes behind every client's back.

use augeo_testkit::emulator::{
    ArmRequest, Delivery, Durations, Effect, Fault, Leaves, Match, Method, Verb, WorldOptions,
};
use serde_json::json;

use crate::support::{Arm, GROUP, account, refused, server, subscription};

const ACCOUNT: &str = "Microsoft.Storage/storageAccounts/acc1";
const ZONE: &str = "Microsoft.Network/dnsZones/example.com";

#[test]
fn the_subscription_tells_its_tenant_and_its_locations() {
    let mut arm = Arm::instant();
    assert_eq!(
        arm.get_ok("/subscriptions")["value"][0]["tenantId"],
        "00000000-0000-0000-0000-0000000000aa"
    );
    assert_eq!(arm.get_ok(&subscription())["state"], "Enabled");
    assert!(
        arm.names(&format!("{}/locations", subscription()))
            .contains(&"westeurope".to_owned())
    );
}

#[test]
fn a_namespace_is_registered_before_it_is_used() {
    let mut arm = Arm::with(WorldOptions {
        durations: Durations::azure(),
        unregistered: vec!["microsoft.storage".to_owned()],
        ..WorldOptions::default()
    });
    arm.put_ok(GROUP, &json!({"location": "westeurope"}));
    arm.pass(2);
    let provider = format!(
        "{}/providers/Microsoft.Storage?api-version=2024-11-01",
        subscription()
    );
    let told = arm.get_ok(&provider);
    assert_eq!(told["registrationState"], "NotRegistered");
    let accounts = told["resourceTypes"]
        .as_array()
        .expect("types")
        .iter()
        .find(|t| t["resourceType"] == "storageAccounts")
        .expect("accounts")
        .clone();
    assert!(
        accounts["apiVersions"]
            .as_array()
            .is_some_and(|v| v.contains(&json!("2026-04-01")))
    );
    refused(
        &arm.put(ACCOUNT, &account()),
        409,
        "MissingSubscriptionRegistration",
    );
    let register = format!(
        "{}/providers/Microsoft.Storage/register?api-version=2024-11-01",
        subscription()
    );
    assert_eq!(
        arm.call(Method::Post, &register, None).json()["registrationState"],
        "Registering"
    );
    refused(
        &arm.put(ACCOUNT, &account()),
        409,
        "MissingSubscriptionRegistration",
    );
    arm.pass(60);
    assert_eq!(arm.get_ok(&provider)["registrationState"], "Registered");
    assert_eq!(arm.put(ACCOUNT, &account()).status, 202);
    assert!(
        arm.get_ok(&format!("{}/providers", subscription()))["value"]
            .as_array()
            .is_some_and(|p| p.len() > 8)
    );
}

#[test]
fn tags_are_merged_key_by_key() {
    let mut arm = Arm::instant();
    arm.put_ok(ACCOUNT, &account());
    let tags = format!("{GROUP}/providers/{ACCOUNT}/providers/Microsoft.Resources/tags/default");
    let merged = arm.patch(&tags, &json!({"operation": "Merge", "properties": {"tags": {"environment": "prod", "Owner": "x"}}}));
    assert_eq!(
        (merged.status, &merged.json()["properties"]["tags"]),
        (200, &json!({"environment": "prod", "Owner": "x"}))
    );
    arm.patch(
        &tags,
        &json!({"operation": "Delete", "properties": {"tags": {"OWNER": ""}}}),
    );
    assert_eq!(arm.get_ok(ACCOUNT)["tags"], json!({"environment": "prod"}));
    assert_eq!(arm.names(&format!("{}/resources?api-version=2024-11-01&$filter=tagName%20eq%20'Environment'%20and%20tagValue%20eq%20'prod'", subscription())), ["acc1"]);
    let group = format!("{GROUP}/providers/Microsoft.Resources/tags/default");
    arm.patch(
        &group,
        &json!({"operation": "Replace", "properties": {"tags": {"a": "b"}}}),
    );
    assert_eq!(arm.get_ok(GROUP)["tags"], json!({"a": "b"}));
    refused(
        &arm.patch(&group, &json!({"operation": "Mix"})),
        400,
        "InvalidRequestContent",
    );
}

#[test]
fn a_zone_has_few_tags_and_new_name_servers_each_time() {
    let mut arm = Arm::instant();
    let tags: serde_json::Map<_, _> = (0..16).map(|i| (format!("t{i}"), json!("x"))).collect();
    refused(
        &arm.put(ZONE, &json!({"location": "global", "tags": tags})),
        400,
        "InvalidTagCount",
    );
    let servers = |arm: &mut Arm| {
        arm.put_ok(ZONE, &json!({"location": "global"}))["properties"]["nameServers"].clone()
    };
    let first = servers(&mut arm);
    assert_eq!(first.as_array().map(Vec::len), Some(4));
    assert_eq!(servers(&mut arm), first);
    arm.delete(ZONE);
    assert_ne!(servers(&mut arm), first);
    refused(
        &arm.put(ZONE, &json!({"location": "westeurope"})),
        400,
        "LocationNotAvailableForResourceType",
    );
}

#[test]
fn an_etag_guards_a_write() {
    let mut arm = Arm::instant();
    arm.put_ok(ZONE, &json!({"location": "global"}));
    let etag = arm.get(ZONE).header("etag").expect("an ETag").to_owned();
    let url = format!("{GROUP}/providers/{ZONE}?api-version=2018-05-01");
    let put = |arm: &mut Arm, name: &str, value: &str| {
        arm.send(
            ArmRequest::new(Method::Put, &url)
                .json(&json!({"location": "global"}))
                .header(name, value),
        )
        .status
    };
    assert_eq!(put(&mut arm, "If-None-Match", "*"), 412);
    assert_eq!(put(&mut arm, "If-Match", &etag), 200);
    assert_eq!(put(&mut arm, "If-Match", &etag), 412, "it has changed");
}

#[test]
fn a_type_can_be_denied() {
    let mut arm = Arm::instant();
    arm.world
        .inject(Fault::deny("Microsoft.Storage/storageAccounts"));
    refused(
        &arm.get("Microsoft.Storage/storageAccounts"),
        403,
        "AuthorizationFailed",
    );
    refused(&arm.put(ACCOUNT, &account()), 403, "AuthorizationFailed");
    assert_eq!(arm.get(GROUP).status, 200);
    arm.world.calm();
    assert_eq!(arm.put(ACCOUNT, &account()).status, 200);
}

#[test]
fn an_operation_can_fail_and_leave_its_resource_failed() {
    let path = "Microsoft.Storage/storageAccounts/acc1";
    let id = format!("{GROUP}/providers/{path}");
    let mut arm = Arm::slow();
    arm.world
        .inject(Fault::fail_operation(&id, "SkuNotAvailable", "No capacity.").times(1));
    let location = arm
        .put(path, &account())
        .header("location")
        .expect("a place")
        .to_owned();
    arm.pass(20);
    refused(
        &arm.send(ArmRequest::new(Method::Get, &location)),
        409,
        "SkuNotAvailable",
    );
    assert_eq!(
        arm.get_ok(path)["properties"]["provisioningState"],
        "Failed"
    );
    assert_eq!(
        arm.world.failure(&id).map(|(code, _)| code).as_deref(),
        Some("SkuNotAvailable")
    );
    assert_eq!(
        arm.put(path, &account()).status,
        200,
        "sent again, it succeeds"
    );
    arm.pass(20);
    assert_eq!(
        arm.get_ok(path)["properties"]["provisioningState"],
        "Succeeded"
    );
}

#[test]
fn a_failed_operation_can_leave_nothing() {
    let mut arm = Arm::slow();
    let matches = Match {
        method: Some(Method::Put),
        resource_type: Some("Microsoft.DBforPostgreSQL/flexibleServers".to_owned()),
        id: None,
    };
    arm.world.inject(Fault::new(
        matches,
        Effect::FailOperation {
            code: "X".to_owned(),
            message: "y".to_owned(),
            leaves: Leaves::Nothing,
        },
    ));
    let status = arm
        .put("Microsoft.DBforPostgreSQL/flexibleServers/pg1", &server())
        .header("azure-asyncoperation")
        .expect("a status")
        .to_owned();
    arm.pass(330);
    let told = arm.send(ArmRequest::new(Method::Get, &status)).json();
    assert_eq!(
        (&told["status"], &told["error"]["code"]),
        (&json!("Failed"), &json!("X"))
    );
    assert_eq!(
        arm.get("Microsoft.DBforPostgreSQL/flexibleServers/pg1")
            .status,
        404
    );
}

#[test]
fn a_reset_before_and_after_differ_in_what_is_there() {
    for (effect, delivery, there) in [
        (Effect::ResetBefore, Delivery::ResetBefore, false),
        (Effect::ResetAfter, Delivery::ResetAfter, true),
    ] {
        let mut arm = Arm::instant();
        arm.world.inject(Fault::new(
            Match {
                method: Some(Method::Put),
                ..Match::default()
            },
            effect,
        ));
        assert_eq!(arm.put(ACCOUNT, &account()).delivery, delivery);
        assert_eq!(arm.get(ACCOUNT).status == 200, there);
        assert_eq!(
            arm.world
                .requests()
                .iter()
                .filter(|r| r.status == 0)
                .count(),
            1
        );
    }
}

#[test]
fn people_change_things_behind_our_back() {
    let mut arm = Arm::instant();
    arm.put_ok(ACCOUNT, &account());
    let id = format!("{GROUP}/providers/{ACCOUNT}");
    assert!(arm.world.edit(
        &id,
        &json!({"properties": {"minimumTlsVersion": "TLS1_0"}, "tags": {"Environment": null}})
    ));
    assert_eq!(
        arm.get_ok(ACCOUNT)["properties"]["minimumTlsVersion"],
        "TLS1_0"
    );
    assert!(arm.get_ok(ACCOUNT)["tags"].get("Environment").is_none());
    let foreign = id.replace("acc1", "foreign");
    let now = arm.now;
    assert!(arm.world.insert(now, &foreign, &account()));
    assert_eq!(
        arm.names("Microsoft.Storage/storageAccounts"),
        ["acc1", "foreign"]
    );
    assert!(arm.world.remove(now, &id));
    assert!(!arm.world.remove(now, &id));
    assert_eq!(arm.world.live_ids(), [GROUP.to_owned(), foreign]);
}

#[test]
fn a_clone_is_a_fork() {
    let mut arm = Arm::instant();
    let mut fork = arm.world.clone();
    arm.put_ok(ACCOUNT, &account());
    assert_eq!((arm.world.len() > 1, fork.len()), (true, 1));
    let request =
        ArmRequest::new(Method::Get, format!("{GROUP}?api-version=2025-04-01")).bearer("t");
    assert_eq!(fork.handle(arm.now, &request).status, 200);
}

#[test]
fn a_scale_divides_durations_and_rounds_what_clients_wait() {
    let mut arm = Arm::new(Durations::scaled(60));
    arm.put_ok(GROUP, &json!({"location": "westeurope"}));
    arm.pass(1);
    assert_eq!(
        arm.put(ACCOUNT, &account()).header("retry-after"),
        Some("1")
    );
    let expected = |t: &str, verb| {
        arm.world
            .expected_duration(t, verb, &json!({}))
            .expect("known")
    };
    assert_eq!(
        expected("Microsoft.Storage/storageAccounts", Verb::Create).as_millis(),
        1000,
        "a third of a second, polled after one"
    );
    assert_eq!(
        expected("Microsoft.Web/sites", Verb::Create).as_millis(),
        300
    );
    assert_eq!(
        expected("Microsoft.DBforPostgreSQL/flexibleServers", Verb::Create).as_millis(),
        6000
    );
    assert!(
        arm.world
            .expected_duration(
                "Microsoft.KeyVault/vaults/secrets",
                Verb::Delete,
                &json!({})
            )
            .is_none()
    );
}

#[test]
fn requests_are_counted() {
    let mut arm = Arm::instant();
    arm.world.forget_requests();
    arm.get(GROUP);
    arm.get(&format!("{GROUP}2"));
    let seen: Vec<_> = arm
        .world
        .requests()
        .iter()
        .map(|r| (r.method, r.status))
        .collect();
    assert_eq!(seen, [(Method::Get, 200), (Method::Get, 404)]);
}
