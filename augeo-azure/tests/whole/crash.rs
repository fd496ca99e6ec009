//! A run may be killed at any request, before or after it is committed: the next run finishes the
//! work under the same ids.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use augeo_testkit::emulator::{Emulator, Interruption, Moment};
use tokio_util::sync::CancellationToken;

use crate::rig::{
    apply, assert_unchanged, assert_unchanged_but_waiting, engine, engine_over, stack,
    until_nothing_waits,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// Runs until the given request, then drops the run, as a kill does.
async fn provision_until(emulator: &Emulator, environment: &str, number: u64, when: When) -> bool {
    let killed = CancellationToken::new();
    let token = killed.clone();
    let transport = emulator.transport().with_watcher(move |moment| {
        let (at, now) = match moment {
            Moment::Before { number, .. } => (*number, When::Before),
            Moment::After { number, .. } => (*number, When::After),
        };
        if token.is_cancelled() || (at == number && now == when) {
            token.cancel();
            return Interruption::Silence;
        }
        Interruption::None
    });
    let engine = engine_over(emulator, transport);
    let stack = stack(environment);
    tokio::select! {
        biased;
        () = killed.cancelled() => true,
        () = async {
            let plan = engine.plan(&stack).await.expect("it can be planned");
            engine.execute(&plan).await.ok().expect("nothing goes wrong");
        } => false,
    }
}

/// What there is, but for the parameters of servers: each is there in any case, and one that is as
/// it is declared before anybody wrote it needs no write.
fn ids(emulator: &Emulator) -> BTreeSet<String> {
    let live = emulator.snapshot().live_ids().into_iter();
    live.filter(|id| !id.contains("/configurations/")).collect()
}

async fn killed_at_every_request(environment: &str) {
    let clean = Emulator::new();
    let counter = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&counter);
    let transport = clean.transport().with_watcher(move |moment| {
        if let Moment::Before { number, .. } = moment {
            seen.store(*number, Ordering::SeqCst);
        }
        Interruption::None
    });
    apply(&engine_over(&clean, transport), &stack(environment)).await;
    let requests = counter.load(Ordering::SeqCst);
    let expected = ids(&clean);
    let mut kills = 0;
    for number in 1..=requests {
        for when in [When::Before, When::After] {
            let emulator = Emulator::new();
            if !provision_until(&emulator, environment, number, when).await {
                continue;
            }
            kills += 1;
            let stack = stack(environment);
            let report = apply(&engine(&emulator), &stack).await;
            assert_eq!(ids(&emulator), expected, "killed {when:?} request {number}");
            assert_unchanged_but_waiting(&engine(&emulator), &stack, &report).await;
            // To its very end takes several runs more.
            if kills % 16 == 0 {
                until_nothing_waits(&engine(&emulator), &stack, &report).await;
                assert_unchanged(&engine(&emulator), &stack).await;
            }
        }
    }
    assert!(kills >= requests, "{kills} kills in {requests} requests");
}

#[tokio::test(start_paused = true)]
async fn dev_survives_a_kill_at_every_request() {
    killed_at_every_request("dev").await;
}

#[tokio::test(start_paused = true)]
async fn staging_survives_a_kill_at_every_request() {
    killed_at_every_request("staging").await;
}

#[tokio::test(start_paused = true)]
async fn production_survives_a_kill_at_every_request() {
    killed_at_every_request("production").await;
}
