//! Secrets are compared by version; whoever needs a value gets a new one in the same run.

use augeo_core::Stack;
use augeo_core::plan::Reason;
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};

use super::stacks::{actions, apply, empty, engine, findings, plan, settled, shop, shop_sized};

/// What the server has and what the vault has.
fn versions(provider: &FakeProvider, consumer: &str) -> (Option<String>, Option<String>) {
    (
        provider.given(consumer, "password"),
        provider
            .version("/password")
            .map(|version| version.to_string()),
    )
}

fn both(version: &str) -> (Option<String>, Option<String>) {
    (Some(version.to_owned()), Some(version.to_owned()))
}

/// Runs until the process dies of a fault.
async fn die(provider: &FakeProvider, stack: &Stack) {
    let plan = plan(provider, stack).await;
    let death = provider.death();
    tokio::select! {
        biased;
        () = death.cancelled() => {}
        report = engine(provider).execute(&plan) => panic!("nobody died: {report:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_created_with_its_value_and_its_consumer_keeps_the_version() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    assert_eq!(versions(&provider, "/server"), both("1"));
    let plan = plan(&provider.restarted(), &shop()).await;
    let prior = plan.change("server").unwrap().prior.as_ref().unwrap();
    assert_eq!(prior.secret_versions["password"], "1");
    assert!(plan.is_empty(), "{:?}", actions(&plan));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_between_secret_and_consumer_leads_to_a_new_version() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/server", Effect::DieBefore));
    die(&provider, &shop()).await;
    assert_eq!(versions(&provider, "/server"), (None, Some("1".to_owned())));
    let provider = provider.restarted();
    let next = plan(&provider, &shop()).await;
    let needed = &next.change("password").unwrap().reasons;
    assert!(matches!(&needed[..], [Reason::SecretNeeded { by }] if by.as_str() == "server"));
    apply(&provider, &shop()).await;
    assert_eq!(versions(&provider, "/server"), both("2"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_while_the_secret_is_written_is_finished_by_the_next() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/password", Effect::DieAfter));
    die(&provider, &shop()).await;
    let provider = provider.restarted();
    apply(&provider, &shop()).await;
    assert_eq!(versions(&provider, "/server"), both("2"));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_after_the_consumer_was_sent_needs_no_new_version() {
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/server", Effect::DieAfter));
    die(&provider, &shop()).await;
    let provider = provider.restarted();
    apply(&provider, &shop()).await;
    assert_eq!(versions(&provider, "/server"), both("1"));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_made_again_gets_a_new_version() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.lose("/server");
    let provider = provider.restarted();
    apply(&provider, &shop()).await;
    assert_eq!(versions(&provider, "/server"), both("2"));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_being_deleted_gets_a_new_version_too() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.keep_deleting("/server", std::time::Duration::from_secs(60));
    let provider = provider.restarted();
    apply(&provider, &shop()).await;
    assert_eq!(versions(&provider, "/server"), both("2"));
}

#[tokio::test(start_paused = true)]
async fn everyone_who_shares_a_secret_gets_its_new_version() {
    let stack = || {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let secret = Fake::within("Fake/secret", &group).keeping_secret();
        let secret = stack.add("password", secret);
        for server in ["first", "second"] {
            let server_there = Fake::within("Fake/server", &group).given(secret.secret());
            stack.add(server, server_there);
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack()).await;
    provider.lose("/second");
    let provider = provider.restarted();
    let next = plan(&provider, &stack()).await;
    assert_eq!(
        actions(&next),
        ["update password", "update first", "create second"]
    );
    apply(&provider, &stack()).await;
    assert_eq!(versions(&provider, "/first"), both("2"));
    assert_eq!(versions(&provider, "/second"), both("2"));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_changes_otherwise_keeps_its_secret() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let provider = provider.restarted();
    apply(&provider, &shop_sized(2)).await;
    assert_eq!(versions(&provider, "/server"), both("1"));
}

#[tokio::test(start_paused = true)]
async fn a_secret_rotated_by_somebody_else_is_given_anew() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.lose("/password");
    let provider = provider.restarted();
    let next = plan(&provider, &shop()).await;
    assert_eq!(actions(&next), ["create password", "update server"]);
    apply(&provider, &shop()).await;
    let (has, keeps) = versions(&provider, "/server");
    assert_eq!(has, keeps);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_cannot_be_read_changes_nothing() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.deny_read("Fake/secret");
    let next = plan(&provider, &shop()).await;
    assert_eq!(actions(&next), Vec::<String>::new());
    assert_eq!(findings(&next), ["warning augeo/unreadable password"]);
    provider.heal();
    provider.deny_read("Fake/server");
    let next = plan(&provider, &shop()).await;
    assert_eq!(actions(&next), Vec::<String>::new());
    provider.heal();
    settled(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_left_the_stack_is_reported_and_stays() {
    let stack = |with: bool| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        if with {
            stack.add(
                "password",
                Fake::within("Fake/secret", &group).keeping_secret(),
            );
        }
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(true)).await;
    let next = plan(&provider, &stack(false)).await;
    assert!(next.is_empty());
    assert_eq!(findings(&next), ["note augeo/left-behind password"]);
    assert!(provider.value("/password").is_some());
}
