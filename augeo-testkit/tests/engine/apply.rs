//! An applied stack equals its declaration, and only what is declared is compared.

use augeo_core::plan::Action;
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{actions, apply, destroy, empty, engine, number, outcomes, plan, plan_with};
use super::stacks::{settled, shop, shop_sized};

#[tokio::test(start_paused = true)]
async fn an_applied_stack_is_unchanged_and_can_be_destroyed() {
    let provider = FakeProvider::new();
    assert_eq!(plan(&provider, &shop()).await.count(Action::Create), 10);
    apply(&provider, &shop()).await;
    assert_eq!(provider.journal().len(), 10);

    let plan = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    plan.ensure_executable().unwrap();
    engine(&provider).execute(&plan).await.ok().unwrap();
    assert_eq!(provider.keys(), Vec::<String>::new());
    assert_eq!(provider.violations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_change_is_sent_once_and_nothing_else() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    apply(&provider, &shop_sized(2)).await;
    let mut story = provider.story();
    story.sort();
    assert_eq!(story, ["update server", "update store"]);
    assert_eq!(
        provider.value("/store").unwrap().field("size"),
        Some(&number(2))
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_declared_is_not_compared() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.edit("/store", "tier", "hot");
    provider.edit_map("/store", "tags", "policy", "audited");
    settled(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_release_owns_is_neither_drift_nor_reverted() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.edit("/shop.dev.group/app", "image", "second");
    settled(&provider, &shop()).await;

    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let app = |size| {
        Fake::within("Fake/app", &group)
            .showing("first")
            .sized(size)
    };
    stack.add("app", app(7));
    let provider = FakeProvider::new();
    apply(&provider, &stack).await;
    provider.edit("/app", "image", "second");
    let mut larger = empty();
    let group = larger.add("group", Fake::group("here"));
    larger.add(
        "app",
        Fake::within("Fake/app", &group).showing("first").sized(8),
    );
    apply(&provider, &larger).await;
    let value = provider.value("/app").unwrap();
    assert_eq!(value.field("size"), Some(&number(8)));
    assert_eq!(
        value.field("image").and_then(|image| image.as_str()),
        Some("second")
    );
}

#[tokio::test(start_paused = true)]
async fn a_whole_map_loses_keys_that_nobody_declares() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.edit_map("/app/default", "settings", "DEBUG", "1");
    let plan = plan(&provider, &shop()).await;
    assert_eq!(actions(&plan), ["update app/config"]);
    let differences = &plan.change("app/config").unwrap().differences;
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].path.to_string(), "settings.DEBUG");
    assert_eq!(differences[0].after, None);
    apply(&provider, &shop()).await;
    let settings = provider.value("/app/default").unwrap();
    let settings = settings.field("settings").unwrap().as_object().unwrap();
    assert_eq!(settings.keys().collect::<Vec<_>>(), ["HOST"]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_plan_sends_nothing() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let requests = provider.requests();
    let plan = plan(&provider, &shop()).await;
    let report = engine(&provider).execute(&plan).await;
    assert_eq!(outcomes(&report), Vec::<String>::new());
    assert_eq!(provider.requests(), requests + 1, "one observation");
}
