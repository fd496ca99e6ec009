//! Too many requests: asked again when the service says, and not before.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use augeo_core::report::Event;
use augeo_testkit::emulator::Method;

use crate::rig::{Exchange, Rig, assert_done, fault, id_of, plan, refusal};
use crate::stacks::{WORKSPACES, monitoring};

/// Scenario 1.
#[tokio::test(start_paused = true)]
async fn a_throttled_write_waits_as_long_as_told_while_other_branches_go_on() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let throttled = rig.inject(
        fault(
            Method::Put,
            WORKSPACES,
            refusal(429, "TooManyRequests", Some(17)),
        )
        .times(1),
    );
    let engine = rig.engine();
    let plan = plan(&engine, &stack).await;
    let waits = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&waits);
    let report = engine
        .execute(&plan)
        .on_event(move |event| {
            if let Event::Retrying {
                resource, after, ..
            } = event
            {
                let resource = resource.as_ref().map(ToString::to_string);
                heard.lock().unwrap().push((resource, *after));
            }
        })
        .await;
    assert_eq!(rig.struck(throttled), 1);
    assert_done(&report);
    let told = (Some("workspace".to_owned()), Duration::from_secs(17));
    assert_eq!(*waits.lock().unwrap(), [told]);

    let puts = rig.sent(Method::Put, &id_of(&stack, "workspace").await);
    let [first, second] = &puts[..] else {
        panic!("one repeat: {puts:?}");
    };
    assert_eq!((first.status, second.status), (429, 201));
    let gap = second.since_answered(first);
    assert!(
        gap >= Duration::from_secs(17) && gap < Duration::from_secs(18),
        "{gap:?}"
    );
    for other in ["identity", "store"] {
        let puts = rig.sent(Method::Put, &id_of(&stack, other).await);
        let [put] = &puts[..] else {
            panic!("{other}: {puts:?}");
        };
        assert!(put.at < second.at, "{other} did not wait");
    }
    let component = rig.sent(Method::Put, &id_of(&stack, "component").await);
    assert!(
        component[0].at > second.ended,
        "what depends on it did wait"
    );
    rig.assert_settled(&stack).await;
}

/// Scenario 2.
#[tokio::test(start_paused = true)]
async fn a_service_that_throttles_without_a_time_is_asked_ever_less_often() {
    let (rig, stack) = (Rig::new(), monitoring(30));
    let silent = rig.inject(
        fault(
            Method::Put,
            WORKSPACES,
            refusal(429, "TooManyRequests", None),
        )
        .times(20),
    );
    assert_done(&crate::rig::apply(&rig.engine(), &stack).await);
    assert_eq!(rig.struck(silent), 20);
    let puts = rig.sent(Method::Put, &id_of(&stack, "workspace").await);
    assert_eq!(puts.len(), 21);
    let gaps: Vec<Duration> = puts
        .windows(2)
        .map(|two| two[1].since_sent(&two[0]))
        .collect();
    for (index, gap) in gaps.iter().enumerate() {
        let doubled = 1_u64 << index.min(6);
        let floor = Duration::from_secs(doubled.min(60));
        let ceiling = floor.mul_f64(1.25).min(Duration::from_secs(60));
        // Timers count whole milliseconds.
        let rounding = Duration::from_millis(2);
        assert!(
            *gap >= floor && *gap <= ceiling + rounding,
            "wait {index} of {gaps:?}"
        );
    }
    let jittered = gaps.iter().any(|gap| gap.subsec_millis() > 2);
    assert!(jittered, "two runs do not ask in step: {gaps:?}");
    let in_a_minute = |from: &Exchange| {
        let end = from.at + Duration::from_secs(60);
        let within = puts.iter().filter(|put| put.at >= from.at && put.at < end);
        within.count()
    };
    let most = puts.iter().map(in_a_minute).max();
    assert!(most <= Some(7), "{most:?} requests in a minute");
}

/// Scenario 3.
#[tokio::test(start_paused = true)]
async fn an_outage_while_planning_is_waited_out_and_the_plan_is_the_same() {
    let rig = Rig::new();
    assert_done(&crate::rig::apply(&rig.engine(), &monitoring(30)).await);
    let changed = monitoring(60);
    let undisturbed = plan(&rig.engine(), &changed).await;
    let before = rig.exchanges().len();
    let outage = rig.inject(
        fault(
            Method::Get,
            WORKSPACES,
            refusal(503, "ServiceUnavailable", None),
        )
        .times(3),
    );
    let disturbed = plan(&rig.engine(), &changed).await;
    assert_eq!(rig.struck(outage), 3);
    assert_eq!(undisturbed.pending().count(), 1);
    assert_eq!(
        format!("{:?}", undisturbed.changes),
        format!("{:?}", disturbed.changes)
    );
    assert_eq!(
        format!("{:?}", undisturbed.findings),
        format!("{:?}", disturbed.findings)
    );
    let answers: Vec<Exchange> = rig.exchanges().split_off(before);
    let refused: Vec<&Exchange> = answers.iter().filter(|one| one.status == 503).collect();
    assert_eq!(refused.len(), 3);
    let rests = Duration::from_millis(500);
    assert!(
        refused
            .windows(2)
            .all(|two| two[1].since_sent(two[0]) >= rests),
        "{refused:?}"
    );
    assert!(answers.iter().all(|one| !one.method.is_write()));
}
