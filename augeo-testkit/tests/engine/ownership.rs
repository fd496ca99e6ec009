//! What is not the stack's is never changed; meeting it is an error.

use augeo_core::Stack;
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{
    actions, apply, empty, engine, existing, findings, plan, refused, settled, shop,
};

#[tokio::test(start_paused = true)]
async fn foreign_and_another_stacks_resources_stop_the_plan_untouched() {
    for owner in [None, Some("bank/dev")] {
        let provider = FakeProvider::new();
        provider.insert_foreign("/shop.dev.group", "Fake/group", Some("shop/dev"));
        provider.edit("/shop.dev.group", "place", "here");
        provider.insert_foreign("/shop.dev.group/store", "Fake/store", owner);
        let before = provider.value("/store");
        let next = plan(&provider, &shop()).await;
        let errors: Vec<_> = findings(&next);
        assert_eq!(errors, ["error augeo/not-ours store"]);
        let location = next.findings[0].location.as_ref().unwrap();
        assert!(location.file.ends_with("stacks.rs"), "{location}");
        let report = engine(&provider).execute(&next).await;
        assert!(report.ok().is_err());
        assert_eq!(provider.journal(), []);
        assert_eq!(provider.value("/store"), before);
    }
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_read_and_never_changed() {
    let stack = || {
        let mut stack = empty();
        let theirs = stack.existing("theirs", existing("/theirs", "Fake/group"));
        let app = Fake::within_named("Fake/app", theirs.name());
        stack.add("app", app.using(theirs.output(Fake::PLACE)));
        stack
    };
    let provider = FakeProvider::new();
    let missing = plan(&provider, &stack()).await;
    assert_eq!(findings(&missing), ["error augeo/existing-missing theirs"]);

    provider.insert_foreign("/theirs", "Fake/group", None);
    provider.edit("/theirs", "place", "there");
    let report = apply(&provider, &stack()).await;
    assert!(report.resources.contains_key("theirs"));
    assert_eq!(provider.story(), ["create app"]);
    let next = plan(&provider, &empty()).await;
    assert_eq!(actions(&next), ["delete app"]);
    apply(&provider, &empty()).await;
    assert_eq!(provider.keys(), ["/theirs"]);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_something_existing_is_known_although_it_cannot_be_read() {
    let stack = || {
        let mut stack = empty();
        let theirs = stack.existing("theirs", existing("/theirs", "Fake/server"));
        let group = stack.add("group", Fake::group("here"));
        stack.add("app", Fake::within("Fake/app", &group).using_id(&theirs));
        stack
    };
    let provider = FakeProvider::new();
    provider.insert_foreign("/theirs", "Fake/server", None);
    provider.deny_read("Fake/server");
    let next = plan(&provider, &stack()).await;
    assert_eq!(findings(&next), ["warning augeo/unreadable theirs"]);
    engine(&provider).execute(&next).await.ok().unwrap();
    provider.heal();
    settled(&provider, &stack()).await;
}

#[tokio::test(start_paused = true)]
async fn two_names_for_one_resource_are_a_mistake() {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", Fake::group("here"));
    let first = stack.add("first", Fake::within("Fake/app", &group));
    stack.add("a.b", Fake::within("Fake/app", &first));
    stack.add("a/b", Fake::within("Fake/app", &first));
    let mistakes = refused(&stack).await;
    assert_eq!(mistakes[0].rule, "augeo/duplicate-id");
    assert!(mistakes[0].message.contains("a.b") && mistakes[0].message.contains("a/b"));
}
