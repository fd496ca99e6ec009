//! Saved plans: any text is refused or is a plan, which is written as it was read and can be shown,
//! verified and executed.

use augeo_core::Engine;
use augeo_core::plan::Plan;
use augeo_core::plan::file::{from_json, to_json};
use augeo_core::render::{
    Heading, Style, drift_json, drift_text, plan_json, plan_markdown, plan_text,
};
use augeo_testkit::fake_provider::FakeProvider;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// The text of a file; it is read as it is, and once more with the sum that it should have.
pub fn saved_plan(data: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Json>(data) else {
        return;
    };
    let provider = FakeProvider::new();
    for json in [summed(json.clone()), json] {
        if let Ok(plan) = from_json(json, &provider) {
            check(&plan, &provider);
        }
    }
}

/// The file with the sum of what it holds: whoever edits a plan can do so, too.
fn summed(mut json: Json) -> Json {
    let Some(file) = json.as_object_mut() else {
        return json;
    };
    file.remove("sum");
    json.sort_all_objects();
    json["sum"] = format!("{:x}", Sha256::digest(json.to_string())).into();
    json
}

fn check(plan: &Plan, provider: &FakeProvider) {
    assert_eq!(plan.check(), Vec::<String>::new());
    let written = to_json(plan).to_string();
    let json = serde_json::from_str(&written).expect("it was written just now");
    let again = from_json(json, provider).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(to_json(&again).to_string(), written);

    let (heading, style) = (Heading::default(), Style::default());
    for shown in [
        plan_text(plan, &heading, &style),
        drift_text(plan, &heading, &style),
    ] {
        let moves = |c: char| c.is_control() && c != '\n';
        assert!(!shown.contains(moves), "the cursor moves: {shown:?}");
    }
    plan_markdown(plan, &heading);
    for json in [plan_json(plan, &heading), drift_json(plan)] {
        serde_json::from_str::<Json>(&json).expect("it is JSON");
    }

    runtime().block_on(async {
        let engine = Engine::new(provider.clone());
        if engine.verify(plan).await.is_ok() {
            let report = engine.execute(plan).await;
            assert!(report.outcomes.len() <= plan.changes.len());
        }
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without sockets can be made")
}

#[cfg(test)]
mod tests {
    use augeo_core::Stack;
    use augeo_core::value::Value;
    use augeo_testkit::fake_provider::Fake;
    use proptest::prelude::*;

    use super::*;
    use crate::damage::{corpus, input};

    proptest! {
        #[test]
        fn damaged_files_are_survived(data in input("saved_plan")) {
            saved_plan(&data);
        }

        #[test]
        fn a_damaged_byte_is_refused_or_means_the_same(
            file in prop::sample::select(corpus("saved_plan")),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let provider = FakeProvider::new();
            let read = |bytes: &[u8]| {
                let json = serde_json::from_slice(bytes).ok()?;
                from_json(json, &provider).ok().map(|plan| to_json(&plan))
            };
            let whole = read(&file).unwrap();
            let mut damaged = file;
            *at.get_mut(&mut damaged) = byte;
            prop_assert!(read(&damaged).is_none_or(|plan| plan == whole));
        }

        #[test]
        fn any_number_is_read_back_as_it_was_written(number in any::<f64>(), whole in any::<i64>()) {
            let numbers = serde_json::json!([number, whole]);
            let text = Value::from(numbers.clone()).to_plan_json().to_string();
            let read = Value::from_plan_json(serde_json::from_str(&text).unwrap()).unwrap();
            prop_assert_eq!(read, Value::from(numbers));
        }
    }

    fn shop() -> Stack {
        let mut stack = Stack::new("shop", "dev");
        let group = stack.add("group", Fake::group("here"));
        let secret = Fake::within("Fake/secret", &group).keeping_secret();
        let secret = stack.add("password", secret);
        let server = Fake::within("Fake/server", &group).sized(2);
        let server = stack.add("server", server.given(secret.secret()));
        let app = Fake::within("Fake/app", &group).showing("first");
        stack.add("app", app.using(server.output(Fake::ADDRESS)));
        stack
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever changes the form asks for a new file"
    )]
    fn the_corpus_is_of_this_version() {
        let provider = FakeProvider::new();
        if std::env::var_os("AUGEO_UPDATE").is_some() {
            let plan = runtime().block_on(Engine::new(provider.clone()).plan(&shop()));
            let text = format!("{}\n", to_json(&plan.unwrap()));
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/saved_plan/");
            std::fs::write(format!("{folder}creates"), text).unwrap();
        }
        for file in corpus("saved_plan") {
            let json = serde_json::from_slice(&file).unwrap();
            let read = from_json(json, &provider);
            assert!(read.is_ok(), "run it again with AUGEO_UPDATE=1: {read:?}");
        }
    }

    #[test]
    #[should_panic(expected = "two entries")]
    fn a_broken_plan_would_be_told() {
        let provider = FakeProvider::new();
        let json = serde_json::from_slice(&corpus("saved_plan")[0]).unwrap();
        let plan = from_json(json, &provider).unwrap();
        let changes: Vec<_> = plan.changes.iter().chain(&plan.changes).cloned().collect();
        check(&Plan { changes, ..plan }, &provider);
    }
}
