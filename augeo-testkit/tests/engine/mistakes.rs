//! Mistakes in a stack are collected and reported together, each with its place.

use augeo_core::finding::Finding;
use augeo_testkit::fake_provider::{Effect, Fake, FakeProvider, Fault};

use super::stacks::{empty, engine, refused};

fn rules(mistakes: &[Finding]) -> Vec<&str> {
    mistakes
        .iter()
        .map(|mistake| mistake.rule.as_str())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn mistakes_come_together_with_file_and_line() {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let first = line!() + 1;
    stack.add("Not a name", Fake::within("Fake/app", &group));
    stack.add("group", Fake::group("there"));
    let mut other = empty();
    let elsewhere = other.add("elsewhere", Fake::group("here"));
    let dangling = line!() + 1;
    stack.add(
        "lost",
        Fake::within("Fake/app", &elsewhere).using_id(&elsewhere),
    );
    let mistakes = refused(&stack).await;
    assert_eq!(
        rules(&mistakes),
        [
            "augeo/dangling-reference",
            "augeo/dangling-reference",
            "augeo/duplicate-name",
            "augeo/invalid-name",
        ]
    );
    let lines: Vec<u32> = mistakes
        .iter()
        .map(|mistake| {
            let place = mistake.location.as_ref().unwrap();
            assert_eq!(&*place.file, file!());
            place.line
        })
        .collect();
    assert_eq!(lines, [dangling, dangling, first + 1, first]);
    assert!(
        mistakes
            .iter()
            .all(|mistake| { mistake.rule == "augeo/invalid-name" || mistake.fix.is_some() })
    );
    let first_place = format!("first at {}:{}", file!(), first - 2);
    assert!(
        mistakes[2].message.contains(&first_place),
        "{}",
        mistakes[2].message
    );
}

#[tokio::test(start_paused = true)]
async fn a_cycle_is_printed_as_a_path() {
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    let one = stack.add("one", Fake::within("Fake/app", &group));
    let two = stack.add("two", Fake::within("Fake/app", &group).using_id(&one));
    let three = stack.add("three", Fake::within("Fake/app", &group).using_id(&two));
    stack.describe(&one).after(&three);
    let mistakes = refused(&stack).await;
    assert_eq!(rules(&mistakes), ["augeo/cycle"]);
    assert_eq!(
        mistakes[0].message,
        "resources need each other: one -> three -> two -> one"
    );
}

#[tokio::test(start_paused = true)]
async fn the_name_of_the_stack_is_checked_too() {
    let stack = augeo_core::Stack::new("Shop!", "dev");
    assert_eq!(rules(&refused(&stack).await), ["augeo/invalid-name"]);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_a_resource_does_not_have_is_a_failure_that_names_it() {
    use augeo_core::value::OutputPath;
    const NONE: OutputPath<Fake, String> = OutputPath::new("nothing");
    let mut stack = empty();
    let group = stack.add("group", Fake::group("here"));
    stack.add(
        "app",
        Fake::within("Fake/app", &group).using(group.output(NONE)),
    );
    let provider = FakeProvider::new();
    provider.inject(Fault::of("/unrelated", Effect::LoseAnswer));
    let report = super::stacks::run(&provider, &stack).await;
    let (name, error) = report.failures().next().unwrap();
    assert_eq!(name.as_str(), "app");
    assert_eq!(error.code, "augeo/output-missing");
    assert!(error.message.contains("group.nothing"), "{}", error.message);
    let again = engine(&provider).plan(&stack).await.unwrap();
    assert_eq!(super::stacks::actions(&again), ["create app"]);
}
