//! The stages of `.ci/run` are what the recipes, the workflow and the documents say they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("crates lie below the root");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words that follow each occurrence of `before`, to the end of its line.
fn words_after<'a>(text: &'a str, before: &str) -> BTreeSet<&'a str> {
    let rests = text.split(before).skip(1);
    let lines = rests.filter_map(|rest| rest.lines().next());
    lines.flat_map(str::split_whitespace).collect()
}

/// What runs without arguments, and the simulation, whether or not it is run by name only.
fn stages(script: &str) -> BTreeSet<&str> {
    let listed = script.split_once("stages=(").expect("there is a list").1;
    let listed = listed.split_once(')').expect("the list ends").0;
    let mut stages: BTreeSet<&str> = listed.split_whitespace().collect();
    stages.insert("simulate");
    for stage in &stages {
        let function = if *stage == "test" { "test_" } else { stage };
        let defined = script.contains(&format!("\n{function}() {{"));
        assert!(defined, "{stage} has no function");
    }
    stages
}

#[test]
fn every_stage_is_a_recipe_and_every_recipe_a_stage() {
    let (script, recipes) = (read(".ci/run"), read("justfile"));
    assert_eq!(
        words_after(&recipes, "\n    bash .ci/run "),
        stages(&script)
    );
}

#[test]
fn the_workflow_runs_every_stage_but_the_one_that_cannot_be_there() {
    let (script, workflow) = (read(".ci/run"), read(".github/workflows/ci.yml"));
    let mut run = words_after(&workflow, "\n            stages: ");
    assert!(
        run.insert("traces"),
        "the schemas are not in the repository"
    );
    assert_eq!(run, stages(&script));
}

#[test]
fn the_documents_say_what_every_stage_holds() {
    let (script, testing) = (read(".ci/run"), read("docs/testing.md"));
    let section = testing
        .split_once("## Stages of CI\n")
        .expect("it is there")
        .1;
    let table = section.split_once("\n## ").expect("another follows").0;
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let told = cells
        .flat_map(|cell| cell.split(','))
        .map(|it| it.trim_matches([' ', '`']))
        .collect::<BTreeSet<_>>();
    assert_eq!(told, stages(&script));
}
