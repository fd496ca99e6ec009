//! What left the stack is found, ordered and deleted; what cannot go is reported.

use augeo_core::plan::Purpose;
use augeo_core::{DeleteData, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{actions, apply, empty, engine, findings, plan, plan_with, settled, shop};

fn group_only() -> Stack {
    let mut stack = empty();
    stack.add("group", Fake::group("here"));
    stack
}

#[tokio::test(start_paused = true)]
async fn what_uses_goes_before_what_is_used_and_children_go_with_their_parent() {
    let stack = || {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let server = stack.add("server", Fake::within("Fake/server", &group));
        let rule = stack.add("rule", Fake::within("Fake/rule", &server));
        stack.add("app", Fake::within("Fake/app", &group).using_id(&rule));
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack()).await;
    provider.forget_journal();
    provider.keep_mentioned();
    let next = plan(&provider, &group_only()).await;
    assert_eq!(
        actions(&next),
        ["delete app", "delete server", "delete rule"]
    );
    assert_eq!(
        next.change("rule").unwrap().goes_with,
        Some(super::stacks::name("server"))
    );
    apply(&provider, &group_only()).await;
    assert_eq!(provider.story(), ["delete app", "delete server"]);
}

#[tokio::test(start_paused = true)]
async fn what_stays_lets_go_first_of_what_leaves_and_of_what_is_in_it() {
    let stack = |with_server: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let mut app = Fake::within("Fake/app", &group);
        if with_server {
            let server = stack.add("server", Fake::within("Fake/server", &group));
            let rule = stack.add("rule", Fake::within("Fake/rule", &server));
            app = app.using_id(&rule);
        } else {
            app = app.using("nothing");
        }
        stack.add("app", app);
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(true)).await;
    provider.forget_journal();
    provider.keep_mentioned();
    apply(&provider, &stack(false)).await;
    assert_eq!(provider.story(), ["update app", "delete server"]);
}

#[tokio::test(start_paused = true)]
async fn siblings_that_exclude_each_other_are_deleted_one_by_one() {
    let stack = |rules: usize| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let server = Fake::within("Fake/server", &group).sized(i64::try_from(rules).unwrap());
        let server = stack.add("server", server);
        for rule in 0..rules {
            stack.add(format!("rule-{rule}"), Fake::within("Fake/rule", &server));
        }
        let store = stack.add("store", Fake::within("Fake/store", &group));
        for link in 0..rules {
            stack.add(format!("link-{link}"), Fake::link(&group, &store));
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(3)).await;
    apply(&provider, &stack(0)).await;
}

#[tokio::test(start_paused = true)]
async fn data_that_left_the_stack_stops_the_plan() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    let next = plan(&provider, &group_only()).await;
    assert!(findings(&next).contains(&"error augeo/protected store".to_owned()));
    let report = engine(&provider).execute(&next).await;
    assert!(report.ok().is_err());
    assert_eq!(provider.journal(), []);
}

#[tokio::test(start_paused = true)]
async fn what_left_and_is_of_a_type_that_nobody_describes_is_taken_for_data() {
    let provider = FakeProvider::new();
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    stack.add("app", Fake::within("Fake/app", &group));
    apply(&provider, &stack).await;
    provider.forget_journal();
    let knowing_less = provider.without_type("Fake/app");
    let next = plan(&knowing_less, &group_only()).await;
    assert_eq!(findings(&next), ["error augeo/protected app"]);
    assert!(engine(&knowing_less).execute(&next).await.ok().is_err());
    assert_eq!(provider.journal(), []);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_left_stays_with_what_is_not_ours() {
    let stack = |with: bool| {
        let mut stack = empty();
        stack.add("group", Fake::group("here"));
        if with {
            let other = stack.add("other", Fake::group("here"));
            stack.add("app", Fake::within("Fake/app", &other));
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(true)).await;
    provider.insert_foreign("/shop.dev.other/theirs", "Fake/app", Some("bank/dev"));
    provider.forget_journal();
    let next = plan(&provider, &stack(false)).await;
    assert_eq!(actions(&next), ["delete app"]);
    assert_eq!(findings(&next), ["note augeo/host-stays shop.dev.other"]);
    apply(&provider, &stack(false)).await;
    assert!(provider.value("/theirs").is_some());
    assert_eq!(provider.story(), ["delete app"]);

    provider.lose("/theirs");
    apply(&provider, &stack(false)).await;
    assert_eq!(provider.keys(), ["/shop.dev.group"]);
}

#[tokio::test(start_paused = true)]
async fn a_busy_one_that_left_is_awaited_and_deleted() {
    let stack = |with: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        if with {
            stack.add("app", Fake::within("Fake/app", &group));
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(true)).await;
    provider.keep_busy("/app", std::time::Duration::from_secs(40));
    let next = plan(&provider, &stack(false)).await;
    assert_eq!(actions(&next), ["await delete app"]);
    apply(&provider, &stack(false)).await;
    assert_eq!(provider.keys(), ["/shop.dev.group"]);

    apply(&provider, &stack(true)).await;
    provider.forget_journal();
    provider.keep_deleting("/app", std::time::Duration::from_secs(40));
    apply(&provider, &stack(false)).await;
    assert_eq!(provider.journal(), []);
}

#[tokio::test(start_paused = true)]
async fn a_label_that_the_stack_uses_otherwise_is_told_apart() {
    let provider = FakeProvider::new();
    let mut before = empty();
    let one = before.add("one", Fake::group("here"));
    before.add("app", Fake::within("Fake/app", &one));
    apply(&provider, &before).await;

    provider.insert_foreign("/theirs", "Fake/store", None);
    provider.edit("/theirs", "address", "their.example");
    let mut after = empty();
    let one = after.add("one", Fake::group("here"));
    let theirs = after.existing("app", super::stacks::existing("/theirs", "Fake/store"));
    let user = Fake::within("Fake/app", &one).using(theirs.output(Fake::ADDRESS));
    after.add("user", user);
    apply(&provider, &after).await;
    let value = provider.value("/user").unwrap();
    assert_eq!(
        value.field("uses").unwrap().as_array().unwrap()[0].as_str(),
        Some("their.example")
    );
    settled(&provider, &after).await;
}

#[tokio::test(start_paused = true)]
async fn what_lives_in_a_singleton_goes_with_what_that_belongs_to() {
    let stack = |with: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        if with {
            let app = stack.add("app", Fake::within("Fake/app", &group));
            let config = stack.add("app/config", Fake::within("Fake/config", &app));
            stack.add("rule", Fake::within("Fake/rule", &config));
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(true)).await;
    provider.forget_journal();
    let next = plan(&provider, &stack(false)).await;
    assert_eq!(actions(&next), ["delete app", "delete rule"]);
    apply(&provider, &stack(false)).await;
    assert_eq!(provider.story(), ["delete app"]);
}

#[tokio::test(start_paused = true)]
async fn contents_that_use_each_other_across_two_hosts_are_deleted_by_themselves() {
    let stack = |with: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        if with {
            let one = stack.add("one", Fake::within("Fake/server", &group));
            let two = stack.add("two", Fake::within("Fake/server", &group));
            let first = stack.add("first", Fake::within("Fake/rule", &one));
            let second = Fake::within("Fake/rule", &two).using_id(&first);
            let second = stack.add("second", second);
            stack.add("third", Fake::within("Fake/rule", &one).using_id(&second));
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(true)).await;
    provider.forget_journal();
    provider.keep_mentioned();
    apply(&provider, &stack(false)).await;
    assert_eq!(provider.keys(), ["/shop.dev.group"]);
}

/// The fake keeps deleted vaults, as Azure does, and a value that nobody declares any more stays:
/// neither is in the way of what held the vault.
#[tokio::test(start_paused = true)]
async fn a_mention_of_what_was_deleted_already_holds_nothing() {
    let stack = |with_vault: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let app = stack.add("app", Fake::within("Fake/app", &group));
        let mut server = Fake::within("Fake/server", &group);
        if with_vault {
            let vault = stack.add("vault", Fake::within("Fake/vault", &app));
            server = server.in_zone(vault.output(Fake::ADDRESS));
        }
        stack.add("server", server);
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(true)).await;
    apply(&provider, &stack(false)).await;
    provider.keep_mentioned();
    let everything = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let plan = plan_with(&provider, &stack(false), &everything).await;
    engine(&provider).execute(&plan).await.ok().unwrap();
    assert_eq!(provider.keys(), Vec::<String>::new());
}
