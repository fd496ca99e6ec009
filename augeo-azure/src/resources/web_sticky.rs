//! What stays with a slot when slots are swapped.

use std::borrow::Cow;

use augeo_core::resource::{Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use serde::Serialize;

use super::web::WebApp;
use super::web_config::config_facts;
use crate::schema::{ArmType, Compare, NameRule};

/// The [names of settings](https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-slotconfignames)
/// that a swap leaves where they are. They belong to the app and hold for all its slots.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SlotConfigNames {
    /// The names of app settings.
    pub app_setting_names: Vec<String>,
    /// The names of connection strings.
    pub connection_string_names: Vec<String>,
    /// The names of mounted storage.
    pub azure_storage_config_names: Vec<String>,
    #[serde(skip)]
    scope: Scope,
}

impl SlotConfigNames {
    /// Those of an app: the app settings of these names, and nothing else.
    pub fn within(app: &Added<WebApp>, settings: impl IntoIterator<Item = String>) -> Self {
        Self {
            app_setting_names: settings.into_iter().collect(),
            connection_string_names: Vec::new(),
            azure_storage_config_names: Vec::new(),
            scope: Scope::Within(app.name().clone()),
        }
    }
}

impl Resource for SlotConfigNames {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&SLOT_CONFIG_NAMES.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of sticky names. Azure tells an empty list as nothing, which counts as equal.
pub static SLOT_CONFIG_NAMES: ArmType = {
    let mut ty = config_facts().named(
        "Microsoft.Web/sites/config",
        "2025-03-01",
        "Sticky setting names",
    );
    ty.compare = &[
        ("appSettingNames", Compare::Set),
        ("connectionStringNames", Compare::Set),
        ("azureStorageConfigNames", Compare::Set),
    ];
    ty.name = NameRule::Fixed("slotConfigNames");
    ty
};
