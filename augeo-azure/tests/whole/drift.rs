//! What somebody else changed is found, told from our own changes, and mended; what a release or
//! the platform owns is left alone.

use augeo_core::plan::{Action, Cause};
use augeo_testkit::emulator::Emulator;
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
    let store = emulator
        .snapshot()
        .live_ids()
        .into_iter()
        .find(|id| id.split('/').rev().nth(1) == Some("storageAccounts"))
        .expect("it has one");
    assert!(
        emulator
            .with_world(|world| world.edit(
                &store,
                &json!({"properties": {"minimumTlsVersion": "TLS1_0"}})
            ))
            .expect("in memory")
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
    let store = emulator
        .snapshot()
        .live_ids()
        .into_iter()
        .find(|id| id.split('/').rev().nth(1) == Some("storageAccounts"))
        .expect("it has one");
    assert!(
        emulator
            .with_world(|world| world.edit(&store, &json!({"tags": {"hidden-title": "theirs"}})))
            .expect("in memory")
    );
    assert_unchanged(&engine(&emulator), &stack).await;
}
