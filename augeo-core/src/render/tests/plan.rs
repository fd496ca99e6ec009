//! Plans as text and for tools.

use insta::assert_snapshot;
use serde_json::json;

use super::super::{Heading, Style, plan_json, plan_text};
use super::*;
use crate::resource::Lifecycle;

#[test]
fn a_plan_says_what_why_and_what_next() {
    let text = plan_text(&sample(), &heading(), &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @r#"
    Plan for production      Contoso-Prod 9f3c..41d2 | westeurope | augeo.toml
    7 resources observed in 14 requests: 1 unchanged, 6 to change, 2 findings

    data                                                                  1 change
      ~ data/postgres       update   PostgreSQL server
          sku.name                  Standard_D2s_v3 -> Standard_D4s_v3
          backupRetentionDays       7 -> 30
          why                       augeo.toml:88:3 changed since the last apply

    web                                                                   3 changes
      ~ web/api             update   Web app
          appSettings.DB_POOL_MAX   "20" -> "40"
          appSettings.DATABASE_URL  (secret) changed, value never shown
          appSettings               2 unchanged
          why                       appSettings.DB_POOL_MAX: augeo.toml:88:3 changed since the last
                                    apply
          why                       appSettings.DATABASE_URL: data/postgres.host changes
      + web/api/canary      create   Web app slot
          hostName                  unknown until web/api/canary is created
          on                        true
          place                     west
          sku.name                  S1
          2 more properties         --full lists them
      ~ web/config          update   Web app configuration  DRIFT
          minTlsVersion             "1.0" -> "1.2"
          why                       it was changed since the last apply, and its declaration was not

    network                                                               2 changes
    -/+ network/subnet      replace  Subnet                 deletes first
          addressPrefix             10.2.1.0/24 -> 10.2.8.0/24              FORCES REPLACEMENT
          why                       augeo.toml:88:3 changed since the last apply
      - network/old         delete   Store                  LOSES DATA
          why                       the stack no longer names it

    findings
      warning  PG014   data/postgres: scaling a zone-redundant server restarts both nodes
                       augeo.toml:88:3
               fix     set [postgres] scale_window = "sun 02:00", or apply in your own window
      note     NET007  network/subnet: answers 502 while it rejoins, about 30 s  augeo.toml:41:3

    Plan:  1 create, 3 update, 1 replace, 1 delete; 1 unchanged
    Data:  LOST with what is deleted: network/old
    Next:  augeo provision production
    "#);
}

#[test]
fn what_is_put_back_and_what_never_came_to_be_are_told() {
    let parameter = ResourceType {
        lifecycle: Lifecycle::Resettable,
        ..ty("Parameter")
    };
    let cluster = ResourceType {
        stillborn: &["CreateFailed"],
        ..data("Cluster")
    };
    let mut remade = change("data/redis", Action::Replace, cluster);
    let code = "CreateFailed".to_owned();
    let failed = Condition::Failed { code: code.clone() };
    remade.prior.as_mut().unwrap().condition = failed;
    remade.reasons = vec![Reason::LastOperationFailed { code }];
    let plan = plan_of(vec![change("data/log", Action::Delete, parameter), remade]);
    let text = plan_text(&plan, &heading(), &Style::default());
    for said in [
        "is put back to its default",
        "it failed while it was made (CreateFailed), and takes no other write",
        "nothing that holds data is replaced or deleted",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    assert!(!text.contains("LOSES DATA"), "{text}");
}

#[test]
fn eighty_columns_are_enough() {
    let text = plan_text(&sample(), &heading(), &narrow());
    assert_fits(&text, 80);
    for word in ["FORCES REPLACEMENT", "LOSES DATA", "augeo.toml:41:3"] {
        assert!(text.contains(word), "{word} is folded, not lost:\n{text}");
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = plan_text(&sample(), &heading(), &Style::default());
    let style = Style {
        glyphs: Glyphs::Ascii,
        ..coloured()
    };
    let coloured = plan_text(&sample(), &heading(), &style);
    assert_ne!(plain, coloured);
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
    assert!(plain.is_ascii());
}

#[test]
fn no_changes_is_one_line() {
    let mut plan = plan_of(vec![change("a", Action::NoOp, ty("Thing"))]);
    plan.requests = 1;
    let heading = Heading {
        next: None,
        ..heading()
    };
    assert_snapshot!(
        plan_text(&plan, &heading, &Style::default()),
        @"No changes: production matches augeo.toml (1 resource, 1 request)"
    );
}

#[test]
fn a_part_that_matches_says_nothing_of_the_whole() {
    let mut plan = plan_of(vec![
        change("a", Action::NoOp, ty("Thing")),
        change("b", Action::NoOp, ty("Thing")),
    ]);
    plan.left_out = 7;
    let heading = Heading {
        next: None,
        ..heading()
    };
    assert_snapshot!(
        plan_text(&plan, &heading, &Style::default()),
        @"No changes: these 2 resources match augeo.toml; 7 other changes are left (14 requests)"
    );
}

#[test]
fn names_without_modules_are_one_list() {
    let plan = plan_of(vec![
        with(
            change("logs", Action::Create, ty("Workspace")),
            vec![created("retentionInDays", json!(30))],
        ),
        change("store", Action::Recover, data("Store")),
    ]);
    let text = plan_text(&plan, &Heading::default(), &Style::default());
    assert_snapshot!(text, @"
    Plan for production
    2 resources observed in 14 requests: 0 unchanged, 2 to change

      + logs                create   Workspace
          retentionInDays           30
      ^ store               recover  Store

    Plan:  1 create, 0 update, 0 replace, 0 delete, 1 recover; 0 unchanged
    Data:  nothing that holds data is replaced or deleted
    ");
}

#[test]
fn many_changes_fold_but_never_what_is_lost() {
    let mut changes: Vec<Change> = (0..45)
        .map(|n| change(&format!("web/app-{n}"), Action::Create, ty("Web app")))
        .collect();
    changes.push(change("data/store", Action::Delete, data("Store")));
    changes.push(change("data/logs", Action::Update, ty("Workspace")));
    let plan = plan_of(changes);
    let text = plan_text(&plan, &heading(), &Style::default());
    assert_snapshot!(text, @"
    Plan for production      Contoso-Prod 9f3c..41d2 | westeurope | augeo.toml
    47 resources observed in 14 requests: 0 unchanged, 47 to change

    web                     45 changes: 45 create   --full lists all

    data                    2 changes: 1 update, 1 delete
      - data/store          delete   Store           LOSES DATA
          why                       the stack no longer names it

    Plan:  45 create, 1 update, 0 replace, 1 delete; 0 unchanged
    Data:  LOST with what is deleted: data/store
    Next:  augeo provision production
    ");
    let full = Style {
        full: true,
        ..Style::default()
    };
    let unfolded = plan_text(&plan, &heading(), &full);
    assert!(unfolded.contains("web/app-44"));
}

#[test]
fn groups_of_a_line_each_are_one_table() {
    let create = |name: &str| change(name, Action::Create, ty("Web app"));
    let web = (0..40).map(|n| create(&format!("web/app-{n}")));
    let others = ["data/store", "data/logs", "dns/zone"].map(create);
    let text = plan_text(
        &plan_of(web.chain(others).collect()),
        &Heading::default(),
        &Style::default(),
    );
    let table: Vec<&str> = text.lines().skip(3).take(4).collect();
    assert_snapshot!(table.join("\n"), @"
    web                     40 changes: 40 create   --full lists all
    data                    2 changes: 2 create
    dns                     1 change: 1 create
    ");
}

#[test]
fn long_values_are_shown_as_hunks_and_items() {
    let book = |limit: u32| {
        let items: Vec<_> = (0..30)
            .map(|n| json!({"version": "KqlItem/1.0", "query": format!("take {}", if n == 4 { limit } else { n })}))
            .collect();
        json!({"items": items}).to_string()
    };
    let types =
        |from: u32, to: u32| json!((from..to).map(|n| format!("type-{n}")).collect::<Vec<_>>());
    let plan = plan_of(vec![
        with(
            change("book", Action::Update, ty("Workbook")),
            vec![
                declared("serializedData", book(400), book(500)),
                declared("script", "one\ntwo\nthree\nfour\n", "one\ntwo\n3\nfour\n"),
            ],
        ),
        with(
            change("allowed", Action::Update, ty("Policy assignment")),
            vec![
                declared("types", types(0, 60), types(1, 62)),
                declared("ports", json!([80, 443]), json!([443, 80])),
                declared(
                    "addresses",
                    json!(["10.0.0.1"]),
                    json!(["10.0.0.1", "10.0.0.2"]),
                ),
                declared(
                    "rules",
                    json!([{"name": "in", "port": 1}, {"name": "out", "port": 2}]),
                    json!([{"name": "in", "port": 1}, {"name": "out", "port": 3}]),
                ),
            ],
        ),
    ]);
    let text = plan_text(&plan, &Heading::default(), &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @r#"
    Plan for production
    2 resources observed in 14 requests: 0 unchanged, 2 to change

      ~ book                update   Workbook
          serializedData            JSON, 124 lines, 1 hunk
            at /items/4
                    {
              -       "query": "take 400",
              +       "query": "take 500",
                      "version": "KqlItem/1.0"
          script                    text, 4 lines, 1 hunk
                two
              - three
              + 3
                four
          why                       augeo.toml:88:3 changed since the last apply
      ~ allowed             update   Policy assignment
          types                     list of 61: 2 added, 1 removed
              + type-60
              + type-61
              - type-0
          ports                     the same 2 items in another order
          addresses                 + 10.0.0.2
          rules[1].port             2 -> 3
          why                       augeo.toml:88:3 changed since the last apply

    Plan:  0 create, 2 update, 0 replace, 0 delete; 0 unchanged
    Data:  nothing that holds data is replaced or deleted
    "#);
}

#[test]
fn every_reason_has_words() {
    let reasons = vec![
        Reason::Absent,
        Reason::Differs,
        Reason::SoftDeleted,
        Reason::LastOperationFailed {
            code: "Internal".to_owned(),
        },
        Reason::Busy {
            doing: "Updating".to_owned(),
        },
        Reason::SecretOutdated { secret: name("pw") },
        Reason::SecretNeeded { by: name("api") },
        Reason::ParentReplaced {
            parent: name("net"),
        },
        Reason::LeftStack,
    ];
    let mut all = with(
        change("all", Action::Update, ty("Thing")),
        vec![differs(
            "a",
            Some("x".into()),
            Some("y".into()),
            Cause::Undetermined,
        )],
    );
    all.reasons = reasons;
    let mut awaited = change("busy", Action::NoOp, ty("Thing"));
    awaited.awaits = true;
    awaited.reasons = vec![Reason::Busy {
        doing: "Updating".to_owned(),
    }];
    let full = Style {
        full: true,
        ..Style::default()
    };
    let text = plan_text(&plan_of(vec![all, awaited]), &Heading::default(), &full);
    assert_snapshot!(text, @"
    Plan for production
    2 resources observed in 14 requests: 0 unchanged, 2 to change

      ~ all                 update   Thing
          a                         x -> y
          why                       augeo.toml:12:3 declares it and it is not there
          why                       it differs; who changed it cannot be told for this type
          why                       it is soft-deleted and declared again
          why                       its last operation failed (Internal); it is sent again
          why                       an operation runs on it (Updating); it is awaited and then compared
                                    again
          why                       it is not known to have the newest version of pw
          why                       api needs a version whose value is known
          why                       net, which it lives in, is replaced
          why                       the stack no longer names it
      . busy                await    Thing
          why                       an operation runs on it (Updating); it is awaited and then compared
                                    again

    Plan:  0 create, 1 update, 0 replace, 0 delete, 1 await; 0 unchanged
    Data:  nothing that holds data is replaced or deleted
    ");
}

#[test]
fn a_plan_with_errors_says_that_it_is_stopped() {
    let mut plan = plan_of(vec![change("store", Action::Create, ty("Store"))]);
    plan.findings = vec![
        Finding::error(
            "augeo/unreadable",
            "x".repeat(30) + " " + &"long words ".repeat(12),
        )
        .about(&name("store"))
        .at(place(4)),
    ];
    let text = plan_text(&plan, &Heading::default(), &Style::default());
    assert_fits(&text, 100);
    assert_snapshot!(text, @"
    Plan for production
    1 resource observed in 14 requests: 0 unchanged, 1 to change, 1 finding

      + store               create   Store

    findings
      error    augeo/unreadable  store: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx long words long words long words
                                 long words long words long words long words long words long words long
                                 words long words long words  augeo.toml:4:3

    Plan:  1 create, 0 update, 0 replace, 0 delete; 0 unchanged
    Data:  nothing that holds data is replaced or deleted
    Stop:  1 error must be resolved before this plan can be executed
    ");
}

#[test]
fn tools_read_a_plan() {
    let mut plan = sample();
    plan.changes
        .retain(|change| change.name.as_str() == "web/api");
    plan.findings.clear();
    assert_snapshot!(plan_json(&plan, &heading()), @r#"
    {
      "schema": "augeo.plan/1",
      "project": "platform",
      "environment": "production",
      "purpose": "apply",
      "target": [
        "Contoso-Prod 9f3c..41d2",
        "westeurope"
      ],
      "config": "augeo.toml",
      "summary": {
        "create": 0,
        "update": 1,
        "replace": 0,
        "delete": 0,
        "recover": 0,
        "adopt": 0,
        "forget": 0,
        "awaited": 0,
        "unchanged": 0,
        "pending": 0
      },
      "leftOut": 0,
      "requests": 14,
      "executable": true,
      "losesData": [],
      "changes": [
        {
          "name": "web/api",
          "id": "/things/web/api",
          "type": "Test/things",
          "title": "Web app",
          "action": "update",
          "awaits": false,
          "losesData": false,
          "reasons": [
            {
              "why": "differs"
            }
          ],
          "differences": [
            {
              "path": "appSettings.DB_POOL_MAX",
              "before": "20",
              "after": "40",
              "cause": "declared",
              "forcesReplacement": false,
              "source": {
                "column": 3,
                "file": "augeo.toml",
                "line": 88
              }
            },
            {
              "path": "appSettings.DATABASE_URL",
              "before": null,
              "after": null,
              "secret": true,
              "cause": "upstream",
              "reference": {
                "resource": "data/postgres",
                "path": "host"
              },
              "forcesReplacement": false
            }
          ],
          "after": [],
          "location": {
            "column": 3,
            "file": "augeo.toml",
            "line": 12
          }
        }
      ],
      "findings": []
    }
    "#);
}

#[test]
fn a_message_that_begins_with_the_name_tells_it_once() {
    let mut plan = plan_of(Vec::new());
    plan.findings = vec![
        Finding::error("X1", "data/store holds data").about(&name("data/store")),
        Finding::error("X2", "data/storeroom is another").about(&name("data/store")),
    ];
    let text = plan_text(&plan, &Heading::default(), &Style::default());
    assert!(text.contains("X1      data/store holds data"), "{text}");
    assert!(
        text.contains("X2      data/store: data/storeroom is another"),
        "{text}"
    );
}
