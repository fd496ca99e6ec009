//! What holds everything else: resource groups.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::Existing;
use augeo_core::value::{Input, OutputPath};
use serde::Serialize;

use super::existing::{ExistingError, existing};
use super::facts::usual;
use crate::schema::{ArmScope, ArmType, NameAlphabet, NameRule};

/// A [resource group](https://learn.microsoft.com/azure/templates/microsoft.resources/resourcegroups).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceGroup {
    /// The region that keeps the group's metadata; what is in it may live elsewhere.
    pub location: Input<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its name in Azure, where it is not to be derived.
    #[serde(skip)]
    pub physical_name: Option<String>,
}

impl ResourceGroup {
    /// Its region.
    pub const LOCATION: OutputPath<Self, String> = OutputPath::new("location");
    /// Its name in Azure.
    pub const NAME: OutputPath<Self, String> = OutputPath::new("name");

    /// A group outside the stack, by its ARM id.
    ///
    /// # Errors
    /// When the id is not one of a resource group.
    pub fn existing(id: &str) -> Result<Existing<Self>, ExistingError> {
        existing(&RESOURCE_GROUP, id)
    }

    /// A group in a region.
    pub fn at(location: impl Into<Input<String>>) -> Self {
        Self {
            location: location.into(),
            tags: BTreeMap::new(),
            physical_name: None,
        }
    }
}

impl Resource for ResourceGroup {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&RESOURCE_GROUP.facts)
    }

    fn scope(&self) -> Scope {
        Scope::Stack
    }

    fn physical_name(&self) -> Option<String> {
        self.physical_name.clone()
    }
}

/// The facts of resource groups.
pub static RESOURCE_GROUP: ArmType = {
    let mut ty = ArmType::REGIONAL.named(
        "Microsoft.Resources/resourceGroups",
        "2025-04-01",
        "Resource group",
    );
    ty.facts.immutable = &["location"];
    // It is deleted once it is empty: it may hold what is not the stack's.
    ty.facts.takes_contents = false;
    ty.facts.usual = usual(1_500, 600, 20_000);
    ty.scope = ArmScope::Subscription;
    ty.keeps_signs = true;
    ty.name = NameRule::Derived {
        alphabet: NameAlphabet::Any,
        length_min: 1,
        length_max: 90,
        global: false,
    };
    ty
};
