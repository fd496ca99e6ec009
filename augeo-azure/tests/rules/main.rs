//! Rules: for each one a stack in which it fires and one in which it is silent, and what becomes of
//! its findings.

mod cases;
mod cases_data;
mod cases_web;
mod support;
mod suppressions;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use augeo_azure::rules::{self, Occasion};
use time::macros::date;

use crate::support::{Case, TODAY, findings};

fn all_cases() -> impl Iterator<Item = &'static Case> {
    [cases::CASES, cases_data::CASES, cases_web::CASES]
        .into_iter()
        .flatten()
}

#[test]
fn each_rule_fires_and_is_silent() {
    let mut wrong = Vec::new();
    for case in all_cases() {
        let says = |text: &str| -> Vec<String> {
            let found = findings(text, TODAY);
            let mine = found
                .into_iter()
                .filter(|finding| finding.rule == case.rule);
            mine.map(|finding| {
                format!(
                    "{}: {}",
                    finding
                        .resource
                        .map(|it| it.to_string())
                        .unwrap_or_default(),
                    finding.message
                )
            })
            .collect()
        };
        if says(case.fires).is_empty() {
            wrong.push(format!("{} does not fire in {}", case.rule, case.fires));
        }
        let silent = says(case.silent);
        if !silent.is_empty() {
            wrong.push(format!(
                "{} fires in {}: {silent:?}",
                case.rule, case.silent
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_case() {
    let mut cases: BTreeMap<&str, usize> = BTreeMap::new();
    for case in all_cases() {
        *cases.entry(case.rule).or_default() += 1;
    }
    let without = rules::all()
        .into_iter()
        .filter(|rule| !cases.contains_key(rule.id));
    let without: Vec<&str> = without.map(|rule| rule.id).collect();
    assert!(without.is_empty(), "no case for {without:?}");
    let unknown: Vec<&&str> = cases
        .keys()
        .filter(|id| rules::find(id).is_none())
        .collect();
    assert!(unknown.is_empty(), "no rule {unknown:?}");
}

#[test]
fn what_each_rule_says() {
    let mut text = String::new();
    for case in all_cases() {
        for finding in findings(case.fires, TODAY) {
            if finding.rule == case.rule {
                let about = finding
                    .resource
                    .map(|name| name.to_string())
                    .unwrap_or_default();
                let property = finding
                    .property
                    .map(|path| format!(".{path}"))
                    .unwrap_or_default();
                writeln!(
                    text,
                    "{} {} {about}{property}: {}\n    {}",
                    finding.severity,
                    finding.rule,
                    finding.message,
                    finding.fix.unwrap_or_default()
                )
                .unwrap();
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_version_of_postgresql_is_told_before_its_end_and_after() {
    let server = "db Microsoft.DBforPostgreSQL/flexibleServers { version = '14' }";
    let says = |today| -> Vec<String> {
        let found = findings(server, today);
        let mine = found
            .into_iter()
            .filter(|finding| finding.rule == "augeo/database-version");
        mine.map(|finding| finding.message).collect()
    };
    assert!(says(date!(2026 - 05 - 01)).is_empty(), "it is far away");
    assert!(says(date!(2026 - 12 - 11))[0].contains("Azure's on 2026-12-11, after which"));
    assert!(says(date!(2026 - 12 - 12))[0].contains("no new server is made since 2026-12-11"));
}

#[test]
fn a_date_is_told_as_past_or_to_come() {
    let cluster = "redis Microsoft.Cache/redisEnterprise { sku = { name = 'Enterprise_E5' } }";
    let says = |today| {
        let found = findings(cluster, today);
        let mine = found
            .into_iter()
            .find(|it| it.rule == "augeo/redis-enterprise-retired");
        mine.expect("it fires on every day").message
    };
    assert!(says(date!(2027 - 03 - 30)).ends_with("(from 2027-03-31)"));
    assert!(says(date!(2027 - 03 - 31)).ends_with("(since 2027-03-31)"));
}

#[test]
fn other_clouds_have_other_regions() {
    let stack = support::stack("x Microsoft.Storage/storageAccounts { location = 'chinanorth3' }");
    let count = |cloud: &str| {
        let mut occasion = Occasion::on(TODAY);
        occasion.cloud = cloud;
        let found = rules::check(&stack, &occasion);
        found
            .iter()
            .filter(|it| it.rule == "augeo/unknown-region")
            .count()
    };
    assert_eq!((count("public"), count("china")), (1, 0));
}

#[test]
fn what_is_refused_is_an_error() {
    for rule in rules::all() {
        if rule.enforced {
            assert_eq!(
                rule.severity,
                augeo_core::finding::Severity::Error,
                "{}",
                rule.id
            );
        }
    }
}
