//! A stack of types that the catalogue does not have: `Generic` takes any ARM type, by name,
//! api-version and body, with references to other resources in it.

use std::sync::Arc;

use augeo_azure::Azure;
use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::resources::{Generic, ResourceGroup};
use augeo_core::clock::SystemClock;
use augeo_core::value::Input;
use augeo_core::{Engine, Stack};
use augeo_testkit::emulator::{Durations, Emulator};
use serde::Serialize;

/// The body of an action group, as ARM's reference has it; only what this program sets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionGroup {
    location: Input<String>,
    group_short_name: String,
    enabled: bool,
    email_receivers: Vec<EmailReceiver>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmailReceiver {
    name: String,
    email_address: String,
    use_common_alert_schema: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example prints")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", ResourceGroup::at("swedencentral"));
    let body = ActionGroup {
        location: group.output(ResourceGroup::LOCATION).into(),
        group_short_name: "on-call".to_owned(),
        enabled: true,
        email_receivers: vec![EmailReceiver {
            name: "operations".to_owned(),
            email_address: "operations@example.com".to_owned(),
            use_common_alert_schema: true,
        }],
    };
    stack.add(
        "on-call",
        Generic::within(
            &group,
            "Microsoft.Insights/actionGroups",
            "2023-01-01",
            body,
        ),
    );

    let emulator = Emulator::with_durations(Durations::scaled(600));
    let azure = Azure::in_process(
        Arc::new(emulator.transport()),
        SubscriptionId::parse(emulator.subscription_id())?,
        Arc::new(SystemClock),
    )?;
    let engine = Engine::new(azure);
    let plan = engine.plan(&stack).await?;
    engine.execute(&plan).await.ok()?;
    let again = engine.plan(&stack).await?;
    assert!(again.is_empty(), "a second plan changes nothing");
    println!("{} resources are as declared", again.unchanged());
    Ok(())
}
