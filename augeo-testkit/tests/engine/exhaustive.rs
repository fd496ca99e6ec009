//! Each thing that can go wrong at each mutation in turn: the report is true, the next plan
//! converges, the one after it is empty.

use augeo_core::plan::{Action, Plan};
use augeo_core::report::{Outcome, Report};
use augeo_core::{DeleteData, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};

use super::stacks::{destroy, engine, outcomes, plan_with, settled, shop, shop_sized};

const EFFECTS: [Effect; 6] = [
    Effect::Refuse("Refused"),
    Effect::FailOperation("Failed"),
    Effect::LoseAnswer,
    Effect::DieBefore,
    Effect::DieAfter,
    Effect::Panic,
];

const FOREIGN: [&str; 2] = ["/theirs", "/shop.dev.group/theirs"];

fn data() -> PlanOptions {
    PlanOptions {
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    }
}

/// Executes until the end, or until the process dies.
async fn execute(provider: &FakeProvider, plan: &Plan) -> Option<Report> {
    let death = provider.death();
    tokio::select! {
        biased;
        () = death.cancelled() => None,
        report = engine(provider).execute(plan) => Some(report),
    }
}

/// What a report says and what was committed since agree.
fn is_true(report: &Report, plan: &Plan, committed: &[String], context: &str) {
    for (name, action, outcome) in &report.outcomes {
        let change = plan.change(name.as_str()).unwrap();
        let key = change.id.key();
        let was_sent = committed.iter().any(|other| other == key);
        let told = format!("{context}: {name} {action} {outcome:?}, sent: {was_sent}");
        match outcome {
            Outcome::Succeeded => {
                assert!(
                    was_sent || change.goes_with.is_some() || change.awaits,
                    "{told}"
                );
            }
            Outcome::Failed { error } => {
                let half_done = *action == Action::Replace || error.code == "Failed";
                assert!(!was_sent || half_done, "{told}");
            }
            Outcome::Skipped { because } => {
                assert!(!was_sent, "{told}");
                let cause = report.outcome(because.as_str());
                let causes = matches!(
                    cause,
                    Some(Outcome::Failed { .. } | Outcome::Unknown { .. })
                );
                assert!(causes, "{told}");
            }
            Outcome::Pending(_) => panic!("nothing is pending: {told}"),
            Outcome::Cancelled => panic!("nothing was cancelled: {told}"),
            Outcome::Unknown { .. } => {}
        }
        let never_made = outcome.is_skipped() && *action == Action::Create;
        let reported = report.resources.contains_key(name);
        assert!(!never_made || !reported, "{told}");
    }
}

/// From `before` to `after`, with one fault at the nth mutation. Whether it struck.
async fn once(before: Option<&Stack>, after: &Stack, options: &PlanOptions, fault: Fault) -> bool {
    let context = format!("{fault:?}");
    let provider = FakeProvider::new();
    if let Some(before) = before {
        let plan = plan_with(&provider, before, &data()).await;
        engine(&provider).execute(&plan).await.ok().unwrap();
        provider.insert_foreign(FOREIGN[1], "Fake/app", Some("bank/dev"));
    }
    provider.insert_foreign(FOREIGN[0], "Fake/app", None);
    provider.forget_journal();
    provider.inject(fault);

    let plan = plan_with(&provider, after, options).await;
    let report = execute(&provider, &plan).await;
    let committed: Vec<String> = provider
        .journal()
        .into_iter()
        .map(|sent| sent.key)
        .collect();
    let struck = match &report {
        Some(report) => report.ok().is_err(),
        None => true,
    };
    if let Some(report) = &report {
        is_true(report, &plan, &committed, &context);
    }

    let provider = provider.restarted();
    provider.heal();
    let plan = plan_with(&provider, after, options).await;
    let report = engine(&provider).execute(&plan).await;
    assert!(report.ok().is_ok(), "{context}: {:?}", outcomes(&report));
    let again = plan_with(&provider, after, options).await;
    let pending: Vec<_> = again
        .pending()
        .map(|change| (&change.name, &change.reasons))
        .collect();
    assert!(again.is_empty(), "{context}: {pending:?}");
    let created_twice = |key: &str| {
        let made = provider.journal();
        made.iter()
            .filter(|sent| sent.verb == "create" && sent.key == key)
            .count()
            > 1
    };
    let twice: Vec<_> = provider
        .keys()
        .into_iter()
        .filter(|key| created_twice(key))
        .collect();
    assert_eq!(twice, Vec::<String>::new(), "{context}");
    assert_eq!(provider.violations(), Vec::<String>::new(), "{context}");
    for foreign in FOREIGN.iter().take(if before.is_some() { 2 } else { 1 }) {
        assert!(provider.value(foreign).is_some(), "{context}: {foreign}");
        assert_eq!(provider.version(foreign), Some(1), "{context}: {foreign}");
    }
    struck
}

/// Every effect at every mutation there is; at least `least` of them.
async fn everywhere(before: Option<&Stack>, after: &Stack, options: &PlanOptions, least: usize) {
    for effect in EFFECTS {
        let mut mutations = 0;
        while once(
            before,
            after,
            options,
            Fault::after(mutations, effect.clone()),
        )
        .await
        {
            mutations += 1;
        }
        assert!(mutations >= least, "{effect:?} struck {mutations} times");
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_is_made() {
    everywhere(None, &shop(), &data(), 10).await;
}

/// Another place of the store, another size, another user of the server, one resource less.
fn changed() -> Stack {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", Fake::group("here"));
    let store = Fake::within("Fake/store", &group).sized(1).placed("there");
    let store = stack.add("store", store);
    stack.add("bucket", Fake::within("Fake/bucket", &store));
    let secret = Fake::within("Fake/secret", &group).keeping_secret();
    let secret = stack.add("password", secret);
    let server = Fake::within("Fake/server", &group).sized(2).in_zone("two");
    let server = stack.add("server", server.given(secret.secret()));
    stack.add("rule-a", Fake::within("Fake/rule", &server));
    let app = Fake::within("Fake/app", &group).using(store.output(Fake::ADDRESS));
    stack.add("app", app);
    stack
}

#[tokio::test(start_paused = true)]
async fn while_it_is_changed_and_replaced() {
    let mut zoned = Stack::new("shop", "dev");
    let group = zoned.add("group", Fake::group("here"));
    let store = Fake::within("Fake/store", &group).sized(1).placed("here");
    let store = zoned.add("store", store);
    zoned.add("bucket", Fake::within("Fake/bucket", &store));
    let secret = Fake::within("Fake/secret", &group).keeping_secret();
    let secret = zoned.add("password", secret);
    let server = Fake::within("Fake/server", &group).sized(1).in_zone("one");
    let server = zoned.add("server", server.given(secret.secret()));
    zoned.add("rule-a", Fake::within("Fake/rule", &server));
    zoned.add("rule-b", Fake::within("Fake/rule", &server));
    let app = Fake::within("Fake/app", &group).using(server.output(Fake::ADDRESS));
    zoned.add("app", app);
    everywhere(Some(&zoned), &changed(), &data(), 8).await;
    everywhere(Some(&shop()), &shop_sized(2), &data(), 2).await;
}

#[tokio::test(start_paused = true)]
async fn while_it_is_destroyed() {
    let everything = PlanOptions {
        delete_data: DeleteData::All,
        ..destroy(&[])
    };
    everywhere(Some(&shop()), &shop(), &everything, 3).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_fault_nothing_is_struck() {
    let never = Fault::after(1000, Effect::LoseAnswer);
    assert!(!once(None, &shop(), &data(), never).await);
    let provider = FakeProvider::new();
    let plan = plan_with(&provider, &shop(), &data()).await;
    engine(&provider).execute(&plan).await.ok().unwrap();
    settled(&provider, &shop()).await;
}
