//! Plans and reports that were made by hand, and what is read of them.

mod destroy;
mod drift;
mod expected;
mod failure;
mod markdown;
mod pending;
mod plan;
mod progress;
mod secret;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{Glyphs, Heading, Style};
use crate::finding::{Finding, SourceLocation};
use crate::name::{ResourceId, ResourceName, StackName, TypeName};
use crate::plan::{Action, Cause, Change, Difference, Plan, Purpose, Reason};
use crate::resource::{Condition, Observed, Ownership, ResourceType};
use crate::value::{Expression, OutputRef, SecretRef, Value};

fn name(text: &str) -> ResourceName {
    ResourceName::unchecked(text)
}

fn place(line: u32) -> SourceLocation {
    SourceLocation::new("augeo.toml", line, 3)
}

fn ty(title: &'static str) -> ResourceType {
    ResourceType {
        name: TypeName::from_static("Test/things"),
        title: Cow::Borrowed(title),
        whole_maps: &["appSettings"],
        write_only: &["loginPassword"],
        secret: &["loginPassword"],
        ..ResourceType::BASE
    }
}

fn data(title: &'static str) -> ResourceType {
    ResourceType {
        holds_data: true,
        ..ty(title)
    }
}

fn observed(resource: &str, value: Value) -> Observed {
    Observed {
        id: ResourceId::new(&format!("/things/{resource}"), resource, resource),
        ty: TypeName::from_static("Test/things"),
        version: "1".to_owned(),
        value: value.into(),
        condition: Condition::Ready,
        ownership: Ownership::Ours,
        parent: None,
        mentions: BTreeSet::new(),
        declared: None,
        secret_versions: BTreeMap::new(),
        secret_version: None,
    }
}

fn change(resource: &str, action: Action, ty: ResourceType) -> Change {
    let reason = match action {
        Action::Create => Reason::Absent,
        Action::Delete => Reason::LeftStack,
        Action::NoOp
        | Action::Update
        | Action::Replace
        | Action::Recover
        | Action::Lift
        | Action::Adopt
        | Action::Forget => Reason::Differs,
    };
    Change {
        name: name(resource),
        id: ResourceId::new(&format!("/things/{resource}"), resource, resource),
        ty: Arc::new(ty),
        action,
        awaits: false,
        reasons: vec![reason],
        differences: Vec::new(),
        desired: None,
        planned: None,
        prior: (action != Action::Create).then(|| observed(resource, Value::Null)),
        after: BTreeSet::new(),
        once_ready: BTreeSet::new(),
        follows: BTreeSet::new(),
        exclusion: BTreeSet::new(),
        scope: None,
        goes_with: None,
        location: Some(place(12)),
        declared: "00".to_owned(),
        digest: "00".to_owned(),
    }
}

fn differs(path: &str, before: Option<Value>, after: Option<Value>, cause: Cause) -> Difference {
    Difference {
        path: path.into(),
        before,
        after,
        source: (cause == Cause::Declared).then(|| place(88)),
        cause,
        forces_replacement: false,
    }
}

fn declared(path: &str, before: impl Into<Value>, after: impl Into<Value>) -> Difference {
    differs(
        path,
        Some(before.into()),
        Some(after.into()),
        Cause::Declared,
    )
}

fn created(path: &str, after: impl Into<Value>) -> Difference {
    differs(path, None, Some(after.into()), Cause::Declared)
}

fn with(mut change: Change, differences: Vec<Difference>) -> Change {
    change.differences = differences;
    change
}

fn unknown(resource: &str, path: &str) -> Value {
    Value::Unknown(Expression::Output(OutputRef {
        resource: name(resource),
        path: path.into(),
    }))
}

fn kept_by(resource: &str) -> Value {
    Value::Secret(SecretRef::KeptBy(name(resource)))
}

fn plan_of(changes: Vec<Change>) -> Plan {
    Plan {
        stack: StackName::parse("platform", "production").unwrap(),
        purpose: Purpose::Apply,
        changes,
        existing: BTreeMap::new(),
        findings: Vec::new(),
        left_out: 0,
        requests: 14,
    }
}

fn heading() -> Heading {
    Heading {
        target: vec![
            "Contoso-Prod 9f3c..41d2".to_owned(),
            "westeurope".to_owned(),
        ],
        config: Some("augeo.toml".to_owned()),
        notes: Vec::new(),
        forecast: None,
        next: Some("augeo provision production".to_owned()),
    }
}

/// A plan with every form that a change can take.
fn sample() -> Plan {
    let mut api = with(
        change("web/api", Action::Update, ty("Web app")),
        vec![
            declared("appSettings.DB_POOL_MAX", "20", "40"),
            differs(
                "appSettings.DATABASE_URL",
                Some("postgres://plain".into()),
                Some(kept_by("data/password")),
                Cause::Upstream {
                    reference: OutputRef {
                        resource: name("data/postgres"),
                        path: "host".into(),
                    },
                },
            ),
        ],
    );
    api.planned = Some(Value::from(
        json!({"appSettings": {"DB_POOL_MAX": "40", "DATABASE_URL": "", "A": "1", "B": "2"}}),
    ));
    let mut canary = change("web/api/canary", Action::Create, ty("Web app slot"));
    canary.differences = vec![
        created("hostName", unknown("web/api/canary", "host")),
        created(
            "",
            json!({"sku": {"name": "S1"}, "place": "west", "tags": {"a": "1", "b": "2"}, "on": true}),
        ),
    ];
    let config = with(
        change("web/config", Action::Update, ty("Web app configuration")),
        vec![differs(
            "minTlsVersion",
            Some("1.0".into()),
            Some("1.2".into()),
            Cause::Drift,
        )],
    );
    let mut subnet = with(
        change("network/subnet", Action::Replace, ty("Subnet")),
        vec![declared("addressPrefix", "10.2.1.0/24", "10.2.8.0/24")],
    );
    subnet.differences[0].forces_replacement = true;
    let mut plan = plan_of(vec![
        with(
            change("data/postgres", Action::Update, data("PostgreSQL server")),
            vec![
                declared("sku.name", "Standard_D2s_v3", "Standard_D4s_v3"),
                declared("backupRetentionDays", json!(7), json!(30)),
            ],
        ),
        change("data/password", Action::NoOp, ty("Secret")),
        api,
        canary,
        config,
        subnet,
        change("network/old", Action::Delete, data("Store")),
    ]);
    plan.findings = vec![
        Finding::note("NET007", "answers 502 while it rejoins, about 30 s")
            .about(&name("network/subnet"))
            .at(place(41)),
        Finding::warning(
            "PG014",
            "scaling a zone-redundant server restarts both nodes",
        )
        .about(&name("data/postgres"))
        .fix("set [postgres] scale_window = \"sun 02:00\", or apply in your own window")
        .at(place(88)),
    ];
    plan
}

/// Nothing may be wider than the style allows, but what has to be copied whole.
fn assert_fits(text: &str, columns: usize) {
    for line in text.lines() {
        let copied = line.starts_with("help: ") || line.starts_with("Next:");
        let length = line.chars().count();
        assert!(copied || length <= columns, "{length} columns: {line}");
        assert_eq!(line.trim_end(), line, "no line ends in spaces");
    }
}

fn narrow() -> Style {
    Style {
        width: 80,
        ..Style::default()
    }
}

fn coloured() -> Style {
    Style {
        colour: true,
        glyphs: Glyphs::Unicode,
        ..Style::default()
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
