//! A failure holds back what needs it and nothing else, and the report tells the truth.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use augeo_testkit::fake_provider::{Effect, FakeProvider, Fault};

use super::stacks::{apply, engine, outcomes, plan, run, shop};

#[tokio::test(start_paused = true)]
async fn other_branches_go_on_and_what_is_skipped_names_the_cause() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/server", Effect::Refuse("SkuNotAvailable")));
    let report = run(&provider, &shop()).await;
    assert_eq!(
        outcomes(&report),
        [
            "group succeeded",
            "store succeeded",
            "bucket succeeded",
            "password succeeded",
            "server failed SkuNotAvailable",
            "rule-a skipped server",
            "rule-b skipped server",
            "app skipped server",
            "app/config skipped server",
            "binding succeeded",
        ]
    );
    let incomplete = report.ok().unwrap_err();
    assert_eq!((incomplete.failed, incomplete.skipped), (1, 4));
    assert!(!report.resources.contains_key("server"));
    apply(&provider.restarted(), &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_not_seen_is_unknown_and_the_next_plan_looks() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/store", Effect::LoseAnswer));
    let report = run(&provider, &shop()).await;
    let told = outcomes(&report);
    assert!(
        told.contains(&"store unknown OutcomeUnknown".to_owned()),
        "{told:?}"
    );
    assert!(
        told.contains(&"bucket skipped store".to_owned()),
        "{told:?}"
    );
    let created = |provider: &FakeProvider| {
        let story = provider.story();
        story.iter().filter(|told| *told == "create store").count()
    };
    assert_eq!(created(&provider), 1);
    apply(&provider, &shop()).await;
    assert_eq!(created(&provider), 1, "it was there already");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_end_was_not_seen_is_not_reported_as_there() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let options = super::stacks::destroy(&["store", "bucket"]);
    provider.inject(Fault::of("/store", Effect::LoseAnswer));
    let next = super::stacks::plan_with(&provider, &shop(), &options).await;
    let report = engine(&provider).execute(&next).await;
    assert!(outcomes(&report).contains(&"store unknown OutcomeUnknown".to_owned()));
    assert!(!report.resources.contains_key("store"));
}

#[tokio::test(start_paused = true)]
async fn a_defect_in_the_provider_ends_one_change_only() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/store", Effect::Panic));
    let report = run(&provider, &shop()).await;
    let told = outcomes(&report);
    assert!(
        told.contains(&"store unknown augeo/defect".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&"app succeeded".to_owned()), "{told:?}");
    apply(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_panics_does_not_fail_the_run() {
    let provider = FakeProvider::new();
    let plan = plan(&provider, &shop()).await;
    let heard = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&heard);
    let report = engine(&provider)
        .execute(&plan)
        .on_event(move |_| {
            assert!(
                counter.fetch_add(1, Ordering::Relaxed) < 3,
                "a defect of the listener"
            );
        })
        .await;
    report.ok().unwrap();
    assert_eq!(
        heard.load(Ordering::Relaxed),
        4,
        "it is told nothing after its panic"
    );
}

#[tokio::test(start_paused = true)]
async fn every_listener_of_an_execution_hears_it() {
    let provider = FakeProvider::new();
    let plan = plan(&provider, &shop()).await;
    let heard = Arc::new(AtomicUsize::new(0));
    let (first, second) = (Arc::clone(&heard), Arc::clone(&heard));
    let execution = engine(&provider).execute(&plan);
    let execution = execution.on_event(move |_| {
        first.fetch_add(1, Ordering::Relaxed);
    });
    let execution = execution.on_event(move |_| {
        second.fetch_add(1, Ordering::Relaxed);
    });
    execution.await.ok().unwrap();
    assert_eq!(heard.load(Ordering::Relaxed), 2 * (2 * 10 + 2));
}
