//! Ctrl-C and SIGTERM: the first stops, the second leaves, and the next run goes on.

use crate::run::{Place, SMALL};

#[test]
fn the_first_signal_stops_and_the_next_run_goes_on() {
    let place = Place::with(SMALL);
    let mut running = place.start("provision dev --yes --time-scale 60");
    running.wait_for("start  create   data/store");
    running.signal();
    let ran = running.end();
    let ran = ran
        .expect(130)
        .expect_stderr("No new change starts. Still running in Azure: ");
    ran.expect_stdout("cancelled")
        .expect_stdout("Next:  augeo provision dev");
    place.run_fast("provision dev --yes").expect(0);
    place.run_fast("plan dev --check").expect(0);
}

#[test]
fn a_stopped_destruction_names_what_may_go_once_more() {
    let place = Place::with(SMALL);
    place.run_fast("provision dev --yes").expect(0);
    let command = "destroy dev --delete-data all";
    let mut running = place.start(&format!("{command} --confirm dev --time-scale 60"));
    running.wait_for("start  delete");
    running.signal();
    running
        .end()
        .expect(130)
        .expect_stdout(&format!("Next:  augeo {command}\n"));
}

#[test]
fn the_second_signal_leaves_and_the_outcome_is_unknown() {
    let place = Place::with(SMALL);
    let mut running = place.start("provision dev --yes --time-scale 2");
    running.wait_for("start  create   data/store");
    running.signal();
    running.wait_for("No new change starts");
    running.signal();
    running
        .end()
        .expect(4)
        .expect_stderr("the next run finds it");
}

#[test]
fn what_a_killed_run_began_is_awaited_at_the_emulators_pace() {
    let place = Place::with(SMALL);
    let mut running = place.start("provision dev --yes --json --time-scale 60");
    let awaited = |line: &str| line.contains("waiting") && line.contains("data/postgres\"");
    while !awaited(&running.line()) {}
    drop(running);
    let ran = place.run("provision dev --yes --json --time-scale 60");
    let ran = ran.expect(0);
    let waits: Vec<f64> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line is JSON"))
        .filter(|event| event["type"] == "waiting" && event["resource"] == "data/postgres")
        .map(|event| event["nextSeconds"].as_f64().expect("a number"))
        .collect();
    assert!(!waits.is_empty(), "{ran}");
    assert!(waits.iter().all(|wait| *wait <= 1.0), "{waits:?}");
}

#[test]
fn a_killed_run_is_taken_up_by_the_next() {
    let place = Place::with(SMALL);
    let mut running = place.start("provision dev --yes --time-scale 60");
    running.wait_for("done   create   group");
    drop(running);
    place.run_fast("provision dev --yes").expect(0);
    place.run_fast("plan dev --check").expect(0);
}
