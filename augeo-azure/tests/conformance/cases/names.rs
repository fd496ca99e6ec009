//! DNS, and the mail that needs it.

use augeo_azure::resources::*;
use augeo_core::stack::Added;
use augeo_testkit::conformance::Case;
use serde_json::json;

use super::{edit, shop};

/// A zone with records of every type, of which one leaves, and a zone below it.
pub(crate) fn dns() -> Case {
    let stack = |address: &str, with_more: bool| {
        let (mut stack, group) = shop();
        let zone = stack.add("zone", DnsZone::within(&group, "example.org"));
        let inner = stack.add("inner", DnsZone::within(&group, "dev.example.org"));
        let servers = RecordSet::within(&zone, "dev", NsRecords::delegating_to(&inner));
        stack.add("zone/dev", servers);
        let records = ARecords::of([address, "203.0.113.1"]);
        stack.add("zone/www", RecordSet::within(&zone, "www", records));
        let records = CnameRecord::of("www.example.org");
        stack.add("zone/api", RecordSet::within(&zone, "api", records));
        let long = "x".repeat(300);
        let texts = TxtRecords::of(["v=spf1 -all", address, long.as_str()]);
        stack.add("zone/texts", RecordSet::within(&zone, "@", texts));
        let servers = MxRecords::of([(20, "mx2.example.org"), (10, "mx1.example.org")]);
        let mut mail = RecordSet::within(&zone, "@", servers);
        mail.ttl = 300;
        stack.add("zone/mail", mail);
        if with_more {
            let texts = TxtRecords::of(["v=DMARC1; p=none"]);
            stack.add("zone/dmarc", RecordSet::within(&zone, "_dmarc", texts));
        }
        stack
    };
    Case {
        name: "DNS",
        stack: stack("203.0.113.2", true),
        edited: stack("203.0.113.3", false),
        edits: vec![
            edit("zone/www", "TTL", &json!(60)),
            edit(
                "zone/api",
                "CNAMERecord.cname",
                &json!("elsewhere.example.com"),
            ),
            edit("zone/texts", "TXTRecords", &json!([{"value": ["x"]}])),
            edit(
                "zone/mail",
                "MXRecords",
                &json!([{"preference": 10, "exchange": "mx.example.com"}]),
            ),
            edit(
                "zone/dev",
                "NSRecords",
                &json!([{"nsdname": "ns.example.com"}]),
            ),
        ],
    }
}

/// Both kinds of domain, with the services around them.
pub(crate) fn email() -> Case {
    let stack = |shown: &str, tracked: Switch, with_more: bool| {
        let (mut stack, group) = shop();
        let service = stack.add("mail", EmailService::within(&group, "Europe"));
        let mut domain = EmailDomain::within(&service, "example.org");
        domain.user_engagement_tracking = tracked;
        let domain = stack.add("mail/own", domain);
        stack.add("mail/azure", EmailDomain::azure_managed(&service));
        stack.add(
            "mail/own/support",
            SenderUsername::within(&domain, "support", shown),
        );
        if with_more {
            stack.add(
                "mail/own/news",
                SenderUsername::within(&domain, "news", "News"),
            );
        }
        let sender = CommunicationService::within(&group, "Europe");
        let sender = stack.add("sender", sender);
        let links = LinkedDomains::finishing(&sender, &domain);
        let links = stack.add("sender/links", links);
        stack.describe(&links).once_ready(&domain);
        let mut before: Option<Added<EmailVerification>> = None;
        for record in VerifiedRecord::ALL {
            let verification = EmailVerification::finishing(&domain, record);
            let name = format!("mail/own/{record:?}").to_lowercase();
            let verification = stack.add(name, verification);
            if let Some(before) = &before {
                stack.describe(&verification).once_ready(before);
            }
            before = Some(verification);
        }
        stack
    };
    Case {
        name: "e-mail",
        stack: stack("Support", Switch::Disabled, true),
        edited: stack("Help", Switch::Enabled, false),
        edits: vec![
            edit("sender", "disableLocalAuth", &json!(false)),
            edit("sender", "publicNetworkAccess", &json!("Disabled")),
            edit("sender/links", "linkedDomains", &json!([])),
            edit("mail/own", "userEngagementTracking", &json!("Enabled")),
            edit("mail/own/support", "displayName", &json!("x")),
        ],
    }
}
