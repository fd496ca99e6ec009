//! Storage accounts, containers, policies.

use augeo_testkit::emulator::{ArmRequest, Method, WorldOptions};
use serde_json::json;

use crate::support::{Arm, GROUP, account, refused, subscription};

const ACCOUNT: &str = "Microsoft.Storage/storageAccounts/acc1";
const CONTAINERS: &str = "Microsoft.Storage/storageAccounts/acc1/blobServices/default/containers";
const POLICY: &str = "Microsoft.Storage/storageAccounts/acc1/managementPolicies/default";

#[test]
fn an_account_is_accepted_first_and_there_later_never_201() {
    let mut arm = Arm::slow();
    let put = arm.put(ACCOUNT, &account());
    assert_eq!((put.status, put.body.len()), (202, 0));
    assert_eq!(put.header("retry-after"), Some("17"));
    let location = put.header("location").expect("a place to ask").to_owned();
    assert_eq!(
        arm.get_ok(ACCOUNT)["properties"]["provisioningState"],
        "Creating"
    );
    arm.pass(17);
    assert_eq!(
        arm.send(ArmRequest::new(Method::Get, &location)).status,
        202
    );
    arm.pass(17);
    let done = arm.send(ArmRequest::new(Method::Get, &location));
    assert_eq!(done.status, 200);
    let body = done.json();
    assert_eq!(body["properties"]["provisioningState"], "Succeeded");
    assert_eq!(
        body["properties"]["primaryEndpoints"]["blob"],
        "https://acc1.blob.core.windows.net/"
    );
    assert_eq!(
        body["sku"],
        json!({"name": "Standard_LRS", "tier": "Standard"})
    );
    assert_eq!(
        body["properties"]["accessTier"], "Hot",
        "the service's default"
    );
    let again = arm.put(ACCOUNT, &account());
    assert_eq!(again.status, 200);
    assert_eq!(again.latency.as_secs(), 2);
}

#[test]
fn an_update_changes_only_what_may_change() {
    let mut arm = Arm::instant();
    arm.put_ok(ACCOUNT, &account());
    let mut body = account();
    body["properties"]["accessTier"] = json!("cool");
    body["properties"]["provisioningState"] = json!("Nonsense");
    assert_eq!(
        arm.put_ok(ACCOUNT, &body)["properties"]["accessTier"],
        "Cool"
    );
    assert_eq!(
        arm.put_ok(ACCOUNT, &account())["properties"]["accessTier"],
        "Hot",
        "what is no longer sent returns to its default"
    );
    body["location"] = json!("northeurope");
    refused(&arm.put(ACCOUNT, &body), 409, "InvalidResourceLocation");
    let patched = arm.patch(
        ACCOUNT,
        &json!({"sku": {"name": "Standard_GRS"}, "tags": {"New": "x"}}),
    );
    assert_eq!(patched.status, 200, "{}", patched.json());
    let body = patched.json();
    assert_eq!(body["properties"]["secondaryLocation"], "northeurope");
    assert_eq!(body["tags"], json!({"New": "x"}), "a PATCH replaces tags");
    assert_eq!(body["properties"]["minimumTlsVersion"], "TLS1_2");
}

#[test]
fn mistakes_are_named_with_their_path() {
    let mut arm = Arm::instant();
    for (pointer, value, target) in [
        (
            "/properties/minimumTlsVersio",
            json!("TLS1_2"),
            "properties.minimumTlsVersio",
        ),
        ("/sku/name", json!(1), "sku.name"),
        (
            "/properties/accessTier",
            json!("Lukewarm"),
            "properties.accessTier",
        ),
        ("/kind", json!(null), "kind"),
    ] {
        let mut body = account();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("there")[key] = value;
        let response = arm.put(ACCOUNT, &body);
        refused(&response, 400, "InvalidRequestContent");
        assert_eq!(response.json()["error"]["target"], target);
    }
    refused(
        &arm.put("Microsoft.Storage/storageAccounts/Not_Allowed", &account()),
        400,
        "InvalidResourceName",
    );
    let mut body = account();
    body["kind"] = json!("BlockBlobStorage");
    refused(&arm.put(ACCOUNT, &body), 400, "InvalidSkuForKind");
    assert_eq!(arm.world.len(), 1, "only the group");
}

#[test]
fn a_name_is_unique_in_the_cloud() {
    let mut arm = Arm::with(WorldOptions {
        durations: augeo_testkit::emulator::Durations::instant(),
        taken_names: vec!["storage/TAKEN".to_owned()],
        ..WorldOptions::default()
    });
    arm.put_ok(GROUP, &json!({"location": "westeurope"}));
    let other = format!("{GROUP}2");
    arm.put_ok(&other, &json!({"location": "westeurope"}));
    arm.put_ok(ACCOUNT, &account());
    refused(
        &arm.put(&format!("{other}/providers/{ACCOUNT}"), &account()),
        409,
        "StorageAccountAlreadyTaken",
    );
    refused(
        &arm.put("Microsoft.Storage/storageAccounts/taken", &account()),
        409,
        "StorageAccountAlreadyTaken",
    );
    let check = format!(
        "{}/providers/Microsoft.Storage/checkNameAvailability",
        subscription()
    );
    let mut ask = |name: &str| {
        arm.post(
            &check,
            &json!({"name": name, "type": "Microsoft.Storage/storageAccounts"}),
        )
        .json()
    };
    assert_eq!(ask("acc1")["reason"], "AlreadyExists");
    assert_eq!(ask("No")["reason"], "AccountNameInvalid");
    assert_eq!(ask("free1")["nameAvailable"], true);
    assert_eq!(arm.delete(ACCOUNT).status, 200);
    assert_eq!(
        arm.put(&format!("{other}/providers/{ACCOUNT}"), &account())
            .status,
        200,
        "free again"
    );
}

#[test]
fn containers_live_under_the_service_that_comes_with_the_account() {
    let mut arm = Arm::instant();
    refused(
        &arm.put(&format!("{CONTAINERS}/backups"), &json!({})),
        404,
        "ParentResourceNotFound",
    );
    arm.put_ok(ACCOUNT, &account());
    assert_eq!(
        arm.get_ok("Microsoft.Storage/storageAccounts/acc1/blobServices/default")["sku"]["name"],
        "Standard_LRS"
    );
    let made = arm.put(
        &format!("{CONTAINERS}/backups"),
        &json!({"properties": {"metadata": {"augeo_owner": "x"}}}),
    );
    assert_eq!(made.status, 201);
    assert!(
        made.header("etag")
            .is_some_and(|etag| made.json()["etag"] == etag)
    );
    assert_eq!(
        arm.put(
            &format!("{CONTAINERS}/backups"),
            &json!({"properties": {"metadata": {"augeo_owner": "x"}}})
        )
        .status,
        200
    );
    let listed = arm.get_ok(CONTAINERS);
    assert_eq!(
        listed["value"][0]["properties"]["metadata"]["augeo_owner"],
        "x"
    );
    assert_eq!(listed["value"][0]["properties"]["publicAccess"], "None");
    refused(
        &arm.put(&format!("{CONTAINERS}/Upper"), &json!({})),
        400,
        "InvalidResourceName",
    );
    refused(
        &arm.delete("Microsoft.Storage/storageAccounts/acc1/blobServices/default"),
        405,
        "MethodNotAllowed",
    );
    assert_eq!(arm.delete(&format!("{CONTAINERS}/backups")).status, 200);
    assert_eq!(arm.delete(ACCOUNT).status, 200);
    assert_eq!(arm.world.len(), 1, "everything below went along");
}

#[test]
fn a_policy_is_whole_and_absent_until_it_is_put() {
    let mut arm = Arm::instant();
    arm.put_ok(ACCOUNT, &account());
    refused(&arm.get(POLICY), 404, "ManagementPolicyNotFound");
    let body = json!({"properties": {"policy": {"rules": [{"name": "archive", "type": "Lifecycle", "enabled": true, "definition": {"filters": {"blobTypes": ["blockBlob"]}, "actions": {"baseBlob": {"tierToArchive": {"daysAfterModificationGreaterThan": 90}}}}}]}}});
    assert_eq!(arm.put(POLICY, &body).status, 200);
    let read = arm.get_ok(POLICY);
    assert_eq!(read["properties"]["policy"], body["properties"]["policy"]);
    assert_eq!(read["name"], "DefaultManagementPolicy");
    assert_eq!(arm.delete(POLICY).status, 200);
    refused(&arm.get(POLICY), 404, "ManagementPolicyNotFound");
}

#[test]
fn an_account_under_way_is_busy() {
    let mut arm = Arm::slow();
    arm.put_ok(ACCOUNT, &account());
    let busy = arm.put(ACCOUNT, &account());
    refused(&busy, 409, "StorageAccountOperationInProgress");
    assert!(busy.header("retry-after").is_some());
    assert_eq!(
        arm.put(&format!("{CONTAINERS}/abc"), &json!({})).status,
        409,
        "its children wait too"
    );
    arm.pass(20);
    assert_eq!(arm.put(ACCOUNT, &account()).status, 200);
}

#[test]
fn keys_are_read_by_an_action_and_stand_in_no_body() {
    let mut arm = Arm::instant();
    arm.put_ok(ACCOUNT, &account());
    let keys = arm.post(&format!("{ACCOUNT}/listKeys"), &json!({})).json();
    let key = keys["keys"][0]["value"].as_str().expect("a key").to_owned();
    assert!(!arm.get_ok(ACCOUNT).to_string().contains(&key));
}
