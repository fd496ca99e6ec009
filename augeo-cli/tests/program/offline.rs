//! What needs no target: init, validate, graph, explain, completions, the version.

use insta::assert_snapshot;

use crate::run::{Place, SMALL};

#[test]
fn a_version_and_a_help_are_done() {
    let place = Place::empty();
    let version = place.run("--version").expect(0);
    assert_eq!(
        version.stdout,
        format!("augeo {}\n", env!("CARGO_PKG_VERSION"))
    );
    place.run("--help").expect(0).expect_stdout("Exit codes:");
    place.run("").expect(2);
}

#[test]
fn a_mistyped_command_is_suggested() {
    let ran = Place::empty().run("provison dev").expect(2);
    ran.expect_stderr("a similar subcommand exists: 'provision'");
}

#[test]
fn init_writes_a_configuration_that_is_valid_and_never_overwrites() {
    let place = Place::empty();
    assert_snapshot!(place.run("init"), @r"
    exit 0
    --- stdout
    --- stderr
    Wrote augeo.toml
    Next:  augeo plan dev
    ");
    place
        .run("validate")
        .expect(0)
        .expect_stdout("augeo.toml is valid");
    let before = place.read("augeo.toml");
    assert_snapshot!(place.run("init"), @r"
    exit 1
    --- stdout
    --- stderr
    error[augeo/exists]: augeo.toml exists already

    help: delete it first, or name another with -c PATH
    ");
    assert_eq!(place.read("augeo.toml"), before);
}

#[test]
fn validate_reads_a_file_or_a_folder_and_starts_nothing() {
    let place = Place::with(SMALL);
    let by_folder = place
        .run(&format!("validate -c {}", place.folder().display()))
        .expect(0);
    let by_file = place.run("validate --config augeo.toml").expect(0);
    let resources = |text: &str| text.split("resources: ").nth(1).map(str::to_owned);
    assert_eq!(resources(&by_folder.stdout), resources(&by_file.stdout));
    assert!(!place.path(".augeo").exists(), "validate made a world");
    place.run("validate dev").expect(0).expect_stdout("dev ");
}

#[test]
fn a_graph_is_drawn_in_both_languages() {
    let place = Place::with(SMALL);
    place.run("graph dev").expect(0).expect_stdout("flowchart");
    place
        .run("graph dev --format dot")
        .expect(0)
        .expect_stdout("digraph");
}

#[test]
fn programs_read_what_needs_no_target() {
    let place = Place::with(SMALL);
    let last = |command: &str| {
        let ran = place.run(&format!("{command} --json")).expect(0);
        let lines = ran.stdout.lines();
        let mut lines = lines.map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|_| panic!("{ran}"))
        });
        assert_eq!(lines.next().unwrap()["schema"], "augeo.events/1", "{ran}");
        lines.next_back().unwrap()
    };
    let graph = last("graph dev");
    assert_eq!(graph["type"], "graph");
    let resources = graph["graph"]["resources"].as_array().unwrap();
    let container = resources
        .iter()
        .find(|it| it["name"] == "data/store/backups");
    assert_eq!(
        container.unwrap()["needs"],
        serde_json::json!(["data/store", "data/store-blobs"])
    );
    let codes = last("explain no-target");
    assert_eq!(codes["codes"][0]["code"], "augeo/no-target");
    assert!(last("explain")["codes"].as_array().unwrap().len() > 50);
    let found = last("validate");
    let rules = found["findings"].as_array().unwrap().iter();
    let rules: Vec<_> = rules.filter_map(|it| it["rule"].as_str()).collect();
    assert!(rules.contains(&"augeo/database-closed"), "{rules:?}");
}

#[test]
fn codes_are_explained() {
    let place = Place::empty();
    assert_snapshot!(place.run("explain no-target"), @r"
    exit 0
    --- stdout
    augeo/no-target

      what  Neither `--target` nor the environment says whether to act on the emulator or on Azure.
      why   The difference is money and real data, so there is no default and no variable for it.
      fix   Pass `--target emulator` or `--target azure`, or add `target` to the environment.
    --- stderr
    ");
    place
        .run("explain ARM/StorageAccountAlreadyTaken")
        .expect(0)
        .expect_stdout("StorageAccountAlreadyTaken\n\n  what  ")
        .expect_stdout("  fix   The name is taken by someone else in Azure: choose another name.");
    place.run("explain").expect(0).expect_stdout("augeo/cycle");
    place
        .run("explain no-targt")
        .expect(2)
        .expect_stderr("did you mean `no-target`?");
}

#[test]
fn shells_get_their_completions() {
    let place = Place::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        place
            .run(&format!("completions {shell}"))
            .expect(0)
            .expect_stdout("provision");
    }
    place.run("completions tcsh").expect(2);
}

#[test]
fn colours_follow_the_option_then_the_variables() {
    let place = Place::with("projct = 1\n");
    let coloured = |arguments: &str, variables: &[(&str, &str)]| {
        place
            .run_with(arguments, variables)
            .stderr
            .contains('\u{1b}')
    };
    assert!(!coloured("validate", &[]), "a pipe is no terminal");
    assert!(coloured("validate", &[("FORCE_COLOR", "1")]));
    assert!(coloured("validate", &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(
        "validate",
        &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]
    ));
    assert!(coloured("validate --color always", &[("NO_COLOR", "1")]));
    assert!(!coloured("validate --color never", &[("FORCE_COLOR", "1")]));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let place = Place::with(SMALL);
    let mut child = place.command("explain").spawn().expect("it starts");
    drop(child.stdout.take());
    let ran = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(ran.status.code(), Some(0));
}
