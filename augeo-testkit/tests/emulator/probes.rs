//! The probes of ARM's behaviour that other emulators were measured with, all but deployments.

use augeo_testkit::emulator::{ArmRequest, Durations, Method, World, WorldOptions};
use serde_json::json;

use crate::support::{Arm, GROUP, account, refused, subscription, vault};

const ACCOUNT: &str = "Microsoft.Storage/storageAccounts/acc1";

#[test]
fn without_authorization_nobody_comes_in() {
    let mut arm = Arm::instant();
    let response = arm.world.handle(
        arm.now,
        &ArmRequest::new(Method::Get, format!("{GROUP}?api-version=2025-04-01")),
    );
    refused(&response, 401, "AuthenticationFailed");
    assert!(
        response
            .header("www-authenticate")
            .is_some_and(|h| h.starts_with("Bearer "))
    );
}

#[test]
fn an_api_version_is_required_and_must_be_known() {
    let mut arm = Arm::instant();
    refused(
        &arm.send(ArmRequest::new(Method::Get, GROUP)),
        400,
        "MissingApiVersionParameter",
    );
    refused(
        &arm.get(&format!("{GROUP}?api-version=yesterday")),
        400,
        "InvalidApiVersionParameter",
    );
    refused(
        &arm.put(
            &format!("{GROUP}/providers/{ACCOUNT}?api-version=2016-01-01"),
            &account(),
        ),
        400,
        "NoRegisteredProviderFound",
    );
}

#[test]
fn a_foreign_subscription_is_not_found() {
    let mut arm = Arm::instant();
    refused(
        &arm.get("/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"),
        404,
        "SubscriptionNotFound",
    );
}

#[test]
fn the_second_put_of_a_group_is_200() {
    let mut arm = Arm::new(Durations::instant());
    let body = json!({"location": "westeurope"});
    assert_eq!(arm.put(GROUP, &body).status, 201);
    assert_eq!(arm.put(GROUP, &body).status, 200);
}

#[test]
fn casing_and_double_slashes_do_not_matter_and_ids_keep_their_spelling() {
    let mut arm = Arm::instant();
    arm.put_ok("Microsoft.Storage//storageAccounts/acc1", &account());
    let body = arm.get_ok(&format!(
        "{}/providers/microsoft.STORAGE/storageaccounts/ACC1",
        GROUP
            .to_uppercase()
            .replace("/SUBSCRIPTIONS", "/subscriptions")
    ));
    assert_eq!(
        body["id"],
        format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/acc1")
    );
}

#[test]
fn a_group_answers_head_and_patch() {
    let mut arm = Arm::instant();
    let head = arm.call(Method::Head, GROUP, None);
    assert_eq!((head.status, head.body.len()), (204, 0));
    assert_eq!(
        arm.call(Method::Head, &format!("{GROUP}2"), None).status,
        404
    );
    let patched = arm.patch(GROUP, &json!({"tags": {"a": "b"}}));
    assert_eq!(
        (patched.status, &patched.json()["tags"]["a"]),
        (200, &json!("b"))
    );
    assert_eq!(patched.json()["location"], "westeurope");
}

#[test]
fn a_group_stays_where_it_is() {
    let mut arm = Arm::instant();
    refused(
        &arm.put(GROUP, &json!({"location": "northeurope"})),
        409,
        "InvalidResourceGroupLocation",
    );
    assert_eq!(
        arm.put(GROUP, &json!({"location": "West Europe"})).status,
        200,
        "another spelling is no move"
    );
}

#[test]
fn a_group_needs_a_location_and_json() {
    let mut arm = Arm::instant();
    let without = arm.put(&format!("{GROUP}2"), &json!({}));
    refused(&without, 400, "InvalidRequestContent");
    assert_eq!(without.json()["error"]["target"], "location");
    let mut request = ArmRequest::new(Method::Put, format!("{GROUP}2?api-version=2025-04-01"));
    request.body = b"{\"location\": ".to_vec();
    refused(&arm.send(request), 400, "InvalidRequestContent");
    refused(
        &arm.put(&format!("{GROUP}2"), &json!({"location": "mars"})),
        400,
        "LocationNotAvailableForResourceType",
    );
}

#[test]
fn nothing_is_made_in_a_group_that_does_not_exist() {
    let mut arm = Arm::instant();
    refused(
        &arm.put(&format!("{GROUP}2/providers/{ACCOUNT}"), &account()),
        404,
        "ResourceGroupNotFound",
    );
    refused(
        &arm.get(&format!("{GROUP}2/providers/{ACCOUNT}")),
        404,
        "ResourceGroupNotFound",
    );
}

#[test]
fn deleting_what_does_not_exist_is_204() {
    let mut arm = Arm::instant();
    assert_eq!(arm.delete(ACCOUNT).status, 204);
    refused(
        &arm.delete(&format!("{GROUP}2")),
        404,
        "ResourceGroupNotFound",
    );
}

#[test]
fn the_deletion_of_a_group_cascades_while_new_writes_are_refused() {
    let mut arm = Arm::slow();
    arm.put_ok(ACCOUNT, &account());
    arm.put_ok("Microsoft.KeyVault/vaults/vault-1", &vault());
    arm.pass(60);
    let deleted = arm.delete(GROUP);
    assert_eq!(deleted.status, 202);
    let location = deleted
        .header("location")
        .expect("a place to ask")
        .to_owned();
    assert!(deleted.header("retry-after").is_some());
    refused(
        &arm.put("Microsoft.Storage/storageAccounts/acc2", &account()),
        409,
        "ResourceGroupBeingDeleted",
    );
    assert_eq!(
        arm.delete(GROUP).header("location"),
        Some(location.as_str()),
        "asked again, the same operation"
    );
    assert_eq!(
        arm.get_ok(GROUP)["properties"]["provisioningState"],
        "Deleting"
    );
    let poll = arm.send(ArmRequest::new(Method::Get, &location));
    assert_eq!(
        (poll.status, poll.header("location")),
        (202, Some(location.as_str()))
    );
    arm.pass(60);
    assert_eq!(
        arm.send(ArmRequest::new(Method::Get, &location)).status,
        200
    );
    refused(&arm.get(GROUP), 404, "ResourceGroupNotFound");
    assert!(arm.world.is_empty(), "{:?}", arm.world.live_ids());
    assert_eq!(arm.world.soft_deleted().len(), 1, "the vault can come back");
}

#[test]
fn every_answer_carries_its_request_id_and_what_remains() {
    let mut arm = Arm::instant();
    let a = arm.get(GROUP);
    let b = arm.send(
        ArmRequest::new(Method::Get, format!("{GROUP}?api-version=2025-04-01"))
            .header("x-ms-client-request-id", "mine"),
    );
    assert_ne!(a.header("x-ms-request-id"), b.header("x-ms-request-id"));
    assert_eq!(b.header("x-ms-client-request-id"), Some("mine"));
    assert!(a.header("x-ms-correlation-request-id").is_some());
    assert!(
        a.header("x-ms-ratelimit-remaining-subscription-reads")
            .is_some()
    );
    let put = arm.put(GROUP, &json!({"location": "westeurope"}));
    assert!(
        put.header("x-ms-ratelimit-remaining-subscription-writes")
            .is_some()
    );
}

#[test]
fn resources_are_listed_with_the_filters_that_clients_send() {
    let mut arm = Arm::instant();
    arm.put_ok(ACCOUNT, &account());
    arm.put_ok("Microsoft.KeyVault/vaults/vault-1", &vault());
    arm.put_ok(
        "Microsoft.Storage/storageAccounts/acc1/blobServices/default/containers/backups",
        &json!({}),
    );
    let all = format!("{}/resources?api-version=2024-11-01", subscription());
    assert_eq!(
        arm.names(&all),
        ["vault-1", "acc1"],
        "tracked resources only"
    );
    for (filter, names) in [
        (
            "tagName eq 'environment' and tagValue eq 'dev'",
            vec!["acc1"],
        ),
        ("tagname eq 'Environment'", vec!["acc1"]),
        ("tagName eq 'environment' and tagValue eq 'prod'", vec![]),
        (
            "resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'VAULT-1'",
            vec!["vault-1"],
        ),
        ("resourceGroup eq 'RG'", vec!["vault-1", "acc1"]),
        ("resourceGroup eq 'other'", vec![]),
    ] {
        assert_eq!(
            arm.names(&format!("{all}&$filter={}", filter.replace(' ', "%20"))),
            names,
            "{filter}"
        );
    }
    assert_eq!(arm.names(&format!("{GROUP}/resources?api-version=2024-11-01&$filter=resourceType%20eq%20'Microsoft.Storage/storageAccounts'")), ["acc1"]);
    let stub = &arm.get_ok(&all)["value"][1];
    assert_eq!(
        (stub["sku"]["name"].as_str(), stub.get("properties")),
        (Some("Standard_LRS"), None)
    );
    refused(
        &arm.get(&format!("{all}&$filter=color%20eq%20'red'")),
        400,
        "InvalidFilterInQueryString",
    );
}

#[test]
fn long_lists_are_told_page_by_page() {
    let mut arm = Arm::instant();
    for i in 0..7 {
        arm.put_ok(
            &format!("Microsoft.Storage/storageAccounts/acc{i}"),
            &account(),
        );
    }
    let mut url = format!("{}/resources?api-version=2024-11-01&$top=3", subscription());
    let mut names = Vec::new();
    loop {
        let page = arm.get_ok(&url);
        let items = page["value"].as_array().expect("a list");
        assert!(items.len() <= 3);
        names.extend(
            items
                .iter()
                .map(|i| i["name"].as_str().expect("a name").to_owned()),
        );
        match page["nextLink"].as_str() {
            Some(next) => next.clone_into(&mut url),
            None => break,
        }
    }
    assert_eq!(names, (0..7).map(|i| format!("acc{i}")).collect::<Vec<_>>());
}

#[test]
fn unknown_requests_fail_loudly_and_are_remembered() {
    let mut arm = Arm::instant();
    refused(
        &arm.put(
            &format!("{GROUP}/providers/Microsoft.Resources/deployments/d?api-version=2025-04-01"),
            &json!({}),
        ),
        404,
        "InvalidResourceType",
    );
    refused(
        &arm.get(&format!(
            "{GROUP}/providers/Microsoft.Nothing/things/x?api-version=2025-04-01"
        )),
        404,
        "InvalidResourceNamespace",
    );
    refused(&arm.get("/nowhere?api-version=2025-04-01"), 404, "NotFound");
    assert_eq!(arm.world.unsupported_requests().len(), 3);
}

#[test]
fn an_empty_bucket_refuses_and_says_how_long() {
    let mut arm = Arm::instant();
    for _ in 0..199 {
        assert_eq!(
            arm.put(GROUP, &json!({"location": "westeurope"})).status,
            200
        );
    }
    let refusal = arm.put(GROUP, &json!({"location": "westeurope"}));
    refused(&refusal, 429, "TooManyRequests");
    assert_eq!(refusal.header("retry-after"), Some("1"));
    assert_eq!(
        arm.get(GROUP).status,
        200,
        "reads have a bucket of their own"
    );
    arm.pass(1);
    assert_eq!(
        arm.put(GROUP, &json!({"location": "westeurope"})).status,
        200
    );
    let mut free = World::new(WorldOptions {
        throttling: false,
        durations: Durations::instant(),
        ..WorldOptions::default()
    });
    let request = ArmRequest::new(Method::Put, format!("{GROUP}?api-version=2025-04-01"))
        .json(&json!({"location": "westeurope"}))
        .bearer("t");
    assert!((0..300).all(|_| free.handle(arm.now, &request).status < 300));
}

#[test]
fn one_seed_one_world() {
    let run = || {
        let mut arm = Arm::slow();
        let a = arm.put(
            "Microsoft.DBforPostgreSQL/flexibleServers/pg1",
            &crate::support::server(),
        );
        arm.pass(1000);
        let b = arm.get("Microsoft.DBforPostgreSQL/flexibleServers/pg1");
        (a, b)
    };
    assert_eq!(run(), run());
}
