//! Saved plans: lossless, refused when damaged, and verified by name before they are executed.

use std::time::Duration;

use augeo_core::engine::VerifyError;
use augeo_core::plan::Plan;
use augeo_core::plan::file::{PlanFileError, from_json, to_json};
use augeo_testkit::fake_provider::{Fake, FakeProvider};
use serde_json::json;

use super::stacks::{apply, destroy, empty, engine, existing, number, plan, plan_with, settled};
use super::stacks::{shop, shop_sized};

async fn moved(provider: &FakeProvider, plan: &Plan) -> Vec<String> {
    match engine(provider).verify(plan).await {
        Ok(()) => Vec::new(),
        Err(VerifyError::Moved { resources }) => resources
            .iter()
            .map(|(name, how)| format!("{name} {how}"))
            .collect(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_saved_plan_does_what_the_plan_would_have_done() {
    let provider = FakeProvider::new();
    for stack in [shop(), shop_sized(2)] {
        let made = plan(&provider, &stack).await;
        let text = serde_json::to_string(&to_json(&made)).unwrap();
        let read = from_json(serde_json::from_str(&text).unwrap(), &provider).unwrap();
        assert_eq!(to_json(&read), to_json(&made));
        engine(&provider).verify(&read).await.unwrap();
        engine(&provider).execute(&read).await.ok().unwrap();
        settled(&provider, &stack).await;
    }
    let made = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    let read = from_json(to_json(&made), &provider).unwrap();
    engine(&provider).verify(&read).await.unwrap();
    engine(&provider).execute(&read).await.ok().unwrap();
    assert_eq!(provider.keys(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_moved_is_named_and_what_does_not_matter_is_not() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let made = plan(&provider, &shop_sized(2)).await;
    assert_eq!(moved(&provider, &made).await, Vec::<String>::new());

    provider.edit("/store", "tier", "hot");
    provider.edit("group/app", "image", "second");
    assert_eq!(moved(&provider, &made).await, Vec::<String>::new());

    provider.edit("/store", "size", number(5));
    provider.keep_busy("/server", Duration::from_secs(600));
    provider.lose("/binding");
    assert_eq!(
        moved(&provider, &made).await,
        [
            "store was changed",
            "server is in another condition",
            "binding is gone"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_appeared_or_changed_hands_is_named() {
    let provider = FakeProvider::new();
    let made = plan(&provider, &shop()).await;
    provider.insert_foreign("/shop.dev.group", "Fake/group", None);
    assert_eq!(moved(&provider, &made).await, ["group exists now"]);

    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let made = plan(&provider, &shop_sized(2)).await;
    provider.lose("/binding");
    provider.insert_foreign(
        "/shop.dev.group/store/binding",
        "Fake/binding",
        Some("bank/dev"),
    );
    assert_eq!(
        moved(&provider, &made).await,
        ["binding belongs to somebody else now"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_any_more_is_not_called_gone() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let made = plan(&provider, &shop_sized(2)).await;
    provider.deny_read("Fake/server");
    assert_eq!(moved(&provider, &made).await, ["server cannot be read"]);
}

#[tokio::test(start_paused = true)]
async fn something_foreign_in_what_is_to_be_deleted_is_named() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let made = plan_with(&provider, &shop(), &destroy(&["store", "bucket"])).await;
    provider.insert_foreign("/shop.dev.group/store/theirs", "Fake/bucket", None);
    assert_eq!(
        moved(&provider, &made).await,
        [
            "store holds what is not this stack's now",
            "group holds what is not this stack's now"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_only_read_is_relied_on_too() {
    let mut stack = empty();
    let theirs = stack.existing("theirs", existing("/theirs", "Fake/group"));
    let group = stack.add("group", Fake::group("here"));
    let app = Fake::within("Fake/app", &group).using(theirs.output(Fake::PLACE));
    stack.add("app", app);
    let provider = FakeProvider::new();
    provider.insert_foreign("/theirs", "Fake/group", None);
    provider.edit("/theirs", "place", "there");
    let made = plan(&provider, &stack).await;
    provider.edit("/theirs", "tags", "of no interest");
    assert_eq!(moved(&provider, &made).await, Vec::<String>::new());
    provider.edit("/theirs", "place", "elsewhere");
    assert_eq!(moved(&provider, &made).await, ["theirs was changed"]);
    provider.lose("/theirs");
    assert_eq!(moved(&provider, &made).await, ["theirs is gone"]);
}

#[tokio::test(start_paused = true)]
async fn another_version_and_a_damaged_file_are_refused() {
    let provider = FakeProvider::new();
    let good = to_json(&plan(&provider, &shop()).await);
    let with = |edit: &dyn Fn(&mut serde_json::Value)| {
        let mut json = good.clone();
        edit(&mut json);
        from_json(json, &provider).unwrap_err()
    };
    for schema in ["augeo.saved-plan/0", "", "something else"] {
        let error = with(&|json| json["schema"] = json!(schema));
        assert!(matches!(error, PlanFileError::OtherVersion(found) if found == schema));
    }
    let damages: [&dyn Fn(&mut serde_json::Value); 4] = [
        &|json| *json = json!({}),
        &|json| *json = json!([1, 2]),
        &|json| json["changes"][0]["action"] = json!("explode"),
        &|json| json["changes"][2]["id"] = json!(null),
    ];
    for damage in damages {
        assert!(matches!(with(damage), PlanFileError::Malformed(_)));
    }
    let inconsistencies: [&dyn Fn(&mut serde_json::Value); 3] = [
        &|json| json["changes"][0]["action"] = json!("delete"),
        &|json| json["changes"][0]["reasons"] = json!([]),
        &|json| json["changes"].as_array_mut().unwrap().reverse(),
    ];
    for inconsistency in inconsistencies {
        assert!(matches!(
            with(inconsistency),
            PlanFileError::Inconsistent(_)
        ));
    }
    let changes: [&dyn Fn(&mut serde_json::Value); 3] = [
        &|json| json["requests"] = json!(77),
        &|json| json["stack"]["environment"] = json!("staging"),
        &|json| json["sum"] = json!(""),
    ];
    for change in changes {
        assert!(matches!(with(change), PlanFileError::Changed));
    }
    let spaced = serde_json::to_string_pretty(&good).unwrap();
    assert!(from_json(serde_json::from_str(&spaced).unwrap(), &provider).is_ok());
}
