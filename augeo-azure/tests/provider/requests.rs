//! How many requests an observation takes, and what cannot be read.

use augeo_testkit::bound::requests_max;
use augeo_testkit::emulator::{Effect, Fault, Match};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_plan_without_changes_stays_within_the_bound() {
    let bench = Bench::new();
    let everything = Everything::new(|_| {});
    bench.apply(&everything.stack).await;
    let bench = bench.again();
    let plan = bench.plan(&everything.stack).await;
    assert!(plan.is_empty(), "{}", told(&plan));
    let sent = bench.sent.take();
    assert!(
        plan.requests <= requests_max(&everything.stack),
        "{} > {}\n{sent:#?}",
        plan.requests,
        requests_max(&everything.stack)
    );
    assert_eq!(plan.requests, sent.len());
}

#[tokio::test(start_paused = true)]
async fn siblings_cost_nothing() {
    let mut counts = Vec::new();
    for containers in [1, 40] {
        let bench = Bench::new();
        let mut stack = Stack::new("augeo", "dev");
        let group = group(&mut stack);
        let account = stack.add("storage", StorageAccount::within(&group));
        for number in 0..containers {
            stack.add(format!("storage/c{number:03}"), Container::within(&account));
        }
        bench.apply(&stack).await;
        counts.push(bench.again().plan(&stack).await.requests);
    }
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_yet_costs_nothing() {
    let bench = Bench::new();
    let plan = bench.plan(&Everything::new(|_| {}).stack).await;
    // Two lists, the subscription's own roles and what is granted on it, which are in no group, and
    // what could be soft-deleted.
    let soft = CATALOGUE
        .iter()
        .filter(|ty| ty.soft_delete.is_some())
        .count();
    assert_eq!(plan.requests, 4 + soft, "{:#?}", bench.sent.take());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_on_one_type_leaves_the_others_planned() {
    let bench = Bench::new();
    bench.apply(&Everything::new(|_| {}).stack).await;
    bench
        .emulator
        .with_world(|world| world.inject(Fault::deny("Microsoft.Storage/storageAccounts")))
        .unwrap();
    let changed = Everything::new(|edits| edits.retention = 60);
    let bench = bench.again();
    let plan = bench.plan(&changed.stack).await;
    plan.ensure_executable()
        .unwrap_or_else(|blocked| panic!("{:#?}", blocked.findings));
    assert!(
        plan.findings
            .iter()
            .any(|finding| finding.rule == "augeo/unreadable"
                && finding.message.contains("(AuthorizationFailed)")),
        "{:#?}",
        plan.findings
    );
    assert_eq!(
        actions(&plan),
        [("logs".to_owned(), Action::Update)],
        "{}",
        told(&plan)
    );
}

#[tokio::test(start_paused = true)]
async fn taken_names_and_missing_registrations_are_found_before_the_first_write() {
    let options = WorldOptions {
        taken_names: vec!["storage/augeodevstore".to_owned()],
        unregistered: vec!["Microsoft.Storage".to_owned()],
        ..WorldOptions::default()
    };
    let bench = Bench::over(Emulator::with_options(options));
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let mut account = StorageAccount::within(&group);
    account.physical_name = Some("augeodevstore".to_owned());
    stack.add("storage", account);
    let plan = bench.plan(&stack).await;
    let rules: Vec<_> = plan
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect();
    assert!(rules.contains(&"azure/name-taken"), "{:#?}", plan.findings);
    assert!(
        rules.contains(&"azure/provider-not-registered"),
        "{:#?}",
        plan.findings
    );
    assert!(
        plan.findings
            .iter()
            .all(|finding| finding.location.is_some() && finding.fix.is_some())
    );
    assert!(
        bench
            .sent
            .take()
            .iter()
            .all(|request| !request.starts_with("PUT"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_that_breaks_the_rules_is_told_with_the_rule() {
    let bench = Bench::new();
    let mut stack = Stack::new("augeo", "dev");
    let group = group(&mut stack);
    let mut account = StorageAccount::within(&group);
    account.physical_name = Some("Not-A-Name".to_owned());
    stack.add("storage", account);
    let plan = bench.plan(&stack).await;
    let finding = plan
        .findings
        .iter()
        .find(|finding| finding.rule == "azure/invalid-name");
    assert!(
        finding.unwrap().fix.as_ref().unwrap().contains("3 to 24"),
        "{:#?}",
        plan.findings
    );
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_cannot_be_searched_is_told_and_the_plan_goes_on() {
    let bench = Bench::new();
    let stack = Everything::new(|_| {}).stack;
    bench.apply(&stack).await;
    let refusal = Effect::Refuse {
        status: 403,
        code: "AuthorizationFailed".to_owned(),
        message: "no".to_owned(),
        retry_after: None,
    };
    let groups = Match {
        resource_type: Some("Microsoft.Resources/resourceGroups".to_owned()),
        ..Match::default()
    };
    bench
        .emulator
        .with_world(|world| world.inject(Fault::new(groups, refusal)))
        .unwrap();
    let plan = bench.again().plan(&stack).await;
    assert!(plan.is_empty(), "{}", told(&plan));
    assert!(
        plan.findings
            .iter()
            .any(|finding| finding.rule == "augeo/unreadable"),
        "{:#?}",
        plan.findings
    );
}
