//! Communication: the service that the web app sends mail with, and the domain that it is from.
//!
//! A domain of Azure's is ready at once. One's own is ready once Azure has seen its DNS records,
//! which takes up to half an hour; it can be linked only then.

use std::collections::BTreeMap;

use augeo_core::finding::Finding;
use augeo_core::stack::Added;
use augeo_core::value::{Input, Piece};
use serde::Deserialize;

use super::app_service;
use super::app_service_inside::Variables;
use super::builder::Builder;
use super::dns::{Dns, OWN_TEXTS};
use super::form;
use super::names;
use super::section::Section;
use super::setting::{ENABLED, Fallback, Kind, Scalar, SectionSpec, Setting, name_of};
use crate::resources::communication::COMMUNICATION_SERVICE;
use crate::resources::{
    AppSettings, CommunicationService, EmailDomain, EmailService, EmailVerification, LinkedDomains,
    ResourceGroup, Role, RoleAssignment, SenderUsername, Switch, UserAssignedIdentity,
    VerifiedRecord,
};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "communication",
    about: "The service that sends mail. The web app's identity may use it; its keys open nothing. \
            Mail is from `donotreply`, which every domain has without anybody's doing.",
    settings: &[
        ENABLED,
        name_of(&COMMUNICATION_SERVICE),
        Setting {
            key: "data_location",
            kind: Kind::Choice(DATA_LOCATIONS),
            default: Fallback::Always(Scalar::Text("Europe")),
            about: "The part of the world where it keeps its data. It cannot be changed.",
        },
        Setting {
            key: "domain",
            kind: Kind::Text(&names::DOMAIN),
            default: Fallback::Nothing("a domain of Azure's, with few mails and a strange name"),
            about: "The domain that mail is from. Where it is in the zone of [dns], its records are \
                    made there: proof of ownership, SPF, DKIM and DMARC. It is linked once Azure \
                    has verified it.",
        },
        Setting {
            key: "spf",
            kind: Kind::List(&names::SPF),
            default: Fallback::Always(Scalar::List(&[])),
            about: "Who else sends for the domain: a domain has one SPF record, so what is there \
                    already must stand here.",
        },
        Setting {
            key: "dmarc",
            kind: Kind::Choice(&["none", "quarantine", "reject"]),
            default: Fallback::Always(Scalar::Text("none")),
            about: "What others are asked to do with mail that is not from whom it says: `none` \
                    until reports show that all of one's own passes.",
        },
        Setting {
            key: "tracking",
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(false)),
            about: "Whether it is noted who opens mails and follows their links.",
        },
        Setting {
            key: "senders",
            kind: Kind::Map {
                keys: &names::SENDER,
                values: &form::LINE,
            },
            default: Fallback::Nothing("`donotreply`, which every domain has"),
            about: "More senders of a domain of one's own: what stands before the `@`, and what \
                    recipients see. Azure takes them once it has raised the domain's sending limits.",
        },
    ],
};

/// The [parts of the world](https://learn.microsoft.com/azure/communication-services/concepts/privacy)
/// that keep data.
const DATA_LOCATIONS: &[&str] = &[
    "Africa",
    "Asia Pacific",
    "Australia",
    "Brazil",
    "Canada",
    "Europe",
    "France",
    "Germany",
    "India",
    "Japan",
    "Korea",
    "Norway",
    "Switzerland",
    "UAE",
    "UK",
    "United States",
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    name: Option<String>,
    data_location: String,
    domain: Option<String>,
    spf: Vec<String>,
    dmarc: String,
    tracking: bool,
    #[serde(default)]
    senders: BTreeMap<String, String>,
}

/// The service that sends, and the domain that mail is from.
#[derive(Clone, Debug)]
pub(super) struct Communication {
    service: Added<CommunicationService>,
    domain: Added<EmailDomain>,
    sends: Option<Added<RoleAssignment>>,
}

impl Communication {
    /// Tells the app where the service is, and whom mail is from.
    pub(super) fn tell(&self, variables: &mut Variables) {
        let endpoint = [
            Piece::from("https://"),
            self.service.output(CommunicationService::HOST_NAME).into(),
        ];
        let sender = [
            Piece::from("donotreply@"),
            self.domain.output(EmailDomain::FROM_SENDER_DOMAIN).into(),
        ];
        variables
            .setting("EMAIL_ENDPOINT", Input::format(endpoint))
            .setting("EMAIL_SENDER", Input::format(sender));
    }

    /// What is told is of use only once the app may send.
    pub(super) fn precede(&self, builder: &mut Builder<'_>, variables: &Added<AppSettings>) {
        if let Some(sends) = &self.sends {
            builder.stack.describe(variables).after(sends);
        }
    }
}

/// The services with their domain, unless they are switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
    identity: Option<&Added<UserAssignedIdentity>>,
    dns: Option<&Dns>,
) -> Option<Communication> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        if let Some(dns) = dns {
            dns.add_own_texts(builder);
        }
        return None;
    }
    let place = settings.data_location.as_str();
    let mut service = EmailService::within(group, place);
    service.tags = builder.tags();
    let service = builder.stack.add("email/service", service);
    builder.describe(&service, &section, &[("dataLocation", "data_location")]);

    let mut domain = match &settings.domain {
        Some(domain) => EmailDomain::within(&service, domain.as_str()),
        None => EmailDomain::azure_managed(&service),
    };
    domain.tags = builder.tags();
    if settings.tracking {
        domain.user_engagement_tracking = Switch::Enabled;
    }
    let domain = builder.stack.add("email/domain", domain);
    let places = [
        ("domainManagement", "domain"),
        ("userEngagementTracking", "tracking"),
    ];
    builder.describe(&domain, &section, &places);
    let records = add_records(builder, &section, &settings, &domain, dns);
    if let Some(dns) = dns.filter(|_| !records.as_ref().is_some_and(Records::own_texts)) {
        dns.add_own_texts(builder);
    }
    let verified = records.and_then(|records| records.verified);
    add_senders(builder, &section, &settings, (&domain, verified.as_ref()));

    let mut sender = CommunicationService::within(group, place);
    sender.physical_name.clone_from(&settings.name);
    sender.tags = builder.tags();
    let sender = builder.stack.add("email/sender", sender);
    builder.describe(&sender, &section, &[("dataLocation", "data_location")]);
    let links = LinkedDomains::finishing(&sender, &domain);
    let links = builder.stack.add("email/links", links);
    builder.describe(&links, &section, &[("linkedDomains", "domain")]);
    await_domain(builder, &links, (&domain, verified.as_ref()));
    let app = builder.section(&app_service::SECTION).is_on();
    let sends = identity.filter(|_| app).map(|identity| {
        let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        let role = RoleAssignment::on(
            &sender,
            Role::COMMUNICATION_AND_EMAIL_SERVICE_OWNER,
            principal,
        );
        let role = builder.stack.add("identity/api-sends-mail", role);
        builder.describe(&role, &section, &[]);
        role
    });
    Some(Communication {
        service: sender,
        domain,
        sends,
    })
}

/// The records of a domain, in the environment's zone.
struct Records {
    /// What the domain is called there.
    called: String,
    /// The last of their verifications.
    verified: Option<Added<EmailVerification>>,
}

impl Records {
    /// Whether the TXT records of the zone's own name are among them.
    fn own_texts(&self) -> bool {
        self.called == "@"
    }
}

/// Holds what needs a domain until all of it is verified. The last verification comes after the
/// others, and tells better what is waited for; a domain whose records are elsewhere has none.
fn await_domain<R>(
    builder: &mut Builder<'_>,
    waiting: &Added<R>,
    (domain, verified): (&Added<EmailDomain>, Option<&Added<EmailVerification>>),
) {
    let mut description = builder.stack.describe(waiting);
    match verified {
        Some(verified) => description.once_ready(verified),
        None => description.once_ready(domain),
    };
}

/// The domain's records, where its zone is the environment's.
fn add_records(
    builder: &mut Builder<'_>,
    section: &Section,
    settings: &Settings,
    domain: &Added<EmailDomain>,
    dns: Option<&Dns>,
) -> Option<Records> {
    let name = settings.domain.as_deref()?;
    let placed = dns.and_then(|dns| Some((dns, dns.relative(name)?)));
    let Some((dns, relative)) = placed else {
        let message =
            format!("the DNS records of `{name}` are not made: it is not in the zone of [dns]");
        let fix = "set them by hand where the domain is served; a plan tells them until Azure has \
                   verified them";
        let finding = Finding::note("augeo/records-elsewhere", message).fix(fix);
        let place = builder.locate(section.at("domain"));
        builder.stack.report(finding.about(domain.name()).at(place));
        return None;
    };
    let below = |label: &str| match relative.as_str() {
        "@" => label.to_owned(),
        relative => format!("{label}.{relative}"),
    };
    let mut spf = vec!["v=spf1", EmailDomain::SPF];
    spf.extend(settings.spf.iter().map(String::as_str));
    spf.push("-all");
    let proof = domain.output(EmailDomain::OWNERSHIP_RECORD);
    let texts = [proof.into(), spf.join(" ").into()];
    let resource = if relative == "@" {
        OWN_TEXTS
    } else {
        "dns/email"
    };
    let texts = dns.add_texts(builder, resource, &relative, texts);
    builder.describe(&texts, section, &[("TXTRecords", "spf")]);
    let mut aliases = Vec::new();
    for (resource, label, target) in [
        ("dns/dkim", EmailDomain::DKIM_NAME, EmailDomain::DKIM_RECORD),
        (
            "dns/dkim2",
            EmailDomain::DKIM2_NAME,
            EmailDomain::DKIM2_RECORD,
        ),
    ] {
        let target = domain.output(target);
        let record = dns.add_alias(builder, resource, &below(label), target);
        builder.describe(&record, section, &[]);
        aliases.push(record);
    }
    // Azure looks when it is asked, at one record at a time, the proof of ownership first.
    let mut before: Option<Added<EmailVerification>> = None;
    for record in VerifiedRecord::ALL {
        let verification = EmailVerification::finishing(domain, record);
        let name = format!("email/domain/verified-{record:?}").to_lowercase();
        let verification = builder.stack.add(name, verification);
        builder.describe(&verification, section, &[("verificationStates", "domain")]);
        let mut description = builder.stack.describe(&verification);
        description.after(&texts);
        for alias in &aliases {
            description.after(alias);
        }
        if let Some(before) = &before {
            description.once_ready(before);
        }
        before = Some(verification);
    }
    let policy = format!("v=DMARC1; p={}", settings.dmarc);
    let policy = dns.add_texts(builder, "dns/dmarc", &below("_dmarc"), [policy.into()]);
    builder.describe(&policy, section, &[("TXTRecords", "dmarc")]);
    Some(Records {
        called: relative,
        verified: before,
    })
}

/// Senders beside the one that every domain has.
fn add_senders(
    builder: &mut Builder<'_>,
    section: &Section,
    settings: &Settings,
    (domain, verified): (&Added<EmailDomain>, Option<&Added<EmailVerification>>),
) {
    if settings.senders.is_empty() {
        return;
    }
    if settings.domain.is_none() {
        let problem = "cannot be set: a domain of Azure's has only `donotreply`";
        let help = "name a `domain` of your own, or delete [communication.senders]";
        let objection = form::Objection::new(problem, help);
        let place = section.at("senders");
        builder.mistakes.object(place, "senders", objection);
        return;
    }
    for (name, shown) in &settings.senders {
        let sender = SenderUsername::within(domain, name.as_str(), shown.as_str());
        let sender = builder.stack.add(format!("email/domain/{name}"), sender);
        let key = format!("senders.{name}");
        builder.describe(&sender, section, &[("displayName", &key)]);
        await_domain(builder, &sender, (domain, verified));
    }
}
