//! Plans, sites and their configuration.

use serde_json::json;

use crate::support::{Arm, GROUP, plan, refused, site};

const PLAN: &str = "Microsoft.Web/serverfarms/plan";
const SITE: &str = "Microsoft.Web/sites/api";

fn with_plan(sku: &str) -> Arm {
    let mut arm = Arm::instant();
    arm.put_ok(PLAN, &plan(sku));
    arm
}

#[test]
fn a_plan_completes_its_sku() {
    let mut arm = with_plan("B1");
    let body = arm.get_ok(PLAN);
    assert_eq!(
        body["sku"],
        json!({"name": "B1", "tier": "Basic", "size": "B1", "family": "B", "capacity": 1})
    );
    assert_eq!(
        (&body["location"], &body["kind"]),
        (&json!("West Europe"), &json!("linux"))
    );
    let mut wrong = plan("P1v3");
    wrong["sku"]["tier"] = json!("Premium");
    refused(&arm.put(PLAN, &wrong), 400, "InvalidSku");
    assert_eq!(arm.put_ok(PLAN, &plan("P1v3"))["sku"]["tier"], "PremiumV3");
    let mut windows = plan("B1");
    windows["properties"]["reserved"] = json!(false);
    refused(&arm.put(PLAN, &windows), 409, "Conflict");
}

#[test]
fn a_site_spreads_its_configuration_and_never_shows_it() {
    let mut arm = with_plan("B1");
    let made = arm.put(SITE, &site());
    assert_eq!(made.status, 200, "{}", made.json());
    let body = made.json();
    assert_eq!(body["properties"]["siteConfig"], json!(null));
    assert_eq!(body["location"], "West Europe");
    let host = body["properties"]["defaultHostName"]
        .as_str()
        .expect("a host")
        .to_owned();
    assert!(
        host.starts_with("api-") && host.ends_with(".westeurope-01.azurewebsites.net"),
        "{host}"
    );
    assert_eq!(
        body["properties"]["customDomainVerificationId"]
            .as_str()
            .map(str::len),
        Some(64)
    );
    let web = arm.get_ok(&format!("{SITE}/config/web"));
    assert_eq!(web["properties"]["linuxFxVersion"], "DOCKER|registry/api:1");
    assert_eq!(web["properties"]["alwaysOn"], true);
    assert_eq!(
        web["properties"]["ftpsState"], "FtpsOnly",
        "the service's default"
    );
    assert!(web["properties"].get("appSettings").is_none());
    assert_eq!(
        arm.post(&format!("{SITE}/config/appsettings/list"), &json!({}))
            .json()["properties"],
        json!({"A": "1"})
    );
    refused(
        &arm.get(&format!("{SITE}/config/appsettings")),
        405,
        "MethodNotAllowed",
    );
    let listed = arm.get_ok("Microsoft.Web/sites?includeSlots=true");
    assert_eq!(listed["value"][0]["properties"]["siteConfig"], json!(null));
}

#[test]
fn settings_are_one_map_and_web_merges() {
    let mut arm = with_plan("B1");
    arm.put_ok(SITE, &site());
    arm.put_ok(
        &format!("{SITE}/config/appsettings"),
        &json!({"properties": {"B": "2"}}),
    );
    assert_eq!(
        arm.post(&format!("{SITE}/config/appsettings/list"), &json!({}))
            .json()["properties"],
        json!({"B": "2"})
    );
    let patched = arm.patch(
        &format!("{SITE}/config/web"),
        &json!({"properties": {"healthCheckPath": "/health"}}),
    );
    assert_eq!(
        (patched.status, &patched.json()["properties"]["alwaysOn"]),
        (200, &json!(true))
    );
    arm.put_ok(
        &format!("{SITE}/config/web"),
        &json!({"properties": {"http20Enabled": true}}),
    );
    let web = arm.get_ok(&format!("{SITE}/config/web"));
    assert_eq!(
        (
            &web["properties"]["healthCheckPath"],
            &web["properties"]["http20Enabled"]
        ),
        (&json!("/health"), &json!(true))
    );
    refused(
        &arm.patch(
            &format!("{SITE}/config/appsettings"),
            &json!({"properties": {}}),
        ),
        405,
        "MethodNotAllowed",
    );
    refused(
        &arm.put(
            &format!("{SITE}/config/web"),
            &json!({"properties": {"alwaysOm": true}}),
        ),
        400,
        "InvalidRequestContent",
    );
}

#[test]
fn a_site_needs_a_plan_that_fits() {
    let mut arm = Arm::instant();
    refused(&arm.put(SITE, &site()), 404, "NotFound");
    arm.put_ok(PLAN, &plan("F1"));
    refused(&arm.put(SITE, &site()), 409, "Conflict");
    arm.put_ok(PLAN, &plan("B1"));
    let mut far = site();
    far["location"] = json!("northeurope");
    refused(&arm.put(SITE, &far), 409, "Conflict");
    arm.put_ok(SITE, &site());
    refused(&arm.delete(PLAN), 409, "Conflict");
    refused(
        &arm.put("Microsoft.Web/sites/a", &site()),
        400,
        "InvalidResourceName",
    );
}

#[test]
fn the_last_site_takes_its_plan_along_unless_told_not_to() {
    let mut arm = with_plan("B1");
    arm.put_ok(SITE, &site());
    assert_eq!(
        arm.delete(&format!("{SITE}?deleteEmptyServerFarm=false"))
            .status,
        200
    );
    assert_eq!(arm.get(PLAN).status, 200);
    arm.put_ok(SITE, &site());
    assert_eq!(arm.delete(SITE).status, 200);
    assert_eq!(arm.get(PLAN).status, 404);
}

#[test]
fn a_site_under_way_is_busy_and_answers_when_it_is_done() {
    let mut arm = Arm::slow();
    arm.put_ok(PLAN, &plan("B1"));
    arm.pass(7);
    let made = arm.put(SITE, &site());
    assert_eq!((made.status, made.latency.as_secs()), (200, 18));
    refused(
        &arm.put(
            &format!("{SITE}/config/appsettings"),
            &json!({"properties": {}}),
        ),
        409,
        "AnotherOperationInProgress",
    );
    arm.pass(18);
    assert_eq!(
        arm.put(
            &format!("{SITE}/config/appsettings"),
            &json!({"properties": {}})
        )
        .status,
        200
    );
    refused(&arm.put(SITE, &site()), 409, "AnotherOperationInProgress");
}

#[test]
fn a_slot_is_a_site_of_its_own_where_the_tier_has_any() {
    let mut arm = with_plan("B1");
    arm.put_ok(SITE, &site());
    let slot = format!("{SITE}/slots/staging");
    refused(&arm.put(&slot, &site()), 409, "Conflict");
    arm.put_ok(PLAN, &plan("S1"));
    let body = arm.put_ok(&slot, &site());
    let host = body["properties"]["defaultHostName"].as_str();
    assert!(
        host.is_some_and(|host| host.starts_with("api-staging-")),
        "{body}"
    );
    let settings = format!("{slot}/config/appsettings");
    arm.put_ok(&settings, &json!({"properties": {"B": "2"}}));
    let own = arm.post(&format!("{SITE}/config/appsettings/list"), &json!({}));
    assert_eq!(own.json()["properties"], json!({"A": "1"}));
    let listed = arm.post(&format!("{settings}/list"), &json!({}));
    assert_eq!(listed.json()["properties"], json!({"B": "2"}));
    let policies = arm.names(&format!("{slot}/basicPublishingCredentialsPolicies"));
    assert_eq!(policies, ["ftp", "scm"]);
    for number in 1..5 {
        arm.put_ok(&format!("{SITE}/slots/s{number}"), &site());
    }
    refused(
        &arm.put(&format!("{SITE}/slots/s5"), &site()),
        409,
        "Conflict",
    );
}

const NAME: &str = "Microsoft.Web/sites/api/hostNameBindings/api.example.org";
const CERTIFICATE: &str = "Microsoft.Web/certificates/api";

fn certificate() -> serde_json::Value {
    json!({
        "location": "westeurope",
        "properties": {"canonicalName": "api.example.org", "serverFarmId": format!("{GROUP}/providers/{PLAN}")},
    })
}

#[test]
fn a_name_in_a_zone_that_is_there_must_lead_somewhere() {
    let zone = "Microsoft.Network/dnsZones";
    let mut arm = with_plan("B1");
    arm.put_ok(SITE, &site());
    arm.put_ok(
        &format!("{zone}/example.org"),
        &json!({"location": "global"}),
    );
    let binding = json!({"properties": {"customHostNameDnsRecordType": "CName"}});
    refused(&arm.put(NAME, &binding), 400, "BadRequest");
    let admin = "Microsoft.Web/staticSites/admin";
    let body = json!({"location": "westeurope", "sku": {"name": "Standard"}, "properties": {}});
    arm.put_ok(admin, &body);
    let name = format!("{admin}/customDomains/api.example.org");
    refused(
        &arm.put(&name, &json!({"properties": {}})),
        400,
        "BadRequest",
    );
    let record = json!({"properties": {"TTL": 60, "CNAMERecord": {"cname": "x.example.com"}}});
    arm.put_ok(&format!("{zone}/example.org/CNAME/api"), &record);
    arm.put_ok(NAME, &binding);
    arm.put_ok(&name, &json!({"properties": {}}));
}

#[test]
fn a_certificate_has_no_thumbprint_before_it_is_issued() {
    let mut arm = Arm::slow();
    arm.put_ok(PLAN, &plan("B1"));
    arm.pass(60);
    arm.put_ok(SITE, &site());
    arm.pass(60);
    let binding = json!({"properties": {"customHostNameDnsRecordType": "CName"}});
    arm.put_ok(NAME, &binding);
    arm.pass(60);
    assert_eq!(arm.put(CERTIFICATE, &certificate()).status, 202);
    let pending = arm.get_ok(CERTIFICATE)["properties"].clone();
    assert_eq!(pending["canonicalName"], "api.example.org");
    assert_eq!(pending["thumbprint"], serde_json::Value::Null);
    arm.pass(300);
    let issued = arm.get_ok(CERTIFICATE)["properties"]["thumbprint"].clone();
    assert_eq!(issued.as_str().map(str::len), Some(40));
}

#[test]
fn a_certificate_is_made_for_a_bound_name_and_stays_while_it_is_used() {
    let mut arm = with_plan("B1");
    arm.put_ok(SITE, &site());
    let own = arm.names(&format!("{SITE}/hostNameBindings"));
    assert!(
        own.len() == 1 && own[0].ends_with(".azurewebsites.net"),
        "{own:?}"
    );
    let wanted = certificate();
    refused(&arm.put(CERTIFICATE, &wanted), 400, "BadRequest");
    let binding = arm.put_ok(
        NAME,
        &json!({"properties": {"customHostNameDnsRecordType": "CName"}}),
    );
    assert_eq!(binding["properties"]["sslState"], "Disabled");
    arm.put_ok(CERTIFICATE, &wanted);
    let thumbprint = arm.get_ok(CERTIFICATE)["properties"]["thumbprint"].clone();
    let secure = |thumbprint: &serde_json::Value| json!({"properties": {"sslState": "SniEnabled", "thumbprint": thumbprint}});
    refused(&arm.put(NAME, &secure(&json!("00"))), 404, "NotFound");
    arm.put_ok(NAME, &secure(&thumbprint));
    let site = arm.get_ok(SITE);
    assert_eq!(site["properties"]["hostNames"][1], "api.example.org");
    assert_eq!(
        site["properties"]["hostNameSslStates"][2]["sslState"],
        "SniEnabled"
    );
    refused(&arm.delete(CERTIFICATE), 409, "Conflict");

    arm.world.renew_certificates();
    let renewed = arm.get_ok(CERTIFICATE)["properties"]["thumbprint"].clone();
    assert_ne!(renewed, thumbprint);
    assert_eq!(arm.get_ok(NAME)["properties"]["thumbprint"], renewed);
    arm.put_ok(CERTIFICATE, &wanted);
    assert_eq!(arm.get_ok(CERTIFICATE)["properties"]["thumbprint"], renewed);

    assert_eq!(arm.delete(NAME).status, 200);
    assert_eq!(arm.delete(CERTIFICATE).status, 200);
}

#[test]
fn the_settings_of_a_static_web_app_are_told_by_an_action() {
    let mut arm = Arm::instant();
    let body = json!({"location": "westeurope", "sku": {"name": "Standard", "tier": "Standard"}});
    let site = "Microsoft.Web/staticSites/admin";
    let elsewhere = json!({"location": "norwayeast"});
    refused(
        &arm.put(site, &elsewhere),
        400,
        "LocationNotAvailableForResourceType",
    );
    let made = arm.put_ok(site, &body);
    let host = made["properties"]["defaultHostname"].as_str();
    assert!(
        host.is_some_and(|host| host.ends_with(".azurestaticapps.net")),
        "{made}"
    );
    let settings = format!("{site}/config/appsettings");
    arm.put_ok(&settings, &json!({"properties": {"A": "1"}}));
    refused(&arm.get(&settings), 405, "MethodNotAllowed");
    let listed = arm.post(&format!("{site}/listAppSettings"), &json!({}));
    assert_eq!(listed.json()["properties"], json!({"A": "1"}));
    arm.put_ok(
        &format!("{site}/customDomains/admin.example.org"),
        &json!({"properties": {"validationMethod": "cname-delegation"}}),
    );
    assert_eq!(
        arm.get_ok(site)["properties"]["customDomains"],
        json!(["admin.example.org"])
    );
}
