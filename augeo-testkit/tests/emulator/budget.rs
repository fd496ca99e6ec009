//! Budgets.

use serde_json::{Value, json};

use crate::support::{Arm, GROUP, refused};

fn path() -> String {
    format!("{GROUP}/providers/Microsoft.Consumption/budgets/dev")
}

fn budget(start: &str) -> Value {
    let notification = json!({
        "enabled": true, "operator": "GreaterThanOrEqualTo", "threshold": 80,
        "thresholdType": "Actual", "contactEmails": ["ops@augeo.app"],
    });
    json!({"properties": {
        "category": "Cost", "amount": 100, "timeGrain": "Monthly",
        "timePeriod": {"startDate": start}, "notifications": {"actual-80": notification},
    }})
}

#[test]
fn a_budget_begins_with_a_month_and_keeps_its_dates() {
    let mut arm = Arm::instant();
    for start in [
        "2026-11-02",
        "2026-10-01",
        "2027-06-01",
        "2016-01-01",
        "soon",
    ] {
        refused(&arm.put(&path(), &budget(start)), 400, "400");
    }
    let made = arm.put_ok(&path(), &budget("2026-11-01"));
    let period = &made["properties"]["timePeriod"];
    assert_eq!(period["startDate"], "2026-11-01T00:00:00Z");
    assert_eq!(period["endDate"], "2036-11-01T00:00:00Z");
    assert_eq!(
        arm.names(&format!("{GROUP}/providers/Microsoft.Consumption/budgets")),
        ["dev"]
    );
    let mut later = budget("2026-12-01");
    later["eTag"] = made["eTag"].clone();
    refused(&arm.put(&path(), &later), 400, "400");
    let mut quarterly = budget("2026-11-01");
    quarterly["eTag"] = made["eTag"].clone();
    quarterly["properties"]["timeGrain"] = json!("Quarterly");
    refused(&arm.put(&path(), &quarterly), 400, "400");
}

#[test]
fn only_the_current_version_of_a_budget_can_be_changed() {
    let mut arm = Arm::instant();
    let made = arm.put_ok(&path(), &budget("2026-11-01"));
    let mut change = budget("2026-11-01");
    change["properties"]["amount"] = json!(200);
    refused(&arm.put(&path(), &change), 409, "409");
    change["eTag"] = made["eTag"].clone();
    let changed = arm.put_ok(&path(), &change);
    assert_ne!(changed["eTag"], made["eTag"]);
    refused(&arm.put(&path(), &change), 409, "409");
}

#[test]
fn somebody_must_be_told_and_of_no_more_than_five_things() {
    let mut arm = Arm::instant();
    let mut nobody = budget("2026-11-01");
    nobody["properties"]["notifications"]["actual-80"]["contactEmails"] = json!([]);
    refused(&arm.put(&path(), &nobody), 400, "400");
    let mut many = budget("2026-11-01");
    let one = many["properties"]["notifications"]["actual-80"].clone();
    for number in 0..5 {
        many["properties"]["notifications"][format!("more-{number}")] = one.clone();
    }
    refused(&arm.put(&path(), &many), 400, "400");
}
