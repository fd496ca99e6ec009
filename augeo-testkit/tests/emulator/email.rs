//! E-mail: domains, their verification, senders, links.

use augeo_testkit::emulator::{Durations, WorldOptions};
use serde_json::{Value, json};

use crate::support::{Arm, GROUP, refused};

const MAIL: &str = "Microsoft.Communication/emailServices/mail";
const SENDER: &str = "Microsoft.Communication/communicationServices/sender";
const DOMAIN: &str = "Microsoft.Communication/emailServices/mail/domains/example.com";
const AZURE: &str = "Microsoft.Communication/emailServices/mail/domains/AzureManagedDomain";
const ZONE: &str = "Microsoft.Network/dnsZones/example.com";

fn service() -> Value {
    json!({"location": "global", "properties": {"dataLocation": "Europe"}})
}

fn domain(management: &str) -> Value {
    json!({"location": "global", "properties": {"domainManagement": management}})
}

fn with_domain() -> Arm {
    let mut arm = Arm::slow();
    arm.put_ok(MAIL, &service());
    arm.put_ok(SENDER, &service());
    arm.pass(60);
    arm.put_ok(DOMAIN, &domain("CustomerManaged"));
    arm.put_ok(ZONE, &json!({"location": "global"}));
    arm.pass(60);
    arm
}

fn put_texts(arm: &mut Arm, name: &str, texts: &[&str]) {
    let records: Vec<Value> = texts.iter().map(|text| json!({"value": [text]})).collect();
    let body = json!({"properties": {"TTL": 60, "TXTRecords": records}});
    arm.put_ok(&format!("{ZONE}/TXT/{name}"), &body);
    arm.pass(5);
}

/// Asks for a verification, waits for it, and tells what came of it.
fn verify(arm: &mut Arm, record: &str) -> String {
    let asked = arm.post(
        &format!("{DOMAIN}/initiateVerification"),
        &json!({"verificationType": record}),
    );
    assert_eq!(asked.status, 202, "{}", asked.json());
    assert!(asked.header("location").is_some());
    assert_eq!(state(arm, record), "VerificationInProgress");
    arm.pass(900);
    state(arm, record)
}

fn state(arm: &mut Arm, record: &str) -> String {
    let domain = arm.get_ok(DOMAIN);
    let state = domain["properties"]["verificationStates"][record]["status"].clone();
    state.as_str().expect("a status").to_owned()
}

fn wanted(arm: &mut Arm, record: &str, part: &str) -> String {
    let domain = arm.get_ok(DOMAIN);
    let wanted = domain["properties"]["verificationRecords"][record][part].clone();
    wanted.as_str().expect("a text").to_owned()
}

fn link(arm: &mut Arm, domain: &str) -> augeo_testkit::emulator::ArmResponse {
    let id = format!("{GROUP}/providers/{domain}");
    arm.patch(SENDER, &json!({"properties": {"linkedDomains": [id]}}))
}

#[test]
fn a_domain_is_verified_once_its_records_are_there() {
    let mut arm = with_domain();
    assert_eq!(state(&mut arm, "Domain"), "NotStarted");
    assert_eq!(verify(&mut arm, "Domain"), "VerificationFailed");
    let proof = wanted(&mut arm, "Domain", "value");
    put_texts(&mut arm, "@", &[&proof]);
    assert_eq!(verify(&mut arm, "Domain"), "Verified");
    refused(&link(&mut arm, DOMAIN), 400, "DomainValidationError");

    assert_eq!(verify(&mut arm, "SPF"), "VerificationFailed");
    let spf = "v=spf1 include:_spf.example.net include:spf.protection.outlook.com -all";
    put_texts(&mut arm, "@", &[&proof, spf, "v=spf1 -all"]);
    assert_eq!(
        verify(&mut arm, "SPF"),
        "VerificationFailed",
        "two are none"
    );
    put_texts(&mut arm, "@", &[&proof, spf]);
    assert_eq!(verify(&mut arm, "SPF"), "Verified");

    for record in ["DKIM", "DKIM2"] {
        let (name, value) = (
            wanted(&mut arm, record, "name"),
            wanted(&mut arm, record, "value"),
        );
        let body =
            json!({"properties": {"TTL": 60, "CNAMERecord": {"cname": format!("{value}.")}}});
        arm.put_ok(&format!("{ZONE}/CNAME/{name}"), &body);
        arm.pass(5);
        assert_eq!(verify(&mut arm, record), "Verified");
    }
    put_texts(&mut arm, "_dmarc", &["v=DMARC1; p=none"]);
    assert_eq!(verify(&mut arm, "DMARC"), "Verified");
    assert_eq!(link(&mut arm, DOMAIN).status, 200);
    arm.pass(10);
    refused(&arm.delete(DOMAIN), 409, "DomainLinked");
    refused(&arm.delete(MAIL), 409, "ResourceHasChildren");
    // What is verified stays so when the domain is written.
    arm.put_ok(DOMAIN, &domain("CustomerManaged"));
    assert_eq!(state(&mut arm, "DKIM2"), "Verified");
}

#[test]
fn verifications_come_one_after_another_and_the_domain_first() {
    let mut arm = with_domain();
    let ask = |arm: &mut Arm, record: &str| {
        arm.post(
            &format!("{DOMAIN}/initiateVerification"),
            &json!({"verificationType": record}),
        )
    };
    refused(&ask(&mut arm, "SPF"), 400, "DomainNotVerified");
    refused(&ask(&mut arm, "MX"), 400, "InvalidVerificationType");
    let asked = ask(&mut arm, "Domain");
    assert_eq!(asked.status, 202);
    refused(&ask(&mut arm, "Domain"), 409, "VerificationInProgress");
    // The request is over long before Azure has looked.
    let url = asked.header("location").expect("a place to ask").to_owned();
    arm.pass(5);
    assert!(arm.get(&url).status < 300);
    assert_eq!(state(&mut arm, "Domain"), "VerificationInProgress");
}

#[test]
fn a_domain_of_azures_is_ready_at_once_and_has_one_sender() {
    let mut arm = with_domain();
    let made = arm.put_ok(AZURE, &domain("AzureManaged"));
    arm.pass(60);
    let states = &made["properties"]["verificationStates"];
    assert_eq!(states["DKIM2"]["status"], "Verified");
    let sender = made["properties"]["fromSenderDomain"].as_str();
    assert!(sender.is_some_and(|domain| domain.ends_with(".azurecomm.net")));
    assert_eq!(link(&mut arm, AZURE).status, 200);
    assert_eq!(
        arm.names(&format!("{AZURE}/senderUsernames")),
        ["donotreply"]
    );
    let body = json!({"properties": {"username": "support"}});
    for domain in [AZURE, DOMAIN] {
        let answer = arm.put(&format!("{domain}/senderUsernames/support"), &body);
        refused(&answer, 400, "SenderUsernamesNotAllowed");
    }
    let wrong = arm.put(
        &format!("{MAIL}/domains/other.example"),
        &domain("AzureManaged"),
    );
    refused(&wrong, 400, "BadRequest");
}

#[test]
fn a_domain_that_azure_knows_takes_senders() {
    let mut arm = Arm::with(WorldOptions {
        durations: Durations::instant(),
        known_domains: vec!["example.com".to_owned()],
        ..WorldOptions::default()
    });
    arm.put_ok(GROUP, &json!({"location": "westeurope"}));
    arm.put_ok(MAIL, &service());
    arm.put_ok(SENDER, &service());
    arm.put_ok(DOMAIN, &domain("CustomerManaged"));
    assert_eq!(link(&mut arm, DOMAIN).status, 200);
    let body = json!({"properties": {"username": "Support", "displayName": "Help"}});
    arm.put_ok(&format!("{DOMAIN}/senderUsernames/support"), &body);
    let other = arm.put(&format!("{DOMAIN}/senderUsernames/news"), &body);
    refused(&other, 400, "BadRequest");
}
