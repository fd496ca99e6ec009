//! Host names of one's own: a name bound to a web app, and the certificate that Azure makes for it.
//!
//! Azure wants [an order](https://learn.microsoft.com/azure/app-service/app-service-web-tutorial-custom-domain):
//! the DNS records, the binding without TLS, the certificate, and the same binding again with it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Lifecycle, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::{Id, Input, OutputPath};
use serde::{Deserialize, Serialize};

use super::facts::usual;
use super::management::ResourceGroup;
use super::web::{AppServicePlan, WebApp};
use crate::schema::{ArmType, Compare, ENVELOPE_WITHOUT_SKU, LeftOut, NameAlphabet, NameRule};

/// Which DNS record leads a name to the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HostNameRecord {
    /// A CNAME to the app's own name.
    CName,
    /// An A record with the app's address.
    A,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// Whether a name is served with TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SslState {
    /// It is not.
    Disabled,
    /// It is, by the name that the visitor asks for.
    SniEnabled,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// A [host name](https://learn.microsoft.com/azure/templates/microsoft.web/sites/hostnamebindings)
/// bound to a web app. It is made without TLS, and whoever adds that owns it afterwards:
/// [`SecureHostName`], or somebody else.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HostNameBinding {
    /// Which record leads to the app.
    pub custom_host_name_dns_record_type: HostNameRecord,
    /// How it is made: without TLS, because there is no certificate yet.
    pub ssl_state: SslState,
    #[serde(skip)]
    host_name: String,
    #[serde(skip)]
    scope: Scope,
}

impl HostNameBinding {
    /// The host name.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// This name for an app, to which a CNAME leads.
    pub fn within(app: &Added<WebApp>, host_name: impl Into<String>) -> Self {
        Self {
            custom_host_name_dns_record_type: HostNameRecord::CName,
            ssl_state: SslState::Disabled,
            host_name: host_name.into(),
            scope: Scope::Within(app.name().clone()),
        }
    }
}

impl Resource for HostNameBinding {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&HOST_NAME_BINDING.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.host_name.clone())
    }
}

/// The facts of host names.
pub static HOST_NAME_BINDING: ArmType = binding_facts("Host name");

const fn binding_facts(title: &'static str) -> ArmType {
    let mut ty = ArmType::CHILD.named("Microsoft.Web/sites/hostNameBindings", "2025-03-01", title);
    ty.facts.initial = &["sslState", "thumbprint"];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(5_000, 5_000, 3_000);
    ty.key_sets = &[];
    ty.compare = &[("customHostNameDnsRecordType", Compare::IgnoreCase)];
    ty.uses_at = Some("thumbprint");
    ty.listed_at = Some(("hostNames", 1));
    // Every app is bound to the name that it got from Azure.
    ty.made_by_service = &["*.azurewebsites.net"];
    ty
}

/// TLS on a [host name](HostNameBinding): the same binding, written again with its certificate.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SecureHostName {
    /// How it is served.
    pub ssl_state: SslState,
    /// The thumbprint of its certificate. A renewal changes it, which is no difference.
    pub thumbprint: Input<String>,
    #[serde(skip)]
    scope: Scope,
}

impl SecureHostName {
    /// A bound name, served by SNI with a certificate.
    pub fn finishing(
        binding: &Added<HostNameBinding>,
        certificate: &Added<ManagedCertificate>,
    ) -> Self {
        Self {
            ssl_state: SslState::SniEnabled,
            thumbprint: certificate.output(ManagedCertificate::THUMBPRINT).into(),
            scope: Scope::Within(binding.name().clone()),
        }
    }
}

impl Resource for SecureHostName {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&SECURE_HOST_NAME.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of TLS on host names. Without it the binding is as it was made.
pub static SECURE_HOST_NAME: ArmType = {
    let mut ty = binding_facts("TLS of a host name").finishing("tls");
    ty.facts.lifecycle = Lifecycle::Resettable;
    ty.facts.initial = &["customHostNameDnsRecordType"];
    ty.facts.write_only = &["thumbprint"];
    ty.facts.follows = &["thumbprint"];
    ty.facts.exclusion = &[Exclusion::Parent, Exclusion::Grandparent];
    ty.compare = &[("sslState", Compare::IgnoreCase)];
    ty.undone = &[("sslState", LeftOut::Text("Disabled"))];
    ty
};

/// A [certificate](https://learn.microsoft.com/azure/app-service/configure-ssl-certificate#create-a-free-managed-certificate)
/// that Azure makes for one host name, for nothing, and renews by itself. The name must be bound
/// to an app on the plan first.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ManagedCertificate {
    /// Its region: its plan's.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The plan for whose apps it is made. All plans of a group and region [may use
    /// it](https://learn.microsoft.com/azure/app-service/configure-ssl-certificate#private-certificate-requirements),
    /// so that an app which moves keeps it: it is not compared.
    pub server_farm_id: Input<Id<AppServicePlan>>,
    /// The host name that it is for; cannot be changed.
    pub canonical_name: Input<String>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl ManagedCertificate {
    /// What a binding names it by. It is another one after each renewal.
    pub const THUMBPRINT: OutputPath<Self, String> = OutputPath::new("thumbprint");

    /// A certificate for a name that is bound to an app on a plan, in the group's region.
    pub fn within(
        group: &Added<ResourceGroup>,
        plan: &Added<AppServicePlan>,
        binding: &Added<HostNameBinding>,
    ) -> Self {
        Self {
            location: group.output(ResourceGroup::LOCATION).into(),
            tags: BTreeMap::new(),
            server_farm_id: plan.id().into(),
            canonical_name: binding.output(HostNameBinding::NAME).into(),
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for ManagedCertificate {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&MANAGED_CERTIFICATE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of managed certificates. Thumbprint and dates are Azure's: a renewal is no drift.
pub static MANAGED_CERTIFICATE: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Web/certificates",
        "2025-03-01",
        "Managed certificate",
    );
    ty.facts.immutable = &["location", "canonicalName"];
    ty.facts.initial = &["serverFarmId"];
    ty.facts.usual = usual(60_000, 2_000, 3_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.compare = &[("canonicalName", Compare::IgnoreCase)];
    ty.known_by = Some("thumbprint");
    // It tells no state, and has no thumbprint before it is issued.
    ty.ready_with = Some("thumbprint");
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 60,
        global: false,
    };
    ty
};
