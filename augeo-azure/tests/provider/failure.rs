//! Broken connections, failed operations, processes that die: the next run finishes the work.

use std::time::Duration;

use augeo_core::report::Outcome;
use augeo_testkit::emulator::{Effect, Fault, Interruption, Match, Moment};

use super::*;

fn small() -> Stack {
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let account = stack.add("storage", StorageAccount::within(&group));
    stack.add("storage/logs", Container::within(&account));
    stack.add("identity", UserAssignedIdentity::within(&group));
    stack
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_is_looked_for() {
    for method in [Method::Put, Method::Get] {
        for effect in [Effect::ResetBefore, Effect::ResetAfter] {
            let bench = Bench::new();
            let matches = Match {
                method: Some(method),
                ..Match::default()
            };
            bench
                .emulator
                .with_world(|world| world.inject(Fault::new(matches, effect.clone()).times(2)))
                .unwrap();
            bench.apply(&small()).await;
            assert_eq!(
                bench.emulator.snapshot().unsupported_requests(),
                Vec::<String>::new()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_delete_is_looked_for() {
    let bench = Bench::new();
    bench.apply(&small()).await;
    let mut without = Stack::new("augeo", "dev");
    let group = group(&mut without);
    let account = without.add("storage", StorageAccount::within(&group));
    without.add("storage/logs", Container::within(&account));
    let matches = Match {
        method: Some(Method::Delete),
        ..Match::default()
    };
    bench
        .emulator
        .with_world(|world| world.inject(Fault::new(matches, Effect::ResetAfter).times(1)))
        .unwrap();
    bench.again().apply(&without).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_operation_is_told_and_sent_again() {
    let bench = Bench::new();
    let stack = small();
    let plan = bench.plan(&stack).await;
    let id = plan.change("storage").unwrap().id.text().to_owned();
    let fault = Fault::fail_operation(&id, "InternalExplosion", "it broke");
    bench
        .emulator
        .with_world(|world| world.inject(fault.times(1)))
        .unwrap();
    let report = bench.engine.execute(&plan).await;
    let outcome = report.outcome("storage").unwrap();
    assert_eq!(outcome.code(), Some("InternalExplosion"), "{outcome:#?}");
    assert!(report.outcome("storage/logs").unwrap().is_skipped());
    assert!(report.outcome("identity").unwrap().is_succeeded());
    bench.again().apply(&stack).await;
}

#[tokio::test(start_paused = true)]
async fn giving_up_the_wait_is_an_unknown_outcome() {
    let bench = Bench::new();
    let stack = small();
    let plan = bench.plan(&stack).await;
    let abandon = tokio_util::sync::CancellationToken::new();
    let execution = bench.engine.execute(&plan).abandon_on(abandon.clone());
    let (report, ()) = tokio::join!(execution.into_future(), async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        abandon.cancel();
    });
    let unknown = report
        .outcomes
        .iter()
        .any(|(.., outcome)| matches!(outcome, Outcome::Unknown { .. }));
    assert!(unknown, "{:#?}", report.outcomes);
    bench.again().apply(&stack).await;
}

/// The process dies at a request of a provision, before or after the world has seen it.
/// Whether it lived to the end is the answer.
async fn dies_and_recovers(stack: &Stack, at: u64, after: bool) -> bool {
    let emulator = Bench::new().emulator;
    let transport = emulator.transport().with_watcher(move |moment| {
        let (number, is_after) = match moment {
            Moment::Before { number, .. } => (*number, false),
            Moment::After { number, .. } => (*number, true),
        };
        let dead = number > at || (number == at && (is_after || !after));
        if dead {
            Interruption::Silence
        } else {
            Interruption::None
        }
    });
    let bench = Bench::by(emulator, transport);
    let run = async {
        let plan = bench.engine.plan(stack).await.ok()?;
        bench.engine.execute(&plan).await.ok().ok()
    };
    // Longer than anything takes but a silence.
    let ended = tokio::time::timeout(Duration::from_secs(3_600), run).await;
    if matches!(ended, Ok(Some(()))) {
        return true;
    }
    bench.again().apply(stack).await;
    assert_eq!(
        bench.emulator.snapshot().unsupported_requests(),
        Vec::<String>::new()
    );
    false
}

#[tokio::test(start_paused = true)]
async fn a_death_at_any_request_is_finished_by_the_next_run() {
    for (stack, requests_min) in [(small(), 10), (Everything::new(|_| {}).stack, 60)] {
        let mut at = 0;
        let mut lived = false;
        while !lived {
            at += 1;
            lived = dies_and_recovers(&stack, at, false).await
                && dies_and_recovers(&stack, at, true).await;
        }
        assert!(at > requests_min, "{at}");
    }
}
