//! Embeds the engine: plans a stack, applies it, reads an output. It runs on the emulator in this
//! process; with `Azure::new(..)` over a cloud's client the same program runs against Azure.

use std::sync::Arc;

use augeo_azure::Azure;
use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::resources::StorageAccount;
use augeo_core::Engine;
use augeo_core::clock::SystemClock;
use augeo_core::render::{Heading, Style, plan_text};
use augeo_testkit::emulator::{Durations, Emulator};

#[tokio::main]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints"
)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (stack, store) = augeo_examples::shop("dev");
    let emulator = Emulator::with_durations(Durations::scaled(600));
    let azure = Azure::in_process(
        Arc::new(emulator.transport()),
        SubscriptionId::parse(emulator.subscription_id())?,
        Arc::new(SystemClock),
    )?;
    let engine = Engine::new(azure);

    let plan = engine.plan(&stack).await?;
    print!(
        "{}",
        plan_text(&plan, &Heading::default(), &Style::default())
    );
    plan.ensure_executable()?; // every finding that blocks, at once

    let report = engine
        .execute(&plan)
        .on_event(|event| eprintln!("{event:?}"))
        .await;
    for (resource, error) in report.failures() {
        eprintln!("{resource}: {error}");
    }
    report.ok()?;
    println!(
        "{}",
        report.value(&store.output(StorageAccount::BLOB_ENDPOINT))?
    );

    let again = engine.plan(&stack).await?;
    assert!(again.is_empty(), "a second plan changes nothing");
    Ok(())
}
