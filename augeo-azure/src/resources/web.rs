//! App Service: plans and the web apps that run on them. Slots, and what is set inside an app, are
//! beside.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Id, Input, OutputPath};
use serde::Serialize;

use super::existing::{ExistingError, existing};
use super::facts::{Switch, usual};
use super::identity::{ManagedIdentity, UserAssignedIdentity, with_space};
use super::management::ResourceGroup;
use crate::schema::{
    ArmType, Compare, ENVELOPE_WITHOUT_SKU, NameAlphabet, NameCheck, NameRule, ReadPlan,
};

/// The machines of a plan.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PlanSku {
    /// Their size, such as `B1`, `S1`, `P1v3`; Azure adds tier and family.
    pub name: String,
    /// How many there are.
    pub capacity: u32,
}

/// An [App Service plan](https://learn.microsoft.com/azure/templates/microsoft.web/serverfarms):
/// the machines that web apps run on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "ARM has them as flags")]
pub struct AppServicePlan {
    /// Its region.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its machines.
    pub sku: PlanSku,
    /// Their operating system, such as `linux`; cannot be changed.
    pub kind: String,
    /// Whether they run Linux; cannot be changed.
    pub reserved: bool,
    /// Whether apps may run on fewer machines than there are.
    pub per_site_scaling: bool,
    /// Whether machines are spread over zones.
    pub zone_redundant: bool,
    /// Whether an autoscale setting owns how many machines there are: `sku.capacity` is then what
    /// the plan is made with, is not compared, and is sent back as it was observed.
    #[serde(skip)]
    pub autoscaled: bool,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl AppServicePlan {
    /// A plan outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a plan.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&APP_SERVICE_PLAN, id)
    }

    /// One Linux machine of this size, such as `B1`, in a group, in the group's region.
    pub fn within(group: &Added<ResourceGroup>, size: impl Into<String>) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            sku: PlanSku {
                name: size.into(),
                capacity: 1,
            },
            kind: "linux".to_owned(),
            reserved: true,
            per_site_scaling: false,
            zone_redundant: false,
            autoscaled: false,
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for AppServicePlan {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(if self.autoscaled {
            &AUTOSCALED_PLAN.facts
        } else {
            &APP_SERVICE_PLAN.facts
        })
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of plans.
pub static APP_SERVICE_PLAN: ArmType = plan_facts();

/// The same for a plan whose machines are counted by an autoscale setting
/// ([a write of the plan would undo it](https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-best-practices)).
static AUTOSCALED_PLAN: ArmType = {
    let mut ty = plan_facts();
    ty.facts.initial = &["sku.capacity"];
    ty
};

const fn plan_facts() -> ArmType {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Web/serverfarms",
        "2025-03-01",
        "App Service plan",
    );
    ty.facts.immutable = &["location", "kind", "reserved"];
    ty.facts.usual = usual(7_000, 3_000, 3_000);
    ty.compare = &[
        ("kind", Compare::IgnoreCase),
        ("sku.name", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 60,
        global: false,
    };
    ty
}

/// What an app is made with; a release owns it afterwards.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InitialSiteConfig {
    /// The container, as `DOCKER|registry/name:tag`.
    pub linux_fx_version: Input<String>,
    /// Whether the image is pulled with an identity of the app.
    pub acr_use_managed_identity_creds: bool,
    /// The *client id* of that identity; empty means the app's own.
    #[serde(rename = "acrUserManagedIdentityID")]
    pub acr_user_managed_identity_id: Option<Input<String>>,
}

/// A [web app](https://learn.microsoft.com/azure/templates/microsoft.web/sites) in a container.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebApp {
    /// Its region: its plan's.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// What it is, such as `app,linux,container`; cannot be changed.
    pub kind: String,
    /// Its identities.
    #[serde(serialize_with = "with_space")]
    pub identity: Option<ManagedIdentity>,
    /// The plan that it runs on.
    pub server_farm_id: Input<Id<AppServicePlan>>,
    /// Whether it runs on Linux; cannot be changed.
    pub reserved: bool,
    /// Whether plain HTTP is turned away.
    pub https_only: bool,
    /// Whether a visitor stays with one instance.
    pub client_affinity_enabled: bool,
    /// Whether it is reached over public addresses.
    pub public_network_access: Switch,
    /// The identity that reads the vault for its settings; its own if none is given.
    pub key_vault_reference_identity: Option<Input<Id<UserAssignedIdentity>>>,
    /// The subnet through which it reaches others.
    pub virtual_network_subnet_id: Option<Input<String>>,
    /// What it is made with.
    pub site_config: InitialSiteConfig,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl WebApp {
    /// The name under which it is reached; it may hold a hash, so it cannot be computed.
    pub const DEFAULT_HOST_NAME: OutputPath<Self, String> = OutputPath::new("defaultHostName");
    /// What proves to Azure that a domain is its owner's.
    pub const CUSTOM_DOMAIN_VERIFICATION_ID: OutputPath<Self, String> =
        OutputPath::new("customDomainVerificationId");
    /// The addresses from which it calls others, comma-separated.
    pub const OUTBOUND_ADDRESSES: OutputPath<Self, String> =
        OutputPath::new("possibleOutboundIpAddresses");
    /// The principal of its own identity, if it has one.
    pub const PRINCIPAL_ID: OutputPath<Self, String> = OutputPath::new("identity.principalId");

    /// An app outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a web app.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&WEB_APP, id)
    }

    /// An app on a plan, in the group's region, made with an image such as
    /// `mcr.microsoft.com/appsvc/staticsite:latest`.
    pub fn within(group: &Added<ResourceGroup>, plan: &Added<AppServicePlan>, image: &str) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            kind: "app,linux,container".to_owned(),
            identity: None,
            server_farm_id: plan.id().into(),
            reserved: true,
            https_only: true,
            client_affinity_enabled: false,
            public_network_access: Switch::Enabled,
            key_vault_reference_identity: None,
            virtual_network_subnet_id: None,
            site_config: InitialSiteConfig {
                linux_fx_version: format!("DOCKER|{image}").into(),
                acr_use_managed_identity_creds: false,
                acr_user_managed_identity_id: None,
            },
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for WebApp {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&WEB_APP.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// Without it, a list of web apps has none of their slots.
pub(super) const WITH_SLOTS: &[(&str, &str)] = &[("includeSlots", "true")];

/// The facts of web apps.
pub static WEB_APP: ArmType = {
    let mut ty = ArmType::REGIONAL.named("Microsoft.Web/sites", "2025-03-01", "Web app");
    ty.facts.immutable = &["location", "kind", "reserved"];
    ty.facts.initial = &["siteConfig"];
    ty.facts.write_only = &["siteConfig", "cloningInfo"];
    ty.facts.exclusion = &[Exclusion::Property("serverFarmId")];
    ty.facts.usual = usual(18_000, 7_000, 5_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.read = ReadPlan::List { query: WITH_SLOTS };
    ty.compare = &[
        ("kind", Compare::IgnoreCase),
        ("identity.type", Compare::IgnoreCase),
        ("publicNetworkAccess", Compare::IgnoreCase),
    ];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 2,
        length_max: 60,
        global: true,
    };
    ty.name_check = Some(NameCheck {
        path: "providers/Microsoft.Web/checkNameAvailability",
        type_name: "Microsoft.Web/sites",
    });
    // Azure deletes a plan with its last app unless it is told not to.
    ty.delete_query = &[("deleteEmptyServerFarm", "false")];
    ty.principal_at = Some("identity.principalId");
    ty
};
