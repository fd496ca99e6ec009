//! DNS and mail: which names an environment has, and whose texts stand together.

use augeo_core::finding::Severity;
use augeo_core::name::ResourceName;

use crate::shown::{TOP, list, names, no_errors, resource, stack, value};

const ZONE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/r/providers/Microsoft.Network/dnsZones";

fn texts(config: &str, name: &str) -> String {
    let stack = stack(config, "production");
    no_errors(&stack);
    let records = resource(&stack, name)
        .value
        .field("TXTRecords")
        .expect("it has texts")
        .clone();
    value(&records)
}

#[test]
fn without_a_domain_there_is_no_zone_and_azures_own_domain_is_linked_at_once() {
    let stack = stack(TOP, "production");
    no_errors(&stack);
    assert!(!names(&stack).iter().any(|name| name.starts_with("dns/")));
    let domain = &resource(&stack, "email/domain").value;
    let managed = domain.field("domainManagement").unwrap();
    assert_eq!(managed.as_str(), Some("AzureManaged"));
    let sender = &resource(&stack, "email/links").value;
    assert_eq!(
        value(sender.field("linkedDomains").unwrap()),
        "[${email/domain.id}]"
    );
}

#[test]
fn the_texts_of_a_domain_are_one_record_set_with_one_spf_record() {
    let text = format!(
        "{TOP}[dns]\nzone = 'example.org'\ntexts = ['site=1', 'site=2']\n\
         [communication]\ndomain = 'example.org'\nspf = ['include:_spf.example.com', 'ip4:203.0.113.1']\n"
    );
    let found = texts(&text, "dns/texts");
    assert_eq!(found.matches("v=spf1").count(), 1, "{found}");
    assert!(found.contains(
        "v=spf1 include:spf.protection.outlook.com include:_spf.example.com ip4:203.0.113.1 -all"
    ));
    for own in [
        "site=1",
        "site=2",
        "email/domain.verificationRecords.Domain.value",
    ] {
        assert!(found.contains(own), "{found}");
    }
    let policy = texts(&text, "dns/dmarc");
    assert!(policy.contains("v=DMARC1; p=none"), "{policy}");
}

#[test]
fn a_domain_below_the_zone_has_its_records_there_and_the_zone_its_own() {
    let text = format!(
        "{TOP}[dns]\nzone = 'example.org'\ntexts = ['site=1']\n\
         [communication]\ndomain = 'mail.example.org'\ndmarc = 'reject'\n"
    );
    assert!(texts(&text, "dns/email").contains("v=spf1"));
    assert!(!texts(&text, "dns/texts").contains("v=spf1"));
    let stack = stack(&text, "production");
    let physical = |name: &str| resource(&stack, name).physical_name.clone().unwrap();
    assert_eq!(physical("dns/email"), "mail");
    assert_eq!(physical("dns/dmarc"), "_dmarc.mail");
    assert_eq!(
        physical("dns/dkim2"),
        "selector2-azurecomm-prod-net._domainkey.mail"
    );
}

#[test]
fn texts_of_the_zone_stand_alone_where_no_mail_is_sent() {
    for more in ["enabled = false", "domain = 'example.net'"] {
        let text = format!(
            "{TOP}[dns]\nzone = 'example.org'\ntexts = ['site=1']\n[communication]\n{more}\n"
        );
        assert!(texts(&text, "dns/texts").contains("site=1"));
    }
}

#[test]
fn a_domain_that_is_served_elsewhere_is_told() {
    let text = format!("{TOP}[communication]\ndomain = 'example.net'\n");
    let stack = stack(&text, "production");
    let findings = stack.findings().iter();
    let told: Vec<_> = findings
        .filter(|finding| finding.rule == "augeo/records-elsewhere")
        .collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].location.is_some());
}

#[test]
fn the_name_of_the_zone_itself_is_no_host_name() {
    for module in ["app_service", "static_web_app"] {
        let text = format!(
            "{TOP}[dns]\nzone = 'dev.example.org'\n[{module}]\nhost_name = 'dev.example.org'\n"
        );
        let stack = stack(&text, "production");
        let mut findings = stack.findings().iter();
        let finding = findings.find(|it| it.rule == "augeo/dns-apex").unwrap();
        assert_eq!(finding.severity, Severity::Error);
        let fix = finding.fix.as_deref();
        assert_eq!(
            fix,
            Some("take a name in the zone, such as `www.dev.example.org`")
        );
    }
}

#[test]
fn environments_that_make_one_zone_are_told() {
    let told = |dns: &str| {
        let stack = stack(&format!("{TOP}{dns}"), "dev");
        let findings = stack.findings().iter();
        let mut of_zone = findings.filter(|finding| finding.rule == "augeo/zone-twice");
        let message = of_zone.next().map(|finding| finding.message.clone());
        assert!(of_zone.next().is_none());
        message
    };
    let message = told("[dns]\nzone = 'example.org'\n").expect("it is told");
    assert!(
        message.starts_with("dev, production, staging each make the zone `example.org`"),
        "{message}"
    );
    let own = "[environment.dev.dns]\nzone = 'dev.example.org'\n\
               [environment.production.dns]\nzone = 'example.org'\n";
    assert_eq!(told(own), None);
    let off =
        "[dns]\nzone = 'example.org'\nenabled = false\n[environment.dev.dns]\nenabled = true\n";
    assert_eq!(told(off), None);
}

#[test]
fn delegations_and_senders_await_what_is_not_there_yet() {
    let text = format!(
        "{TOP}[dns]\nzone = 'example.org'\n[dns.delegations]\ndev = '{ZONE}/dev.example.org'\n\
         [communication]\ndomain = 'example.org'\n[communication.senders]\nsupport = 'Help'\n"
    );
    let stack = stack(&text, "production");
    no_errors(&stack);
    let awaits = |name: &str| -> Vec<String> {
        let awaited = resource(&stack, name).once_ready.iter();
        awaited.map(ResourceName::to_string).collect()
    };
    assert_eq!(awaits("dns/dev"), ["dns/dev-zone"]);
    let last = "email/domain/verified-dkim2";
    assert_eq!(awaits("email/domain/support"), [last]);
    assert_eq!(awaits("email/links"), [last]);
    assert_eq!(awaits(last), ["email/domain/verified-dkim"]);
    let spf = "email/domain/verified-spf";
    assert_eq!(awaits(spf), ["email/domain/verified-domain"]);
    assert_eq!(awaits("email/domain/verified-dkim"), [spf]);
}

#[test]
fn the_names_of_the_app_and_the_administration_lead_to_them() {
    let text = format!(
        "{TOP}[dns]\nzone = 'example.org'\n[app_service]\nhost_name = 'api.example.org'\n\
         [static_web_app]\nhost_name = 'office.example.org'\n"
    );
    let all = list(&stack(&text, "production"));
    let named = |one: &&str| one.starts_with("dns/") || one.contains("/name: ");
    let ours = all.split("\n\n").filter(named);
    insta::assert_snapshot!(ours.collect::<Vec<_>>().join("\n\n"));
}
