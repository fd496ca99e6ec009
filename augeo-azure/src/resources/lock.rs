//! Locks: what keeps resources from being deleted, or changed, by mistake.

use std::borrow::Cow;

use augeo_core::resource::{Guard, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use serde::{Deserialize, Serialize};

use super::facts::usual;
use crate::schema::{ArmScope, ArmType, Compare, NameAlphabet, NameRule, OwnershipMark};

/// What a lock refuses, to everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LockLevel {
    /// Deletions.
    CanNotDelete,
    /// Deletions and every other change.
    ReadOnly,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// A [lock](https://learn.microsoft.com/azure/templates/microsoft.authorization/locks) on a
/// resource and everything in it. A plan that needs to lifts it, says so, and puts it back.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Lock {
    /// What it refuses.
    pub level: LockLevel,
    /// Why it is there, for whoever meets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    #[serde(skip)]
    scope: Scope,
}

impl Lock {
    /// A lock that refuses the deletion of a resource, and of what is in it or on it.
    pub fn on<R>(resource: &Added<R>) -> Self {
        Self {
            level: LockLevel::CanNotDelete,
            notes: None,
            scope: Scope::On(resource.name().clone()),
        }
    }
}

impl Resource for Lock {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&LOCK.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of locks.
pub static LOCK: ArmType = {
    let mut ty = ArmType::REGIONAL.named("Microsoft.Authorization/locks", "2020-05-01", "Lock");
    // https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
    ty.facts.guards = Some(Guard {
        property: "level",
        refusing_writes: &["ReadOnly"],
    });
    ty.facts.sign_at = Some("tags.augeo-locks");
    ty.facts.usual = usual(1_500, 1_500, 1_500);
    ty.scope = ArmScope::Extension;
    ty.ownership = OwnershipMark::Field("notes");
    ty.compare = &[("level", Compare::IgnoreCase)];
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::AlphanumericDashUnderscore,
        length_min: 1,
        length_max: 90,
        global: false,
    };
    ty
};
