//! Outputs: unknown until they are, known after an empty plan; and names that changed in code.

use augeo_core::Stack;
use augeo_core::value::{Input, Output, Value};
use augeo_testkit::fake_provider::{Fake, FakeProvider};

use super::stacks::{actions, apply, empty, engine, plan};

fn stack(size: i64) -> (Stack, Output<String>, Output<i64>) {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let server = stack.add("server", Fake::within("Fake/server", &group).sized(size));
    let url = Input::format(["https://".into(), server.output(Fake::ADDRESS).into()]);
    stack.add("app", Fake::within("Fake/app", &group).using(url));
    let (address, size) = (server.output(Fake::ADDRESS), server.output(Fake::SIZE));
    (stack, address, size)
}

#[tokio::test(start_paused = true)]
async fn outputs_are_unknown_then_known_also_after_an_empty_plan() {
    let provider = FakeProvider::new();
    let (declared, address, size) = stack(4);
    let first = plan(&provider, &declared).await;
    let app = first.change("app").unwrap().planned.as_ref().unwrap();
    let uses = &app.field("uses").unwrap().as_array().unwrap()[0];
    assert!(matches!(uses, Value::Unknown(_)), "{uses:?}");

    let report = apply(&provider, &declared).await;
    let nothing = plan(&provider, &declared).await;
    let empty_report = engine(&provider).execute(&nothing).await;
    for report in [&report, &empty_report] {
        assert_eq!(report.value(&address).unwrap(), "server.fake.example");
        assert_eq!(report.value(&size).unwrap(), 4);
    }
    let uses = provider.value("/app").unwrap();
    let uses = uses.field("uses").unwrap().as_array().unwrap()[0].clone();
    assert_eq!(uses, Value::from("https://server.fake.example"));
}

#[tokio::test(start_paused = true)]
async fn an_updated_dependency_keeps_its_outputs_known() {
    let provider = FakeProvider::new();
    apply(&provider, &stack(4).0).await;
    let next = plan(&provider, &stack(5).0).await;
    assert_eq!(actions(&next), ["update server"]);
}

#[tokio::test(start_paused = true)]
async fn an_output_of_what_is_not_there_is_an_error_that_names_it() {
    let provider = FakeProvider::new();
    let (declared, address, _) = stack(4);
    let nothing = engine(&provider).plan(&empty()).await.unwrap();
    let report = engine(&provider).execute(&nothing).await;
    let error = report.value(&address).unwrap_err().to_string();
    assert!(error.contains("server.address"), "{error}");
    drop(declared);
}

#[tokio::test(start_paused = true)]
async fn a_new_name_in_code_keeps_the_resource_if_it_names_the_old_one() {
    let renamed = |from: Option<&str>, name: &str| {
        let mut stack = empty();
        let group = stack.add("group", Fake::group("here"));
        let server = stack.add(name, Fake::within("Fake/server", &group));
        if let Some(from) = from {
            stack.describe(&server).renamed_from(from);
        }
        stack.add("rule", Fake::within("Fake/rule", &server));
        stack
    };
    let provider = FakeProvider::new();
    apply(&provider, &renamed(None, "server")).await;
    let before = provider.keys();
    let next = plan(&provider, &renamed(Some("server"), "database")).await;
    assert_eq!(actions(&next), Vec::<String>::new());
    assert_eq!(provider.keys(), before);
    let silent = plan(&provider, &renamed(None, "database")).await;
    let told = actions(&silent);
    assert!(told.contains(&"create database".to_owned()), "{told:?}");
    assert!(told.contains(&"delete server".to_owned()), "{told:?}");
}
