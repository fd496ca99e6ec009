//! Replacing is never silent, takes what lives inside along, and makes all of it again.

use augeo_core::plan::{Action, Reason};
use augeo_core::{DeleteData, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::settled;
use super::stacks::{actions, apply, empty, engine, findings, name, outcomes, plan, plan_with};

fn store_at(place: &str) -> Stack {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let store = stack.add("store", Fake::within("Fake/store", &group).placed(place));
    stack.add("bucket", Fake::within("Fake/bucket", &store));
    stack
}

/// A server with an application in it that has a setting and a rule; `more` adds to it.
fn nested(zone: &str, with_rule: bool) -> Stack {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let server = stack.add("server", Fake::within("Fake/server", &group).in_zone(zone));
    let app = stack.add("app", Fake::within("Fake/app", &server));
    if with_rule {
        stack.add("rule", Fake::within("Fake/rule", &app));
    }
    let user = Fake::within("Fake/app", &group).using(server.output(Fake::ADDRESS));
    stack.add("user", user);
    stack
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_would_replace_data_stops() {
    let provider = FakeProvider::new();
    apply(&provider, &store_at("here")).await;
    provider.forget_journal();
    let stopped = plan(&provider, &store_at("there")).await;
    assert_eq!(
        findings(&stopped),
        [
            "error augeo/protected bucket",
            "error augeo/protected store"
        ]
    );
    let report = engine(&provider).execute(&stopped).await;
    assert!(
        outcomes(&report)
            .iter()
            .all(|told| !told.ends_with("succeeded"))
    );
    assert_eq!(provider.journal(), []);

    let named = PlanOptions {
        delete_data: DeleteData::Named([name("store"), name("bucket")].into()),
        ..PlanOptions::default()
    };
    let allowed = plan_with(&provider, &store_at("there"), &named).await;
    allowed.ensure_executable().unwrap();
    engine(&provider).execute(&allowed).await.ok().unwrap();
    assert_eq!(
        provider.story(),
        ["delete store", "create store", "create bucket"]
    );
    settled(&provider, &store_at("there")).await;
}

#[tokio::test(start_paused = true)]
async fn what_lives_in_a_replaced_resource_is_made_again_at_every_depth() {
    let provider = FakeProvider::new();
    apply(&provider, &nested("one", true)).await;
    provider.forget_journal();
    let next = plan(&provider, &nested("two", true)).await;
    assert_eq!(
        actions(&next),
        ["replace server", "create app", "create rule", "update user"]
    );
    for (child, of) in [("app", "server"), ("rule", "app")] {
        let reasons = &next.change(child).unwrap().reasons;
        assert!(
            matches!(&reasons[..], [Reason::ParentReplaced { parent }] if parent.as_str() == of),
            "{child}: {reasons:?}"
        );
    }
    apply(&provider, &nested("two", true)).await;
    assert_eq!(
        &provider.story()[..3],
        ["delete server", "create server", "create app"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_left_the_stack_with_a_replaced_parent_goes_with_it() {
    let provider = FakeProvider::new();
    apply(&provider, &nested("one", true)).await;
    provider.forget_journal();
    let next = plan(&provider, &nested("two", false)).await;
    let rule = next.change("rule").unwrap();
    assert_eq!(rule.action, Action::Delete);
    assert!(rule.goes_with.is_some());
    apply(&provider, &nested("two", false)).await;
    let deleted: Vec<_> = provider.story();
    let deleted: Vec<_> = deleted
        .iter()
        .filter(|told| told.starts_with("delete"))
        .collect();
    assert_eq!(deleted, ["delete server"]);
}

#[tokio::test(start_paused = true)]
async fn data_that_left_the_stack_inside_a_replaced_parent_stops_the_plan() {
    let stack = |zone: &str, with: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let server = stack.add("server", Fake::within("Fake/server", &group).in_zone(zone));
        if with {
            stack.add("bucket", Fake::within("Fake/bucket", &server));
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack("one", true)).await;
    let stopped = plan(&provider, &stack("two", false)).await;
    assert_eq!(findings(&stopped), ["error augeo/protected bucket"]);
}

#[tokio::test(start_paused = true)]
async fn a_group_with_something_foreign_in_it_is_not_replaced() {
    let stack = |place: &str| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group(place));
        stack.add("app", Fake::within("Fake/app", &group));
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack("here")).await;
    provider.insert_foreign("/shop.dev.group/app/theirs", "Fake/app", None);
    let stopped = plan(&provider, &stack("there")).await;
    assert_eq!(findings(&stopped), ["error augeo/host-stays group"]);
    let report = engine(&provider).execute(&stopped).await;
    assert!(report.ok().is_err());
    assert!(provider.value("/theirs").is_some());

    provider.lose("/theirs");
    apply(&provider, &stack("there")).await;
}

#[tokio::test(start_paused = true)]
async fn an_awaited_dependency_forces_no_replacement() {
    let stack = || {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let app = stack.add("app", Fake::within("Fake/app", &group));
        let server = Fake::within("Fake/server", &group).in_zone(app.output(Fake::ADDRESS));
        stack.add("server", server);
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack()).await;
    provider.forget_journal();
    provider.keep_busy("/app", std::time::Duration::from_secs(60));
    let next = plan(&provider, &stack()).await;
    assert_eq!(actions(&next), ["await app", "await server"]);
    apply(&provider, &stack()).await;
    assert_eq!(provider.journal(), []);
}

#[tokio::test(start_paused = true)]
async fn data_is_not_replaced_for_a_value_that_may_turn_out_the_same() {
    let stack = || {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let app = stack.add("app", Fake::within("Fake/app", &group));
        let store = Fake::within("Fake/store", &group).placed(app.output(Fake::ADDRESS));
        stack.add("store", store);
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack()).await;
    provider.lose("/app");
    provider.forget_journal();
    let everything = PlanOptions {
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let next = plan_with(&provider, &stack(), &everything).await;
    assert_eq!(actions(&next), ["create app", "await store"]);
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(provider.story(), ["create app"]);
    settled(&provider, &stack()).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_and_not_made_again_is_not_reported_as_there() {
    use augeo_testkit::fake_provider::{Effect, Fault};
    let provider = FakeProvider::new();
    apply(&provider, &nested("one", true)).await;
    provider.inject(Fault::after(1, Effect::Refuse("QuotaExceeded")));
    let next = plan(&provider, &nested("two", true)).await;
    let report = engine(&provider).execute(&next).await;
    assert_eq!(outcomes(&report)[0], "server failed QuotaExceeded");
    assert!(!report.resources.contains_key("server"));
    assert!(!report.resources.contains_key("rule"));
    apply(&provider, &nested("two", true)).await;
}
