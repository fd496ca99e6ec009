//! Plans for pull requests.

use insta::assert_snapshot;

use super::super::plan_markdown;
use super::*;

#[test]
fn markdown_has_the_same_tree() {
    assert_snapshot!(plan_markdown(&sample(), &heading()), @r#"
    ### Plan for production

    Contoso-Prod 9f3c..41d2 | westeurope | augeo.toml

    7 resources observed in 14 requests: 1 unchanged, 6 to change, 2 findings

    **Plan:** 1 create, 3 update, 1 replace, 1 delete; 1 unchanged  
    **Data:** LOST with what is deleted: network/old

    <details><summary><b>data</b> 1 update</summary>

    ```text
      ~ data/postgres       update   PostgreSQL server
          sku.name                  Standard_D2s_v3 -> Standard_D4s_v3
          backupRetentionDays       7 -> 30
          why                       augeo.toml:88:3 changed since the last apply
    ```

    </details>

    <details><summary><b>web</b> 1 create, 2 update</summary>

    ```text
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
    ```

    </details>

    <details open><summary><b>network</b> 1 replace, 1 delete</summary>

    ```text
    -/+ network/subnet      replace  Subnet                 deletes first
          addressPrefix             10.2.1.0/24 -> 10.2.8.0/24              FORCES REPLACEMENT
          why                       augeo.toml:88:3 changed since the last apply
      - network/old         delete   Store                  LOSES DATA
          why                       the stack no longer names it
    ```

    </details>

    **Findings**

    ```text
      warning  PG014   data/postgres: scaling a zone-redundant server restarts both nodes
                       augeo.toml:88:3
               fix     set [postgres] scale_window = "sun 02:00", or apply in your own window
      note     NET007  network/subnet: answers 502 while it rejoins, about 30 s  augeo.toml:41:3
    ```

    **Next:** `augeo provision production`
    "#);
}

#[test]
fn what_stops_a_plan_and_how_to_go_on_are_told() {
    let mut plan = plan_of(Vec::new());
    plan.findings = vec![Finding::error("X1", "it is wrong").about(&name("store"))];
    let heading = Heading {
        next: Some("augeo plan production".to_owned()),
        ..Heading::default()
    };
    assert_snapshot!(plan_markdown(&plan, &heading), @r"
    ### Plan for production

    0 resources observed in 14 requests: 0 unchanged, 0 to change, 1 finding

    **Plan:** 0 create, 0 update, 0 replace, 0 delete; 0 unchanged  
    **Data:** nothing that holds data is replaced or deleted  
    **Stop:** 1 error must be resolved before this plan can be executed

    **Findings**

    ```text
      error    X1      store: it is wrong
    ```

    **Next:** `augeo plan production`
    ");
}

fn large(deletes: usize, creates: usize) -> Plan {
    let creation = |n: usize| {
        with(
            change(&format!("web/app-{n}"), Action::Create, ty("Web app")),
            (0..4)
                .map(|p| created(&format!("property{p}"), "value ".repeat(10)))
                .collect(),
        )
    };
    let mut changes: Vec<Change> = (0..creates).map(creation).collect();
    changes.extend(
        (0..deletes).map(|n| change(&format!("data/store-{n}"), Action::Delete, data("Store"))),
    );
    plan_of(changes)
}

#[test]
fn what_is_too_long_is_cut_from_the_least_dangerous_end() {
    let text = plan_markdown(&large(150, 1500), &heading());
    assert!(text.len() <= 65_535, "{}", text.len());
    assert!(text.len() > 60_000, "the room is used: {}", text.len());
    for n in 0..150 {
        assert!(
            text.contains(&format!("data/store-{n} ")),
            "store-{n} stays"
        );
    }
    assert!(text.contains("Too long to show here: "), "it is counted");
    assert!(text.contains("150 delete"));
    assert!(text.contains("augeo provision production"));
}

#[test]
fn even_deletes_alone_stay_within_the_limit() {
    let text = plan_markdown(&large(5000, 0), &heading());
    assert!(text.len() <= 65_535, "{}", text.len());
    assert!(text.contains("Too long to show here: "));
}

#[test]
fn markup_from_outside_stays_text() {
    let mut plan = plan_of(vec![with(
        change("store", Action::Update, ty("<b>Store</b>")),
        vec![declared("a", "```\n</details>", "x")],
    )]);
    plan.findings = vec![Finding::note("n", "````")];
    let heading = Heading {
        target: vec!["<img src=x>".to_owned()],
        ..Heading::default()
    };
    let text = plan_markdown(&plan, &heading);
    assert!(!text.contains("<img"), "{text}");
    assert!(
        text.contains("`````text"),
        "the fence is longer than any inside:\n{text}"
    );
}
