//! Destroying: the reverse order, data only by name, and nothing of anybody else's.

use augeo_core::plan::Purpose;
use augeo_core::{PlanOptions, Stack};
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};

use super::stacks::{actions, apply, destroy, empty, engine, findings, name, outcomes};
use super::stacks::{plan, plan_with, shop};

fn at(story: &[String], told: &str) -> usize {
    let found = story.iter().position(|other| other == told);
    found.unwrap_or_else(|| panic!("{told} is not in {story:?}"))
}

#[tokio::test(start_paused = true)]
async fn what_needs_goes_before_what_is_needed() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    provider.keep_mentioned();
    let next = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(provider.keys(), Vec::<String>::new());
    let story = provider.story();
    assert!(at(&story, "delete app") < at(&story, "delete server"));
    assert!(at(&story, "delete server") < at(&story, "delete group"));
    assert_eq!(provider.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn order_that_only_the_declaration_knows_is_reversed_too() {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let first = stack.add("first", Fake::within("Fake/app", &group));
    let second = stack.add("a-second", Fake::within("Fake/app", &group));
    stack.describe(&second).after(&first);
    let provider = FakeProvider::new();
    apply(&provider, &stack).await;
    provider.forget_journal();
    let next = plan_with(&provider, &stack, &destroy(&[])).await;
    assert_eq!(
        actions(&next),
        ["delete a-second", "delete first", "delete group"]
    );
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(
        provider.story(),
        ["delete second", "delete first", "delete group"]
            .map(|told| told.replace("second", "a-second"))
    );
}

#[tokio::test(start_paused = true)]
async fn data_goes_only_by_name() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    let stopped = plan_with(&provider, &shop(), &destroy(&[])).await;
    assert!(findings(&stopped).contains(&"error augeo/protected store".to_owned()));
    let report = engine(&provider).execute(&stopped).await;
    assert!(report.ok().is_err());
    assert_eq!(provider.journal(), []);

    let named = plan_with(&provider, &shop(), &destroy(&["store"])).await;
    named
        .ensure_executable()
        .expect("what is in the store goes with it");
}

#[tokio::test(start_paused = true)]
async fn data_inside_something_without_data_wants_its_own_name() {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let server = stack.add("server", Fake::within("Fake/server", &group));
    stack.add("bucket", Fake::within("Fake/bucket", &server));
    let provider = FakeProvider::new();
    apply(&provider, &stack).await;
    let stopped = plan_with(&provider, &stack, &destroy(&[])).await;
    assert_eq!(findings(&stopped), ["error augeo/protected bucket"]);
    let named = plan_with(&provider, &stack, &destroy(&["bucket"])).await;
    named.ensure_executable().unwrap();
}

#[tokio::test(start_paused = true)]
async fn whatever_holds_something_foreign_stays_up_to_the_group() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.insert_foreign("/shop.dev.group/server/theirs", "Fake/rule", None);
    let next = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    let stays = [
        "note augeo/host-stays group",
        "note augeo/host-stays server",
    ];
    assert!(
        stays
            .iter()
            .all(|stay| findings(&next).iter().any(|found| found == stay))
    );
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(provider.violations(), Vec::<String>::new());
    let mut keys = provider.keys();
    keys.retain(|key| !key.ends_with("/password"));
    assert_eq!(
        keys,
        [
            "/shop.dev.group",
            "/shop.dev.group/server",
            "/shop.dev.group/server/theirs"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn another_stack_beside_it_is_not_touched() {
    let provider = FakeProvider::new();
    let mut other = Stack::new("shop", "production");
    let group = other.add("group", Fake::group("here"));
    other.add("app", Fake::within("Fake/app", &group));
    apply(&provider, &other).await;
    apply(&provider, &shop()).await;
    let next = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(
        provider.keys(),
        ["/shop.production.group", "/shop.production.group/app"]
    );
    super::stacks::settled(&provider, &other).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_deletion_holds_back_what_contains_it_and_nothing_else() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.inject(Fault::of("/server", Effect::Refuse("Locked")));
    let next = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    let report = engine(&provider).execute(&next).await;
    let told = outcomes(&report);
    assert!(told.contains(&"server failed Locked".to_owned()));
    assert!(told.contains(&"group skipped server".to_owned()));
    assert!(told.contains(&"store succeeded".to_owned()));
    assert!(report.resources.contains_key("server"));
    assert!(!report.resources.contains_key("store"));
    let next = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(provider.keys(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_part_takes_along_what_needs_it_and_not_what_it_needs() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let options = PlanOptions {
        only: [name("server")].into(),
        ..destroy(&[])
    };
    let next = plan_with(&provider, &shop(), &options).await;
    let mut names: Vec<_> = next
        .pending()
        .map(|change| change.name.to_string())
        .collect();
    names.sort();
    assert_eq!(names, ["app", "rule-a", "rule-b", "server"]);
    assert_eq!(next.purpose, Purpose::Destroy);
    engine(&provider).execute(&next).await.ok().unwrap();
    assert!(provider.value("dev.group").is_some());
    apply(&provider.restarted(), &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_soft_deleted_is_recovered_by_the_next_apply() {
    let stack = || {
        let mut stack = empty();
        let vault = stack.add("vault", Fake::vault());
        stack.add(
            "password",
            Fake::within("Fake/secret", &vault).keeping_secret(),
        );
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack()).await;
    let next = plan_with(&provider, &stack(), &destroy(&[])).await;
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(provider.keys(), Vec::<String>::new());
    let empty_now = plan_with(&provider, &stack(), &destroy(&[])).await;
    assert_eq!(actions(&empty_now), Vec::<String>::new());
    let next = plan(&provider, &stack()).await;
    assert_eq!(actions(&next), ["recover vault", "create password"]);
    apply(&provider, &stack()).await;
}
