//! Vaults, their secrets, and how they come back.

use augeo_testkit::emulator::{ArmRequest, Method};
use serde_json::json;

use crate::support::{Arm, GROUP, refused, subscription, vault};

const VAULT: &str = "Microsoft.KeyVault/vaults/vault-1";
const SECRET: &str = "Microsoft.KeyVault/vaults/vault-1/secrets/db-password";
const CANARY: &str = "canary-secret-value";

fn deleted() -> String {
    format!(
        "{}/providers/Microsoft.KeyVault/deletedVaults?api-version=2026-02-01",
        subscription()
    )
}

fn deleted_one() -> String {
    format!(
        "{}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/vault-1",
        subscription()
    )
}

#[test]
fn a_vault_registers_its_name_before_it_is_there() {
    let mut arm = Arm::slow();
    let put = arm.put(VAULT, &vault());
    assert_eq!(
        (put.status, &put.json()["properties"]["provisioningState"]),
        (201, &json!("RegisteringDns"))
    );
    assert!(put.header("retry-after").is_some());
    assert!(arm.get(VAULT).header("retry-after").is_some());
    arm.pass(5);
    let body = arm.get_ok(VAULT);
    assert_eq!(body["properties"]["provisioningState"], "Succeeded");
    assert_eq!(
        body["properties"]["vaultUri"],
        "https://vault-1.vault.azure.net/"
    );
    assert_eq!(body["properties"]["accessPolicies"], json!([]));
    assert!(
        body["properties"].get("networkAcls").is_none(),
        "absent until set"
    );
}

#[test]
fn some_things_cannot_be_taken_back() {
    let mut arm = Arm::instant();
    let mut body = vault();
    body["properties"]["enablePurgeProtection"] = json!(false);
    refused(&arm.put(VAULT, &body), 400, "BadRequest");
    body["properties"]["enablePurgeProtection"] = json!(true);
    arm.put_ok(VAULT, &body);
    assert_eq!(
        arm.put_ok(VAULT, &vault())["properties"]["enablePurgeProtection"],
        true,
        "once on, always on"
    );
    body["properties"]["softDeleteRetentionInDays"] = json!(90);
    refused(&arm.put(VAULT, &body), 400, "BadRequest");
}

#[test]
fn the_network_rules_come_back_in_the_services_spelling() {
    let mut arm = Arm::instant();
    let mut body = vault();
    body["properties"]["networkAcls"] = json!({"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [{"value": "1.2.3.4"}], "virtualNetworkRules": [{"id": format!("{GROUP}/providers/Microsoft.Network/virtualNetworks/V/subnets/S")}]});
    let made = arm.put_ok(VAULT, &body);
    assert_eq!(
        made["properties"]["networkAcls"]["ipRules"][0]["value"],
        "1.2.3.4/32"
    );
    assert!(
        made["properties"]["networkAcls"]["virtualNetworkRules"][0]["id"]
            .as_str()
            .is_some_and(|id| id.ends_with("/virtualnetworks/v/subnets/s"))
    );
}

#[test]
fn a_secret_is_written_and_never_read() {
    let mut arm = Arm::instant();
    arm.put_ok(VAULT, &vault());
    refused(
        &arm.put(SECRET, &json!({"properties": {}})),
        400,
        "BadRequest",
    );
    let first = arm.put(
        SECRET,
        &json!({"properties": {"value": CANARY}, "tags": {"a": "b"}}),
    );
    assert_eq!(first.status, 201);
    let first = first.json()["properties"]["secretUriWithVersion"].clone();
    let second = arm.put(SECRET, &json!({"properties": {"value": CANARY}}));
    assert_eq!(second.status, 200);
    assert_ne!(
        second.json()["properties"]["secretUriWithVersion"],
        first,
        "each write is a version"
    );
    for path in [SECRET, "Microsoft.KeyVault/vaults/vault-1/secrets"] {
        let read = arm.get_ok(path).to_string();
        assert!(!read.contains(CANARY), "{read}");
    }
    assert!(
        !format!("{:?}", arm.world).contains(CANARY),
        "nowhere in the world"
    );
    refused(&arm.delete(SECRET), 405, "MethodNotAllowed");
}

#[test]
fn a_deleted_vault_holds_its_name_and_comes_back_with_its_secrets() {
    let mut arm = Arm::instant();
    arm.put_ok(VAULT, &vault());
    arm.put_ok(SECRET, &json!({"properties": {"value": CANARY}}));
    let uri = arm.get_ok(SECRET)["properties"]["secretUriWithVersion"].clone();
    assert_eq!(arm.delete(VAULT).status, 200);
    assert_eq!(arm.get(VAULT).status, 404);
    let listed = arm.get_ok(&deleted());
    assert_eq!(listed["value"][0]["name"], "vault-1");
    let one = arm.get_ok(&deleted_one());
    assert_eq!(
        one["properties"]["scheduledPurgeDate"], "2026-11-30T00:00:00.0000000Z",
        "seven real days"
    );
    let refusal = arm.put(VAULT, &vault());
    refused(&refusal, 409, "ConflictError");
    assert!(
        refusal.json()["error"]["message"]
            .as_str()
            .is_some_and(|m| m.contains("deleted state"))
    );
    arm.put_ok(&format!("{GROUP}2"), &json!({"location": "westeurope"}));
    refused(
        &arm.put(&format!("{GROUP}2/providers/{VAULT}"), &vault()),
        409,
        "ConflictError",
    );
    let check = arm
        .post(
            &format!(
                "{}/providers/Microsoft.KeyVault/checkNameAvailability",
                subscription()
            ),
            &json!({"name": "vault-1", "type": "Microsoft.KeyVault/vaults"}),
        )
        .json();
    assert_eq!(check["reason"], "AlreadyExists");
    let mut recover = vault();
    recover["properties"]["createMode"] = json!("recover");
    arm.put_ok(VAULT, &recover);
    assert!(arm.get_ok(VAULT)["properties"].get("createMode").is_none());
    assert_eq!(
        arm.get_ok(SECRET)["properties"]["secretUriWithVersion"],
        uri
    );
    assert!(
        arm.get_ok(&deleted())["value"]
            .as_array()
            .is_some_and(Vec::is_empty)
    );
}

#[test]
fn a_vault_is_purged_by_hand_or_by_the_calendar_unless_protected() {
    let mut arm = Arm::instant();
    arm.put_ok(VAULT, &vault());
    arm.delete(VAULT);
    assert_eq!(
        arm.post(&format!("{}/purge", deleted_one()), &json!({}))
            .status,
        200
    );
    assert_eq!(arm.put(VAULT, &vault()).status, 201, "the name is free");
    arm.delete(VAULT);
    arm.pass(7 * 24 * 3600 - 1);
    assert_eq!(arm.get(&deleted_one()).status, 200);
    arm.pass(1);
    assert_eq!(arm.get(&deleted_one()).status, 404);
    let mut protected = vault();
    protected["properties"]["enablePurgeProtection"] = json!(true);
    arm.put_ok(VAULT, &protected);
    arm.delete(VAULT);
    refused(
        &arm.post(&format!("{}/purge", deleted_one()), &json!({})),
        405,
        "MethodNotAllowed",
    );
}

#[test]
fn a_purge_takes_its_time() {
    let mut arm = Arm::slow();
    arm.put_ok(VAULT, &vault());
    arm.pass(5);
    arm.delete(VAULT);
    arm.pass(5);
    let purge = arm.post(&format!("{}/purge", deleted_one()), &json!({}));
    assert_eq!(purge.status, 202);
    let location = purge.header("location").expect("a place to ask").to_owned();
    assert_eq!(
        arm.send(ArmRequest::new(Method::Get, &location)).status,
        202
    );
    arm.pass(10);
    assert_eq!(
        arm.send(ArmRequest::new(Method::Get, &location)).status,
        200
    );
    assert_eq!(arm.put(VAULT, &vault()).status, 201);
}
