//! Operations that fail, vanish, or cannot be asked: the report says what the resource came to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use augeo_core::plan::{Action, Reason};
use augeo_core::provider::ErrorKind;
use augeo_core::report::Outcome;
use augeo_testkit::emulator::{ArmResponse, Effect, Interruption, Leaves, Method, Moment};

use crate::rig::{Rig, apply, assert_done, code, fault, id_of, path_of, plan};
use crate::stacks::{SERVERS, WORKSPACES, database, monitoring};

/// How long a server with a standby takes.
const SERVER_TAKES: Duration = Duration::from_secs(660);

fn failing(leaves: Leaves) -> Effect {
    Effect::FailOperation {
        code: "ZoneCapacityExhausted".to_owned(),
        message: "There is no capacity left in the zone.".to_owned(),
        leaves,
    }
}

/// Scenario 12, of an operation with a status document.
#[tokio::test(start_paused = true)]
async fn a_failed_operation_is_told_with_its_own_code_and_written_again_by_the_next_run() {
    let (rig, stack) = (Rig::new(), database());
    let doom = rig.inject(fault(Method::Put, SERVERS, failing(Leaves::Failed)).times(1));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(doom), 1);
    assert_eq!(code(&report, "server"), Some("ZoneCapacityExhausted"));
    let (_, error) = report.failures().next().expect("the server's");
    assert_eq!(error.kind, ErrorKind::OperationFailed);
    assert!(error.message.contains("no capacity left"), "{error:?}");
    for dependent in ["database", "rule"] {
        let outcome = report.outcome(dependent).expect("it was planned");
        assert!(
            matches!(outcome, Outcome::Skipped { because } if because.as_str() == "server"),
            "{outcome:?}"
        );
        let id = id_of(&stack, dependent).await;
        assert_eq!(rig.sent(Method::Put, &id).len(), 0, "{dependent}");
    }
    let incomplete = report.ok().expect_err("it is not whole");
    assert_eq!((incomplete.failed, incomplete.skipped), (1, 2));
    let id = id_of(&stack, "server").await;
    assert!(rig.live(&id).expect("it is left").failure.is_some());

    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    let change = plan.change("server").expect("it is declared");
    assert_eq!(change.action, Action::Update);
    let remembers = |reason: &Reason| matches!(reason, Reason::LastOperationFailed { .. });
    assert!(change.reasons.iter().any(remembers), "{:?}", change.reasons);
    assert_done(&engine.execute(&plan).await);
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    assert_eq!(rig.sent(Method::Patch, &id).len(), 1);
    assert!(rig.live(&id).expect("it is there").failure.is_none());
    rig.assert_settled(&stack).await;
}

/// Scenario 12, of a resource that shows its state itself.
#[tokio::test(start_paused = true)]
async fn a_resource_that_says_it_failed_holds_its_dependents_back() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let doom = rig.inject(fault(Method::Put, WORKSPACES, failing(Leaves::Failed)).times(1));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(doom), 1);
    assert!(
        code(&report, "workspace").is_some(),
        "{:?}",
        report.outcomes
    );
    assert!(report.outcome("component").is_some_and(Outcome::is_skipped));
    for other in ["identity", "store"] {
        assert!(report.outcome(other).is_some_and(Outcome::is_succeeded));
    }
    assert_done(&apply(&rig.engine(), &stack).await);
    let id = id_of(&stack, "workspace").await;
    assert_eq!(rig.live(&id).expect("it is there").incarnation, 1);
    rig.assert_settled(&stack).await;
}

/// Scenario 13.
#[tokio::test(start_paused = true)]
async fn what_a_failed_operation_took_away_is_made_by_the_next_run() {
    let (rig, stack) = (Rig::new(), database());
    let doom = rig.inject(fault(Method::Put, SERVERS, failing(Leaves::Nothing)).times(1));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(doom), 1);
    assert_eq!(code(&report, "server"), Some("ZoneCapacityExhausted"));
    assert!(!report.resources.contains_key("server"), "no phantom");
    let id = id_of(&stack, "server").await;
    assert!(rig.live(&id).is_none());

    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    let change = plan.change("server").expect("it is declared");
    assert_eq!(change.action, Action::Create);
    assert_done(&engine.execute(&plan).await);
    assert_eq!(rig.live(&id).expect("it is there").incarnation, 2);
    assert_eq!(rig.live_ids(), Rig::expected(&stack).await);
    rig.assert_settled(&stack).await;
}

/// Scenario 14.
#[tokio::test(start_paused = true)]
async fn an_operation_that_is_not_found_for_a_while_is_in_progress() {
    let (rig, stack) = (Rig::new(), database());
    let lost = Effect::LoseOperation { polls: Some(3) };
    let lost = rig.inject(fault(Method::Put, SERVERS, lost).times(1));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(lost), 1);
    assert_done(&report);
    assert!(report.elapsed_by_resource["server"] >= SERVER_TAKES);
    let polls: Vec<u16> = polls(&rig).iter().map(|poll| poll.0).collect();
    assert_eq!(polls[..4], [404, 404, 404, 200], "{polls:?}");
    let id = id_of(&stack, "server").await;
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    rig.assert_settled(&stack).await;
}

/// Scenario 15.
#[tokio::test(start_paused = true)]
async fn an_operation_that_is_lost_for_ever_ends_as_its_resource_does() {
    let (rig, stack) = (Rig::new(), database());
    let lost = Effect::LoseOperation { polls: None };
    let lost = rig.inject(fault(Method::Put, SERVERS, lost).times(1));
    let report = apply(&rig.engine(), &stack).await;
    assert_eq!(rig.struck(lost), 1);
    assert_done(&report);
    assert!(
        report.elapsed_by_resource["server"] >= SERVER_TAKES,
        "nobody believed that it was over"
    );
    let id = id_of(&stack, "server").await;
    let missed = polls(&rig).iter().filter(|poll| poll.0 == 404).count();
    assert!((1..=6).contains(&missed), "{missed} looks at what is lost");
    assert_eq!(rig.sent(Method::Put, &id).len(), 1);
    rig.assert_settled(&stack).await;
}

/// Scenario 15, where it ends badly.
#[tokio::test(start_paused = true)]
async fn a_lost_operation_that_fails_is_not_called_a_success() {
    let (rig, stack) = (Rig::new(), database());
    let doom = rig.inject(fault(Method::Put, SERVERS, failing(Leaves::Failed)).times(1));
    let hidden = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&hidden);
    let engine = rig.engine_watched(move |moment| {
        let Moment::Before { request, .. } = moment else {
            return Interruption::None;
        };
        if !is_operation(&path_of(request)) {
            return Interruption::None;
        }
        counter.fetch_add(1, Ordering::SeqCst);
        Interruption::Answer(ArmResponse {
            status: 404,
            ..ArmResponse::default()
        })
    });
    let report = apply(&engine, &stack).await;
    assert_eq!(rig.struck(doom), 1);
    assert!(hidden.load(Ordering::SeqCst) > 0);
    let outcome = report.outcome("server").expect("it was planned");
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    assert!(report.outcome("database").is_some_and(Outcome::is_skipped));
    assert_done(&apply(&rig.engine(), &stack).await);
    rig.assert_settled(&stack).await;
}

fn is_operation(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [
        "operations/",
        "azureasyncoperation",
        "operationresults",
        "operationstatuses",
    ]
    .iter()
    .any(|word| path.contains(word))
}

/// The looks at operations of the database's services: what was answered, and when.
fn polls(rig: &Rig) -> Vec<(u16, Duration)> {
    let exchanges = rig.exchanges().into_iter();
    exchanges
        .filter(|one| one.path.contains("DBforPostgreSQL") && is_operation(&one.path))
        .map(|one| (one.status, one.at))
        .collect()
}
