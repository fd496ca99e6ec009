//! Rules as people meet them: the list, what is said of the platform to the letter, suppressions,
//! and the log for code scanning.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::run::Place;

const TOP: &str = "\
project = 'augeo'
location = 'westeurope'
cost_center = 'CC-1'
target = 'emulator'
[redis]
enabled = false
[environment.dev]
";

fn example(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/augeo-platform");
    fs::read_to_string(root.join(name)).expect("the example is there")
}

#[test]
fn rules_are_listed_for_people_and_for_programs() {
    let place = Place::empty();
    let ran = place.run("rules").expect(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines.len() >= 40, "{ran}");
    let archive = lines
        .iter()
        .find(|line| line.contains("augeo/storage-archive "));
    assert_snapshot!(archive.unwrap(), @"error    augeo/storage-archive                      Blobs are to be archived in an account whose redundancy has no archive.");
    let listed: Json =
        serde_json::from_str(&place.run("rules --format json").expect(0).stdout).unwrap();
    let rules = listed["rules"].as_array().unwrap();
    assert_eq!(rules.len(), lines.len());
    let tls = rules
        .iter()
        .find(|rule| rule["rule"] == "augeo/storage-tls")
        .unwrap();
    assert_eq!(tls["date"], "2026-02-03");
    let events = place.run("rules --json").expect(0).stdout;
    let last: Json = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!(last["rules"], listed["rules"]);
    for rule in rules {
        let id = rule["rule"].as_str().unwrap();
        let explained = place.run(&format!("explain {id}")).expect(0);
        assert!(
            explained.stdout.contains(rule["link"].as_str().unwrap()),
            "{explained}"
        );
    }
}

#[test]
fn a_rule_is_explained() {
    assert_snapshot!(Place::empty().run("explain redis-persistence"));
}

#[test]
fn the_platform_to_the_letter_is_refused() {
    let place = Place::with(&example("as-documented.toml"));
    let ran = place.run("validate --as-of 2026-12-01").expect(1);
    assert_snapshot!(ran);
}

#[test]
fn the_platform_as_it_is_meant_is_valid() {
    let place = Place::with(&example("augeo.toml"));
    let ran = place.run("validate --as-of 2026-12-01").expect(0);
    assert!(!ran.stderr.contains("warning"), "{ran}");
}

#[test]
fn a_day_decides_what_has_ended() {
    let place = Place::with(&format!("{TOP}[database]\nversion = '14'\n"));
    let on = |day: &str| {
        place
            .run(&format!("validate --as-of {day}"))
            .expect(0)
            .stderr
    };
    assert!(!on("2026-05-01").contains("augeo/database-version"));
    assert!(on("2026-12-01").contains("PostgreSQL 14 ends"));
    assert!(on("2027-01-01").contains("PostgreSQL 14 has ended"));
    place.run("validate --as-of soon").expect(2);
}

#[test]
fn what_is_suppressed_is_counted() {
    let place = Place::with(&format!(
        "{TOP}[database.firewall]\nazure = '0.0.0.0'\n
[[suppress]]
rule = 'augeo/database-open'
reason = 'until there is a private endpoint'
until = '2027-03-01'
"
    ));
    let ran = place.run("validate --as-of 2026-12-01").expect(0);
    let ran = ran.expect_stdout("suppressed findings: 1");
    assert!(!ran.stderr.contains("database-open"), "{ran}");
    place
        .run("validate --as-of 2027-04-01")
        .expect(0)
        .expect_stderr("augeo/database-open")
        .expect_stderr("augeo/suppression-expired");
}

/// The text of a field.
fn word(value: &Json) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

/// The number of a field.
fn number(value: &Json) -> usize {
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    number.unwrap_or_else(|| panic!("{value} is no number"))
}

/// What the schema of SARIF 2.1.0 asks of a log, as far as code scanning reads it.
fn check_sarif(log: &Json) -> usize {
    assert_eq!(log["version"], "2.1.0");
    let runs = log["runs"].as_array().expect("an array of runs");
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert_eq!(driver["name"], "augeo");
    let rules = driver["rules"].as_array().expect("an array of rules");
    let ids: BTreeSet<&str> = rules.iter().map(|rule| word(&rule["id"])).collect();
    assert_eq!(ids.len(), rules.len(), "the rules are unique");
    let levels = ["none", "note", "warning", "error"];
    for rule in rules {
        assert!(
            !word(&rule["shortDescription"]["text"]).is_empty(),
            "{rule}"
        );
        let level = &rule["defaultConfiguration"]["level"];
        assert!(level.is_null() || levels.contains(&word(level)), "{rule}");
    }
    let results = runs[0]["results"].as_array().expect("an array of results");
    for result in results {
        assert_eq!(
            rules[number(&result["ruleIndex"])]["id"],
            result["ruleId"],
            "{result}"
        );
        assert!(levels.contains(&word(&result["level"])), "{result}");
        assert!(!word(&result["message"]["text"]).is_empty(), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = word(&place["artifactLocation"]["uri"]);
        assert!(!uri.starts_with('/') && !uri.contains(' '), "{uri}");
        for end in ["startLine", "startColumn"] {
            assert!(number(&place["region"][end]) >= 1, "{result}");
        }
        for suppression in result["suppressions"].as_array().into_iter().flatten() {
            assert!(["inSource", "external"].contains(&word(&suppression["kind"])));
        }
    }
    results.len()
}

fn sarif(place: &Place, code: i32) -> Json {
    let ran = place
        .run("validate --format sarif --as-of 2026-12-01")
        .expect(code);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran}"))
}

#[test]
fn code_scanning_reads_what_was_found() {
    let place = Place::with(&example("as-documented.toml"));
    let log = sarif(&place, 1);
    assert!(check_sarif(&log) > 5);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let aof = results
        .iter()
        .find(|it| it["ruleId"] == "augeo/redis-persistence")
        .unwrap();
    let region = &aof["locations"][0]["physicalLocation"]["region"];
    let text = example("as-documented.toml");
    let line = number(&region["startLine"]);
    let column = number(&region["startColumn"]);
    let written = text.lines().nth(line - 1).unwrap();
    assert_eq!(&written[column - 1..], "\"aof\"");
}

#[test]
fn code_scanning_reads_mistakes_and_suppressions() {
    let mistyped = Place::with("projct = 'augeo'\n");
    let log = sarif(&mistyped, 1);
    check_sarif(&log);
    let ids = log["runs"][0]["results"].as_array().unwrap().iter();
    assert!(
        ids.clone().any(|it| it["ruleId"] == "augeo/unknown-key"),
        "{log:#}"
    );
    let suppressed = Place::with(&format!(
        "{TOP}[database.firewall]\nazure = '0.0.0.0'\n
[[suppress]]
rule = 'augeo/database-open'
reason = 'known'
until = '2027-03-01'
"
    ));
    let log = sarif(&suppressed, 0);
    assert_eq!(check_sarif(&log), 1);
    let result = &log["runs"][0]["results"][0];
    let expected = json!([{"kind": "external", "justification": "known (until 2027-03-01)"}]);
    assert_eq!(result["suppressions"], expected);
}
