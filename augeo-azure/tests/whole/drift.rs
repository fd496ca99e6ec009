//! What somebody else changed is found, told from our own changes, and mended; what a release or
//! the platform owns is left alone.

use std::time::Duration;

use augeo_core::plan::{Action, Cause};
use augeo_testkit::emulator::{Emulator, World};
use serde_json::json;

use crate::rig::{apply, assert_unchanged, engine, stack};

fn edit(emulator: &Emulator, end: &str, patch: &serde_json::Value) {
    let id = emulator
        .snapshot()
        .live_ids()
        .into_iter()
        .find(|id| id.to_lowercase().ends_with(end))
        .unwrap_or_else(|| panic!("{end}"));
    assert!(
        emulator
            .with_world(|world| world.edit(&id, patch))
            .expect("in memory")
    );
}

#[tokio::test(start_paused = true)]
async fn a_changed_property_is_drift_and_is_set_back() {
    let emulator = Emulator::new();
    let stack = stack("dev");
    apply(&engine(&emulator), &stack).await;
    edit(
        &emulator,
        "/config/web",
        &json!({"properties": {"minTlsVersion": "1.0"}}),
    );
    let plan = engine(&emulator)
        .plan(&stack)
        .await
        .expect("it can be planned");
    let changes: Vec<_> = plan.pending().collect();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0].action, Action::Update);
    assert_eq!(changes[0].differences[0].path.to_string(), "minTlsVersion");
    apply(&engine(&emulator), &stack).await;
    assert_unchanged(&engine(&emulator), &stack).await;
}

#[tokio::test(start_paused = true)]
async fn drift_of_a_tagged_resource_is_told_from_a_change() {
    let emulator = Emulator::new();
    let stack = stack("dev");
    apply(&engine(&emulator), &stack).await;
    edit(
        &emulator,
        &only(&emulator, "storageAccounts"),
        &json!({"properties": {"minimumTlsVersion": "TLS1_0"}}),
    );
    let plan = engine(&emulator)
        .plan(&stack)
        .await
        .expect("it can be planned");
    let change = plan.pending().next().expect("it drifted");
    assert!(
        change
            .differences
            .iter()
            .all(|difference| difference.cause == Cause::Drift),
        "{change:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_released_image_and_foreign_tags_are_no_drift() {
    let emulator = Emulator::new();
    let stack = stack("staging");
    apply(&engine(&emulator), &stack).await;
    edit(
        &emulator,
        "/config/web",
        &json!({"properties": {"linuxFxVersion": "DOCKER|example.azurecr.io/api:2"}}),
    );
    edit(
        &emulator,
        &only(&emulator, "storageAccounts"),
        &json!({"tags": {"hidden-title": "theirs"}}),
    );
    assert_unchanged(&engine(&emulator), &stack).await;
}

/// The id of the only resource of a type, in lower case.
fn only(emulator: &Emulator, of_type: &str) -> String {
    let ids = emulator.snapshot().live_ids();
    let mut found = ids
        .into_iter()
        .filter(|id| id.split('/').rev().nth(1) == Some(of_type));
    let id = found.next().expect("it has one");
    assert_eq!(found.next(), None);
    id.to_lowercase()
}

/// Everything that Azure and releases change by themselves in production: the number of instances,
/// the zones after a failover, the certificates, the image of the app and of its slot.
fn live_on(emulator: &Emulator) {
    edit(
        emulator,
        &only(emulator, "serverfarms"),
        &json!({"sku": {"capacity": 4}}),
    );
    edit(
        emulator,
        &only(emulator, "flexibleServers"),
        &json!({"properties": {
            "availabilityZone": "2",
            "highAvailability": {"standbyAvailabilityZone": "1"},
        }}),
    );
    let mut ids = emulator.snapshot().live_ids();
    ids.retain(|id| id.ends_with("/config/web"));
    assert_eq!(ids.len(), 2, "{ids:?}");
    for id in ids {
        edit(
            emulator,
            &id.to_lowercase(),
            &json!({"properties": {"linuxFxVersion": "DOCKER|example.azurecr.io/api:2"}}),
        );
    }
    emulator
        .with_world(World::renew_certificates)
        .expect("in memory");
}

#[tokio::test(start_paused = true)]
async fn what_azure_and_releases_change_in_production_is_no_drift_and_tls_is() {
    let emulator = Emulator::new();
    let stack = stack("production");
    apply(&engine(&emulator), &stack).await;
    // Each record of the mail's domain is looked for once the one before it was found.
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_secs(1800)).await;
        apply(&engine(&emulator), &stack).await;
    }
    let before = emulator.snapshot();
    live_on(&emulator);
    let after = emulator.snapshot();
    let moved = before
        .live_resources()
        .iter()
        .zip(after.live_resources())
        .filter(|(before, after)| before.body != after.body)
        .count();
    assert!(moved >= 5, "{moved}: nothing went on");
    assert_unchanged(&engine(&emulator), &stack).await;

    edit(
        &emulator,
        &only(&emulator, "storageAccounts"),
        &json!({"properties": {"minimumTlsVersion": "TLS1_0"}}),
    );
    let plan = engine(&emulator).plan(&stack).await;
    let plan = plan.expect("it can be planned");
    let changes: Vec<_> = plan.pending().collect();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    let difference = &changes[0].differences[0];
    assert_eq!(difference.path.to_string(), "minimumTlsVersion");
    assert_eq!(difference.cause, Cause::Drift);
    // Putting that back leaves the rest as it went on.
    apply(&engine(&emulator), &stack).await;
    assert_unchanged(&engine(&emulator), &stack).await;
    let bodies = |world: &World| {
        let mut all = world.live_resources();
        all.retain(|live| {
            live.resource_type.ends_with("serverfarms") || live.id.ends_with("/config/web")
        });
        all.into_iter()
            .map(|live| live.body.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(bodies(&emulator.snapshot()), bodies(&after));
}
