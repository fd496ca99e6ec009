//! What is in the way: other operations, groups that are going, policies and quotas.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use augeo_core::provider::ErrorKind;
use augeo_core::report::Outcome;
use augeo_testkit::emulator::{Interruption, Method};
use serde_json::json;

use crate::rig::{Exchange, Rig, apply, assert_done, fault, id_of, is_before, plan, refusal};
use crate::stacks::{WORKSPACES, monitoring, site};

/// Scenario 21.
#[tokio::test(start_paused = true)]
async fn writes_to_one_app_follow_each_other_and_wait_for_those_of_others() {
    let (rig, stack) = (Rig::new(), site());
    let app = id_of(&stack, "app").await;
    let settings = id_of(&stack, "settings").await;
    let config = id_of(&stack, "config").await;
    let (emulator, theirs) = (rig.emulator.clone(), app.clone());
    let documents = [settings.clone(), config.clone()];
    let edits = Arc::new(AtomicU32::new(0));
    let edited = Arc::clone(&edits);
    let engine = rig.engine_watched(move |moment| {
        let write = documents
            .iter()
            .any(|id| is_before(moment, Method::Put, id) || is_before(moment, Method::Patch, id));
        if write && edited.fetch_add(1, Ordering::SeqCst) == 0 {
            let live = emulator.snapshot().live_resource(&theirs);
            let mut tags = live.expect("it is there").tags;
            tags.insert("theirs".to_owned(), "yes".to_owned());
            let human = emulator.as_human();
            let answer = human.patch(&theirs, &json!({ "tags": tags }));
            let answer = answer.expect("in memory");
            assert!(answer.status < 300, "{answer:?}");
        }
        Interruption::None
    });
    let report = apply(&engine, &stack).await;
    assert_done(&report);
    let mut writes: Vec<Exchange> = rig.writes();
    writes.retain(|one| {
        [&settings, &config]
            .iter()
            .any(|id| one.path.eq_ignore_ascii_case(id))
    });
    let busy = writes.iter().filter(|one| one.status == 409).count();
    assert!(busy >= 1, "the other edit was met: {writes:#?}");
    let done: Vec<&Exchange> = writes.iter().filter(|one| one.status < 300).collect();
    assert_eq!(done.len(), 2, "{writes:#?}");
    for two in writes.windows(2) {
        assert!(two[1].at >= two[0].ended, "one at a time: {writes:#?}");
        if two[0].status == 409 {
            let gap = two[1].since_answered(&two[0]);
            assert!(gap >= Duration::from_secs(2), "{writes:#?}");
            assert_eq!(two[0].path, two[1].path, "the order is kept");
        }
    }
    let tags = rig.live(&app).expect("it is there").tags;
    assert_eq!(tags.get("theirs").map(String::as_str), Some("yes"));
    rig.assert_settled(&stack).await;
}

/// Scenario 26.
#[tokio::test(start_paused = true)]
async fn a_group_that_is_being_deleted_refuses_once_and_is_made_anew_by_the_next_run() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let group = id_of(&stack, "group").await;
    let workspace = id_of(&stack, "workspace").await;
    let (human, going, first) = (rig.emulator.as_human(), group.clone(), workspace.clone());
    let deletions = Arc::new(AtomicU32::new(0));
    let deleted = Arc::clone(&deletions);
    let engine = rig.engine_watched(move |moment| {
        if is_before(moment, Method::Put, &first) && deleted.fetch_add(1, Ordering::SeqCst) == 0 {
            let answer = human.delete(&going).expect("in memory");
            assert_eq!(answer.status, 202);
        }
        Interruption::None
    });
    let report = apply(&engine, &stack).await;
    assert!(deletions.load(Ordering::SeqCst) >= 1);
    let outcome = report.outcome("workspace").expect("it was planned");
    let Outcome::Failed { error } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(error.code, "ResourceGroupBeingDeleted");
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.help.join(" ").contains("is gone"), "{error:?}");
    let puts = rig.sent(Method::Put, &workspace);
    assert_eq!(puts.len(), 1, "no storm: {puts:?}");
    assert!(report.outcome("component").is_some_and(Outcome::is_skipped));
    assert!(rig.exchanges().len() < 60, "{}", rig.exchanges().len());

    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(rig.live(&group).is_none(), "it is gone with all it held");
    assert_done(&apply(&rig.engine(), &stack).await);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    rig.assert_settled(&stack).await;
}

/// Scenario 27. What a command exits with follows from the report: `augeo-cli/tests`.
#[tokio::test(start_paused = true)]
async fn a_refusal_for_good_stops_its_own_branch_only() {
    for (status, refused, kind) in [
        (403, "RequestDisallowedByPolicy", ErrorKind::Denied),
        (409, "QuotaExceeded", ErrorKind::Invalid { property: None }),
    ] {
        let (rig, stack) = (Rig::new(), monitoring(30));
        let denied = fault(Method::Put, WORKSPACES, refusal(status, refused, None));
        let denied = rig.inject(denied);
        let report = apply(&rig.engine(), &stack).await;
        assert_eq!(rig.struck(denied), 1, "it is not asked again");
        let failures: Vec<_> = report.failures().collect();
        let [(name, error)] = failures[..] else {
            panic!("{failures:?}");
        };
        assert_eq!((name.as_str(), error.code.as_str()), ("workspace", refused));
        assert_eq!(error.kind, kind);
        assert!(!error.help.is_empty(), "{error:?}");
        assert!(report.outcome("component").is_some_and(Outcome::is_skipped));
        for other in ["group", "identity", "store"] {
            assert!(report.outcome(other).is_some_and(Outcome::is_succeeded));
            assert!(rig.live(&id_of(&stack, other).await).is_some());
        }
        let incomplete = report.ok().expect_err("it is not whole");
        assert_eq!((incomplete.failed, incomplete.skipped), (1, 1));

        rig.emulator
            .with_world(augeo_testkit::emulator::World::calm)
            .expect("in memory");
        let engine = rig.engine();
        let plan = plan(&engine, &stack).await;
        assert_eq!(plan.pending().count(), 2, "the rest is done");
        assert_done(&engine.execute(&plan).await);
        rig.assert_settled(&stack).await;
    }
}
