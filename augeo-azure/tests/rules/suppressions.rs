//! Suppressions: what they hide, until when, and what is told of them.

use augeo_azure::platform::{Config, JudgedStack};
use augeo_azure::rules::{self, Suppression};
use augeo_core::finding::Finding;
use time::Date;
use time::macros::date;

use crate::support::{TODAY, configuration};

const OPEN: &str = "store Microsoft.Storage/storageAccounts { allowBlobPublicAccess = true }
    other Microsoft.Storage/storageAccounts { allowBlobPublicAccess = true }";

fn judged(suppressions: &str, today: Date) -> JudgedStack {
    let text = format!("{}{suppressions}", configuration(OPEN));
    let config = Config::parse(&text, "augeo.toml").unwrap_or_else(|errors| panic!("{errors}"));
    config
        .judged("dev", today)
        .unwrap_or_else(|errors| panic!("{errors}"))
}

fn told(judged: &JudgedStack) -> Vec<String> {
    let findings = judged.stack.findings().iter();
    findings
        .map(|finding| {
            let about = finding
                .resource
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("{} {about}", finding.rule)
        })
        .collect()
}

fn suppression(resource: &str, until: &str) -> String {
    format!(
        "[[suppress]]\nrule = 'augeo/storage-public'\n{resource}reason = 'a public library'\nuntil = '{until}'\n"
    )
}

#[test]
fn one_hides_what_it_names_until_its_last_day() {
    let of_store = suppression("resource = 'store'\n", "2027-03-01");
    let on_last_day = judged(&of_store, date!(2027 - 03 - 01));
    assert_eq!(told(&on_last_day), ["augeo/storage-public other"]);
    assert_eq!(on_last_day.suppressed[0].1.reason, "a public library");
    let after = judged(&of_store, date!(2027 - 03 - 02));
    let expected = [
        "augeo/storage-public store",
        "augeo/storage-public other",
        "augeo/suppression-expired ",
    ];
    assert_eq!(told(&after), expected);
    let of_all = judged(&suppression("", "2027-03-01"), TODAY);
    assert_eq!((told(&of_all).len(), of_all.suppressed.len()), (0, 2));
}

#[test]
fn one_that_hides_nothing_is_told_at_its_place() {
    let found = judged(&suppression("resource = 'nowhere'\n", "2027-03-01"), TODAY);
    let finding = found.stack.findings().last().unwrap();
    assert_eq!(finding.rule, "augeo/suppression-unused");
    assert_eq!(
        finding.message,
        "the suppression of augeo/storage-public for nowhere hides nothing"
    );
    let line = finding.location.as_ref().unwrap().line;
    let text = format!("{}{}", configuration(OPEN), suppression("", "2027-03-01"));
    assert_eq!(
        text.lines().nth(line as usize - 1),
        Some("rule = 'augeo/storage-public'")
    );
}

#[test]
fn one_that_is_used_in_another_environment_is_used() {
    let text = format!(
        "{}environments = ['production']\n{}",
        configuration("store Microsoft.Storage/storageAccounts { allowBlobPublicAccess = true }"),
        suppression("", "2027-03-01")
    );
    let config = Config::parse(&text, "augeo.toml").unwrap_or_else(|errors| panic!("{errors}"));
    let dev = config.judged("dev", TODAY).unwrap();
    assert!(
        dev.stack.findings().is_empty(),
        "{:?}",
        dev.stack.findings()
    );
}

fn mistakes(suppression: &str) -> String {
    let text = format!("{}{suppression}", configuration(OPEN));
    let errors = Config::parse(&text, "augeo.toml").expect_err("it has mistakes");
    errors.to_string()
}

#[test]
fn what_is_wrong_with_a_suppression_is_told() {
    let missing = mistakes("[[suppress]]\nrule = 'augeo/storage-public'\n");
    assert!(missing.contains("`reason` is missing") && missing.contains("`until` is missing"));
    let enforced =
        mistakes("[[suppress]]\nrule = 'augeo/plan-slots'\nreason = 'x'\nuntil = '2027-03-01'\n");
    assert!(
        enforced.contains("Azure refuses what this rule objects to"),
        "{enforced}"
    );
    let mistyped = mistakes(
        "[[suppress]]\nrule = 'augeo/storage-pubic'\nreason = ' '\nuntil = '2027-02-30'\n",
    );
    for problem in [
        "did you mean `augeo/storage-public`?",
        "`reason` cannot be",
        "`until` cannot be",
    ] {
        assert!(mistyped.contains(problem), "{mistyped}");
    }
    let odd = Config::parse("suppress = 1\n", "augeo.toml").unwrap_err();
    assert!(odd.to_string().contains("a list of tables"), "{odd}");
}

#[test]
fn what_azure_enforces_is_told_whatever_is_suppressed() {
    let refused = Finding::error("augeo/plan-slots", "B1 has no slots");
    let suppressions = [Suppression::new(
        "augeo/plan-slots",
        "x",
        date!(2027 - 03 - 01),
    )];
    let judged = rules::judge(vec![refused.clone()], &suppressions, TODAY);
    assert_eq!(judged.findings, [refused]);
}
