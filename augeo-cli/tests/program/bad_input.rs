//! Bad input: each gets an error that names the place and the fix, and changes nothing.

use std::fs;

use insta::assert_snapshot;

use crate::run::{Place, SMALL};

#[test]
fn no_configuration() {
    assert_snapshot!(Place::empty().run("plan dev"), @r"
    exit 2
    --- stdout
    --- stderr
    error[augeo/no-config]: there is no configuration at augeo.toml

    help: augeo init writes one; -c PATH names another
    ");
}

#[test]
fn an_unknown_environment() {
    assert_snapshot!(Place::with(SMALL).run("plan prodution"), @r#"
    exit 2
    --- stdout
    --- stderr
    error[augeo/unknown-environment]: there is no environment `prodution` in augeo.toml

    help: did you mean `production`?
    "#);
    Place::with(SMALL)
        .run("plan qa")
        .expect(2)
        .expect_stderr("it has dev, production");
}

#[test]
fn no_target_and_no_variable_that_would_choose_one() {
    let place = Place::with(SMALL);
    let variables = [("AUGEO_TARGET", "emulator"), ("TARGET", "emulator")];
    assert_snapshot!(place.run_with("plan production", &variables), @r#"
    exit 2
    --- stdout
    --- stderr
    error[augeo/no-target]: nothing says where production is: it has no target

    help: pass --target emulator or --target azure
    help: or add `target = "emulator"` to [environment.production]
    "#);
    assert!(!place.path(".augeo").exists());
}

#[test]
fn no_subscription() {
    let place = Place::with(SMALL);
    assert_snapshot!(place.run("plan production --target azure"), @r#"
    exit 2
    --- stdout
    --- stderr
    error[augeo/no-subscription]: no subscription is chosen for production

    help: pass --subscription ID, or set AZURE_SUBSCRIPTION_ID
    help: or add `subscription = "ID"` to [environment.production]
    "#);
    place
        .run("plan production --target azure --subscription nonsense")
        .expect(2)
        .expect_stderr("`nonsense` is not a subscription id");
}

const TARGET_LINE: &str =
    "Target: azure (azure-public) | subscription 11111111-1111-1111-1111-111111111111";

#[test]
fn the_target_is_told_before_anything_else() {
    let place = Place::with(SMALL);
    fs::create_dir(place.path(".augeo")).expect("a folder of the temporary one");
    place.write(".augeo/durations.jsonl", "not a duration\n");
    let arguments = "plan production --target azure --subscription \
                     11111111-1111-1111-1111-111111111111";
    let ran = place.run(arguments).expect(1);
    assert_eq!(ran.stderr.lines().next(), Some(TARGET_LINE), "{ran}");
    fs::create_dir(place.path(".augeo/world.log")).expect("a folder in place of the world");
    let ran = place.run_fast("plan dev").expect(1);
    let first = ran.stderr.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("Target: emulator | subscription "),
        "{ran}"
    );
}

#[test]
fn no_credentials() {
    let place = Place::with(SMALL);
    let subscription = "11111111-1111-1111-1111-111111111111";
    let variables = [("AZURE_SUBSCRIPTION_ID", subscription)];
    let ran = place.run_with("plan production --target azure", &variables);
    let ran = ran.expect(1).expect_stderr("az login");
    assert_eq!(ran.stderr.lines().next(), Some(TARGET_LINE), "{ran}");
}

#[test]
fn the_configuration_chooses_the_credential() {
    let subscription = "11111111-1111-1111-1111-111111111111";
    let variables = [("AZURE_SUBSCRIPTION_ID", subscription)];
    let config = |name: &str| {
        let chosen = format!("[environment.production]\ncredential = \"{name}\"");
        SMALL.replace("[environment.production]", &chosen)
    };
    Place::with(&config("client-secret"))
        .run_with("plan production --target azure", &variables)
        .expect(1)
        .expect_stderr("CredentialMissing")
        .expect_stderr("set AZURE_TENANT_ID and AZURE_CLIENT_ID and AZURE_CLIENT_SECRET");
    Place::with(&config("client-sekret"))
        .run("validate")
        .expect(1)
        .expect_stderr("`client-secret`");
}

#[test]
fn files_that_must_not_be_written_over() {
    let place = Place::with(SMALL);
    place.run_fast("plan dev --out plan.json").expect(0);
    let (world, plan) = (place.read(".augeo/world.log"), place.read("plan.json"));
    for (command, what) in [
        ("plan dev --trace augeo.toml", "the configuration"),
        ("plan dev --trace .", "a folder"),
        ("plan dev --trace .augeo/../augeo.toml", "the configuration"),
        ("plan dev --trace .augeo/world.log", "the emulator's world"),
        ("plan dev --out augeo.toml", "the configuration"),
        ("plan dev --out .augeo", "a folder"),
        ("plan dev --out .augeo/plan.json", "the emulator's world"),
        ("plan dev --out both --trace ./both", "what --trace names"),
        (
            "provision dev --plan plan.json --trace plan.json",
            "what --plan names",
        ),
    ] {
        let ran = place.run_fast(command).expect(2);
        let ran = ran.expect_stderr("augeo/not-a-destination");
        let ran = ran.expect_stderr(what);
        assert!(!ran.stderr.contains("Target:"), "{command}: it has begun");
        assert_eq!(place.read("augeo.toml"), SMALL, "{command}");
        assert_eq!(place.read("plan.json"), plan, "{command}");
        assert_eq!(place.read(".augeo/world.log"), world, "{command}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_trace_that_cannot_be_written_is_told_once_and_ends_nothing() {
    let place = Place::with(SMALL);
    let ran = place
        .run_fast("provision dev --yes --trace /dev/full")
        .expect(0);
    let told = ran.stderr.matches("/dev/full").count();
    assert_eq!(told, 1, "{}", ran.stderr);
    ran.expect_stderr("is not complete");
}

#[test]
fn unknown_and_mistyped_keys_are_told_together() {
    let config = SMALL.replace("location", "locaton") + "\n[storage]\ncontainers = 3\n";
    let place = Place::with(&config);
    let ran = place.run("validate").expect(1);
    let ran = ran
        .expect_stderr("augeo.toml:3:1")
        .expect_stderr("`location`");
    ran.expect_stderr("augeo.toml:12:14");
}

#[test]
fn text_that_is_no_toml() {
    Place::with("project = \n")
        .run("validate")
        .expect(1)
        .expect_stderr("augeo.toml:1:");
}

#[test]
fn over_long_and_duplicate_names() {
    let duplicate = "\n[[resource]]\nname = \"data/store\"\ntype = \"Microsoft.Example/things\"\n\
                     api_version = \"2025-01-01\"\nwithin = \"group\"\n";
    Place::with(&format!("{SMALL}{duplicate}"))
        .run("validate")
        .expect(1)
        .expect_stderr("`data/store` is declared twice");
    let long = "a".repeat(80);
    Place::with(&SMALL.replace("\"augeo\"", &format!("\"{long}\"")))
        .run("validate")
        .expect(1)
        .expect_stderr("augeo.toml:2:");
    Place::with(&format!("{SMALL}\n[environment.dev]\n"))
        .run("validate")
        .expect(1)
        .expect_stderr("augeo.toml:11:");
}

#[test]
fn options_that_name_no_resource() {
    let place = Place::with(SMALL);
    place
        .run_fast("provision dev --yes --only data/stor")
        .expect(2)
        .expect_stderr("did you mean `data/store`?");
    assert!(!place.path(".augeo").exists());
    place.run_fast("provision dev --yes").expect(0);
    let destroy = "destroy dev --confirm dev --delete-data";
    place
        .run_fast(&format!("{destroy} data/stor,data/postgres,security/vault"))
        .expect(1)
        .expect_stdout("no resource `data/stor`")
        .expect_stdout("did you mean `data/store`?");
    place.run_fast("plan dev --check").expect(0);
}

#[test]
fn an_endpoint_elsewhere_or_of_azure() {
    let place = Place::with(SMALL);
    place
        .run("plan dev --endpoint http://example.com:80")
        .expect(2)
        .expect_stderr("is not on this machine");
    place
        .run("plan dev --target azure --endpoint http://127.0.0.1:1")
        .expect(2)
        .expect_stderr("the target is Azure");
}

#[test]
fn an_emulator_that_does_not_answer() {
    let place = Place::with(SMALL);
    place
        .run("plan dev --endpoint http://127.0.0.1:9")
        .expect(1)
        .expect_stderr("cannot be reached");
}

#[test]
fn a_world_that_cannot_be_written() {
    let place = Place::with(SMALL);
    place.write(".augeo", "a file where the folder belongs");
    let ran = place.run_fast("plan dev").expect(1);
    ran.expect_stderr("error[augeo/world-unusable]");
    assert_eq!(place.read(".augeo"), "a file where the folder belongs");
}

#[test]
fn plans_that_are_none_or_of_another_environment() {
    let place = Place::with(SMALL);
    place.write("broken.json", "{}");
    place
        .run_fast("provision dev --plan broken.json")
        .expect(1)
        .expect_stderr("error[augeo/not-a-plan]");
    place
        .run_fast("provision dev --plan absent.json")
        .expect(1)
        .expect_stderr("absent.json cannot be read");
    place.run_fast("plan dev --out dev.json").expect(0);
    place
        .run_fast("provision production --target emulator --plan dev.json")
        .expect(2)
        .expect_stderr("is for augeo/dev, not for augeo/production");
}

#[test]
fn a_damaged_world_is_kept_as_it_is() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes --only group").expect(0);
    let whole = place.read(".augeo/world.log");
    let damaged = whole.replacen("resourcegroups", "resourcegroupz", 1);
    assert_ne!(whole, damaged, "{whole}");
    place.write(".augeo/world.log", &damaged);
    for command in ["plan dev", "provision dev --yes", "emulator start --port 0"] {
        let ran = place.run_fast(command).expect(1);
        let ran = ran.expect_stderr("error[augeo/world-unusable]");
        ran.expect_stderr("is corrupt at line");
        assert_eq!(place.read(".augeo/world.log"), damaged, "{command}");
    }
}

#[test]
fn a_reference_cycle() {
    let thing = |name: &str, other: &str| {
        format!(
            "\n[[resource]]\nname = \"{name}\"\ntype = \"Microsoft.Example/things\"\n\
             api_version = \"2025-01-01\"\nwithin = \"group\"\n\
             body = {{ properties = {{ other = \"${{{other}.id}}\" }} }}\n"
        )
    };
    let config = format!("{SMALL}{}{}", thing("one", "two"), thing("two", "one"));
    let ran = Place::with(&config).run("validate").expect(1);
    ran.expect_stderr("error[augeo/cycle]: one: resources need each other: one -> two -> one\n")
        .expect_stderr("  --> augeo.toml:12:8\n")
        .expect_stderr("help: remove one of these references");
}

#[test]
fn a_resource_that_is_not_ours() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes --only group").expect(0);
    // Another project whose group happens to have the same name.
    let other = SMALL.replace("project = \"augeo\"", "project = \"other\"")
        + "\n[resource_group]\nname = \"augeo-dev-rg\"\n";
    place.write("other.toml", &other);
    let world = place.read(".augeo/world.log");
    let ran = place
        .run_fast("provision dev --yes -c other.toml")
        .expect(1);
    ran.expect_stdout("augeo/not-ours")
        .expect_stdout("refer to it as existing");
    assert_eq!(
        place.read(".augeo/world.log"),
        world,
        "something was written"
    );
}
