//! Stopping in two steps, and dropping a run: nothing is lost that the next plan does not find.

use std::future::IntoFuture;
use std::time::Duration;

use augeo_core::report::{Event, Report};
use augeo_testkit::fake_provider::{Fake, FakeProvider};
use tokio_util::sync::CancellationToken;

use super::stacks::{apply, empty, engine, outcomes, plan, shop};

/// Executes the shop, and cancels once the server has begun.
async fn cancelled(provider: &FakeProvider, stop: bool, abandon: bool) -> Report {
    let plan = plan(provider, &shop()).await;
    let (stop_token, abandon_token) = (CancellationToken::new(), CancellationToken::new());
    let (stops, abandons) = (stop_token.clone(), abandon_token.clone());
    let execution = engine(provider)
        .execute(&plan)
        .stop_on(stop_token)
        .abandon_on(abandon_token);
    let later = async move {
        // The server runs from about 6 s to 306 s.
        tokio::time::sleep(Duration::from_secs(20)).await;
        if stop {
            stops.cancel();
        }
        if abandon {
            abandons.cancel();
        }
    };
    let (report, ()) = tokio::join!(execution.into_future(), later);
    report
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_finishes_what_was_begun_and_cancels_the_rest() {
    let provider = FakeProvider::new();
    let report = cancelled(&provider, true, false).await;
    let told = outcomes(&report);
    assert!(told.contains(&"server succeeded".to_owned()), "{told:?}");
    assert!(told.contains(&"app cancelled".to_owned()), "{told:?}");
    assert!(told.contains(&"rule-a cancelled".to_owned()), "{told:?}");
    assert!(report.elapsed > Duration::from_secs(300));
    assert_eq!(report.ok().unwrap_err().skipped, 0);
    apply(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_run_says_that_it_does_not_know() {
    for stop in [true, false] {
        let provider = FakeProvider::new();
        let report = cancelled(&provider, stop, true).await;
        let told = outcomes(&report);
        assert!(
            told.contains(&"server unknown OutcomeUnknown".to_owned()),
            "{told:?}"
        );
        assert!(told.contains(&"app skipped server".to_owned()), "{told:?}");
        assert!(
            report.elapsed < Duration::from_secs(21),
            "{:?}",
            report.elapsed
        );
        apply(&provider.restarted(), &shop()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_run_begins_nothing_more() {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    for app in 0..8 {
        stack.add(format!("app-{app}"), Fake::within("Fake/app", &group));
    }
    let provider = FakeProvider::new();
    let plan = plan(&provider, &stack).await;
    let abandon = CancellationToken::new();
    let trigger = abandon.clone();
    let limits = augeo_core::engine::Limits { changes_max: 2 };
    let report = engine(&provider)
        .with_limits(limits)
        .execute(&plan)
        .abandon_on(abandon)
        .on_event(move |event| {
            if matches!(event, Event::ChangeStarted { resource, .. } if resource.as_str() == "app-1")
            {
                trigger.cancel();
            }
        })
        .await;
    let told = outcomes(&report);
    assert_eq!(
        told[1..3],
        [
            "app-0 unknown OutcomeUnknown",
            "app-1 unknown OutcomeUnknown"
        ]
    );
    assert!(
        told[3..].iter().all(|told| told.ends_with(" cancelled")),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_stopped_while_it_awaits_somebody_else_sends_nothing() {
    for begun in [true, false] {
        let provider = FakeProvider::new();
        apply(&provider, &shop()).await;
        provider.forget_journal();
        provider.edit("/app", "uses", "something else");
        provider.keep_busy("/app", Duration::from_secs(600));
        let plan = plan(&provider, &shop()).await;
        let stop = CancellationToken::new();
        if !begun {
            stop.cancel();
        }
        let execution = engine(&provider).execute(&plan).stop_on(stop.clone());
        let later = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            stop.cancel();
        };
        let (report, ()) = tokio::join!(execution.into_future(), later);
        assert_eq!(outcomes(&report), ["app cancelled"]);
        assert!(
            report.elapsed < Duration::from_secs(10),
            "{:?}",
            report.elapsed
        );
        assert_eq!(provider.journal(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_is_finished_by_the_next() {
    for seconds in [0, 3, 5, 6, 8, 100, 310, 320] {
        let provider = FakeProvider::new();
        let next = plan(&provider, &shop()).await;
        let run = engine(&provider).execute(&next).into_future();
        let ended = tokio::time::timeout(Duration::from_secs(seconds), run).await;
        assert!(ended.is_err(), "it ended within {seconds} s");
        apply(&provider.restarted(), &shop()).await;
        let creations = provider.story();
        let servers = creations
            .iter()
            .filter(|told| *told == "create server")
            .count();
        assert!(servers <= 1, "after {seconds} s: {creations:?}");
    }
}
