//! The static web app: the files of the administration, served worldwide.
//!
//! The API is not linked to it. A link installs a sign-in of its own on the web app, which then
//! refuses everybody who does not come through the static web app
//! (<https://learn.microsoft.com/azure/static-web-apps/apis-app-service>), so a link that somebody
//! declares is told.

use std::collections::BTreeMap;

use augeo_core::stack::Added;
use serde::Deserialize;

use super::builder::Builder;
use super::dns::Dns;
use super::form;
use super::host_names;
use super::setting::{ENABLED, Fallback, Kind, Scalar, SectionSpec, Setting, name_of};
use crate::resources::static_site::{STATIC_SITE, StaticSiteTier};
use crate::resources::{ResourceGroup, StaticSite, StaticSiteSettings, Switch};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "static_web_app",
    about: "The static web app of the administration. The API is not linked to it: it is called by \
            its own name.",
    settings: &[
        ENABLED,
        name_of(&STATIC_SITE),
        host_names::host_name(
            "A name of one's own, whose certificate Azure makes and renews. A CNAME leads from it to the \
             name that Azure gives: in the zone of [dns] it is made, elsewhere it must be there first.",
        ),
        Setting {
            key: "location",
            kind: Kind::Choice(StaticSite::REGIONS),
            default: Fallback::Always(Scalar::Text("westeurope")),
            about: "The region that keeps its settings; few regions have the service, and one of \
                    them is in the EU. The files are served from everywhere.",
        },
        Setting {
            key: "sku",
            kind: Kind::Choice(&["Free", "Standard"]),
            default: Fallback::Always(Scalar::Text("Standard")),
            about: "`Free` has fewer host names, and no promise of availability.",
        },
        Setting {
            key: "previews",
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(true)),
            about: "Whether there may be copies of it beside it, to look at before a release.",
        },
        Setting {
            key: "settings",
            kind: Kind::Map {
                keys: &form::VARIABLE,
                values: &form::VARIABLE_VALUE,
            },
            default: Fallback::Nothing("none"),
            about: "Its settings.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "fields are the keys of the file")]
struct Settings {
    enabled: bool,
    name: Option<String>,
    host_name: Option<String>,
    location: String,
    sku: String,
    previews: bool,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

/// The static web app with its settings, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
    dns: Option<&Dns>,
) -> Option<Added<StaticSite>> {
    let section = builder.section(&SECTION);
    let wanted: Settings = section.read();
    if !wanted.enabled {
        return None;
    }
    let mut site = StaticSite::within(group, wanted.location);
    site.physical_name = wanted.name;
    site.tags = builder.tags();
    let tier = match wanted.sku.as_str() {
        "Free" => StaticSiteTier::Free,
        _ => StaticSiteTier::Standard,
    };
    site.sku.name = tier.clone();
    site.sku.tier = tier;
    if !wanted.previews {
        site.staging_environment_policy = Switch::Disabled;
    }
    let site = builder.stack.add("web/admin", site);
    let places = [
        ("location", "location"),
        ("sku.name", "sku"),
        ("sku.tier", "sku"),
        ("stagingEnvironmentPolicy", "previews"),
    ];
    builder.describe(&site, &section, &places);

    let mut settings = StaticSiteSettings::within(&site);
    for (name, text) in &wanted.settings {
        settings.setting(name, text);
    }
    let settings = builder.stack.add("web/admin/settings", settings);
    let keys = wanted.settings.keys();
    let places: Vec<(&str, String)> = keys
        .map(|name| (name.as_str(), format!("settings.{name}")))
        .collect();
    let places: Vec<(&str, &str)> = places
        .iter()
        .map(|(name, key)| (*name, key.as_str()))
        .collect();
    builder.describe(&settings, &section, &places);
    if let Some(host_name) = &wanted.host_name {
        let name = host_names::name_site(builder, &section, &site, host_name);
        let place = builder.locate(section.at("host_name"));
        let alias = dns.and_then(|dns| dns.add_admin(builder, &site, host_name, &place));
        if let Some(alias) = alias {
            builder.stack.describe(&name).after(&alias);
        }
    }
    Some(site)
}
