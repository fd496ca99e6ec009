//! DNS: the zone of the environment's domain, the names in it, and the zones below it.

use std::collections::BTreeMap;

use augeo_core::finding::{Finding, SourceLocation};
use augeo_core::stack::Added;
use augeo_core::value::Input;
use serde::Deserialize;

use super::builder::Builder;
use super::names;
use super::section::Section;
use super::setting::{ENABLED, Fallback, Kind, LOCK, Scalar, SectionSpec, Setting};
use crate::resources::{
    CnameRecord, DnsZone, NsRecords, RecordSet, ResourceGroup, StaticSite, TxtRecords, WebApp,
};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "dns",
    about: "The zone of the environment's own domain. Its name servers, which are others each time \
            that a zone is made, must be entered at the domain's registrar, or as `delegations` in \
            the zone around it. What others add to the zone is left alone.",
    settings: &[
        ENABLED,
        Setting {
            key: "zone",
            kind: Kind::Text(&names::DOMAIN),
            default: Fallback::Nothing("no zone, and no names of one's own"),
            about: "The domain.",
        },
        Setting {
            key: "delegations",
            kind: Kind::Map {
                keys: &names::LABEL,
                values: &names::ZONE_ID,
            },
            default: Fallback::Nothing("none"),
            about: "Zones below this one, such as those of other environments: the first part of \
                    the name, and the zone's id. Each gets NS records here; until it is there, \
                    they are pending.",
        },
        Setting {
            key: "texts",
            kind: Kind::List(&names::TEXT),
            default: Fallback::Always(Scalar::List(&[])),
            about: "More TXT records of the domain itself. All of them are one record set, so \
                    what others need there must stand here.",
        },
        LOCK,
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    zone: Option<String>,
    #[serde(default)]
    delegations: BTreeMap<String, String>,
    texts: Vec<String>,
    lock: bool,
}

/// The zone, for who has names in it.
#[derive(Debug)]
pub(super) struct Dns {
    section: Section,
    zone: Added<DnsZone>,
    domain: String,
    texts: Vec<String>,
}

/// The zone with the zones below it, if the environment has a domain.
pub(super) fn add(builder: &mut Builder<'_>, group: &Added<ResourceGroup>) -> Option<Dns> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    let domain = settings.zone.filter(|_| settings.enabled)?;
    let mut zone = DnsZone::within(group, domain.as_str());
    zone.tags = builder.tags();
    let zone = builder.stack.add("dns/zone", zone);
    builder.describe(&zone, &section, &[]);
    if settings.lock {
        builder.lock(&zone, &section);
    }
    tell_of_others(builder, &section, &zone, &domain);
    for (label, id) in &settings.delegations {
        let below = DnsZone::existing(id).expect("the document's ids were checked");
        let key = format!("delegations.{label}");
        let place = builder.locate(section.at(&key));
        let below = builder.stack.existing(format!("dns/{label}-zone"), below);
        builder.stack.describe(&below).declared_at(place);
        let servers = RecordSet::within(&zone, label.as_str(), NsRecords::delegating_to(&below));
        let servers = builder.stack.add(format!("dns/{label}"), servers);
        builder.describe(&servers, &section, &[("NSRecords", &key)]);
        builder.stack.describe(&servers).once_ready(&below);
    }
    Some(Dns {
        section,
        zone,
        domain,
        texts: settings.texts,
    })
}

/// A domain is delegated to one zone only, whatever many are called so.
fn tell_of_others(
    builder: &mut Builder<'_>,
    section: &Section,
    zone: &Added<DnsZone>,
    domain: &str,
) {
    let all = builder.everywhere(&SECTION);
    let same = all.filter(|(_, other)| other.is_on() && other.text("zone") == Some(domain));
    let makers: Vec<&str> = same.map(|(name, _)| name).collect();
    if makers.len() < 2 {
        return;
    }
    let makers = makers.join(", ");
    let message = format!(
        "{makers} each make the zone `{domain}`, with name servers of its own, and a domain is \
         delegated to one of them"
    );
    let fix = format!(
        "give each environment a zone of its own, such as `dev.{domain}`, and name those in \
         [dns.delegations] of the one that has `{domain}`"
    );
    let finding = Finding::warning("augeo/zone-twice", message).fix(fix);
    let place = builder.locate(section.at("zone"));
    builder.stack.report(finding.about(zone.name()).at(place));
}

/// A record that stands for another name.
type Alias = Added<RecordSet<CnameRecord>>;
/// A name's texts.
type Texts = Added<RecordSet<TxtRecords>>;

impl Dns {
    /// What a domain is called in the zone, if it is in it: `@` is the zone's own.
    pub(super) fn relative(&self, domain: &str) -> Option<String> {
        let rest = domain.strip_suffix(self.domain.as_str())?;
        if rest.is_empty() {
            return Some("@".to_owned());
        }
        rest.strip_suffix('.').map(str::to_owned)
    }

    /// The record that leads from a name in the zone to the web app, and the one that proves whose
    /// the name is.
    pub(super) fn add_api(
        &self,
        builder: &mut Builder<'_>,
        app: &Added<WebApp>,
        host_name: &str,
        place: &SourceLocation,
    ) -> Option<(Alias, Texts)> {
        let name = self.below(builder, host_name, place)?;
        let target = app.output(WebApp::DEFAULT_HOST_NAME);
        let alias = self.add_alias(builder, "dns/api", &name, target);
        // https://learn.microsoft.com/azure/app-service/app-service-web-tutorial-custom-domain
        let proof = app.output(WebApp::CUSTOM_DOMAIN_VERIFICATION_ID);
        let name = format!("asuid.{name}");
        let proof = self.add_texts(builder, "dns/api-proof", &name, [proof.into()]);
        builder.stack.describe(&alias).declared_at(place.clone());
        builder.stack.describe(&proof).declared_at(place.clone());
        Some((alias, proof))
    }

    /// The record that leads from a name in the zone to the static web app.
    pub(super) fn add_admin(
        &self,
        builder: &mut Builder<'_>,
        site: &Added<StaticSite>,
        host_name: &str,
        place: &SourceLocation,
    ) -> Option<Alias> {
        let name = self.below(builder, host_name, place)?;
        let target = site.output(StaticSite::DEFAULT_HOST_NAME);
        let alias = self.add_alias(builder, "dns/admin", &name, target);
        builder.stack.describe(&alias).declared_at(place.clone());
        Some(alias)
    }

    /// What a host name is called in the zone, if it is in it. The zone's own takes no alias.
    fn below(
        &self,
        builder: &mut Builder<'_>,
        host_name: &str,
        place: &SourceLocation,
    ) -> Option<String> {
        let name = self.relative(host_name)?;
        if name == "@" {
            let message = format!(
                "`{host_name}` is the name of the zone itself, which takes no alias (CNAME)"
            );
            let finding = Finding::error("augeo/dns-apex", message).fix(format!(
                "take a name in the zone, such as `www.{host_name}`"
            ));
            let finding = finding.about(self.zone.name()).at(place.clone());
            builder.stack.report(finding);
            return None;
        }
        Some(name)
    }

    /// A name in the zone that stands for another one.
    pub(super) fn add_alias(
        &self,
        builder: &mut Builder<'_>,
        resource: &str,
        name: &str,
        target: impl Into<Input<String>>,
    ) -> Alias {
        let record = RecordSet::within(&self.zone, name, CnameRecord::of(target));
        builder.stack.add(resource, record)
    }

    /// The texts of a name in the zone: those of the zone itself have what the configuration adds.
    pub(super) fn add_texts(
        &self,
        builder: &mut Builder<'_>,
        resource: &str,
        name: &str,
        texts: impl IntoIterator<Item = Input<String>>,
    ) -> Texts {
        let own: &[String] = if name == "@" { &self.texts } else { &[] };
        let texts = texts.into_iter().chain(own.iter().map(Input::from));
        let records = RecordSet::within(&self.zone, name, TxtRecords::of(texts));
        let added = builder.stack.add(resource, records);
        if name == "@" {
            let place = builder.locate(self.section.at("texts"));
            builder.stack.describe(&added).declared_at(place);
        }
        added
    }

    /// The texts of the zone itself, where nobody else has any to add.
    pub(super) fn add_own_texts(&self, builder: &mut Builder<'_>) {
        if !self.texts.is_empty() {
            self.add_texts(builder, OWN_TEXTS, "@", []);
        }
    }
}

/// The TXT record set of the zone itself.
pub(super) const OWN_TEXTS: &str = "dns/texts";
