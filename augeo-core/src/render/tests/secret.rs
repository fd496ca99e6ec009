//! No rendering shows a secret, wherever it stands.

use serde_json::json;

use super::super::{
    Destroy, Style, destroy_text, drift_json, drift_text, plan_json, plan_markdown, plan_text,
    report_json, report_text,
};
use super::*;
use crate::report::{Outcome, Report};

const CANARY: &str = "canary-7f3a";

/// A plan in which every old value, and everything beside a secret, is the canary.
fn planted(cause: &Cause) -> Plan {
    let secret = || kept_by("password");
    let old = || Some(Value::from(CANARY));
    let object = |value: Value| Value::Object([("inner".to_owned(), value)].into_iter().collect());
    let list = |value: Value| Value::Array(vec![value, CANARY.into()]);
    let difference = |path: &str, before, after| differs(path, before, after, cause.clone());
    let mut removed = difference("removed", old(), None);
    removed.path = "settings.removed".into();
    let mut update = with(
        change("api", Action::Update, ty("Thing")),
        vec![
            difference("plain", old(), Some(secret())),
            difference("added", None, Some(secret())),
            difference(
                "object",
                Some(object(CANARY.into())),
                Some(object(secret())),
            ),
            difference("list", Some(list(CANARY.into())), Some(list(secret()))),
            difference("loginPassword", old(), Some("canary-7f3a-new".into())),
            difference("kept", Some(secret()), old()),
            // The stack declares a secret here, and the difference does not know.
            removed,
        ],
    );
    let mut declared = Value::from(json!({"settings": {}}));
    let inner = [("removed".to_owned(), secret())].into_iter().collect();
    declared
        .as_object_mut()
        .unwrap()
        .insert("settings".to_owned(), Value::Object(inner));
    update.desired = Some(declared);
    update.prior = Some(observed("api", CANARY.into()));
    let create = with(
        change("new", Action::Create, ty("Thing")),
        vec![
            created("", object(list(secret()))),
            created("loginPassword", CANARY),
        ],
    );
    plan_of(vec![update, create])
}

#[test]
fn no_rendering_shows_a_secret() {
    for cause in [Cause::Declared, Cause::Drift] {
        let plan = planted(&cause);
        for full in [false, true] {
            let style = Style { full, ..coloured() };
            let renderings = [
                plan_text(&plan, &heading(), &style),
                plan_markdown(&plan, &heading()),
                plan_json(&plan, &heading()),
                drift_text(&plan, &heading(), &style),
                drift_json(&plan),
                destroy_text(&plan, &heading(), &Destroy::default(), &style),
            ];
            for rendering in renderings {
                assert!(!rendering.contains(CANARY), "{rendering}");
            }
            assert!(plan_text(&plan, &heading(), &style).contains("(secret)"));
        }
    }
}

#[test]
fn a_report_shows_no_values_at_all() {
    let report = Report {
        stack: planted(&Cause::Drift).stack,
        outcomes: vec![(name("api"), Action::Update, Outcome::Succeeded)],
        elapsed_by_resource: BTreeMap::new(),
        elapsed: seconds(1),
        pending: Vec::new(),
        resources: [(name("api"), observed("api", CANARY.into()))].into(),
    };
    let text = report_text(&report, &heading(), &Style::default());
    assert!(!text.contains(CANARY) && !report_json(&report, None).contains(CANARY));
}

#[test]
fn the_canary_would_be_seen() {
    let plan = plan_of(vec![with(
        change("api", Action::Update, ty("Thing")),
        vec![declared("plain", CANARY, "new")],
    )]);
    assert!(plan_text(&plan, &heading(), &Style::default()).contains(CANARY));
    assert!(plan_json(&plan, &heading()).contains(CANARY));
    assert!(plan_markdown(&plan, &heading()).contains(CANARY));
}
