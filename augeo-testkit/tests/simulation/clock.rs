//! A machine's clock that jumps: tokens are renewed, and no wait is skipped.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use augeo_core::clock::{Clock, TokioClock};
use augeo_testkit::emulator::{Interruption, Method, Moment};
use time::OffsetDateTime;

use crate::rig::{Exchange, Rig, apply, assert_done, fault, id_of, is_after, refusal};
use crate::stacks::database;

/// A clock that somebody sets.
#[derive(Debug)]
struct Set {
    right: TokioClock,
    ahead: Arc<AtomicI64>,
}

impl Clock for Set {
    fn now(&self) -> OffsetDateTime {
        let ahead = time::Duration::seconds(self.ahead.load(Ordering::SeqCst));
        self.right.now() + ahead
    }
}

/// Scenario 29.
#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_an_hour_renews_the_token_and_shortens_no_wait() {
    let (rig, stack) = (Rig::new(), database());
    let throttled = rig.inject(
        fault(
            Method::Put,
            "Microsoft.DBforPostgreSQL/flexibleServers/databases",
            refusal(429, "TooManyRequests", Some(120)),
        )
        .times(1),
    );
    let server = id_of(&stack, "server").await;
    let database = id_of(&stack, "database").await;
    let ahead = Arc::new(AtomicI64::new(0));
    let clock = Arc::new(Set {
        right: TokioClock::starting_at(rig.emulator.now().get()),
        ahead: Arc::clone(&ahead),
    });
    let (jumps, accepted, refused) = (Arc::clone(&ahead), server.clone(), database.clone());
    let engine = rig.engine_at(clock, move |moment| {
        // Once at the beginning of the long wait, once in the wait that the service asked for.
        if is_after(moment, Method::Put, &accepted) {
            jumps.store(3_600, Ordering::SeqCst);
        }
        let asked = matches!(moment, Moment::After { response, .. } if response.status == 429);
        if asked && is_after(moment, Method::Put, &refused) {
            jumps.store(7_200, Ordering::SeqCst);
        }
        Interruption::None
    });
    let report = apply(&engine, &stack).await;
    assert_eq!(rig.struck(throttled), 1);
    assert_eq!(ahead.load(Ordering::SeqCst), 7_200);
    assert_done(&report);

    let exchanges = rig.exchanges();
    assert!(exchanges.iter().all(|one| one.status != 401));
    let tokens: BTreeSet<&str> = exchanges.iter().map(|one| one.token.as_str()).collect();
    assert_eq!(tokens.len(), 3, "one more after each jump");
    assert!(report.elapsed_by_resource["server"] >= Duration::from_secs(660));
    let put = rig.sent(Method::Put, &server);
    let [put] = &put[..] else {
        panic!("{put:?}");
    };
    let over = put.at + Duration::from_secs(660);
    let polls: Vec<&Exchange> = exchanges
        .iter()
        .filter(|one| one.path.contains("/flexibleServers") || one.path.contains("DBforPostgreSQL"))
        .filter(|one| one.method == Method::Get && one.at > put.at && one.at < over)
        .collect();
    assert!(polls.len() > 30, "{}", polls.len());
    for two in polls.windows(2) {
        let gap = two[1].since_sent(two[0]);
        assert!(gap >= Duration::from_secs(15), "{gap:?}");
    }
    let puts = rig.sent(Method::Put, &database);
    let gap = puts[1].since_answered(&puts[0]);
    assert!(gap >= Duration::from_secs(120), "{gap:?}");
    assert!(gap < Duration::from_secs(121), "{gap:?}");
    rig.assert_settled(&stack).await;
}
