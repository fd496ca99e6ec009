//! A plan for a part: what was named and what it needs, nothing else.

use augeo_core::finding::Finding;
use augeo_core::plan::Purpose;
use augeo_core::report::Report;
use augeo_core::{DeleteData, PlanOptions};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{actions, apply, empty, engine, findings, name, number, plan_with, shop};

fn only(names: &[&str]) -> PlanOptions {
    PlanOptions {
        only: names.iter().map(|text| name(text)).collect(),
        ..PlanOptions::default()
    }
}

async fn execute(provider: &FakeProvider, options: &PlanOptions) -> Report {
    let plan = plan_with(provider, &shop(), options).await;
    engine(provider).execute(&plan).await
}

#[tokio::test(start_paused = true)]
async fn what_is_needed_comes_along_and_the_rest_is_named_as_left_out() {
    let provider = FakeProvider::new();
    let plan = plan_with(&provider, &shop(), &only(&["bucket"])).await;
    assert_eq!(
        actions(&plan),
        ["create group", "create store", "create bucket"]
    );
    assert_eq!(findings(&plan), ["note augeo/narrowed "]);
    execute(&provider, &only(&["bucket"])).await.ok().unwrap();
    assert_eq!(provider.journal().len(), 3);
    apply(&provider, &shop()).await;
}

#[tokio::test(start_paused = true)]
async fn what_left_the_stack_stays_unless_it_is_named() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    let mut smaller = empty();
    smaller.add("group", Fake::group("here"));
    let plan = plan_with(&provider, &smaller, &only(&["group"])).await;
    assert_eq!(actions(&plan), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_problem_of_what_is_left_out_does_not_stop_the_part() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    provider.edit("/shop.dev.group/server", "size", number(9));
    provider.lose("/store");
    provider.insert_foreign("/shop.dev.group/store", "Fake/store", None);
    let plan = plan_with(&provider, &shop(), &only(&["server"])).await;
    assert_eq!(actions(&plan), ["update server"]);
    engine(&provider).execute(&plan).await.ok().unwrap();
    let whole = plan_with(&provider, &shop(), &PlanOptions::default()).await;
    assert!(whole.ensure_executable().is_err());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_an_error() {
    let provider = FakeProvider::new();
    let plan = plan_with(&provider, &shop(), &only(&["nothing"])).await;
    assert!(findings(&plan).contains(&"error augeo/unknown-resource ".to_owned()));
    assert!(plan.ensure_executable().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_misspelt_name_of_data_is_an_error_with_what_was_meant() {
    let provider = FakeProvider::new();
    apply(&provider, &shop()).await;
    for purpose in [Purpose::Apply, Purpose::Destroy] {
        let options = |text: &str| PlanOptions {
            purpose,
            delete_data: DeleteData::Named([name(text)].into()),
            ..PlanOptions::default()
        };
        let plan = plan_with(&provider, &shop(), &options("stor")).await;
        let unknown = |finding: &&Finding| finding.rule == "augeo/unknown-resource";
        let finding = plan.findings.iter().find(unknown).expect("it is told");
        assert_eq!(finding.message, "the stack has no resource `stor`");
        assert_eq!(finding.fix.as_deref(), Some("did you mean `store`?"));
        assert!(plan.ensure_executable().is_err());
        let plan = plan_with(&provider, &shop(), &options("store")).await;
        assert!(!plan.findings.iter().any(|it| unknown(&it)));
    }
}
