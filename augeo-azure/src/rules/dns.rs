//! Rules for public DNS and for e-mail.

use augeo_core::finding::Severity;
use augeo_core::resource::Desired;
use augeo_core::value::Value;

use super::scene::{Found, Scene, items, own_name, plain};
use super::when::When;
use super::{Rule, Test};

const CNAME: &str = "Microsoft.Network/dnsZones/CNAME";
const DOMAIN: &str = "Microsoft.Communication/emailServices/domains";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "augeo/dns-apex",
        title: "The name of a zone itself is to be an alias (CNAME).",
        reason: "A CNAME stands alone at its name, and the zone's own name has its NS and SOA records.",
        fix: "use an A record with `targetResource`, which follows a resource",
        link: "https://learn.microsoft.com/azure/dns/dns-alias",
        types: &[CNAME],
        test: Test::Property(When::Named(&["@"]), "the zone's own name takes no CNAME"),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/dns-alone",
        title: "An alias (CNAME) stands beside other records of its name.",
        reason: "Whoever asks for a name that is an alias is sent on; nothing else can be there.",
        fix: "give one of them another name",
        link: "https://learn.microsoft.com/azure/dns/dns-zones-records#cname-records",
        types: &[CNAME],
        test: Test::Each(alone),
        ..Rule::REFUSED
    },
    Rule {
        id: "augeo/dns-spf",
        severity: Severity::Error,
        title: "A name has two SPF records.",
        reason: "RFC 7208 takes two for an error of the domain: receivers then trust neither, and mail is \
                 taken for spam.",
        fix: "make one text of them: `v=spf1 include:… include:… -all`",
        link: "https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-custom-verified-domains",
        types: &["Microsoft.Network/dnsZones/TXT"],
        test: Test::Each(spf),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/email-sender",
        title: "A sender of one's own is declared where Azure allows none.",
        reason: "On a domain of Azure's, and on one's own with the limits that every subscription begins \
                 with, `donotreply` is the only sender; others come with a support ticket that raises \
                 the limits.",
        fix: "send as `donotreply`, or suppress this once the limits are raised",
        link: "https://learn.microsoft.com/azure/communication-services/quickstarts/email/add-multiple-senders",
        types: &["Microsoft.Communication/emailServices/domains/senderUsernames"],
        test: Test::Each(sender),
        ..Rule::BASE
    },
    Rule {
        id: "augeo/email-data",
        title: "An e-mail service and what sends through it keep data in different places.",
        reason: "A domain can be linked only where both have one data location, which cannot be changed.",
        fix: "give both one `dataLocation`",
        link: "https://learn.microsoft.com/azure/communication-services/concepts/email/email-domain-and-sender-authentication",
        types: &["Microsoft.Communication/communicationServices"],
        test: Test::Each(data_location),
        ..Rule::REFUSED
    },
];

fn alone<'a>(scene: &Scene<'a>, alias: &'a Desired) -> Vec<Found<'a>> {
    let name = own_name(alias);
    let prefix = "microsoft.network/dnszones/";
    let beside = scene.resources().iter().find(|other| {
        let is_record = other
            .ty
            .name
            .as_str()
            .to_ascii_lowercase()
            .starts_with(prefix);
        let same_zone = other.scope == alias.scope;
        is_record
            && same_zone
            && other.name != alias.name
            && own_name(other).eq_ignore_ascii_case(name)
    });
    let Some(beside) = beside else {
        return Vec::new();
    };
    let message = format!(
        "`{name}` is an alias and has other records: {}",
        beside.name
    );
    vec![Found::of(alias, message)]
}

fn spf<'a>(_: &Scene<'a>, record: &'a Desired) -> Vec<Found<'a>> {
    let texts = ["TXTRecords", "txtRecords"].into_iter().find_map(|path| {
        let all = items(record, path);
        (!all.is_empty()).then_some(all)
    });
    let count = texts.unwrap_or_default().iter().filter(|entry| {
        let parts = entry
            .field("value")
            .and_then(Value::as_array)
            .unwrap_or_default();
        let first = parts.first().and_then(plain).unwrap_or_default();
        first.to_ascii_lowercase().starts_with("v=spf1")
    });
    if count.count() < 2 {
        return Vec::new();
    }
    let message = format!(
        "`{}` has two SPF records, so that none counts",
        own_name(record)
    );
    vec![Found::at(record, "TXTRecords", message)]
}

fn sender<'a>(scene: &Scene<'a>, sender: &'a Desired) -> Vec<Found<'a>> {
    let name = own_name(sender);
    if name.eq_ignore_ascii_case("donotreply") {
        return Vec::new();
    }
    let whose = match scene.parent(sender).map(own_name) {
        Some("AzureManagedDomain") => "a domain of Azure's has",
        _ => "a domain with the usual limits has",
    };
    vec![Found::of(
        sender,
        format!("{whose} no sender but `donotreply`, and this is `{name}`"),
    )]
}

fn data_location<'a>(scene: &Scene<'a>, service: &'a Desired) -> Vec<Found<'a>> {
    let location = |desired: &Desired| super::scene::text(desired, "dataLocation");
    let Some(own) = location(service) else {
        return Vec::new();
    };
    let linked = items(service, "linkedDomains").iter().filter_map(|link| {
        let Value::Unknown(expression) = link else {
            return None;
        };
        scene.mentioned(expression)
    });
    let domains = linked.filter(|linked| super::scene::is_a(linked, &[DOMAIN]));
    let other = domains
        .filter_map(|domain| scene.parent(domain))
        .find_map(|mail| {
            let other = location(mail)?;
            (!other.eq_ignore_ascii_case(&own)).then_some((mail, other))
        });
    let Some((mail, other)) = other else {
        return Vec::new();
    };
    let message = format!("keeps data in `{own}`, and {} in `{other}`", mail.name);
    vec![Found::at(service, "dataLocation", message)]
}
