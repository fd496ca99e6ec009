//! What is set inside a web app: its environment, and how it is run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::Input;
use serde::{Deserialize, Serialize};

use super::facts::usual;
use super::web::WebApp;
use crate::schema::{ArmType, Compare, NameRule, ReadPlan, UpdateMode};

/// The [environment variables](https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-appsettings)
/// of a web app: all of them, always written as one, which restarts the app.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct AppSettings {
    /// The variables.
    pub settings: BTreeMap<String, Input<String>>,
    #[serde(skip)]
    scope: Scope,
}

impl AppSettings {
    /// The variables of an app; there are none.
    pub fn within(app: &Added<WebApp>) -> Self {
        Self {
            settings: BTreeMap::new(),
            scope: Scope::Within(app.name().clone()),
        }
    }

    /// Sets a variable.
    pub fn setting(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Input<String>>,
    ) -> &mut Self {
        self.settings.insert(name.into(), value.into());
        self
    }
}

impl Resource for AppSettings {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&APP_SETTINGS.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of app settings.
pub static APP_SETTINGS: ArmType = {
    let mut ty = ArmType::SINGLETON.named(
        "Microsoft.Web/sites/config",
        "2025-03-01",
        "Web app settings",
    );
    ty.facts.whole_maps = &[""];
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(2_000, 2_000, 2_000);
    ty.top_level = &[];
    ty.key_sets = &[];
    ty.read = ReadPlan::PostList;
    ty.name = NameRule::Fixed("appsettings");
    ty
};

/// Who may upload files to an app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FtpsState {
    /// Nobody.
    Disabled,
    /// Who does it over TLS.
    FtpsOnly,
    /// Anybody with a password.
    AllAllowed,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Custom(String),
}

/// How a web app [is run](https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-web).
/// Its image is not part of it: a release owns that.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "ARM has them as flags")]
pub struct WebConfig {
    /// Whether it stays loaded while nobody asks for anything; free and shared sizes cannot.
    pub always_on: bool,
    /// The lowest version of TLS, such as `1.2`.
    pub min_tls_version: String,
    /// The same for the site that deploys it.
    pub scm_min_tls_version: String,
    /// Who may upload files to it.
    pub ftps_state: FtpsState,
    /// Whether HTTP/2 is spoken.
    pub http20_enabled: bool,
    /// Whether web sockets are allowed.
    pub web_sockets_enabled: bool,
    /// Whether a debugger may be attached from outside.
    pub remote_debugging_enabled: bool,
    /// The path that is asked whether an instance works.
    pub health_check_path: Option<String>,
    /// What the container runs, where that is not what its image says.
    pub app_command_line: Option<String>,
    /// Whether images are pulled with an identity of the app.
    pub acr_use_managed_identity_creds: bool,
    /// The *client id* of that identity; the app's own if none is given.
    #[serde(rename = "acrUserManagedIdentityID")]
    pub acr_user_managed_identity_id: Option<Input<String>>,
    #[serde(skip)]
    scope: Scope,
}

impl WebConfig {
    /// How an app is run: always on, TLS 1.2, no uploads.
    pub fn within(app: &Added<WebApp>) -> Self {
        Self {
            always_on: true,
            min_tls_version: "1.2".to_owned(),
            scm_min_tls_version: "1.2".to_owned(),
            ftps_state: FtpsState::Disabled,
            http20_enabled: false,
            web_sockets_enabled: false,
            remote_debugging_enabled: false,
            health_check_path: None,
            app_command_line: None,
            acr_use_managed_identity_creds: false,
            acr_user_managed_identity_id: None,
            scope: Scope::Within(app.name().clone()),
        }
    }
}

impl Resource for WebConfig {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&WEB_CONFIG.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of web configs.
pub static WEB_CONFIG: ArmType = {
    let mut ty = ArmType::SINGLETON.named(
        "Microsoft.Web/sites/config",
        "2025-03-01",
        "Web app configuration",
    );
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(2_000, 2_000, 2_000);
    ty.key_sets = &[];
    ty.update = UpdateMode::Patch;
    ty.compare = &[("ftpsState", Compare::IgnoreCase)];
    ty.name = NameRule::Fixed("web");
    ty
};
