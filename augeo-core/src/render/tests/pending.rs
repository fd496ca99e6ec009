//! What waits for the outside world, as it is read.

use insta::assert_snapshot;

use super::*;
use crate::pending::Pending;
use crate::render::{
    event_json, event_line, plan_json, plan_markdown, plan_text, report_json, report_text,
};
use crate::report::{Event, Outcome, Report};

fn on_domain() -> Pending {
    Pending {
        on: name("mail/domain"),
        state: "VerificationRequested".to_owned(),
        next_step:
            "The service looks for the DNS records of mail.example.org by itself, which takes \
                    up to half an hour; then run `augeo provision production` again"
                .to_owned(),
    }
}

fn pending(resource: &str, pending: Pending) -> Change {
    let mut change = change(resource, Action::NoOp, ty("Thing"));
    change.reasons = vec![Reason::Pending(pending)];
    change
}

fn plan(with_change: bool) -> Plan {
    let zone = Pending {
        on: name("dns/dev"),
        state: "absent".to_owned(),
        next_step: "make /zones/dev.example.org, then provision again".to_owned(),
    };
    let mut changes = vec![
        pending("mail/domain", on_domain()),
        pending("mail/link", on_domain()),
        pending("mail/sender", on_domain()),
        pending("dns/delegation", zone),
    ];
    let mut api = with(
        change("web/api", Action::Update, ty("Web app")),
        vec![declared("httpsOnly", false, true)],
    );
    if !with_change {
        api = change("web/api", Action::NoOp, ty("Web app"));
        api.reasons.clear();
    }
    changes.push(api);
    plan_of(changes)
}

fn report() -> Report {
    let plan = plan(true);
    let waiting = plan.awaiting_outside();
    Report {
        stack: plan.stack.clone(),
        outcomes: vec![
            (name("web/api"), Action::Update, Outcome::Succeeded),
            (
                name("web/late"),
                Action::Create,
                Outcome::Pending(on_domain()),
            ),
        ],
        elapsed_by_resource: BTreeMap::new(),
        elapsed: seconds(12),
        pending: waiting
            .map(|(change, pending)| (change.name.clone(), pending.clone()))
            .chain([(name("web/late"), on_domain())])
            .collect(),
        resources: BTreeMap::new(),
    }
}

#[test]
fn a_plan_says_what_waits_and_what_to_do() {
    let text = plan_text(&plan(true), &heading(), &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @"
    Plan for production      Contoso-Prod 9f3c..41d2 | westeurope | augeo.toml
    5 resources observed in 14 requests: 0 unchanged, 1 to change, 4 pending

      ~ web/api             update   Web app
          httpsOnly                 false -> true
          why                       augeo.toml:88:3 changed since the last apply

    Pending on the outside world
      mail/domain, mail/link, mail/sender
        why   mail/domain is VerificationRequested
        next  The service looks for the DNS records of mail.example.org by itself, which takes up to
              half an hour; then run `augeo provision production` again
      dns/delegation
        why   dns/dev is absent
        next  make /zones/dev.example.org, then provision again

    Plan:  0 create, 1 update, 0 replace, 0 delete; 0 unchanged, 4 pending
    Data:  nothing that holds data is replaced or deleted
    Next:  augeo provision production
    ");
}

#[test]
fn a_plan_of_nothing_but_waiting_has_no_changes() {
    let plan = plan(false);
    assert!(plan.is_empty());
    let text = plan_text(&plan, &heading(), &narrow());
    assert_fits(&text, 80);
    assert_snapshot!(text, @"
    Pending on the outside world
      mail/domain, mail/link, mail/sender
        why   mail/domain is VerificationRequested
        next  The service looks for the DNS records of mail.example.org by itself,
              which takes up to half an hour; then run `augeo provision production`
              again
      dns/delegation
        why   dns/dev is absent
        next  make /zones/dev.example.org, then provision again

    No changes: 4 resources wait for the outside world (5 resources, 14 requests)
    Next:  augeo provision production
    ");
}

#[test]
fn a_pull_request_says_it_too() {
    assert_snapshot!(plan_markdown(&plan(false), &heading()), @"
    ### Plan for production

    Contoso-Prod 9f3c..41d2 | westeurope | augeo.toml

    5 resources observed in 14 requests: 1 unchanged, 0 to change, 4 pending

    **Plan:** 0 create, 0 update, 0 replace, 0 delete; 1 unchanged, 4 pending  
    **Data:** nothing that holds data is replaced or deleted

    **Pending on the outside world**

    ```text
      mail/domain, mail/link, mail/sender
        why   mail/domain is VerificationRequested
        next  The service looks for the DNS records of mail.example.org by itself, which takes up to
              half an hour; then run `augeo provision production` again
      dns/delegation
        why   dns/dev is absent
        next  make /zones/dev.example.org, then provision again
    ```

    **Next:** `augeo provision production`
    ");
}

#[test]
fn a_report_says_what_waits() {
    let report = report();
    assert!(report.ok().is_ok());
    let text = report_text(&report, &heading(), &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @"
    production: 1 succeeded, 5 pending                  12 s

    Pending on the outside world
      mail/domain, mail/link, mail/sender, web/late
        why   mail/domain is VerificationRequested
        next  The service looks for the DNS records of mail.example.org by itself, which takes up to
              half an hour; then run `augeo provision production` again
      dns/delegation
        why   dns/dev is absent
        next  make /zones/dev.example.org, then provision again

    Nothing failed: once the outside world is ready, running it again goes on.
    Next:  augeo provision production
    ");
}

#[test]
fn tools_read_what_waits() {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let plan = read(&plan_json(&plan(false), &heading()));
    assert_eq!(plan["summary"]["pending"], 4);
    assert_eq!(plan["summary"]["unchanged"], 1);
    assert_eq!(
        plan["pending"][3],
        json!({
            "resource": "dns/delegation", "on": "dns/dev", "state": "absent",
            "nextStep": "make /zones/dev.example.org, then provision again",
        })
    );
    let report = read(&report_json(&report(), None));
    assert_eq!(report["complete"], true);
    assert_eq!(report["outcomes"][1]["outcome"], "pending");
    assert_eq!(report["pending"].as_array().map(Vec::len), Some(5));
}

#[test]
fn an_event_says_what_waits() {
    let event = Event::ChangeFinished {
        resource: name("web/late"),
        action: Action::Create,
        outcome: Outcome::Pending(on_domain()),
        elapsed: seconds(0),
    };
    let now = time::OffsetDateTime::UNIX_EPOCH;
    let line: serde_json::Value = serde_json::from_str(&event_json(&event, now)).unwrap();
    assert_eq!(line["outcome"], "pending");
    assert_eq!(line["pending"]["state"], "VerificationRequested");
    let line = event_line(&event, now, &Style::default()).unwrap();
    assert_snapshot!(line, @"00:00:00Z later  create   web/late                    mail/domain is VerificationRequested");
}
