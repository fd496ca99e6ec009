//! Reads that lag behind writes: nothing is made twice, nothing is deleted because it was not seen.

use std::time::Duration;

use augeo_core::plan::Action;
use augeo_testkit::emulator::{Consistency, Method};

use crate::rig::{Rig, apply, assert_done, id_of, plan};
use crate::stacks::{database, monitoring, workspace};

/// Scenario 16.
#[tokio::test(start_paused = true)]
async fn what_was_created_and_is_not_found_yet_is_waited_for() {
    for stack in [monitoring(30), database()] {
        let rig = Rig::new();
        rig.lag(Consistency {
            read_lag: Duration::from_secs(30),
            ..Consistency::default()
        });
        let engine = rig.engine();
        let plan = plan(&engine, &stack).await;
        let report = engine.execute(&plan).await;
        assert!(rig.emulator.snapshot().lags_met().missing > 0);
        assert_done(&report);
        for change in plan.pending() {
            let puts = rig.sent(Method::Put, change.id.text());
            // A new group loses the signs that it was made with.
            let writes = if change.ty.name.as_str().ends_with("/resourceGroups") {
                2
            } else {
                1
            };
            assert_eq!(puts.len(), writes, "{}: {puts:?}", change.name);
        }
        assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
        tokio::time::sleep(Duration::from_secs(30)).await;
        rig.assert_settled(&stack).await;
    }
}

/// Scenario 17, of what is there and not listed.
#[tokio::test(start_paused = true)]
async fn what_lists_omit_is_neither_deleted_nor_made_twice() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    assert_done(&apply(&rig.engine(), &stack).await);
    let before = rig.emulator.snapshot().live_resources();
    rig.lag(Consistency {
        list_lag: Duration::from_secs(60),
        ..Consistency::default()
    });
    let sent = rig.writes().len();
    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    assert!(rig.emulator.snapshot().lags_met().omitted > 0);
    assert!(
        plan.pending().all(|change| !change.action.removes()),
        "{:?}",
        plan.pending()
            .map(|change| &change.name)
            .collect::<Vec<_>>()
    );
    assert_done(&engine.execute(&plan).await);
    let writes = rig.writes().split_off(sent);
    assert!(writes.iter().all(|one| one.method != Method::Delete));
    let after = rig.emulator.snapshot().live_resources();
    let which = |live: &[augeo_testkit::emulator::LiveResource]| -> Vec<(String, u64)> {
        live.iter()
            .map(|live| (live.id.clone(), live.incarnation))
            .collect()
    };
    assert_eq!(which(&before), which(&after));
    tokio::time::sleep(Duration::from_secs(60)).await;
    rig.assert_settled(&stack).await;
}

/// Scenario 17, of what is gone and still listed.
#[tokio::test(start_paused = true)]
async fn what_lists_still_hold_is_deleted_once() {
    let (rig, with) = (Rig::new(), workspace(Some("logs"), None));
    assert_done(&apply(&rig.engine(), &with).await);
    tokio::time::sleep(Duration::from_secs(120)).await;
    rig.lag(Consistency {
        list_lag: Duration::from_secs(60),
        ..Consistency::default()
    });
    let id = id_of(&with, "logs").await;
    let deleted = rig.emulator.as_human().delete(&id).expect("in memory");
    assert!(deleted.status < 300, "{deleted:?}");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(rig.live(&id).is_none());
    let without = workspace(None, None);
    let engine = rig.engine();
    let options = augeo_core::PlanOptions {
        delete_data: augeo_core::DeleteData::All,
        ..augeo_core::PlanOptions::default()
    };
    let plan = engine.plan_with(&without, &options).await.expect("planned");
    assert!(rig.emulator.snapshot().lags_met().lingering > 0);
    assert!(plan.count(Action::Delete) <= 1);
    assert_done(&engine.execute(&plan).await);
    assert!(rig.sent(Method::Delete, &id).len() <= 1);
    tokio::time::sleep(Duration::from_secs(60)).await;
    rig.assert_settled(&without).await;
}
