//! DNS zones and record sets.

use serde_json::{Value, json};

use crate::support::{Arm, refused};

const ZONE: &str = "Microsoft.Network/dnsZones/example.com";

fn set(records: &Value) -> Value {
    let mut properties = json!({"TTL": 60});
    for (key, value) in records.as_object().expect("records") {
        properties[key] = value.clone();
    }
    json!({ "properties": properties })
}

fn cname() -> Value {
    set(&json!({"CNAMERecord": {"cname": "www.example.com"}}))
}

fn address() -> Value {
    set(&json!({"ARecords": [{"ipv4Address": "203.0.113.4"}]}))
}

fn with_zone() -> Arm {
    let mut arm = Arm::instant();
    arm.put_ok(ZONE, &json!({"location": "global"}));
    arm
}

#[test]
fn a_zone_has_its_own_name_servers_from_the_start_and_they_stay() {
    let mut arm = with_zone();
    let zone = arm.get_ok(ZONE)["properties"].clone();
    assert_eq!(zone["numberOfRecordSets"], 2);
    let own = arm.get_ok(&format!("{ZONE}/NS/@"))["properties"]["NSRecords"].clone();
    let names: Vec<&Value> = own
        .as_array()
        .expect("records")
        .iter()
        .map(|server| &server["nsdname"])
        .collect();
    assert_eq!(json!(names), zone["nameServers"]);
    for kind in ["NS", "SOA"] {
        refused(&arm.delete(&format!("{ZONE}/{kind}/@")), 400, "BadRequest");
    }
    let fewer = set(&json!({"NSRecords": [own[0]]}));
    refused(&arm.put(&format!("{ZONE}/NS/@"), &fewer), 400, "BadRequest");
    let mut more = own.as_array().expect("records").clone();
    more.push(json!({"nsdname": "ns.example.net"}));
    arm.put_ok(&format!("{ZONE}/NS/@"), &set(&json!({"NSRecords": more})));
}

#[test]
fn a_zone_that_is_made_again_has_other_name_servers() {
    let mut arm = with_zone();
    let first = arm.get_ok(ZONE)["properties"]["nameServers"].clone();
    arm.delete(ZONE);
    arm.put_ok(ZONE, &json!({"location": "global"}));
    assert_ne!(arm.get_ok(ZONE)["properties"]["nameServers"], first);
}

#[test]
fn an_alias_stands_alone_and_never_at_the_apex() {
    let mut arm = with_zone();
    refused(
        &arm.put(&format!("{ZONE}/CNAME/@"), &cname()),
        400,
        "BadRequest",
    );
    let made = arm.put_ok(&format!("{ZONE}/CNAME/api"), &cname());
    assert_eq!(made["properties"]["fqdn"], "api.example.com.");
    refused(
        &arm.put(&format!("{ZONE}/A/api"), &address()),
        400,
        "BadRequest",
    );
    arm.put_ok(&format!("{ZONE}/A/www"), &address());
    refused(
        &arm.put(&format!("{ZONE}/CNAME/www"), &cname()),
        400,
        "BadRequest",
    );
    arm.put_ok(&format!("{ZONE}/CNAME/api"), &cname());
}

#[test]
fn one_list_tells_the_record_sets_of_all_types_page_by_page() {
    let mut arm = with_zone();
    arm.put_ok(&format!("{ZONE}/A/www"), &address());
    arm.put_ok(&format!("{ZONE}/CNAME/api"), &cname());
    assert_eq!(arm.names(&format!("{ZONE}/all")), ["www", "api", "@", "@"]);
    assert_eq!(arm.names(&format!("{ZONE}/A")), ["www"]);
    assert_eq!(arm.get_ok(ZONE)["properties"]["numberOfRecordSets"], 4);
    let page = arm.get_ok(&format!("{ZONE}/recordsets?$top=3"));
    assert_eq!(page["value"].as_array().map(Vec::len), Some(3));
    assert!(page["nextLink"].is_string());
    arm.delete(ZONE);
    let gone = arm.get(&format!("{ZONE}/all"));
    assert_eq!(gone.status, 404);
}

#[test]
fn a_text_that_is_too_long_shows_in_pieces() {
    let mut arm = with_zone();
    let text = "x".repeat(300);
    let body = set(&json!({"TXTRecords": [{"value": [text]}]}));
    let made = arm.put_ok(&format!("{ZONE}/TXT/@"), &body);
    let strings = made["properties"]["TXTRecords"][0]["value"].clone();
    assert_eq!(strings, json!(["x".repeat(255), "x".repeat(45)]));
}

#[test]
fn a_record_without_an_address_or_with_a_strange_name_is_refused() {
    let mut arm = with_zone();
    let body = set(&json!({"ARecords": [{"ipv4Address": "www"}]}));
    refused(&arm.put(&format!("{ZONE}/A/www"), &body), 400, "BadRequest");
    let strange = arm.put(&format!("{ZONE}/A/a..b"), &address());
    assert_eq!(strange.status, 400);
    arm.put_ok(&format!("{ZONE}/A/*.www"), &address());
}
