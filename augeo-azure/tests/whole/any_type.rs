//! `[[resource]]` on the emulator: what the example ships as a comment, and types that are not to
//! be had.

use augeo_azure::platform::Config;
use augeo_core::Stack;
use augeo_core::finding::Severity;
use augeo_core::plan::Plan;
use augeo_testkit::emulator::Emulator;

use crate::rig::{apply, assert_unchanged, destroy_everything, engine, execute, stack};

fn config(text: &str) -> Stack {
    let config = Config::parse(text, "augeo.toml").expect("the text is right");
    config.stack("dev").expect("it has dev")
}

/// The example with its commented resource, in dev.
fn with_the_commented_resource() -> Stack {
    let text = include_str!("../../../examples/augeo-platform/augeo.toml");
    let (rest, resource) = text
        .split_once("# [[resource]]")
        .expect("the example has a commented resource");
    let lines = resource
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line));
    let resource = lines.collect::<Vec<_>>().join("\n");
    config(&format!("{rest}[[resource]]{resource}\n").replace("[\"production\"]", "[\"dev\"]"))
}

/// The example with one resource of a type.
fn with_one_of(ty: &str, version: &str) -> Stack {
    let text = include_str!("../../../examples/augeo-platform/augeo.toml");
    config(&format!(
        "{text}\n[[resource]]\nname = \"one\"\ntype = \"{ty}\"\napi_version = \"{version}\"\n\
         body.location = \"westeurope\"\n"
    ))
}

fn errors(plan: &Plan) -> Vec<String> {
    let errors = plan.findings.iter();
    let errors = errors.filter(|finding| finding.severity == Severity::Error);
    errors
        .map(|finding| {
            let about = finding.resource.as_ref().expect("it is about a resource");
            let line = finding.location.as_ref().expect("it has a place").line;
            assert!(line > 0 && finding.fix.is_some(), "{finding:?}");
            format!("{} {about}", finding.rule)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_the_example_is_made_stays_and_goes_before_what_it_guards() {
    let emulator = Emulator::new();
    let stack = with_the_commented_resource();
    apply(&engine(&emulator), &stack).await;
    assert_unchanged(&engine(&emulator), &stack).await;
    let engine = engine(&emulator);
    let plan = engine
        .plan_with(&stack, &destroy_everything())
        .await
        .expect("it can be planned");
    execute(&engine, &plan).await;
    assert_eq!(emulator.snapshot().live_ids(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_type_or_version_that_is_not_to_be_had_stops_the_first_plan_at_its_line() {
    let emulator = Emulator::new();
    for (ty, version, rule) in [
        (
            "Microsoft.Network/publicIPAdresses",
            "2024-05-01",
            "azure/no-such-type",
        ),
        (
            "Microsoft.Insights/actionGroups",
            "1999-01-01",
            "azure/no-such-version",
        ),
    ] {
        let plan = engine(&emulator).plan(&with_one_of(ty, version)).await;
        let plan = plan.expect("it can be planned");
        assert!(
            errors(&plan).contains(&format!("{rule} one")),
            "{:#?}",
            plan.findings
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_that_does_not_have_a_type_stops_the_first_plan_at_its_line() {
    let emulator = Emulator::new();
    let mut stack = with_one_of("Microsoft.Web/staticSites", "2025-03-01");
    let plan = engine(&emulator).plan(&stack).await;
    assert_eq!(errors(&plan.expect("it can be planned")), [""; 0]);
    let text = include_str!("../../../examples/augeo-platform/augeo.toml");
    stack = config(&format!(
        "{text}\n[[resource]]\nname = \"one\"\ntype = \"Microsoft.Web/staticSites\"\n\
         api_version = \"2025-03-01\"\nbody.location = \"Germany West Central\"\n"
    ));
    let plan = engine(&emulator)
        .plan(&stack)
        .await
        .expect("it can be planned");
    assert_eq!(errors(&plan), ["azure/no-such-region one"]);
    let mut findings = plan.findings.iter();
    let region = findings.find(|finding| finding.rule == "azure/no-such-region");
    let fix = region.and_then(|finding| finding.fix.as_deref());
    assert!(fix.expect("it has a fix").contains("westeurope"));
}

/// The group is there, so the type is looked at: one that cannot be asked for is a finding, and
/// everything else can still be seen and destroyed.
#[tokio::test(start_paused = true)]
async fn a_type_that_cannot_be_asked_for_stops_neither_a_look_nor_a_destroy() {
    let emulator = Emulator::new();
    apply(&engine(&emulator), &stack("dev")).await;
    let broken = with_one_of("Microsoft.Network/publicIPAdresses", "2024-05-01");
    let plan = engine(&emulator).plan(&broken).await;
    let plan = plan.expect("it can be planned");
    assert_eq!(errors(&plan), ["augeo/unreadable one"]);
    assert!(plan.is_empty(), "everything else is as it was");
    let engine = engine(&emulator);
    let plan = engine.plan_with(&broken, &destroy_everything()).await;
    execute(&engine, &plan.expect("it can be planned")).await;
    assert_eq!(emulator.snapshot().live_ids(), Vec::<String>::new());
}
