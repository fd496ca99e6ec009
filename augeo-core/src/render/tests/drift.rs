//! Drift as text and for tools.

use insta::assert_snapshot;

use super::super::{Style, drift_json, drift_text, has_drift, plan_text};
use super::*;

fn drifted() -> Plan {
    let drift = |path: &str, before: Value, after: Value| {
        differs(path, Some(before), Some(after), Cause::Drift)
    };
    plan_of(vec![
        with(
            change("web/config", Action::Update, ty("Web app configuration")),
            vec![
                drift("minTlsVersion", "1.0".into(), "1.2".into()),
                drift(
                    "rules",
                    json!(["10.0.0.1", "203.0.113.7"]).into(),
                    json!(["10.0.0.1"]).into(),
                ),
                declared("image", "a", "b"),
            ],
        ),
        change("web/old-slot", Action::Create, ty("Web app slot")),
        with(
            change("web/plan", Action::Update, ty("Plan")),
            vec![declared("sku", "B1", "S1")],
        ),
    ])
}

#[test]
fn drift_reads_from_desired_to_observed() {
    let text = drift_text(&drifted(), &heading(), &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @r#"
    Drift in production      Contoso-Prod 9f3c..41d2 | westeurope | augeo.toml
    3 resources, 14 requests

      web/config          Web app configuration
          minTlsVersion             "1.2" -> "1.0"
          rules                     + 203.0.113.7
      web/old-slot        Web app slot                                      is not there

    Not drift: 1 other change is declared and not applied yet

    2 resources drifted, 2 properties; none holds data
    Next:  augeo provision production
    "#);
}

#[test]
fn what_was_declared_is_no_drift() {
    let mut plan = drifted();
    plan.changes.drain(..2);
    assert!(!has_drift(&plan));
    let heading = Heading {
        next: None,
        ..heading()
    };
    assert_snapshot!(drift_text(&plan, &heading, &Style::default()), @"
    No drift: production matches augeo.toml as last applied (1 resource, 14 requests)
    Not drift: 1 other change is declared and not applied yet
    ");
}

#[test]
fn tools_read_drift() {
    let json: serde_json::Value = serde_json::from_str(&drift_json(&drifted())).unwrap();
    assert_eq!(json["schema"], "augeo.drift/1");
    assert_eq!(json["pending"], 1);
    let first = &json["drifted"][0];
    assert_eq!(first["differences"].as_array().unwrap().len(), 2);
    assert_eq!(first["differences"][0]["before"], "1.0");
    assert_eq!(json["drifted"][1]["gone"], true);
}

#[test]
fn what_cannot_be_told_from_drift_is_shown_as_such() {
    let difference = differs(
        "minTlsVersion",
        Some("1.0".into()),
        Some("1.2".into()),
        Cause::Undetermined,
    );
    let plan = plan_of(vec![with(
        change("web/config", Action::Update, ty("Web app configuration")),
        vec![difference],
    )]);
    assert!(has_drift(&plan));
    assert!(drift_text(&plan, &heading(), &Style::default()).contains("or not yet applied"));
}

#[test]
fn what_was_declared_or_changed_by_somebody_else_blames_no_line_alone() {
    let undetermined = |path: &str, line: Option<u32>| Difference {
        source: line.map(place),
        ..differs(
            path,
            Some("a".into()),
            Some("b".into()),
            Cause::Undetermined,
        )
    };
    let mut edited = with(
        change("web/config", Action::Update, ty("Web app configuration")),
        vec![undetermined("size", Some(88)), undetermined("shape", None)],
    );
    edited.prior.as_mut().unwrap().declared = Some("11".to_owned());
    let plan = plan_of(vec![edited]);
    let text = plan_text(&plan, &Heading::default(), &Style::default());
    assert_snapshot!(text, @"
    Plan for production
    1 resource observed in 14 requests: 0 unchanged, 1 to change

      ~ web/config          update   Web app configuration
          size                      a -> b
          shape                     a -> b
          why                       size: it was declared anew in augeo.toml:88:3, or somebody else
                                    changed it, since the last apply
          why                       shape: it was declared anew, or somebody else changed it, since the
                                    last apply

    Plan:  0 create, 1 update, 0 replace, 0 delete; 0 unchanged
    Data:  nothing that holds data is replaced or deleted
    ");
    assert!(!text.contains("DRIFT"), "{text}");
    assert!(has_drift(&plan));
    let drift = drift_text(&plan, &heading(), &Style::default());
    assert!(drift.contains("or not yet applied"), "{drift}");
}

#[test]
fn an_environment_of_which_nothing_is_there_is_told_in_a_line() {
    let plan = plan_of(vec![change("data/db", Action::Create, ty("Database"))]);
    assert!(has_drift(&plan));
    let text = drift_text(&plan, &heading(), &Style::default());
    let start = "Nothing of production is there (1 resource, 14 requests): ";
    assert!(text.starts_with(start), "{text}");
    assert!(!text.contains("data/db"), "{text}");
}
