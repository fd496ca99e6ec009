//! Rehearsals: the real plan on a copy, in no time, and nothing is touched.

use std::fs;

use crate::run::{Place, Ran, SMALL};

/// A later version of the small environment.
const CHANGED: &str = r#"
[environment.dev.database]
sku = "Standard_D2s_v3"
firewall = { office = "203.0.113.4" }

[environment.dev.storage]
containers = ["backups", "redis-snapshots", "audit-logs", "more"]
"#;

/// Every file of the program's folder, with its bytes.
fn kept(place: &Place) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(place.path(".augeo")).expect("the program made the folder");
    let mut kept: Vec<_> = files
        .map(|file| file.expect("a file of the folder").path())
        .map(|path| {
            let bytes = fs::read(&path).expect("a file of the folder");
            (path.display().to_string(), bytes)
        })
        .collect();
    kept.sort();
    kept
}

fn lines(ran: &Ran) -> Vec<serde_json::Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

#[test]
fn a_first_apply_is_rehearsed_to_its_end() {
    let place = Place::with(SMALL);
    let ran = place.run("rehearse dev").expect(0);
    ran.expect_stdout("Rehearsal on a copy of 0 resources; nothing is touched")
        .expect_stdout("30 changes converge in 6 min")
        .expect_stdout("1 run in 10 takes over 10 min (P90); 1000 drawn")
        .expect_stdout("86 %  data/postgres")
        .expect_stdout("0 throttled")
        .expect_stderr("Next:  augeo provision dev");
    // Nothing of it was made.
    place.run_fast("plan dev --check").expect(3);
}

#[test]
fn a_change_is_rehearsed_on_a_copy_and_nothing_is_touched() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes").expect(0);
    place.write("augeo.toml", &format!("{SMALL}{CHANGED}"));
    let before = kept(&place);
    let ran = place.run("rehearse dev --json").expect(0);
    assert_eq!(kept(&place), before, "the world is the same to the byte");
    let told = &lines(&ran)[1..];
    let rehearsal = &told.last().unwrap()["rehearsal"];
    assert_eq!(rehearsal["differs"], serde_json::json!([]), "{ran}");
    assert_eq!(rehearsal["settled"], true, "{ran}");
    assert_eq!(rehearsal["failed"], serde_json::json!([]), "{ran}");
    let planned = place.run_fast("plan dev --format json").expect(0);
    let planned: serde_json::Value = serde_json::from_str(&planned.stdout).unwrap();
    let pending = planned["changes"].as_array().unwrap().len();
    assert!(pending > 2);
    assert_eq!(rehearsal["changes"], pending, "{ran}");
    assert_eq!(rehearsal["succeeded"], pending, "{ran}");
    // The whole is a copy, not an empty world: a plan there would create everything.
    assert!(
        rehearsal["requests"]["writes"]["sent"].as_u64() < Some(12),
        "{ran}"
    );
}

#[test]
fn a_vault_that_comes_back_is_rehearsed_as_it_comes_back() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes").expect(0);
    let destroy = "destroy dev --confirm dev --delete-data all";
    place.run_fast(destroy).expect(0);
    place
        .run("rehearse dev")
        .expect(0)
        .expect_stdout("30 changes converge in ")
        .expect_stderr("Next:  augeo provision dev");
    place.run_fast("provision dev --yes").expect(0);
}

#[test]
fn each_class_of_faults_is_tried_and_healed() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes").expect(0);
    place.write("augeo.toml", &format!("{SMALL}{CHANGED}"));
    let before = kept(&place);
    let ran = place.run("rehearse dev --faults --json").expect(0);
    assert_eq!(kept(&place), before, "the world is the same to the byte");
    let told = lines(&ran);
    let trials = told.last().unwrap();
    assert_eq!(trials["victim"], "data/postgres", "{ran}");
    let trials = trials["trials"].as_array().unwrap();
    assert!(trials.len() > 25);
    let find = |name: &str| trials.iter().find(|trial| trial["name"] == name).unwrap();
    for name in ["refused", "throttled", "internal-before", "expired-token"] {
        let trial = find(name);
        assert_eq!(trial["met"], true, "{name}: {trial}");
        assert!(trial["second"].is_null(), "{name} heals by itself: {trial}");
    }
    let denied = find("access-denied");
    let failed = &denied["first"]["failed"];
    assert_eq!(failed[0]["resource"], "data/postgres");
    assert_eq!(failed[0]["code"], "AuthorizationFailed");
    assert!(
        failed[0]["message"]
            .as_str()
            .is_some_and(|it| !it.is_empty()),
        "{denied}"
    );
    assert_eq!(denied["second"]["settled"], true);
    let failing = find("operation-fails");
    assert_eq!(
        failing["first"]["failed"][0]["code"],
        "InternalOperationError"
    );
    assert_eq!(failing["second"]["settled"], true);
    // No secret is asked for or told: what stands for one is made of a counter.
    assert!(!ran.stdout.contains("Af-d8"), "{ran}");
}

#[test]
fn a_plan_that_may_not_be_executed_is_not_rehearsed() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes").expect(0);
    place.write(
        "augeo.toml",
        &format!("{SMALL}\n[environment.dev.storage]\ncontainers = [\"more\"]\n"),
    );
    place
        .run("rehearse dev")
        .expect(1)
        .expect_stderr("error[augeo/protected]: ")
        .expect_stderr("error[augeo/blocked]: ")
        .expect_stderr("errors that must be resolved first");
    place
        .run("rehearse dev --victim nothing --faults")
        .expect(2)
        .expect_stderr("nothing");
}

#[test]
fn what_is_expected_is_told_before_while_and_after() {
    let place = Place::with(SMALL);
    place
        .run("plan dev")
        .expect(0)
        .expect_stdout("Time:  about 9 s; data/postgres is ");
    let made = place.run("provision dev --yes --time-scale 600").expect(0);
    made.expect_stdout("predicted ")
        .expect_stderr("expected 1 s, critical path");
    assert!(
        !place.path(".augeo/durations.jsonl").exists(),
        "the emulator teaches nothing"
    );
    place.run("destroy dev").expect(1).expect_stdout(", about ");
    // What programs are told is at the same pace.
    let gone = "destroy dev --confirm dev --delete-data all --json";
    let told = lines(&place.run_fast(gone).expect(0));
    let usual = told.iter().filter(|event| event["type"] == "changeStarted");
    let usual: Vec<f64> = usual.filter_map(|it| it["usualSeconds"].as_f64()).collect();
    assert!(!usual.is_empty());
    assert!(usual.iter().all(|usual| *usual == 0.0), "{usual:?}");
}
