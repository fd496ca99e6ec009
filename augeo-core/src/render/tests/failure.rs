//! Errors, findings and reports.

use insta::assert_snapshot;

use super::super::{
    Style, chain_text, failures_text, finding_text, findings_text, no_sources, report_json,
    report_text,
};
use super::*;
use crate::provider::{ErrorKind, ProviderError, RequestIds};
use crate::report::{Outcome, Report};

fn source(file: &str) -> Option<String> {
    let lines = "\n\n[store]\nname = \"platformprodst\"\n\tkind = 1\n";
    (file == "augeo.toml").then(|| lines.to_owned())
}

fn taken() -> ProviderError {
    ProviderError {
        status: Some(409),
        help: vec![
            "delete the line; the generated name is stable and free".to_owned(),
            "augeo explain NameTaken".to_owned(),
        ],
        ids: RequestIds {
            correlation: Some("5d2f6c1e-8a40-4b0e-9f2b-1c66b0a3d7f4".to_owned()),
            request: Some("0b9e77d2-3c15-4e1f-a2d9-77ab52c0e913".to_owned()),
            request_line: Some("PUT, version 2025-06-01".to_owned()),
            time: Some("2026-11-23T14:05:31Z".to_owned()),
        },
        ..ProviderError::new(
            ErrorKind::Conflict,
            "NameTaken",
            "the name `platformprodst` belongs to someone else",
        )
    }
}

fn failed() -> (Plan, Report) {
    let mut store = change("data/store", Action::Create, ty("Store"));
    store.location = Some(SourceLocation::new("augeo.toml", 4, 8));
    let mut names = vec![store];
    for other in ["data/logs", "data/other", "web/api", "web/dns", "web/plan"] {
        names.push(change(other, Action::Create, ty("Thing")));
    }
    let plan = plan_of(names);
    let error = || Box::new(taken());
    let skipped = |because: &str| Outcome::Skipped {
        because: name(because),
    };
    let outcomes = vec![
        Outcome::Failed { error: error() },
        Outcome::Succeeded,
        Outcome::Failed { error: error() },
        skipped("data/store"),
        skipped("web/api"),
        Outcome::Cancelled,
    ];
    let report = Report {
        stack: plan.stack.clone(),
        outcomes: plan
            .changes
            .iter()
            .zip(outcomes)
            .map(|(change, outcome)| (change.name.clone(), change.action, outcome))
            .collect(),
        elapsed_by_resource: [
            (name("data/logs"), seconds(652)),
            (name("data/store"), seconds(3)),
        ]
        .into(),
        elapsed: seconds(761),
        pending: Vec::new(),
        resources: BTreeMap::new(),
    };
    (plan, report)
}

#[test]
fn one_cause_is_one_error() {
    let (plan, report) = failed();
    let text = failures_text(&plan, &report, &source, &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @r#"
    error[NameTaken]: the name `platformprodst` belongs to someone else
      --> augeo.toml:4:8    data/store, create
       |
     4 | name = "platformprodst"
       |        ^^^^^^^^^^^^^^^^
       |
       = answer:      409, it conflicts with what there is or goes on
       = also:        data/other
       = held back:   2 changes that need it: web/api, web/dns; 1 other went on
       = ids:         correlation 5d2f6c1e-8a40-4b0e-9f2b-1c66b0a3d7f4   2026-11-23T14:05:31Z
                      request     0b9e77d2-3c15-4e1f-a2d9-77ab52c0e913   PUT, version 2025-06-01

    help: delete the line; the generated name is stable and free
    help: augeo explain NameTaken
    "#);
}

#[test]
fn a_report_says_what_is_left() {
    let (_, report) = failed();
    let text = report_text(&report, &heading(), &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @"
    production: 1 succeeded, 2 failed, 2 skipped, 1 cancelled  12 min 41 s
      failed     data/store          error[NameTaken], shown above
      failed     data/other          error[NameTaken], shown above
      skipped    2 changes           because data/store failed: web/api, web/dns
      cancelled  web/plan            because the run was stopped
      slowest    data/logs           10 min 52 s, 85 % of the time
    Nothing needs undoing: running it again does the 5 changes left.
    Next:  augeo provision production
    ");
}

#[test]
fn a_report_without_failures_is_short() {
    let (_, mut report) = failed();
    for (.., outcome) in &mut report.outcomes {
        *outcome = Outcome::Succeeded;
    }
    assert_snapshot!(report_text(&report, &Heading::default(), &Style::default()), @"
    production: 6 succeeded                             12 min 41 s
      slowest    data/logs           10 min 52 s, 85 % of the time
    ");
}

#[test]
fn an_unknown_end_is_no_failure_and_no_success() {
    let (plan, mut report) = failed();
    report.outcomes.truncate(1);
    report.outcomes[0].2 = Outcome::Unknown {
        error: Box::new(ProviderError::new(
            ErrorKind::OutcomeUnknown,
            "augeo/abandoned",
            "the run was left before the end of the operation",
        )),
    };
    let style = Style::default();
    let text = failures_text(&plan, &report, &no_sources, &style)
        + &report_text(&report, &Heading::default(), &style);
    assert_snapshot!(text, @"
    error[augeo/abandoned]: the run was left before the end of the operation
      --> augeo.toml:4:8    data/store, create
       |
       = answer:      it was sent and its end was not seen
    production: 1 unknown                               12 min 41 s
      unknown    data/store          error[augeo/abandoned]: its end was not seen, the next run looks
      slowest    data/logs           10 min 52 s, 85 % of the time
    Nothing needs undoing: running it again does the 1 change left.
    ");
}

#[test]
fn tools_read_a_report() {
    let (_, report) = failed();
    let json: serde_json::Value = serde_json::from_str(&report_json(&report, None)).unwrap();
    assert_eq!(json["schema"], "augeo.report/1");
    assert_eq!(json["complete"], false);
    assert_eq!(json["elapsedSeconds"], 761.0);
    assert_eq!(json["outcomes"][0]["error"]["code"], "NameTaken");
    assert_eq!(json["outcomes"][3]["because"], "data/store");
    assert_eq!(json["outcomes"][1]["elapsedSeconds"], 652.0);
}

#[test]
fn findings_show_their_line() {
    let findings = [
        Finding::warning("augeo/odd", "kind is odd").at(SourceLocation::new("augeo.toml", 5, 2)),
        Finding::error("augeo/unknown-key", "unknown key `name`")
            .about(&name("store"))
            .fix("did you mean `names`?")
            .at(SourceLocation::new("augeo.toml", 4, 1)),
        Finding::note("augeo/gone", "a place that is not there").at(SourceLocation::new(
            "augeo.toml",
            99,
            1,
        )),
    ];
    let text = findings_text(&findings, &source, &Style::default());
    assert_snapshot!(text, @r#"
    error[augeo/unknown-key]: store: unknown key `name`
      --> augeo.toml:4:1
       |
     4 | name = "platformprodst"
       | ^^^^

    help: did you mean `names`?

    warning[augeo/odd]: kind is odd
      --> augeo.toml:5:2
       |
     5 |  kind = 1
       |  ^^^^

    note[augeo/gone]: a place that is not there
      --> augeo.toml:99:1
    "#);
}

#[test]
fn a_generated_line_is_cut_around_its_place() {
    let long = |_: &str| Some(format!("{}[key] = 1{}", "a".repeat(3318), "b".repeat(900)));
    let finding = Finding::error("x", "y").at(SourceLocation::new("t", 1, 3319));
    let text = finding_text(&finding, &long, &Style::default());
    assert_fits(&text, 100);
    assert!(text.contains("^^^^^\n"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[3].find("[key]"), lines[4].find('^'), "{text}");
}

#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Link {
    text: &'static str,
    source: Option<Box<Link>>,
}

#[test]
fn a_chain_says_nothing_twice() {
    let link = |text, source: Option<Link>| Link {
        text,
        source: source.map(Box::new),
    };
    let innermost = link("connection refused", None);
    let repeating = link("connection refused", Some(innermost));
    let error = link("the target cannot be reached", Some(repeating));
    assert_snapshot!(chain_text(&error, &Style::default()), @"
    error: the target cannot be reached
      because: connection refused
    ");
}
