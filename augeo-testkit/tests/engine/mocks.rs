//! Narrow questions to mocks: how often, with what; and a snapshot with the kit's settings.

use std::sync::Arc;

use augeo_core::Engine;
use augeo_core::provider::{ErrorKind, ProviderError};
use augeo_core::render::{Heading, Style, report_text};
use augeo_core::report::Event;
use augeo_testkit::fake_provider::{Effect, FakeProvider, Fault};
use augeo_testkit::mock::{MockClock, MockObserver, MockProvider};
use augeo_testkit::snapshot;

use super::stacks::{empty, run, shop};

#[tokio::test(start_paused = true)]
async fn a_provider_that_cannot_be_asked_is_asked_once_and_for_nothing_else() {
    let mut provider = MockProvider::new();
    provider.expect_observe().times(1).returning(|scope, _| {
        assert!(!scope.inventory, "an apply asks for no inventory");
        Err(ProviderError::new(
            ErrorKind::Unauthenticated,
            "Expired",
            "the login expired",
        ))
    });
    provider.expect_preflight().never();
    let mut clock = MockClock::new();
    clock.expect_now().never();
    let engine = Engine::new(provider).with_clock(Arc::new(clock));
    let error = engine.plan(&empty()).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the login expired");
}

#[tokio::test(start_paused = true)]
async fn the_end_is_told_exactly_once() {
    let provider = FakeProvider::new();
    let plan = super::stacks::plan(&provider, &shop()).await;
    let mut observer = MockObserver::new();
    observer
        .expect_on_event()
        .withf(|event| matches!(event, Event::Finished { .. }))
        .times(1)
        .return_const(());
    observer
        .expect_on_event()
        .withf(|event| !matches!(event, Event::Finished { .. }))
        .times(21)
        .return_const(());
    let report = super::stacks::engine(&provider)
        .execute(&plan)
        .observe(Arc::new(observer))
        .await;
    report.ok().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_report_reads_the_same_whatever_the_times_are() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/server", Effect::Refuse("SkuNotAvailable")));
    let report = run(&provider, &shop()).await;
    let text = report_text(&report, &Heading::default(), &Style::default());
    snapshot::settings().bind(|| {
        insta::assert_snapshot!(text, @r"
    dev: 5 succeeded, 1 failed, 4 skipped               [duration]
      failed     server              error[SkuNotAvailable], shown above
      skipped    4 changes           because server failed: rule-a, rule-b, app, app/config
      slowest    store               [duration], 73 % of the time
    Nothing needs undoing: running it again does the 5 changes left.
    ");
    });
}

#[test]
fn the_settings_leave_out_what_changes_from_run_to_run() {
    let text = "at 2026-07-01T10:11:12.5Z 0f8fad5b-d9cb-469f-a165-70867728950e took 12.4 s \
                of 5 min 20 s; digest 00ff00ff00ff00ff";
    snapshot::settings().bind(|| {
        insta::assert_snapshot!(text, @"at [time] [id] took [duration] of [duration]; digest [digest]");
    });
}
