//! Previews of destructions.

use insta::assert_snapshot;

use super::super::{Destroy, Style, destroy_text, protection_text};
use super::*;

fn doomed(resource: &str, ty: ResourceType) -> Change {
    let mut change = change(resource, Action::Delete, ty);
    change.reasons = vec![Reason::Destroyed];
    change
}

fn destruction() -> Plan {
    let mut container = doomed("data/store/backups", data("Container"));
    container.goes_with = Some(name("data/store"));
    let mut changes = vec![
        doomed("data/postgres", data("PostgreSQL server")),
        container,
        doomed("data/store", data("Storage account")),
        doomed("data/vault", data("Vault")),
    ];
    changes.extend((0..8).map(|n| doomed(&format!("web/app-{n}"), ty("Web app"))));
    let mut plan = plan_of(changes);
    plan.purpose = Purpose::Destroy;
    plan.existing
        .insert(name("shared"), observed("shared", Value::Null));
    plan.findings = vec![
        Finding::error(
            "augeo/protected",
            "data/postgres holds data and would be deleted",
        )
        .about(&name("data/postgres"))
        .fix("name it with --delete-data"),
        Finding::error(
            "augeo/protected",
            "data/vault holds data and would be deleted",
        )
        .about(&name("data/vault")),
        Finding::note(
            "augeo/host-stays",
            "group stays, because not everything in it is this stack's: vm-debug",
        )
        .about(&name("group")),
        Finding::note("X1", "something else"),
    ];
    plan
}

#[test]
fn data_is_told_from_plumbing() {
    let destroy = Destroy {
        held: [(
            name("data/vault"),
            "soft-deleted, the name stays taken until 2027-02-21".to_owned(),
        )]
        .into(),
        stays: vec![(
            "2 records".to_owned(),
            "in zone contoso.com, not ours".to_owned(),
        )],
        command: "augeo destroy production -c here".to_owned(),
    };
    let heading = Heading {
        next: None,
        ..heading()
    };
    let text = destroy_text(&destruction(), &heading, &destroy, &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @"
    Destroy production       Contoso-Prod 9f3c..41d2 | westeurope | augeo.toml
    12 resources to delete, observed in 14 requests

    DATA      data/postgres     PostgreSQL server, deleted with its data
              data/store        Storage account, deleted with its data; with it data/store/backups
              data/vault        Vault, deleted; HELD says until when it can be brought back
    HELD      data/vault        soft-deleted, the name stays taken until 2027-02-21
    PLUMBING  8 others    web 8   --full lists them
    STAYS     group             because not everything in it is this stack's: vm-debug
              shared            is not ours
              2 records         in zone contoso.com, not ours

    findings
      note     X1      something else

    Stop:  2 errors must be resolved before this plan can be executed
    ");
    let text = protection_text(&destruction(), &destroy, &Style::default());
    assert_snapshot!(text, @"
    error[augeo/protected]: data/postgres, data/vault are protected, because deleting loses data

    help: augeo destroy production -c here --delete-data data/postgres,data/store,data/vault
    ");
}

#[test]
fn without_protection_nothing_is_asked_for() {
    let mut plan = destruction();
    plan.findings.clear();
    let text = destroy_text(&plan, &Heading::default(), &Destroy::default(), &narrow());
    assert_fits(&text, 80);
    assert!(!text.contains("error"), "{text}");
    assert!(text.contains("deleted with its data"), "{text}");
}

#[test]
fn nothing_to_destroy_is_one_line() {
    let mut plan = plan_of(Vec::new());
    plan.purpose = Purpose::Destroy;
    let text = destroy_text(&plan, &Heading::default(), &Destroy::default(), &narrow());
    assert_snapshot!(text, @"No changes: nothing of production is there (0 resources, 14 requests)");
    plan.findings = vec![Finding::note("X1", "something else")];
    let text = destroy_text(&plan, &Heading::default(), &Destroy::default(), &narrow());
    assert_snapshot!(text, @"
    findings
      note     X1      something else

    No changes: nothing of production is there (0 resources, 14 requests)
    ");
}
