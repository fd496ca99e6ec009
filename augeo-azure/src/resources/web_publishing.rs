//! Who may publish to a web app or a slot with a user name and a password.

use std::borrow::Cow;

use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use serde::Serialize;

use super::web_config::{config_facts, of_slot};
use super::web_slot::Site;
use crate::schema::{ArmType, NameAlphabet, NameRule, ReadPlan};

/// The way in that a policy is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishingMethod {
    /// Uploads by FTP.
    Ftp,
    /// The site that deploys: Git, zip files, its console.
    Scm,
}

impl PublishingMethod {
    fn name(self) -> &'static str {
        match self {
            Self::Ftp => "ftp",
            Self::Scm => "scm",
        }
    }
}

/// Whether one way in takes
/// [a user name and a password](https://learn.microsoft.com/azure/app-service/configure-basic-auth-disable).
/// There is one policy for each way, and it cannot be deleted.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PublishingPolicy {
    /// Whether it does.
    pub allow: bool,
    #[serde(skip)]
    method: PublishingMethod,
    #[serde(skip)]
    ty: &'static ArmType,
    #[serde(skip)]
    scope: Scope,
}

impl PublishingPolicy {
    /// No passwords for this way into an app or a slot.
    pub fn within<S: Site>(app: &Added<S>, method: PublishingMethod) -> Self {
        Self {
            allow: false,
            method,
            ty: S::choose(&PUBLISHING_POLICY, &SLOT_PUBLISHING_POLICY),
            scope: Scope::Within(app.name().clone()),
        }
    }
}

impl Resource for PublishingPolicy {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&self.ty.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }

    fn physical_name(&self) -> Option<String> {
        Some(self.method.name().to_owned())
    }
}

/// The facts of an app's policies.
pub static PUBLISHING_POLICY: ArmType = policy_facts().named(
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
    "2025-03-01",
    "Publishing policy",
);

/// The facts of a slot's policies.
pub static SLOT_PUBLISHING_POLICY: ArmType = of_slot(policy_facts()).named(
    "Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies",
    "2025-03-01",
    "Slot publishing policy",
);

/// Each parent has two of them, which one list tells.
const fn policy_facts() -> ArmType {
    let mut ty = config_facts();
    ty.read = ReadPlan::List { query: &[] };
    ty.name = NameRule::Own {
        alphabet: NameAlphabet::Any,
        length_min: 3,
        length_max: 3,
    };
    ty
}
