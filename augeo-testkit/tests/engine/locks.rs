//! Locks are made last, lifted for what they would refuse, and put back; those of others stop a plan.

use std::future::IntoFuture;
use std::time::Duration;

use augeo_core::finding::Severity;
use augeo_core::plan::{Action, Plan, Reason};
use augeo_core::render::{Heading, Style, plan_text};
use augeo_core::{DeleteData, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};
use tokio_util::sync::CancellationToken;

use super::stacks::{
    actions, apply, destroy, empty, engine, findings, outcomes, plan, plan_with, settled,
};

/// A store with a bucket, a server in the same group, and a lock on the store.
fn locked(place: &str, size: i64, bucket: bool) -> Stack {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let store = stack.add("store", Fake::within("Fake/store", &group).sized(size));
    stack.add("keep", Fake::lock(&store, place));
    if bucket {
        stack.add("bucket", Fake::within("Fake/rule", &store));
    }
    stack.add("server", Fake::within("Fake/server", &group).sized(size));
    stack
}

fn reasons(plan: &Plan, resource: &str) -> Vec<Reason> {
    plan.change(resource).unwrap().reasons.clone()
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_made_when_everything_in_what_it_is_on_is_made() {
    for place in ["here", "there"] {
        let provider = FakeProvider::new();
        apply(&provider, &locked(place, 1, true)).await;
        let story = provider.story();
        let at = |what: &str| story.iter().position(|it| it == what).unwrap();
        assert!(at("create bucket") < at("create keep"), "{story:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_against_deletions_stays_for_an_update_and_is_lifted_for_a_deletion() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("here", 1, true)).await;
    let next = plan(&provider, &locked("here", 2, true)).await;
    assert_eq!(actions(&next), ["update store", "update server"]);
    apply(&provider, &locked("here", 2, true)).await;
    provider.forget_journal();
    let next = plan(&provider, &locked("here", 2, false)).await;
    assert_eq!(
        actions(&next),
        ["lift keep:lift", "delete bucket", "create keep"]
    );
    assert!(
        reasons(&next, "bucket")
            .iter()
            .any(|reason| matches!(reason, Reason::LiftsLock { lock } if lock.as_str() == "keep"))
    );
    assert_eq!(reasons(&next, "keep"), [Reason::PutBack]);
    let text = plan_text(&next, &Heading::default(), &Style::default());
    assert!(text.contains("lifts lock keep"), "{text}");
    assert!(text.contains("1 lift"), "{text}");
    apply(&provider, &locked("here", 2, false)).await;
    assert_eq!(
        provider.story(),
        ["delete keep", "delete bucket", "create keep"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_lock_against_writes_is_lifted_for_any_change_in_what_it_is_on() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("there", 1, true)).await;
    provider.forget_journal();
    let next = plan(&provider, &locked("there", 2, true)).await;
    let lifted = next.change("keep:lift").unwrap();
    assert_eq!(lifted.action, Action::Lift);
    let [Reason::InTheWay { of }] = lifted.reasons.as_slice() else {
        panic!("{:?}", lifted.reasons);
    };
    let of: Vec<_> = of
        .iter()
        .map(augeo_core::name::ResourceName::as_str)
        .collect();
    assert_eq!(of, ["store"], "the server is not in the store");
    apply(&provider, &locked("there", 2, true)).await;
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_put_back_although_what_it_was_lifted_for_failed() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("here", 1, true)).await;
    provider.inject(Fault::of("/bucket", Effect::Refuse("Refused")));
    let next = plan(&provider, &locked("here", 1, false)).await;
    let report = engine(&provider).execute(&next).await;
    let told = outcomes(&report);
    assert!(
        told.contains(&"bucket failed Refused".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"keep succeeded".to_owned()), "{told:?}");
    provider.heal();
    apply(&provider, &locked("here", 1, false)).await;
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_put_back_although_the_change_of_what_it_is_on_failed() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("there", 1, true)).await;
    provider.inject(Fault::of("/store", Effect::Refuse("Refused")));
    let next = plan(&provider, &locked("there", 2, true)).await;
    let report = engine(&provider).execute(&next).await;
    let told = outcomes(&report);
    assert!(
        told.contains(&"store failed Refused".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"keep succeeded".to_owned()), "{told:?}");
    provider.heal();
    apply(&provider, &locked("there", 2, true)).await;
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_put_back_at_once_although_what_it_was_lifted_for_may_still_be_at_it() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("there", 1, true)).await;
    provider.inject(Fault::of("/store", Effect::LoseAnswer));
    let next = plan(&provider, &locked("there", 2, true)).await;
    let report = engine(&provider).execute(&next).await;
    let told = outcomes(&report);
    assert!(
        told.contains(&"store unknown OutcomeUnknown".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"keep succeeded".to_owned()), "{told:?}");
    assert_eq!(provider.violations(), Vec::<String>::new());
    provider.heal();
    apply(&provider, &locked("there", 2, true)).await;
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_puts_back_what_it_lifted() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("here", 1, true)).await;
    let next = plan(&provider, &locked("here", 1, false)).await;
    let stop = CancellationToken::new();
    let stops = stop.clone();
    let execution = engine(&provider).execute(&next).stop_on(stop);
    let later = async move {
        // The lock is gone from about 2 s on, and the bucket takes 12 s.
        tokio::time::sleep(Duration::from_secs(5)).await;
        stops.cancel();
    };
    let (report, ()) = tokio::join!(execution.into_future(), later);
    let told = outcomes(&report);
    assert!(told.contains(&"keep succeeded".to_owned()), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_a_crash_left_lifted_is_made_again() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("here", 1, true)).await;
    provider.lose("/keep");
    let provider = provider.restarted();
    let next = plan(&provider, &locked("here", 1, true)).await;
    assert_eq!(actions(&next), ["create keep"]);
    apply(&provider, &locked("here", 1, true)).await;
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_lock_stops_the_plan_by_name_and_nothing_is_changed() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("here", 1, true)).await;
    let keys = provider.keys();
    let store = keys.iter().find(|key| key.ends_with("/store")).unwrap();
    provider.insert_foreign(&format!("{store}/theirs"), "Fake/lock", None);
    provider.forget_journal();
    let next = plan(&provider, &locked("here", 1, false)).await;
    let found = next
        .findings
        .iter()
        .find(|finding| finding.rule == "augeo/locked")
        .unwrap();
    assert_eq!(found.severity, Severity::Error);
    assert!(found.message.contains("store/theirs"), "{found:?}");
    assert!(engine(&provider).execute(&next).await.ok().is_err());
    assert_eq!(provider.journal(), []);
    // What it does not refuse goes on.
    apply(&provider, &locked("here", 2, true)).await;
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_leaves_goes_before_what_it_would_refuse() {
    let without = || {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let store = Fake::within("Fake/store", &group).sized(1).placed("there");
        stack.add("store", store);
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &locked("here", 1, false)).await;
    let options = PlanOptions {
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    provider.forget_journal();
    let next = plan_with(&provider, &without(), &options).await;
    let report = engine(&provider).execute(&next).await;
    assert!(report.ok().is_ok(), "{:?}", outcomes(&report));
    let story = provider.story();
    let at = |what: &str| story.iter().position(|it| it == what).unwrap();
    assert!(at("delete keep") < at("delete store"), "{story:?}");
    settled(&provider, &without()).await;
}

#[tokio::test(start_paused = true)]
async fn a_destroy_lifts_locks_first_and_says_what_it_would_need_to() {
    let provider = FakeProvider::new();
    apply(&provider, &locked("there", 1, true)).await;
    let mut part = destroy(&["store"]);
    part.only = ["bucket"].map(super::stacks::name).into();
    let next = plan_with(&provider, &locked("there", 1, true), &part).await;
    assert_eq!(findings(&next)[0], "error augeo/locked bucket");
    provider.forget_journal();
    let next = plan_with(&provider, &locked("there", 1, true), &destroy(&["store"])).await;
    let report = engine(&provider).execute(&next).await;
    assert!(report.ok().is_ok(), "{:?}", outcomes(&report));
    let story = provider.story();
    let at = |what: &str| story.iter().position(|it| it == what).unwrap();
    assert!(at("delete keep") < at("delete store"), "{story:?}");
    assert_eq!(provider.keys(), Vec::<String>::new());
}
