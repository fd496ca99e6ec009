//! Deployment slots: a second web app beside an app, with which it can be swapped.

use std::borrow::Cow;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::{Added, Existing};
use augeo_core::value::OutputPath;
use serde::Serialize;

use super::existing::{ExistingError, existing};
use super::facts::usual;
use super::web::{WEB_APP, WITH_SLOTS, WebApp};
use crate::schema::{
    ArmScope, ArmType, Compare, ENVELOPE_WITHOUT_SKU, NameAlphabet, NameRule, ReadPlan,
};

mod sealed {
    /// Only a web app and a slot have a configuration.
    pub trait Sealed {}
    impl Sealed for super::WebApp {}
    impl Sealed for super::WebAppSlot {}
}

/// What runs, and has a configuration of its own: a web app, or a slot of one.
pub trait Site: sealed::Sealed {
    /// Whether it is a slot.
    const IS_SLOT: bool;

    /// Of two types that differ in what they live in, the one that lives in this.
    fn choose(app: &'static ArmType, slot: &'static ArmType) -> &'static ArmType {
        if Self::IS_SLOT { slot } else { app }
    }
}

impl Site for WebApp {
    const IS_SLOT: bool = false;
}

impl Site for WebAppSlot {
    const IS_SLOT: bool = true;
}

/// A [deployment slot](https://learn.microsoft.com/azure/templates/microsoft.web/sites/slots) of a
/// web app, on the app's plan, whose tier must be Standard or above. It has what an app has;
/// neither identities nor the identity that reads the vault are
/// [swapped](https://learn.microsoft.com/azure/app-service/deploy-staging-slots#what-happens-during-a-swap),
/// so both need them.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct WebAppSlot {
    /// What it is made of.
    pub app: WebApp,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl WebAppSlot {
    /// The name under which it is reached; it may hold a hash, so it cannot be computed.
    pub const DEFAULT_HOST_NAME: OutputPath<Self, String> = OutputPath::new("defaultHostName");
    /// The principal of its own identity, if it has one.
    pub const PRINCIPAL_ID: OutputPath<Self, String> = OutputPath::new("identity.principalId");

    /// A slot outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a slot.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&WEB_APP_SLOT, id)
    }

    /// A slot of an app, named by the last part of the resource's name, and made like `app`.
    pub fn within(of: &Added<WebApp>, app: WebApp) -> Self {
        Self {
            app,
            physical_name: None,
            scope: Scope::Within(of.name().clone()),
        }
    }
}

impl Resource for WebAppSlot {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&WEB_APP_SLOT.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of slots.
pub static WEB_APP_SLOT: ArmType = {
    let mut ty =
        ArmType::REGIONAL.named("Microsoft.Web/sites/slots", "2025-03-01", "Deployment slot");
    ty.scope = ArmScope::Child;
    ty.read = ReadPlan::ListOfParent { query: WITH_SLOTS };
    ty.facts.immutable = WEB_APP.facts.immutable;
    ty.facts.initial = WEB_APP.facts.initial;
    ty.facts.write_only = WEB_APP.facts.write_only;
    ty.facts.exclusion = &[Exclusion::Parent, Exclusion::Property("serverFarmId")];
    ty.facts.usual = usual(20_000, 7_000, 5_000);
    ty.top_level = ENVELOPE_WITHOUT_SKU;
    ty.compare = &[
        ("kind", Compare::IgnoreCase),
        ("identity.type", Compare::IgnoreCase),
        ("publicNetworkAccess", Compare::IgnoreCase),
    ];
    // https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftweb
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::AlphanumericDash,
        length_min: 2,
        length_max: 59,
    };
    ty.delete_query = WEB_APP.delete_query;
    ty.principal_at = WEB_APP.principal_at;
    ty
};
