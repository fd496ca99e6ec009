//! Static Web Apps: files of a website, served worldwide, with host names of their own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Input, OutputPath};
use serde::{Deserialize, Serialize};

use super::existing::{ExistingError, existing};
use super::facts::{Switch, usual};
use super::management::ResourceGroup;
use crate::schema::{ArmType, Compare, NameAlphabet, NameRule, ReadPlan};

/// What a static web app costs and can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StaticSiteTier {
    /// Free of charge, for hobbies.
    Free,
    /// With more host names, and a promise of availability.
    Standard,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// The size of a static web app.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StaticSiteSku {
    /// Its name.
    pub name: StaticSiteTier,
    /// Its tier, which is the same word.
    pub tier: StaticSiteTier,
}

/// A [static web app](https://learn.microsoft.com/azure/templates/microsoft.web/staticsites) whose
/// files come from a release, not from a repository that Azure watches.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StaticSite {
    /// Where its settings are kept; there are [few regions](StaticSite::REGIONS).
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its size.
    pub sku: StaticSiteSku,
    /// Whether pull requests get a copy of their own.
    pub staging_environment_policy: Switch,
    /// Whether the files may say how they are served.
    pub allow_config_file_updates: bool,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl StaticSite {
    /// The name under which it is reached; it is drawn by Azure.
    pub const DEFAULT_HOST_NAME: OutputPath<Self, String> = OutputPath::new("defaultHostname");

    /// The [regions](https://learn.microsoft.com/azure/static-web-apps/overview) that have the
    /// service; the files are served from everywhere.
    pub const REGIONS: &[&str] = &["westus2", "centralus", "eastus2", "westeurope", "eastasia"];

    /// A static web app outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a static web app.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&STATIC_SITE, id)
    }

    /// A static web app in a group and a region, with a promise of availability.
    pub fn within(group: &Added<ResourceGroup>, location: impl Into<Input<String>>) -> Self {
        Self {
            location: location.into(),
            tags: BTreeMap::new(),
            sku: StaticSiteSku {
                name: StaticSiteTier::Standard,
                tier: StaticSiteTier::Standard,
            },
            staging_environment_policy: Switch::Enabled,
            allow_config_file_updates: true,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for StaticSite {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&STATIC_SITE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of static web apps.
pub static STATIC_SITE: ArmType = {
    let mut ty =
        ArmType::REGIONAL.named("Microsoft.Web/staticSites", "2025-03-01", "Static web app");
    ty.facts.immutable = &["location"];
    ty.silent = true;
    ty.facts.usual = usual(15_000, 6_000, 5_000);
    ty.compare = &[
        ("sku.name", Compare::IgnoreCase),
        ("sku.tier", Compare::IgnoreCase),
        ("stagingEnvironmentPolicy", Compare::IgnoreCase),
    ];
    // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftweb
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 40,
        global: false,
    };
    ty
};

/// The [settings](https://learn.microsoft.com/azure/templates/microsoft.web/staticsites/config-appsettings)
/// of a static web app: all of them, always written as one.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct StaticSiteSettings {
    /// They, by name.
    pub settings: BTreeMap<String, Input<String>>,
    #[serde(skip)]
    scope: Scope,
}

impl StaticSiteSettings {
    /// The settings of a static web app; there are none.
    pub fn within(site: &Added<StaticSite>) -> Self {
        Self {
            settings: BTreeMap::new(),
            scope: Scope::Within(site.name().clone()),
        }
    }

    /// Sets one.
    pub fn setting(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Input<String>>,
    ) -> &mut Self {
        self.settings.insert(name.into(), value.into());
        self
    }
}

impl Resource for StaticSiteSettings {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&STATIC_SITE_SETTINGS.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of a static web app's settings.
pub static STATIC_SITE_SETTINGS: ArmType = {
    let mut ty = ArmType::SINGLETON.named(
        "Microsoft.Web/staticSites/config",
        "2025-03-01",
        "Static web app settings",
    );
    ty.facts.whole_maps = &[""];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(2_000, 2_000, 2_000);
    ty.top_level = &[];
    ty.key_sets = &[];
    // https://learn.microsoft.com/rest/api/appservice/static-sites/list-static-site-app-settings
    ty.read = ReadPlan::PostParent("listAppSettings");
    ty.name = NameRule::Fixed("appsettings");
    ty
};

/// A [host name](https://learn.microsoft.com/azure/static-web-apps/custom-domain) of a static web
/// app, with a certificate that Azure makes and renews. The CNAME must lead to the app first.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StaticSiteDomain {
    /// How Azure sees whose the name is, such as `cname-delegation`.
    pub validation_method: String,
    #[serde(skip)]
    host_name: String,
    #[serde(skip)]
    scope: Scope,
}

impl StaticSiteDomain {
    /// What goes into a TXT record, where that is how the name is proven.
    pub const VALIDATION_TOKEN: OutputPath<Self, String> = OutputPath::new("validationToken");

    /// This name for a static web app, to which a CNAME leads.
    pub fn within(site: &Added<StaticSite>, host_name: impl Into<String>) -> Self {
        Self {
            validation_method: "cname-delegation".to_owned(),
            host_name: host_name.into(),
            scope: Scope::Within(site.name().clone()),
        }
    }
}

impl Resource for StaticSiteDomain {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&STATIC_SITE_DOMAIN.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.host_name.clone())
    }
}

/// The facts of a static web app's host names.
pub static STATIC_SITE_DOMAIN: ArmType = {
    let mut ty = ArmType::CHILD.named(
        "Microsoft.Web/staticSites/customDomains",
        "2025-03-01",
        "Static web app host name",
    );
    ty.facts.write_only = &["validationMethod"];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(60_000, 60_000, 10_000);
    ty.key_sets = &[];
    ty.ready_when = Some(("status", "Ready"));
    ty.listed_at = Some(("customDomains", 0));
    ty
};
