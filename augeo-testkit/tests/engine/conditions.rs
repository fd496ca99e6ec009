//! What a resource is going through: awaited, sent again, brought back, or not readable.

use std::time::Duration;

use augeo_core::plan::{Action, Reason};
use augeo_core::report::Event;
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};

use super::stacks::{actions, apply, empty, engine, findings, number, outcomes, plan, run};
use super::stacks::{settled, shop, shop_sized};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_busy_one_is_awaited_and_never_judged_by_its_partial_body() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    provider.keep_busy("/app", MINUTE);
    let next = plan(&provider, &shop()).await;
    assert!(!next.is_empty(), "a plan that awaits is not empty");
    assert_eq!(actions(&next), ["await app"]);
    let report = engine(&provider).execute(&next).await;
    report.ok().unwrap();
    assert!(
        report.elapsed >= Duration::from_secs(59),
        "{:?}",
        report.elapsed
    );
    assert_eq!(provider.journal(), []);
    settled(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn a_busy_one_is_planned_again_once_it_is_ready() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    provider.edit("/server", "size", number(9));
    provider.keep_busy("/server", MINUTE);
    provider.edit("/store", "size", number(9));
    apply(&provider, &shop()).await;
    assert_eq!(provider.story(), ["update store", "update server"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_being_deleted_is_awaited_and_made_again() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    provider.keep_deleting("/app", MINUTE);
    apply(&provider, &shop()).await;
    assert_eq!(provider.story(), ["create app", "create default"]);
}

#[tokio::test(start_paused = true)]
async fn what_lives_in_a_busy_one_is_judged_and_changed_after_it() {
    let stack = |zone: &str| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let app = stack.add("app", Fake::within("Fake/app", &group));
        let server = Fake::within("Fake/server", &app).in_zone(zone);
        stack.add("server", server);
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack("one")).await;
    provider.keep_busy("/app", MINUTE);
    let next = plan(&provider, &stack("two")).await;
    assert_eq!(actions(&next), ["await app", "replace server"]);
    apply(&provider, &stack("two")).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_needs_replacement_after_all_is_left_to_the_next_plan() {
    let stack = |zone: &str| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        stack.add("server", Fake::within("Fake/server", &group).in_zone(zone));
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack("one")).await;
    provider.keep_busy("/server", MINUTE);
    let report = run(&provider, &stack("two")).await;
    assert_eq!(outcomes(&report), ["server failed augeo/moved"]);
    apply(&provider, &stack("two")).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_one_is_sent_again() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/store", Effect::FailOperation("Allocation")));
    let report = run(&provider, &shop()).await;
    let told = outcomes(&report);
    assert!(
        told.contains(&"store failed Allocation".to_owned()),
        "{told:?}"
    );
    assert!(
        told.contains(&"bucket skipped store".to_owned()),
        "{told:?}"
    );
    let next = plan(&provider, &shop()).await;
    let reasons = &next.change("store").unwrap().reasons;
    assert!(
        reasons.iter().any(
            |reason| matches!(reason, Reason::LastOperationFailed { code } if code == "Allocation")
        ),
        "{reasons:?}"
    );
    apply(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_failed_while_it_was_made_is_replaced_where_it_takes_no_other_write() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/store", Effect::FailOperation("NeverMade")));
    run(&provider, &shop()).await;
    let next = plan(&provider, &shop()).await;
    assert_eq!(next.change("store").unwrap().action, Action::Replace);
    // It never held anything: no data are protected.
    assert_eq!(findings(&next), Vec::<String>::new());
    provider.forget_journal();
    apply(&provider, &shop()).await;
    let story = provider.story();
    assert_eq!(story[..2], ["delete store", "create store"]);
    settled(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn a_soft_deleted_one_is_brought_back_with_what_is_in_it() {
    let stack = || {
        let mut stack = empty();
        let vault = stack.add("vault", Fake::vault().sized(3));
        stack.add(
            "password",
            Fake::within("Fake/secret", &vault).keeping_secret(),
        );
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack()).await;
    provider.lose(".vault");
    provider.forget_journal();
    let next = plan(&provider, &stack()).await;
    assert_eq!(actions(&next), ["recover vault", "create password"]);
    apply(&provider, &stack()).await;
    assert_eq!(provider.story(), ["recover vault", "create password"]);
}

#[tokio::test(start_paused = true)]
async fn a_denied_read_is_a_finding_and_the_plan_goes_on() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.forget_journal();
    provider.deny_read("Fake/server");
    let next = plan(&provider, &shop_sized(2)).await;
    assert_eq!(findings(&next), ["warning augeo/unreadable server"]);
    assert_eq!(actions(&next), ["update store"]);
    engine(&provider).execute(&next).await.ok().unwrap();
    assert_eq!(provider.story(), ["update store"]);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_what_cannot_be_read_is_still_known() {
    let stack = |with: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let server = stack.add("server", Fake::within("Fake/server", &group));
        if with {
            stack.add("app", Fake::within("Fake/app", &group).using_id(&server));
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(false)).await;
    provider.deny_read("Fake/server");
    run(&provider, &stack(true)).await.ok().unwrap();
    provider.heal();
    settled(&provider, &stack(true)).await;
}

#[tokio::test(start_paused = true)]
async fn what_became_somebody_elses_while_it_was_awaited_is_not_touched() {
    let stack = |with: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        if with {
            stack.add("app", Fake::within("Fake/app", &group));
        }
        stack
    };
    for declared in [true, false] {
        let provider = FakeProvider::new();
        apply(&provider, &stack(true)).await;
        provider.forget_journal();
        provider.keep_busy("/app", MINUTE);
        let next = plan(&provider, &stack(declared)).await;
        let thief = provider.clone();
        let report = engine(&provider)
            .execute(&next)
            .on_event(move |event| {
                if matches!(event, Event::ChangeStarted { .. }) {
                    thief.lose("/app");
                    thief.insert_foreign("/shop.dev.group/app", "Fake/app", None);
                }
            })
            .await;
        assert_eq!(outcomes(&report), ["app failed augeo/moved"]);
        assert_eq!(provider.journal(), []);
    }
}
