//! Processes that are killed or told to stop: the next one finds what they began, whatever the stack
//! has become in between.
//!
//! The torn tail of a record (scenario 11) is that of the emulator's own log, the only one that is
//! kept anywhere: `a_torn_tail_is_cut_off_wherever_it_was_torn` in `tests/emulator/log.rs`.

use std::time::Duration;

use augeo_core::plan::{Action, Plan};
use augeo_core::report::Outcome;
use augeo_core::stack::Stack;
use augeo_core::{DeleteData, PlanOptions};
use augeo_testkit::emulator::{Consistency, Interruption, Method, Moment};
use tokio_util::sync::CancellationToken;

use crate::rig::{Rig, apply, assert_done, id_of, is_after, plan};
use crate::stacks::{database, workspace};

/// The next process may let go of what the last one had just made.
async fn plan_letting_go(rig: &Rig, stack: &Stack) -> (augeo_core::Engine, Plan) {
    let engine = rig.engine();
    let options = PlanOptions {
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let plan = engine.plan_with(stack, &options).await;
    let plan = plan.expect("it can be planned");
    plan.ensure_executable()
        .unwrap_or_else(|blocked| panic!("{:#?}", blocked.findings));
    (engine, plan)
}

/// A world whose reads lag, in which a process was killed when its write of the workspace `logs` was
/// accepted.
async fn killed_while_creating() -> (Rig, String) {
    let (rig, stack) = (Rig::new(), workspace(Some("logs"), None));
    rig.lag(Consistency {
        read_lag: Duration::from_secs(20),
        list_lag: Duration::from_secs(40),
        ..Consistency::default()
    });
    let id = id_of(&stack, "logs").await;
    let fatal = id.clone();
    let killed = rig
        .provision_until(&stack, move |moment| is_after(moment, Method::Put, &fatal))
        .await;
    assert!(killed, "it met the write");
    let live = rig.live(&id).expect("the write was accepted");
    assert!(live.operation.is_some(), "and is not over");
    // As soon as the lag has passed, everything is found.
    tokio::time::sleep(Duration::from_secs(40)).await;
    (rig, id)
}

/// Scenario 8.
#[tokio::test(start_paused = true)]
async fn what_a_killed_process_had_made_is_taken_up() {
    let (rig, id) = killed_while_creating().await;
    let stack = workspace(Some("logs"), None);
    let (engine, plan) = plan_letting_go(&rig, &stack).await;
    let change = plan.change("logs").expect("it is declared");
    assert!(change.prior.is_some(), "it is found: {change:?}");
    assert_eq!(change.action, Action::NoOp, "{:?}", change.reasons);
    assert_done(&engine.execute(&plan).await);
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    assert_eq!(rig.live(&id).expect("it is there").incarnation, 1);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    tokio::time::sleep(Duration::from_secs(40)).await;
    rig.assert_settled(&stack).await;
}

/// Scenario 9.
#[tokio::test(start_paused = true)]
async fn what_a_killed_process_had_made_is_deleted_where_the_stack_no_longer_has_it() {
    let (rig, id) = killed_while_creating().await;
    let stack = workspace(None, None);
    let (engine, plan) = plan_letting_go(&rig, &stack).await;
    let removed: Vec<&str> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Delete)
        .map(|change| change.id.text())
        .collect();
    assert_eq!(removed, [id.as_str()]);
    assert_done(&engine.execute(&plan).await);
    assert!(rig.live(&id).is_none());
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    tokio::time::sleep(Duration::from_secs(40)).await;
    rig.assert_settled(&stack).await;
}

/// Scenarios 8 and 9, where the stack gave it another name in between.
#[tokio::test(start_paused = true)]
async fn what_a_killed_process_had_made_is_found_under_its_former_name() {
    let (rig, id) = killed_while_creating().await;
    let stack = workspace(Some("journal"), Some("logs"));
    let (engine, plan) = plan_letting_go(&rig, &stack).await;
    let change = plan.change("journal").expect("it is declared");
    assert_eq!(change.id.text(), id);
    assert!(change.prior.is_some(), "{change:?}");
    assert!(plan.changes.iter().all(|change| !change.action.removes()));
    assert_done(&engine.execute(&plan).await);
    assert_eq!(rig.live(&id).expect("it is there").incarnation, 1);
    tokio::time::sleep(Duration::from_secs(40)).await;
    rig.assert_settled(&stack).await;

    // Without a word about the name before, it is another resource, and the first one goes.
    let (rig, id) = killed_while_creating().await;
    let stack = workspace(Some("journal"), None);
    let (engine, plan) = plan_letting_go(&rig, &stack).await;
    assert_done(&engine.execute(&plan).await);
    assert!(rig.live(&id).is_none());
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    tokio::time::sleep(Duration::from_secs(40)).await;
    rig.assert_settled(&stack).await;
}

/// Scenario 10.
#[tokio::test(start_paused = true)]
async fn a_long_operation_of_a_killed_process_is_awaited_and_not_begun_again() {
    let (rig, stack) = (Rig::new(), database());
    let id = id_of(&stack, "server").await;
    let minute_five = {
        let id = id.clone();
        let begun = std::sync::Mutex::new(None);
        move |moment: &Moment| {
            let mut begun = begun.lock().unwrap();
            if is_after(moment, Method::Put, &id) {
                *begun = Some(tokio::time::Instant::now());
            }
            begun.is_some_and(|at| at.elapsed() >= Duration::from_secs(300))
        }
    };
    assert!(rig.provision_until(&stack, minute_five).await);
    let operation = rig.live(&id).expect("it was begun").operation;
    let ends = operation.and_then(|running| running.ends);
    let ends = ends.expect("it is not over");

    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    let change = plan.change("server").expect("it is declared");
    assert!(change.awaits, "{change:?}");
    let report = engine.execute(&plan).await;
    assert_done(&report);
    assert!(rig.emulator.now().get() >= ends);
    let elapsed = report.elapsed_by_resource["server"];
    assert!(
        elapsed >= Duration::from_secs(300) && elapsed <= Duration::from_secs(390),
        "{elapsed:?}"
    );
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    rig.assert_settled(&stack).await;
}

/// Scenario 28.
#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_begins_nothing_and_sees_what_it_began_to_its_end() {
    let (rig, stack) = (Rig::new(), database());
    let id = id_of(&stack, "server").await;
    let stop = CancellationToken::new();
    let (interrupt, accepted) = (stop.clone(), id.clone());
    let engine = rig.engine_watched(move |moment| {
        if is_after(moment, Method::Put, &accepted) {
            interrupt.cancel();
        }
        Interruption::None
    });
    let plan = plan(&engine, &stack).await;
    let report = engine.execute(&plan).stop_on(stop.clone()).await;
    assert!(stop.is_cancelled());
    assert!(report.outcome("server").is_some_and(Outcome::is_succeeded));
    assert!(report.elapsed_by_resource["server"] >= Duration::from_secs(660));
    for later in ["database", "rule"] {
        assert_eq!(report.outcome(later), Some(&Outcome::Cancelled));
        let id = id_of(&stack, later).await;
        assert_eq!(rig.sent(Method::Put, &id).len(), 0);
    }
    assert_eq!(report.ok().expect_err("it is not whole").cancelled, 2);
    assert_done(&apply(&rig.engine(), &stack).await);
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    rig.assert_settled(&stack).await;
}

/// Scenario 28, where the grace is over too.
#[tokio::test(start_paused = true)]
async fn a_run_that_is_abandoned_says_what_it_did_not_see_and_the_next_one_does() {
    let (rig, stack) = (Rig::new(), database());
    let id = id_of(&stack, "server").await;
    let (stop, abandon) = (CancellationToken::new(), CancellationToken::new());
    let (interrupt, accepted) = (stop.clone(), id.clone());
    let engine = rig.engine_watched(move |moment| {
        if is_after(moment, Method::Put, &accepted) {
            interrupt.cancel();
        }
        Interruption::None
    });
    let plan = plan(&engine, &stack).await;
    let execution = engine.execute(&plan);
    let execution = execution.stop_on(stop.clone()).abandon_on(abandon.clone());
    let grace = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(120)).await;
        abandon.cancel();
    };
    let (report, ()) = futures::join!(async { execution.await }, grace);
    let outcome = report.outcome("server").expect("it was planned");
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    let elapsed = report.elapsed_by_resource["server"];
    assert!(
        elapsed >= Duration::from_secs(120) && elapsed < Duration::from_secs(125),
        "{elapsed:?}"
    );
    assert_eq!(report.ok().expect_err("it is not whole").unknown, 1);
    assert_done(&apply(&rig.engine(), &stack).await);
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    rig.assert_settled(&stack).await;
}
