//! What waits for the outside world is no change and no failure, and goes on once that is ready.

use augeo_core::Stack;
use augeo_core::plan::Plan;
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{
    actions, apply, empty, engine, existing, findings, outcomes, plan, plan_with, run,
};

/// A domain, a link that awaits its proof, and an app that needs the link.
fn mail(size: i64) -> Stack {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", Fake::group("here"));
    let domain = stack.add("domain", Fake::domain(&group));
    let link = Fake::link(&group, &domain).sized(size);
    let link = stack.add("link", link);
    stack.describe(&link).once_ready(&domain);
    let app = Fake::within("Fake/app", &group).sized(size);
    stack.add("app", app.using_id(&link));
    stack.add("store", Fake::within("Fake/store", &group));
    stack
}

fn waiting(plan: &Plan) -> Vec<String> {
    let waiting = plan.awaiting_outside();
    waiting
        .map(|(change, pending)| format!("{}: {} is {}", change.name, pending.on, pending.state))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_until_it_meets_the_outside_world() {
    let provider = FakeProvider::new();
    let report = run(&provider, &mail(1)).await;
    assert_eq!(
        outcomes(&report),
        [
            "group succeeded",
            "domain succeeded",
            "link pending on domain",
            "app pending on domain",
            "store succeeded",
        ]
    );
    assert!(report.ok().is_ok(), "to wait is no failure");
    assert_eq!(report.pending.len(), 2);
    let next_step = &report.pending[0].1.next_step;
    assert!(next_step.starts_with("prove that "), "{next_step}");
    assert!(!next_step.contains('{'), "{next_step}");

    let again = plan(&provider, &mail(1)).await;
    assert!(again.is_empty(), "{:?}", actions(&again));
    assert_eq!(
        waiting(&again),
        [
            "domain: domain is asked",
            "link: domain is asked",
            "app: domain is asked",
        ]
    );
    assert_eq!(again.unchanged(), 2);
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_once_the_outside_world_is_ready() {
    let provider = FakeProvider::new();
    run(&provider, &mail(1)).await;
    provider.edit("/domain", "proof", "proven".to_owned());
    assert_eq!(
        actions(&plan(&provider, &mail(1)).await),
        ["create link", "create app"]
    );
    apply(&provider, &mail(1)).await;
    let last = plan(&provider, &mail(1)).await;
    assert!(last.is_empty() && waiting(&last).is_empty());
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_in_the_same_run_if_that_is_ready_at_once() {
    let provider = FakeProvider::new();
    provider.prove_at_once();
    apply(&provider, &mail(1)).await;
    assert_eq!(provider.keys().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_failed_outside_is_asked_for_again() {
    let provider = FakeProvider::new();
    run(&provider, &mail(1)).await;
    provider.edit("/domain", "proof", "refused".to_owned());
    let again = plan(&provider, &mail(1)).await;
    assert_eq!(
        actions(&again),
        ["update domain", "create link", "create app"]
    );
    let report = run(&provider, &mail(1)).await;
    assert_eq!(
        outcomes(&report),
        [
            "domain succeeded",
            "link pending on domain",
            "app pending on domain"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_as_declared_waits_for_nothing() {
    let provider = FakeProvider::new();
    provider.prove_at_once();
    apply(&provider, &mail(1)).await;
    provider.edit("/domain", "proof", "asked".to_owned());
    assert_eq!(
        waiting(&plan(&provider, &mail(1)).await),
        ["domain: domain is asked"]
    );
    // A change is held back, and so is what needs it.
    let edited = plan(&provider, &mail(2)).await;
    assert!(edited.is_empty(), "{:?}", actions(&edited));
    assert_eq!(waiting(&edited).len(), 3);
    let gone = plan_with(&provider, &empty(), &super::stacks::destroy(&["store"])).await;
    assert_eq!(gone.pending().count(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_a_pending_change_still_mentions_stays() {
    let stack = |with_old: bool| {
        let mut stack = Stack::new("shop", "dev");
        let group = stack.add("group", Fake::group("here"));
        let domain = stack.add("domain", Fake::domain(&group));
        let app = Fake::within("Fake/app", &group);
        let app = if with_old {
            let old = stack.add("old", Fake::within("Fake/server", &group));
            stack.add("old/rule", Fake::within("Fake/rule", &old));
            app.using_id(&old)
        } else {
            app.using(String::new())
        };
        let app = stack.add("app", app);
        stack.describe(&app).once_ready(&domain);
        stack
    };
    let provider = FakeProvider::new();
    provider.keep_mentioned();
    provider.prove_at_once();
    apply(&provider, &stack(true)).await;
    provider.edit("/domain", "proof", "asked".to_owned());
    let held = plan(&provider, &stack(false)).await;
    assert!(held.is_empty(), "{:?}", actions(&held));
    assert_eq!(waiting(&held).len(), 4);
    provider.edit("/domain", "proof", "proven".to_owned());
    apply(&provider, &stack(false)).await;
    assert_eq!(provider.keys().len(), 3);
}

/// A link to a domain of somebody else's.
fn linked(awaited: bool) -> Stack {
    let mut stack = Stack::new("shop", "dev");
    let theirs = stack.existing("theirs", existing("/theirs", "Fake/domain"));
    let group = stack.add("group", Fake::group("here"));
    let link = stack.add("link", Fake::link(&group, &theirs));
    if awaited {
        stack.describe(&link).once_ready(&theirs);
    }
    stack
}

#[tokio::test(start_paused = true)]
async fn what_is_outside_the_stack_may_be_absent_only_where_all_await_it() {
    let provider = FakeProvider::new();
    let refused = plan(&provider, &linked(false)).await;
    assert_eq!(findings(&refused), ["error augeo/existing-missing theirs"]);

    let awaited = plan(&provider, &linked(true)).await;
    assert_eq!(findings(&awaited), Vec::<String>::new());
    assert_eq!(waiting(&awaited), ["link: theirs is absent"]);
    apply(&provider, &linked(true)).await;

    provider.insert_foreign("/theirs", "Fake/domain", None);
    assert_eq!(
        waiting(&plan(&provider, &linked(true)).await),
        ["link: theirs is unknown"]
    );
    provider.edit("/theirs", "proof", "proven".to_owned());
    assert_eq!(
        actions(&plan(&provider, &linked(true)).await),
        ["create link"]
    );
    apply(&provider, &linked(true)).await;
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_knows_what_its_changes_await() {
    let provider = FakeProvider::new();
    let saved = augeo_core::plan::file::to_json(&plan(&provider, &mail(1)).await);
    let read = augeo_core::plan::file::from_json(saved, &provider).unwrap();
    let report = engine(&provider).execute(&read).await;
    assert_eq!(report.pending.len(), 2);
}
