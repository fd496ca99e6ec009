//! Stacks to try the engine with, and how plans and reports are told in a line.

use augeo_core::engine::PlanError;
use augeo_core::name::ResourceName;
use augeo_core::plan::{Plan, Purpose};
use augeo_core::report::{Outcome, Report};
use augeo_core::{DeleteData, Engine, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

/// Ten resources of all kinds: parents, children, an extension, references, a secret, a
/// singleton, siblings that exclude each other.
pub(crate) fn shop() -> Stack {
    shop_sized(1)
}

/// The same with another size of the store and of the server.
pub(crate) fn shop_sized(size: i64) -> Stack {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", Fake::group("here"));
    let store = Fake::within("Fake/store", &group).sized(size);
    let store = stack.add("store", store);
    stack.add("bucket", Fake::within("Fake/bucket", &store));
    let secret = Fake::within("Fake/secret", &group).keeping_secret();
    let secret = stack.add("password", secret);
    let server = Fake::within("Fake/server", &group).sized(size);
    let server = stack.add("server", server.given(secret.secret()));
    stack.add("rule-a", Fake::within("Fake/rule", &server));
    stack.add("rule-b", Fake::within("Fake/rule", &server));
    let app = Fake::within("Fake/app", &group).showing("first");
    let app = stack.add("app", app.using(server.output(Fake::ADDRESS)));
    let config = Fake::within("Fake/config", &app);
    let config = config.set("HOST", server.output(Fake::ADDRESS));
    stack.add("app/config", config);
    stack.add("binding", Fake::on(&store));
    stack
}

/// An empty stack of the same name.
pub(crate) fn empty() -> Stack {
    Stack::new("shop", "dev")
}

pub(crate) fn engine(provider: &FakeProvider) -> Engine {
    Engine::new(provider.clone())
}

pub(crate) fn name(text: &str) -> ResourceName {
    ResourceName::parse(text).unwrap()
}

pub(crate) fn number(number: i64) -> augeo_core::value::Value {
    serde_json::Value::from(number).into()
}

/// Options of a destroy that may delete the data of these resources.
pub(crate) fn destroy(data: &[&str]) -> PlanOptions {
    PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::Named(data.iter().map(|data| name(data)).collect()),
        ..PlanOptions::default()
    }
}

/// What a plan does: `update store`, `await server`.
pub(crate) fn actions(plan: &Plan) -> Vec<String> {
    plan.pending()
        .map(|change| {
            let awaits = if change.awaits { "await " } else { "" };
            format!("{awaits}{} {}", change.action, change.name).replace("await no-op", "await")
        })
        .collect()
}

/// What a plan finds: `error augeo/protected store`.
pub(crate) fn findings(plan: &Plan) -> Vec<String> {
    plan.findings
        .iter()
        .map(|finding| {
            let about = finding.resource.as_ref().map_or("", ResourceName::as_str);
            format!("{} {} {about}", finding.severity, finding.rule)
        })
        .collect()
}

/// What became of a plan: `server failed Code`, `app skipped server`.
pub(crate) fn outcomes(report: &Report) -> Vec<String> {
    report
        .outcomes
        .iter()
        .map(|(name, _, outcome)| match outcome {
            Outcome::Succeeded => format!("{name} succeeded"),
            Outcome::Failed { error } => format!("{name} failed {}", error.code),
            Outcome::Skipped { because } => format!("{name} skipped {because}"),
            Outcome::Pending(pending) => format!("{name} pending on {}", pending.on),
            Outcome::Cancelled => format!("{name} cancelled"),
            Outcome::Unknown { error } => format!("{name} unknown {}", error.code),
        })
        .collect()
}

pub(crate) async fn plan(provider: &FakeProvider, stack: &Stack) -> Plan {
    let plan = engine(provider).plan(stack).await.unwrap();
    assert_eq!(plan.check(), Vec::<String>::new());
    plan
}

pub(crate) async fn plan_with(
    provider: &FakeProvider,
    stack: &Stack,
    options: &PlanOptions,
) -> Plan {
    let plan = engine(provider).plan_with(stack, options).await.unwrap();
    assert_eq!(plan.check(), Vec::<String>::new());
    plan
}

/// The rules that a stack breaks.
pub(crate) async fn refused(stack: &Stack) -> Vec<augeo_core::finding::Finding> {
    match engine(&FakeProvider::new()).plan(stack).await {
        Err(PlanError::Mistakes(mistakes)) => mistakes,
        other => panic!("the stack is accepted: {other:?}"),
    }
}

/// Plans and executes, whatever comes of it.
pub(crate) async fn run(provider: &FakeProvider, stack: &Stack) -> Report {
    let plan = plan(provider, stack).await;
    engine(provider).execute(&plan).await
}

/// Applies a stack: everything succeeds, the next plan is empty, and the provider saw nothing
/// that no engine may do.
pub(crate) async fn apply(provider: &FakeProvider, stack: &Stack) -> Report {
    let report = run(provider, stack).await;
    assert_eq!(
        outcomes(&report)
            .into_iter()
            .filter(|told| !told.ends_with(" succeeded"))
            .collect::<Vec<_>>(),
        Vec::<String>::new()
    );
    settled(provider, stack).await;
    report
}

/// The next plan is empty, and the provider saw nothing that no engine may do.
pub(crate) async fn settled(provider: &FakeProvider, stack: &Stack) {
    let again = plan(provider, stack).await;
    let pending: Vec<_> = again
        .pending()
        .map(|change| (&change.name, &change.reasons, &change.differences))
        .collect();
    assert!(pending.is_empty(), "the next plan: {pending:?}");
    assert_eq!(provider.violations(), Vec::<String>::new());
}

/// A resource outside the stack.
pub(crate) fn existing(id: &str, ty: &str) -> augeo_core::stack::Existing<Fake> {
    let facts = augeo_testkit::fake_provider::catalogue();
    let facts = facts.into_iter().find(|facts| facts.name.as_str() == ty);
    let label = id.rsplit('/').next().unwrap();
    let id = augeo_core::name::ResourceId::new(id, &id.to_lowercase(), label);
    augeo_core::stack::Existing::new(std::borrow::Cow::Owned(facts.unwrap()), id)
}
