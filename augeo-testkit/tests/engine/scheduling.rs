//! When changes run: bounded, by the longest remaining path, never two that exclude each other.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use augeo_core::Stack;
use augeo_core::engine::Limits;
use augeo_core::report::Event;
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};

use super::stacks::{apply, empty, engine, outcomes, plan, shop};

async fn events(provider: &FakeProvider, stack: &Stack, limits: Limits) -> Vec<Event> {
    let plan = plan(provider, stack).await;
    let heard: Arc<Mutex<Vec<Event>>> = Arc::default();
    let listener = Arc::clone(&heard);
    let report = engine(provider)
        .with_limits(limits)
        .execute(&plan)
        .on_event(move |event| listener.lock().unwrap().push(event.clone()))
        .await;
    assert!(!report.outcomes.is_empty());
    std::mem::take(&mut heard.lock().unwrap())
}

fn started(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .filter_map(|event| {
            if let Event::ChangeStarted { resource, .. } = event {
                Some(resource.to_string())
            } else {
                None
            }
        })
        .collect()
}

fn many(apps: usize) -> Stack {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    for app in 0..apps {
        stack.add(format!("app-{app}"), Fake::within("Fake/app", &group));
    }
    stack
}

#[tokio::test(start_paused = true)]
async fn no_more_changes_run_at_once_than_allowed() {
    for (allowed, most) in [(1, 1), (3, 3), (100, 12), (0, 1)] {
        let provider = FakeProvider::new();
        let limits = Limits {
            changes_max: allowed,
        };
        events(&provider, &many(12), limits).await;
        assert_eq!(provider.running_max(), most);
        super::stacks::settled(&provider, &many(12)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_remaining_path_starts_first() {
    let provider = FakeProvider::new();
    let limits = Limits { changes_max: 1 };
    let order = started(&events(&provider, &shop(), limits).await);
    let at = |name: &str| order.iter().position(|other| other == name).unwrap();
    assert_eq!(order[0], "group");
    assert!(
        at("password") < at("store"),
        "the server waits for it: {order:?}"
    );
    assert!(at("server") < at("store"), "{order:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_as_long_as_its_longest_path() {
    let provider = FakeProvider::new();
    let report = apply(&provider, &shop()).await;
    // group 5, secret 1, server 300, then two rules of 12, one after the other; 0.1 s a request.
    let least = Duration::from_secs(5 + 1 + 300 + 12 + 12);
    assert!(report.elapsed >= least, "{:?}", report.elapsed);
    assert!(
        report.elapsed <= least + Duration::from_secs(1),
        "{:?}",
        report.elapsed
    );
}

#[tokio::test(start_paused = true)]
async fn changes_that_exclude_each_other_never_overlap_and_others_do() {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let server = stack.add("server", Fake::within("Fake/server", &group));
    let store = stack.add("store", Fake::within("Fake/store", &group));
    for number in 0..4 {
        stack.add(format!("rule-{number}"), Fake::within("Fake/rule", &server));
        stack.add(format!("link-{number}"), Fake::link(&group, &store));
    }
    let provider = FakeProvider::new();
    apply(&provider, &stack).await;
    assert!(provider.running_max() >= 2);
}

#[tokio::test(start_paused = true)]
async fn one_run_equals_the_next_to_the_event() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let provider = FakeProvider::new();
        provider.inject(Fault::of("/rule-a", Effect::FailOperation("Broken")));
        provider.inject(Fault::of("/store", Effect::LoseAnswer));
        let heard = events(&provider, &shop(), Limits { changes_max: 3 }).await;
        runs.push((heard, provider.journal()));
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].0.len() > 15);
}

#[tokio::test(start_paused = true)]
async fn events_pair_up_and_agree_with_the_report() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/server", Effect::Refuse("Broken")));
    let plan = plan(&provider, &shop()).await;
    let heard: Arc<Mutex<Vec<Event>>> = Arc::default();
    let listener = Arc::clone(&heard);
    let report = engine(&provider)
        .execute(&plan)
        .on_event(move |event| listener.lock().unwrap().push(event.clone()))
        .await;
    let heard = heard.lock().unwrap();
    assert!(matches!(&heard[0], Event::Started { changes: 10, .. }));
    let last = heard.last().unwrap();
    assert!(
        matches!(
            last,
            Event::Finished {
                succeeded: 5,
                others: 5,
                pending: 0,
                ..
            }
        ),
        "{last:?}"
    );
    let mut finished: Vec<_> = heard
        .iter()
        .filter_map(|event| {
            if let Event::ChangeFinished {
                resource, outcome, ..
            } = event
            {
                Some((resource.clone(), outcome.clone()))
            } else {
                None
            }
        })
        .collect();
    finished.sort_by(|one, other| one.0.cmp(&other.0));
    let mut reported: Vec<_> = report
        .outcomes
        .iter()
        .map(|(name, _, outcome)| (name.clone(), outcome.clone()))
        .collect();
    reported.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(finished, reported);
    assert_eq!(outcomes(&report).len(), 10);
}
