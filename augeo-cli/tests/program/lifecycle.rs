//! The life of an environment on the embedded emulator: plan, provision, drift, destroy.

use std::fs;

use crate::run::{Place, SMALL, Served};

#[test]
fn an_environment_is_made_is_stable_and_is_destroyed() {
    let place = Place::with(SMALL);
    place
        .run_fast("plan dev --check")
        .expect(3)
        .expect_stdout("Next:  augeo provision dev");
    let made = place.run_fast("provision dev --yes").expect(0);
    let made = made.expect_stderr("Target: emulator | subscription ");
    made.expect_stdout("succeeded");
    place
        .run_fast("plan dev --check")
        .expect(0)
        .expect_stdout("No changes: dev matches");
    place
        .run_fast("drift dev")
        .expect(0)
        .expect_stdout("No drift");
    place
        .run_fast("show dev")
        .expect(0)
        .expect_stdout("https://");
    place
        .run_fast("destroy dev --confirm dev")
        .expect(1)
        .expect_stdout("Stop:  ")
        .expect_stderr("error[augeo/protected]: ")
        .expect_stderr("help: augeo destroy dev --delete-data data/");
    place.run_fast("plan dev --check").expect(0);
    place
        .run_fast("destroy dev --confirm dev --delete-data all")
        .expect(0);
    let gone = place.run_fast("destroy dev --confirm dev").expect(0);
    let gone = gone.expect_stdout("No changes: nothing of dev is there (");
    // What is worth knowing of settings is nothing to whoever takes it all away.
    assert!(!gone.stdout.contains("findings"), "{gone}");
    place.run_fast("plan dev --check").expect(3);
}

#[test]
fn nothing_happens_without_a_yes() {
    let place = Place::with(SMALL);
    let asked = place.run_fast("provision dev").expect(2);
    asked
        .expect_stderr("error[augeo/no-terminal]")
        .expect_stderr("pass --yes");
    place.run_fast("plan dev --check").expect(3);
    place.run_fast("provision dev --yes").expect(0);
    let asked = place.run_fast("destroy dev --delete-data all").expect(2);
    asked
        .expect_stdout("Destroy dev")
        .expect_stderr("pass --confirm dev");
    let yes = place
        .run_fast("destroy dev --delete-data all --yes")
        .expect(2);
    yes.expect_stderr("--yes does not confirm a destroy");
    let other = place
        .run_fast("destroy dev --delete-data all --confirm production")
        .expect(2);
    other.expect_stderr("the environment to destroy is dev");
    place.run_fast("plan dev --check").expect(0);
}

#[test]
fn a_saved_plan_runs_once_and_names_what_moved() {
    let place = Place::with(SMALL);
    let saved = place.run_fast("plan dev --out plan.json").expect(0);
    saved.expect_stdout("augeo provision dev --plan plan.json");
    place.run_fast("provision dev --plan plan.json").expect(0);
    let again = place.run_fast("provision dev --plan plan.json").expect(1);
    again
        .expect_stderr("error[augeo/plan-moved]")
        .expect_stderr("group: exists now");
}

#[test]
fn a_command_to_go_on_with_can_be_copied() {
    let place = Place::empty();
    fs::create_dir(place.path("my stack")).unwrap();
    place.write("my stack/augeo.toml", SMALL);
    let mut command = place.command("plan dev --time-scale 0 -c");
    command.arg("my stack").arg("--out").arg("it's a plan.json");
    let planned = command.output().expect("the program runs");
    let planned = String::from_utf8(planned.stdout).unwrap();
    let (_, next) = planned.rsplit_once("Next:  augeo ").expect("it goes on");
    assert_eq!(
        next.trim_end(),
        r"provision dev --plan 'it'\''s a plan.json' -c 'my stack'"
    );
}

#[test]
fn what_is_blocked_says_so_with_a_code_and_is_not_saved() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes").expect(0);
    place.write(
        "augeo.toml",
        &format!("{SMALL}\n[environment.dev.storage]\ncontainers = [\"more\"]\n"),
    );
    for command in ["plan dev", "plan dev --out plan.json", "provision dev"] {
        place
            .run_fast(command)
            .expect(1)
            .expect_stdout("Stop:  ")
            .expect_stdout(&format!(
                "Next:  augeo {}",
                command.trim_end_matches(" --out plan.json")
            ))
            .expect_stderr("error[augeo/blocked]: the plan for augeo/dev has ")
            .expect_stderr("help: augeo explain augeo/protected");
    }
    place
        .run_fast("plan dev --out plan.json")
        .expect(1)
        .expect_stdout("Saved:  nothing in plan.json");
    place
        .run_fast("plan dev --format markdown")
        .expect(1)
        .expect_stdout("**Stop:** 3 errors must be resolved")
        .expect_stdout("**Next:** `augeo plan dev`");
    assert!(!place.path("plan.json").exists());
}

#[test]
fn only_some_resources() {
    let place = Place::with(SMALL);
    let part = "provision dev --yes --only group";
    // What is left of the whole is told, and how to go on with it.
    place
        .run_fast(part)
        .expect(0)
        .expect_stdout("Next:  augeo provision dev\n");
    place
        .run_fast(part)
        .expect(0)
        .expect_stdout("No changes: this 1 resource matches augeo.toml; 29 other changes are left")
        .expect_stdout("Next:  augeo provision dev\n");
    let shown = place.run_fast("show dev").expect(0);
    let shown = shown.expect_stdout("resourceGroups/augeo-dev-rg");
    assert!(!shown.stdout.contains("storageAccounts"), "{shown}");
}

#[test]
fn events_are_json_lines() {
    let place = Place::with(SMALL);
    for (arguments, last) in [
        ("plan dev", "plan"),
        ("provision dev --yes", "report"),
        ("drift dev", "drift"),
        ("show dev", "resource"),
    ] {
        let ran = place.run_fast(&format!("{arguments} --json")).expect(0);
        let lines: Vec<serde_json::Value> = ran
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}\n{ran}")))
            .collect();
        assert_eq!(lines[0]["schema"], "augeo.events/1", "{ran}");
        assert!(
            lines[1..].iter().all(|line| line["type"].is_string()),
            "{ran}"
        );
        assert_eq!(lines.last().unwrap()["type"], last, "{ran}");
    }
    let error = place.run("plan prod --json").expect(2);
    assert!(
        error
            .stdout
            .contains(r#""code":"augeo/unknown-environment""#),
        "{error}"
    );
}

#[test]
fn plans_are_printed_in_three_forms() {
    let place = Place::with(SMALL);
    place
        .run_fast("plan dev --format markdown")
        .expect(0)
        .expect_stdout("### Plan for dev");
    let json = place.run_fast("plan dev --format json").expect(0);
    let plan: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(plan["environment"], "dev");
}

#[test]
fn a_trace_has_a_line_per_request_and_no_secret() {
    let place = Place::with(SMALL);
    // A file that everybody reads is in the way.
    fs::write(place.path("trace.jsonl"), "what was there\n".repeat(1_000)).unwrap();
    let served = Served::new();
    let arguments = format!("--trace trace.jsonl --endpoint {}", served.endpoint);
    place
        .run(&format!("provision dev --yes {arguments}"))
        .expect(0);
    let trace = place.read("trace.jsonl");
    let records: Vec<serde_json::Value> = trace
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    let told = records.iter().map(|record| {
        let text = |key: &str| record[key].as_str().expect("it is text").to_owned();
        (text("method"), text("path"))
    });
    let world = served.emulator.snapshot();
    let answered = world.requests().iter().map(|request| {
        let path = request.path.split('?').next().unwrap_or_default();
        (request.method.to_string(), path.to_owned())
    });
    let sorted = |requests: &mut dyn Iterator<Item = (String, String)>| {
        let mut all: Vec<_> = requests.collect();
        all.sort();
        all
    };
    assert_eq!(
        sorted(&mut told.into_iter()),
        sorted(&mut answered.into_iter())
    );

    // What the program made and sent, a password and the login of its server, it tells nobody.
    let sent = |path: &str, at: &str| {
        let puts = records
            .iter()
            .filter(|record| record["method"] == "PUT")
            .filter(|record| record["path"].as_str().is_some_and(|it| it.contains(path)));
        puts.filter_map(|record| record["body"].pointer(at).cloned())
            .collect::<Vec<_>>()
    };
    let password = "/properties/administratorLoginPassword";
    assert_eq!(sent("/secrets/", "/properties/value"), ["[redacted]"]);
    assert_eq!(sent("/flexibleServers/", password), ["[redacted]"]);
    // Every token begins as `{"` does in base64.
    let beginning = "eyJ";
    assert!(served.emulator.credential().token().starts_with(beginning));
    assert!(!trace.contains(beginning), "a token is in it: {trace}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(place.path("trace.jsonl"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn the_world_is_private_and_kept_out_of_version_control() {
    let place = Place::with(SMALL);
    place.run_fast("plan dev").expect(0);
    assert_eq!(place.read(".augeo/.gitignore"), "*\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(place.path(".augeo"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
