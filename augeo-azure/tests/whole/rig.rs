//! What the tests stand on: the example's configuration, an emulator, an engine over it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use augeo_azure::Azure;
use augeo_azure::arm_id::SubscriptionId;
use augeo_azure::client::{ArmClient, ArmClientOptions};
use augeo_azure::platform::Config;
use augeo_azure::provider::AzureOptions;
use augeo_azure::resources::VerifiedRecord;
use augeo_core::clock::{Clock, TokioClock};
use augeo_core::engine::Engine;
use augeo_core::name::ResourceName;
use augeo_core::plan::{Action, Plan, Purpose};
use augeo_core::report::Report;
use augeo_core::resource::Condition;
use augeo_core::stack::Stack;
use augeo_core::{DeleteData, PlanOptions};
use augeo_testkit::emulator::{Emulator, EmulatorTransport};

pub(crate) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "production"];

pub(crate) fn stack(environment: &str) -> Stack {
    let text = include_str!("../../../examples/augeo-platform/augeo.toml");
    Config::parse(text, "augeo.toml")
        .expect("the example is right")
        .stack(environment)
        .expect("it has the environment")
}

/// An engine whose clock follows tokio's, over a transport to an emulator.
pub(crate) fn engine_over(emulator: &Emulator, transport: EmulatorTransport) -> Engine {
    engine_with(emulator, transport, |options| options)
}

pub(crate) fn engine_with(
    emulator: &Emulator,
    transport: EmulatorTransport,
    edit: impl FnOnce(ArmClientOptions) -> ArmClientOptions,
) -> Engine {
    // Time went on in the emulator's world whether or not there was an engine.
    let clock: Arc<dyn Clock> = Arc::new(TokioClock::starting_at(emulator.now().get()));
    let subscription =
        SubscriptionId::parse(emulator.subscription_id()).expect("the emulator has one");
    let options = edit(ArmClientOptions::in_process(
        Arc::new(transport),
        subscription,
        Arc::clone(&clock),
    ));
    let client = ArmClient::new(options).expect("the options are right");
    Engine::new(Azure::new(AzureOptions::new(client))).with_clock(clock)
}

pub(crate) fn engine(emulator: &Emulator) -> Engine {
    engine_over(emulator, emulator.transport())
}

pub(crate) fn destroy_everything() -> PlanOptions {
    PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    }
}

/// Plans and executes; everything must succeed.
pub(crate) async fn apply(engine: &Engine, stack: &Stack) -> Report {
    let plan = engine.plan(stack).await.expect("it can be planned");
    execute(engine, &plan).await
}

/// Provisions again until nothing waits for Azure any more, which verifies a domain record by record. What does not wait is as it is declared after the first time.
pub(crate) async fn provision(engine: &Engine, stack: &Stack) {
    let report = apply(engine, stack).await;
    until_nothing_waits(engine, stack, &report).await;
}

/// The runs after one that left something to the outside world.
pub(crate) async fn until_nothing_waits(engine: &Engine, stack: &Stack, report: &Report) {
    let mut waiting = waiting(report);
    for _ in 0..=2 * VerifiedRecord::ALL.len() {
        if waiting.is_empty() {
            return;
        }
        let plan = engine.plan(stack).await.expect("it can be planned");
        assert_only_waiting(&plan, &waiting);
        if plan.pending().next().is_none() {
            // So long Azure may take to look for a record.
            tokio::time::sleep(Duration::from_secs(1800)).await;
        }
        waiting = self::waiting(&execute(engine, &plan).await);
    }
    assert!(waiting.is_empty(), "{waiting:?}");
}

/// A plan changes nothing but what waited when the run before it ended.
fn assert_only_waiting(plan: &Plan, waiting: &BTreeSet<ResourceName>) {
    for change in plan.pending() {
        let expected = waiting.contains(&change.name);
        assert!(expected, "{} {:?}", change.name, change.reasons);
    }
}

/// A second plan changes nothing, but for what the run waits for.
pub(crate) async fn assert_unchanged_but_waiting(engine: &Engine, stack: &Stack, report: &Report) {
    let plan = engine.plan(stack).await.expect("it can be planned");
    assert_only_waiting(&plan, &waiting(report));
}

/// What waits for Azure. A zone that another stack has yet to make is not waited for.
fn waiting(report: &Report) -> BTreeSet<ResourceName> {
    let waiting = report.pending.iter();
    let waiting = waiting.filter(|(_, pending)| pending.state != "absent");
    waiting.map(|(name, _)| name.clone()).collect()
}

pub(crate) async fn execute(engine: &Engine, plan: &Plan) -> Report {
    plan.ensure_executable()
        .unwrap_or_else(|blocked| panic!("{:#?}", blocked.findings));
    let report = engine.execute(plan).await;
    let failures: Vec<_> = report
        .failures()
        .map(|(name, error)| format!("{name}: {error:?}"))
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
    report.ok().expect("nothing was skipped");
    report
}

/// A second plan changes nothing.
pub(crate) async fn assert_unchanged(engine: &Engine, stack: &Stack) {
    let plan = engine.plan(stack).await.expect("it can be planned");
    let pending: Vec<_> = plan
        .pending()
        .map(|change| {
            format!(
                "{} {} {:?} {:#?}",
                change.action, change.name, change.reasons, change.differences
            )
        })
        .collect();
    assert!(pending.is_empty(), "{}", pending.join("\n"));
}

/// What is soft-deleted, by type and by the name of its resource in the stack.
const KEPT: [(&str, &str); 2] = [
    (
        "Microsoft.OperationalInsights/workspaces",
        "monitoring/logs",
    ),
    ("Microsoft.KeyVault/vaults", "security/vault"),
];

/// The vault and the workspace of a destroyed environment are kept, each for days to come.
pub(crate) fn assert_kept(emulator: &Emulator) {
    let now = emulator.now().get();
    let kept = emulator.snapshot().soft_deleted();
    for (ty, _) in KEPT {
        let of_type = |id: &str| id.to_lowercase().contains(&ty.to_lowercase());
        let dates: Vec<_> = kept
            .iter()
            .filter(|(id, _)| of_type(id))
            .map(|(_, purge)| (*purge - now).whole_days())
            .collect();
        assert_eq!(dates.len(), 1, "{ty}: {kept:?}");
        // The least and the most that Azure keeps one, less what was needed to delete the rest.
        assert!((6..=90).contains(&dates[0]), "{ty}: {kept:?}");
    }
}

/// A plan brings back what was kept, and knows until when it could.
pub(crate) fn assert_recovers(plan: &Plan) {
    let mut recovered: Vec<_> = plan
        .pending()
        .filter(|change| change.action == Action::Recover)
        .map(|change| change.name.as_str())
        .collect();
    recovered.sort_unstable();
    assert_eq!(recovered, KEPT.map(|(_, name)| name));
    let vault = plan
        .change("security/vault")
        .and_then(|it| it.prior.as_ref());
    // The list of deleted workspaces tells no date.
    assert!(
        matches!(
            vault.map(|prior| &prior.condition),
            Some(Condition::SoftDeleted { purged_at: Some(_) })
        ),
        "{vault:?}"
    );
}
