//! A test of one's own code around the engine, with a mock where the question is narrow.

use std::sync::Arc;

use augeo_core::Engine;
use augeo_core::report::Event;
use augeo_testkit::fake_provider::FakeProvider;
use augeo_testkit::mock::MockObserver;

#[tokio::test(start_paused = true)]
async fn a_listener_hears_that_the_run_ended_exactly_once() -> Result<(), Box<dyn std::error::Error>>
{
    let mut observer = MockObserver::new();
    observer
        .expect_on_event()
        .withf(|event| matches!(event, Event::Finished { .. }))
        .times(1)
        .return_const(());
    observer.expect_on_event().return_const(());

    let mut stack = augeo_core::Stack::new("shop", "test");
    stack.add("group", augeo_testkit::fake_provider::Fake::group("here"));
    let engine = Engine::new(FakeProvider::new());
    let plan = engine.plan(&stack).await?;
    engine
        .execute(&plan)
        .observe(Arc::new(observer))
        .await
        .ok()?;
    Ok(())
}
