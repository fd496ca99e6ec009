//! Communication services: what software signs in to when it sends mail.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Lifecycle, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::{Id, Input, OutputPath};
use serde::Serialize;

use super::email::EmailDomain;
use super::existing::{ExistingError, existing};
use super::facts::{Switch, usual};
use super::identity::ManagedIdentity;
use super::management::ResourceGroup;
use crate::schema::{
    ArmType, Compare, ENVELOPE_WITHOUT_SKU, LeftOut, NameAlphabet, NameCheck, NameRule, UpdateMode,
};

/// A [communication service](https://learn.microsoft.com/azure/templates/microsoft.communication/communicationservices).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CommunicationService {
    /// Always `global`.
    pub location: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its identities.
    pub identity: Option<ManagedIdentity>,
    /// Where it keeps its data: a part of the world, such as `Europe`; cannot be changed.
    pub data_location: String,
    /// Whether its keys are refused, so that only those with a role come in.
    pub disable_local_auth: bool,
    /// Whether it is reached from the internet.
    pub public_network_access: Switch,
    /// The domains that it is made with, to send from. Azure takes verified ones only; from then on
    /// [`LinkedDomains`] owns them, or somebody else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub linked_domains: Vec<Input<Id<EmailDomain>>>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl CommunicationService {
    /// The name under which it is reached.
    pub const HOST_NAME: OutputPath<Self, String> = OutputPath::new("hostName");

    /// A communication service outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a communication service.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&COMMUNICATION_SERVICE, id)
    }

    /// A service in a group that keeps its data in one part of the world, and takes no keys.
    pub fn within(group: &Added<ResourceGroup>, data_location: impl Into<String>) -> Self {
        Self {
            location: "global".to_owned(),
            tags: BTreeMap::new(),
            identity: None,
            data_location: data_location.into(),
            disable_local_auth: true,
            public_network_access: Switch::Enabled,
            linked_domains: Vec::new(),
            physical_name: None,
            scope: Scope::Within(group.name().clone()),
        }
    }
}

impl Resource for CommunicationService {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&COMMUNICATION_SERVICE.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of communication services.
pub static COMMUNICATION_SERVICE: ArmType = {
    let mut ty = service_facts("Communication service");
    ty.facts.immutable = &["location", "dataLocation"];
    ty.facts.initial = &["linkedDomains"];
    ty
};

const fn service_facts(title: &'static str) -> ArmType {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Communication/communicationServices",
        "2026-03-18",
        title,
    );
    ty.facts.usual = usual(15_000, 6_000, 10_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.compare = &[
        ("dataLocation", Compare::IgnoreCase),
        ("identity.type", Compare::IgnoreCase),
        ("publicNetworkAccess", Compare::IgnoreCase),
    ];
    // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcommunication
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 1,
        length_max: 63,
        global: true,
    };
    // https://learn.microsoft.com/rest/api/communication/resourcemanager/communication-services/check-name-availability
    ty.name_check = Some(NameCheck {
        path: "providers/Microsoft.Communication/checkNameAvailability",
        type_name: "Microsoft.Communication/CommunicationServices",
    });
    ty
}

/// The domains that a communication service sends from, linked once they are verified: a second write
/// of the service, which is made before.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LinkedDomains {
    /// They, in any order.
    pub linked_domains: Vec<Input<Id<EmailDomain>>>,
    #[serde(skip)]
    scope: Scope,
}

impl LinkedDomains {
    /// A service that sends from one domain.
    pub fn finishing(service: &Added<CommunicationService>, domain: &Added<EmailDomain>) -> Self {
        Self {
            linked_domains: vec![domain.id().into()],
            scope: Scope::Within(service.name().clone()),
        }
    }
}

impl Resource for LinkedDomains {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&LINKED_DOMAINS.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of linked domains. Without them a service sends from none.
pub static LINKED_DOMAINS: ArmType = {
    let mut ty = service_facts("Linked e-mail domains").finishing("domains");
    ty.facts.lifecycle = Lifecycle::Resettable;
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.update = UpdateMode::Patch;
    ty.compare = &[("linkedDomains", Compare::Set)];
    ty.undone = &[("linkedDomains", LeftOut::NoItems)];
    ty
};
