//! Taking resources over from elsewhere: a copy tells what the original told.

use augeo_testkit::emulator::{Durations, SUBSCRIPTION_ID, VIRTUAL_EPOCH, World, WorldOptions};
use serde_json::{Value, json};

use crate::support::{Arm, GROUP as RG};

const STORE: &str = "/providers/Microsoft.Storage/storageAccounts/one";
const VAULT: &str = "/providers/Microsoft.KeyVault/vaults/keeper";

fn copy_of(bodies: &[Value]) -> (World, Vec<String>) {
    let mut world = World::new(WorldOptions {
        durations: Durations::azure(),
        ..WorldOptions::default()
    });
    let left_out = world.import(VIRTUAL_EPOCH, bodies);
    (
        world,
        left_out.into_iter().map(|left| left.reason).collect(),
    )
}

#[test]
fn a_copy_tells_what_the_original_told() {
    let mut original = Arm::instant();
    let identity = "Microsoft.ManagedIdentity/userAssignedIdentities/who";
    original.put_ok(identity, &json!({"location": "westeurope"}));
    let account = json!({
        "location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"},
        "tags": {"a": "b"}, "properties": {"minimumTlsVersion": "TLS1_2"},
    });
    original.put_ok("Microsoft.Storage/storageAccounts/one", &account);
    let bodies: Vec<Value> = original
        .world
        .live_resources()
        .into_iter()
        .map(|live| live.body)
        .collect();
    let (world, left_out) = copy_of(&bodies);
    assert_eq!(left_out, Vec::<String>::new());
    let live = world.live_resources().into_iter();
    let live: Vec<Value> = live.map(|live| without_record(live.body)).collect();
    let told: Vec<Value> = bodies.into_iter().map(without_record).collect();
    assert_eq!(live, told);
    // Its name is taken there, too, and an update keeps what was told.
    let mut copy = Arm {
        world,
        now: VIRTUAL_EPOCH,
    };
    let check = format!(
        "/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Storage/checkNameAvailability?api-version=2026-04-01"
    );
    let asked = json!({"name": "one", "type": "Microsoft.Storage/storageAccounts"});
    let answer: Value = serde_json::from_slice(&copy.post(&check, &asked).body).unwrap();
    assert_eq!(answer["nameAvailable"], false);
    let principal = |arm: &mut Arm| {
        let body: Value = serde_json::from_slice(&arm.get(identity).body).unwrap();
        body["properties"]["principalId"].clone()
    };
    let before = principal(&mut original);
    copy.put_ok(
        identity,
        &json!({"location": "westeurope", "tags": {"new": "tag"}}),
    );
    assert_eq!(principal(&mut copy), before);
}

fn without_record(mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.remove("systemData");
        body.remove("etag");
    }
    body
}

#[test]
fn operations_go_on_failures_stay_and_strangers_are_told() {
    let server = |name: &str, state: &str| {
        json!({
            "id": format!("{RG}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{name}"),
            "name": name, "type": "Microsoft.DBforPostgreSQL/flexibleServers",
            "location": "westeurope", "properties": {"state": state},
        })
    };
    let account = json!({
        "id": format!("{RG}{STORE}"), "name": "one", "type": "Microsoft.Storage/storageAccounts",
        "location": "westeurope", "properties": {"provisioningState": "Failed"},
    });
    let stranger = json!({
        "id": format!("{RG}/providers/Microsoft.Odd/things/x"), "name": "x",
        "type": "Microsoft.Odd/things", "properties": {},
    });
    let bodies = [
        server("busy", "Updating"),
        server("rests", "Stopped"),
        account,
        stranger,
        json!("text"),
    ];
    let (mut world, left_out) = copy_of(&bodies);
    assert_eq!(left_out.len(), 2);
    assert!(left_out[0].contains("Microsoft.Odd/things"), "{left_out:?}");
    let state = |world: &World, name: &str| {
        let found = world.live_resources().into_iter();
        found
            .filter(|live| live.id.ends_with(name))
            .map(|live| (live.operation.is_some(), live.failure.is_some()))
            .next()
            .unwrap()
    };
    assert_eq!(state(&world, "/busy"), (true, false));
    assert_eq!(state(&world, "/rests"), (false, false));
    assert_eq!(state(&world, "/one"), (false, true));
    let ends = world.next_change().expect("an operation ends");
    world.settle(ends);
    assert_eq!(state(&world, "/busy"), (false, false));
}

#[test]
fn what_is_deleted_softly_holds_its_name() {
    let mut world = World::new(WorldOptions::default());
    let deleted = json!({
        "id": format!("/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/keeper"),
        "name": "keeper", "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": format!("{RG}{VAULT}"), "location": "westeurope", "tags": {"a": "b"},
            "deletionDate": "2026-11-22T00:00:00Z", "scheduledPurgeDate": "2026-12-22T00:00:00Z",
        },
    });
    let now = VIRTUAL_EPOCH;
    assert_eq!(world.import_deleted(now, [&deleted]), []);
    let kept = world.soft_deleted();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].0.ends_with("/vaults/keeper"));
    assert_eq!(kept[0].1.date().to_string(), "2026-12-22");
}

#[test]
fn what_is_recovered_keeps_what_can_never_change() {
    let mut original = Arm::instant();
    let protected = json!({"location": "westeurope", "properties": {
        "tenantId": original.world.options().tenant,
        "sku": {"family": "A", "name": "standard"},
        "softDeleteRetentionInDays": 7, "enablePurgeProtection": true,
    }});
    let vault = "Microsoft.KeyVault/vaults/keeper";
    original.put_ok(vault, &protected);
    assert_eq!(original.delete(vault).status, 200);
    let list = format!(
        "/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.KeyVault/deletedVaults?api-version=2026-02-01"
    );
    let told = original.get_ok(&list)["value"][0].clone();
    let mut copy = Arm::instant();
    assert_eq!(copy.world.import_deleted(VIRTUAL_EPOCH, [&told]), []);
    let mut recover = protected.clone();
    recover["properties"]["createMode"] = json!("recover");
    copy.put_ok(vault, &recover);
    // The same declaration is no change of what can never change; another retention is.
    copy.put_ok(vault, &protected);
    let mut other = protected;
    other["properties"]["softDeleteRetentionInDays"] = json!(90);
    let refused = copy.put(vault, &other);
    assert_eq!(refused.status, 400);
    let kept = copy.get_ok(vault)["properties"].clone();
    assert_eq!(kept["softDeleteRetentionInDays"], 7);
    assert_eq!(kept["enablePurgeProtection"], true);
}
