//! A test of a stack without an Azure account: hours of Azure's time pass in milliseconds, and what
//! goes wrong is chosen by the test.

use std::sync::Arc;

use augeo_azure::Azure;
use augeo_azure::arm_id::SubscriptionId;
use augeo_core::Engine;
use augeo_core::clock::{Clock, TokioClock};
use augeo_testkit::emulator::{Emulator, VIRTUAL_EPOCH};

#[tokio::test(start_paused = true)]
async fn a_taken_name_is_told_before_anything_is_made() -> Result<(), Box<dyn std::error::Error>> {
    let (stack, _) = augeo_examples::shop("test");
    let emulator = Emulator::new();
    let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(VIRTUAL_EPOCH));
    let azure = Azure::in_process(
        Arc::new(emulator.transport()),
        SubscriptionId::parse(emulator.subscription_id())?,
        Arc::clone(&clock),
    )?;
    let engine = Engine::new(azure).with_clock(clock);

    let plan = engine.plan(&stack).await?;
    let name = plan
        .change("store")
        .map(|change| change.id.label().to_owned())
        .unwrap_or_default();
    emulator.with_world(|world| world.take_name("storage", &name))?;

    let plan = engine.plan(&stack).await?;
    let blocked = plan.ensure_executable().expect_err("the name is taken");
    assert!(
        blocked.findings[0].message.contains(&name),
        "{:?}",
        blocked.findings
    );
    assert!(emulator.snapshot().is_empty());
    Ok(())
}
