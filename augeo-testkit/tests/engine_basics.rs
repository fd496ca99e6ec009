//! The engine's first promises on the fake provider: apply, empty second plan, change, destroy.

use augeo_core::plan::{Action, Purpose};
use augeo_core::{DeleteData, Engine, PlanOptions, Stack};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

fn shop() -> Stack {
    let mut stack = Stack::new("shop", "dev");
    let group = stack.add("group", Fake::group("here"));
    let store = stack.add("store", Fake::within("Fake/store", &group).sized(1));
    stack.add("bucket", Fake::within("Fake/bucket", &store));
    let secret = {
        let mut secret = Fake::within("Fake/secret", &group);
        secret.value = Some(augeo_core::value::SecretRef::Generated { length: 32 });
        stack.add("password", secret)
    };
    let mut server = Fake::within("Fake/server", &group);
    server.password = Some(secret.secret());
    let server = stack.add("server", server);
    stack.add("rule-a", Fake::within("Fake/rule", &server));
    stack.add("rule-b", Fake::within("Fake/rule", &server));
    let mut app = Fake::within("Fake/app", &group).using(server.output(Fake::ADDRESS));
    app.image = Some("first".to_owned());
    let app = stack.add("app", app);
    let mut config = Fake::within("Fake/config", &app);
    config.settings = Some(
        [("HOST".to_owned(), server.output(Fake::ADDRESS).into())]
            .into_iter()
            .collect(),
    );
    stack.add("app/config", config);
    stack.add("binding", Fake::on(&store));
    stack
}

#[tokio::test(start_paused = true)]
async fn an_applied_stack_is_unchanged_and_can_be_destroyed() {
    let provider = FakeProvider::new();
    let engine = Engine::new(provider.clone());
    let plan = engine.plan(&shop()).await.unwrap();
    assert_eq!(plan.count(Action::Create), 10);
    let report = engine.execute(&plan).await;
    report.ok().unwrap();
    let again = engine.plan(&shop()).await.unwrap();
    let pending: Vec<_> = again
        .pending()
        .map(|change| (change.name.clone(), &change.reasons, &change.differences))
        .collect();
    assert!(again.is_empty(), "{pending:?}");

    let destroy = PlanOptions {
        purpose: Purpose::Destroy,
        delete_data: DeleteData::All,
        ..PlanOptions::default()
    };
    let plan = engine.plan_with(&shop(), &destroy).await.unwrap();
    plan.ensure_executable().unwrap();
    engine.execute(&plan).await.ok().unwrap();
    assert_eq!(provider.keys(), Vec::<String>::new());
}
