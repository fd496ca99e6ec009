//! Connections that break and answers that are none: what was done is found out, never guessed.

use std::time::Duration;

use augeo_core::plan::Action;
use augeo_testkit::emulator::{Effect, Method};

use crate::rig::{Rig, apply, assert_done, fault, id_of, plan};
use crate::stacks::{IDENTITIES, STORAGE, WORKSPACES, monitoring, workspace};

/// Scenario 4.
#[tokio::test(start_paused = true)]
async fn a_write_that_never_arrived_is_sent_again() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let reset = rig.inject(fault(Method::Put, WORKSPACES, Effect::ResetBefore).times(1));
    assert_done(&apply(&rig.engine(), &stack).await);
    assert_eq!(rig.struck(reset), 1);
    let id = id_of(&stack, "workspace").await;
    let puts: Vec<u16> = rig
        .sent(Method::Put, &id)
        .iter()
        .map(|put| put.status)
        .collect();
    assert_eq!(puts, [0, 201], "the first did nothing, the second created");
    let live = rig.live(&id).expect("it is there");
    assert_eq!(live.incarnation, 1);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    rig.assert_settled(&stack).await;
}

/// Scenario 5.
#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_is_found_and_waited_for() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let reset = rig.inject(fault(Method::Put, WORKSPACES, Effect::ResetAfter).times(1));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(reset), 1);
    assert_done(&report);
    let id = id_of(&stack, "workspace").await;
    let puts = rig.sent(Method::Put, &id);
    assert_eq!(puts.len(), 1, "its own mark proves it: {puts:?}");
    let looks = rig.sent(Method::Get, &id);
    assert!(
        looks.iter().any(|look| look.at > puts[0].at),
        "it was looked for"
    );
    let live = rig.live(&id).expect("it is there");
    assert_eq!((live.incarnation, live.version), (1, 1), "written once");
    assert!(
        report.elapsed_by_resource["workspace"] >= Duration::from_secs(12),
        "it was waited for until it was ready"
    );
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    rig.assert_settled(&stack).await;
}

/// Scenario 6.
#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_was_lost_is_seen_to_be_done() {
    let rig = Rig::new();
    let before = workspace(Some("logs"), None);
    assert_done(&apply(&rig.engine(), &before).await);
    let after = workspace(None, None);
    let id = id_of(&before, "logs").await;
    let reset = rig.inject(fault(Method::Delete, WORKSPACES, Effect::ResetAfter).times(1));
    let engine = rig.engine();
    let plan = {
        let options = augeo_core::PlanOptions {
            delete_data: augeo_core::DeleteData::All,
            ..augeo_core::PlanOptions::default()
        };
        let plan = engine.plan_with(&after, &options).await;
        plan.expect("it can be planned")
    };
    assert_eq!(plan.count(Action::Delete), 1);
    let report = engine.execute(&plan).await;
    assert_eq!(rig.struck(reset), 1);
    assert_done(&report);
    assert_eq!(rig.sent(Method::Delete, &id).len(), 1);
    assert!(rig.live(&id).is_none());
    rig.assert_settled(&after).await;
}

/// Scenario 30.
#[tokio::test(start_paused = true)]
async fn a_page_of_a_gateway_is_no_success() {
    let page = |status| Effect::Reply {
        status,
        content_type: "text/html".to_owned(),
        body: "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
            .to_owned(),
    };
    let (rig, stack) = (Rig::new(), monitoring(30));
    let writes = rig.inject(fault(Method::Put, WORKSPACES, page(502)).times(2));
    assert_done(&apply(&rig.engine(), &stack).await);
    assert_eq!(rig.struck(writes), 2);
    let id = id_of(&stack, "workspace").await;
    let puts: Vec<u16> = rig
        .sent(Method::Put, &id)
        .iter()
        .map(|put| put.status)
        .collect();
    assert_eq!(puts, [502, 502, 201]);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    let looks = rig.inject(fault(Method::Get, IDENTITIES, page(502)).times(2));
    let lists = rig.inject(fault(Method::Get, STORAGE, page(502)).times(2));
    rig.assert_settled(&stack).await;
    assert_eq!((rig.struck(looks), rig.struck(lists)), (2, 2));
}

/// Scenario 30, as a portal of a hotel's network words it.
#[tokio::test(start_paused = true)]
async fn a_page_that_calls_itself_a_success_creates_nothing() {
    let page = Effect::Reply {
        status: 200,
        content_type: "text/html".to_owned(),
        body: "<html><title>Please sign in</title></html>".to_owned(),
    };
    let (rig, stack) = (Rig::new(), monitoring(30));
    let portal = rig.inject(fault(Method::Put, WORKSPACES, page.clone()).times(1));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(portal), 1);
    let id = id_of(&stack, "workspace").await;
    let succeeded = report
        .outcome("workspace")
        .is_some_and(augeo_core::report::Outcome::is_succeeded);
    assert_eq!(succeeded, rig.live(&id).is_some(), "{:?}", report.outcomes);
    assert_eq!(report.ok().is_ok(), succeeded);

    let planning = rig.inject(fault(Method::Get, WORKSPACES, page).times(1));
    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    assert_eq!(rig.struck(planning), 1);
    assert_done(&engine.execute(&plan).await);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
}
