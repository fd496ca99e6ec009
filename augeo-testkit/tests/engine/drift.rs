//! Why a property differs: the declaration changed, the world did, something upstream does.

use augeo_core::plan::{Action, Cause, Plan};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{apply, empty, number, plan, shop, shop_sized};

fn causes(plan: &Plan, resource: &str) -> Vec<String> {
    let change = plan.change(resource).unwrap();
    change
        .differences
        .iter()
        .map(|difference| match &difference.cause {
            Cause::Declared => format!("{} declared", difference.path),
            Cause::Drift => format!("{} drift", difference.path),
            Cause::Upstream { reference } => format!("{} upstream {reference}", difference.path),
            Cause::Undetermined => format!("{} undetermined", difference.path),
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn drift_is_told_from_change() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let changed = plan(&provider, &shop_sized(2)).await;
    assert_eq!(causes(&changed, "store"), ["size declared"]);

    provider.edit("/store", "size", number(9));
    let drifted = plan(&provider, &shop()).await;
    assert_eq!(causes(&drifted, "store"), ["size drift"]);
    let difference = &drifted.change("store").unwrap().differences[0];
    assert_eq!(difference.before, Some(number(9)));
    assert_eq!(difference.after, Some(number(1)));

    apply(&provider, &shop()).await;
    assert_eq!(
        provider.value("/store").unwrap().field("size"),
        Some(&number(1))
    );
}

#[tokio::test(start_paused = true)]
async fn an_edit_beside_a_change_by_somebody_else_is_not_told_from_it() {
    let stack = |size: i64, text: &str| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let app = Fake::within("Fake/app", &group).sized(size).using(text);
        stack.add("app", app);
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &stack(1, "a")).await;
    provider.edit("/app", "size", number(9));
    let both = plan(&provider, &stack(1, "b")).await;
    assert_eq!(
        causes(&both, "app"),
        ["size undetermined", "uses undetermined"]
    );
    apply(&provider, &stack(1, "b")).await;

    // Each of them alone can be told.
    let edited = plan(&provider, &stack(1, "c")).await;
    assert_eq!(causes(&edited, "app"), ["uses declared"]);
    provider.edit("/app", "size", number(9));
    let changed = plan(&provider, &stack(1, "b")).await;
    assert_eq!(causes(&changed, "app"), ["size drift"]);
}

#[tokio::test(start_paused = true)]
async fn what_follows_another_resource_names_it() {
    let provider = FakeProvider::new();
    let stack = |zone: &str| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let server = Fake::within("Fake/server", &group).in_zone(zone);
        let server = stack.add("server", server);
        let app = Fake::within("Fake/app", &group).using(server.output(Fake::ADDRESS));
        stack.add("app", app);
        stack
    };
    apply(&provider, &stack("one")).await;
    let plan = plan(&provider, &stack("two")).await;
    assert_eq!(plan.change("server").unwrap().action, Action::Replace);
    assert_eq!(plan.change("app").unwrap().action, Action::Update);
    let difference = &plan.change("app").unwrap().differences[0];
    assert!(
        difference.after.as_ref().unwrap().has_unknown(),
        "{difference:?}"
    );
    apply(&provider, &stack("two")).await;
}
