//! What is set inside a web app or a slot: its environment, and how it is run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use augeo_core::resource::{Exclusion, Resource, ResourceType, Scope};
use augeo_core::stack::Added;
use augeo_core::value::Input;
use serde::{Deserialize, Serialize};

use super::facts::usual;
use super::web_slot::Site;
use crate::schema::{ArmType, Compare, NameRule, ReadPlan, UpdateMode};

/// The [environment variables](https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-appsettings)
/// of a web app or a slot: all of them, always written as one, which restarts the app.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct AppSettings {
    /// The variables.
    pub settings: BTreeMap<String, Input<String>>,
    #[serde(skip)]
    ty: &'static ArmType,
    #[serde(skip)]
    scope: Scope,
}

impl AppSettings {
    /// The variables of an app or a slot; there are none.
    pub fn within<S: Site>(app: &Added<S>) -> Self {
        Self {
            settings: BTreeMap::new(),
            ty: S::choose(&APP_SETTINGS, &SLOT_APP_SETTINGS),
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
        Cow::Borrowed(&self.ty.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of app settings.
pub static APP_SETTINGS: ArmType = {
    let mut ty = settings_facts().named(
        "Microsoft.Web/sites/config",
        "2025-03-01",
        "Web app settings",
    );
    ty.name = NameRule::Fixed("appsettings");
    ty
};

/// The facts of a slot's app settings.
pub static SLOT_APP_SETTINGS: ArmType = {
    let mut ty = of_slot(settings_facts()).named(
        "Microsoft.Web/sites/slots/config",
        "2025-03-01",
        "Slot settings",
    );
    ty.name = NameRule::Fixed("appsettings");
    ty
};

/// A map of the user's own keys, which only an action tells.
const fn settings_facts() -> ArmType {
    let mut ty = config_facts();
    ty.facts.whole_maps = &[""];
    ty.top_level = &[];
    ty.read = ReadPlan::PostList;
    ty
}

/// What all parts of a configuration have in common.
pub(super) const fn config_facts() -> ArmType {
    let mut ty = ArmType::SINGLETON;
    ty.facts.exclusion = &[Exclusion::Parent];
    ty.facts.usual = usual(2_000, 2_000, 2_000);
    ty.key_sets = &[];
    ty
}

/// Azure changes one thing of a site at a time, its slots included.
pub(super) const fn of_slot(mut ty: ArmType) -> ArmType {
    ty.facts.exclusion = &[Exclusion::Parent, Exclusion::Grandparent];
    ty
}

/// What a connection string leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ConnectionStringType {
    /// `PostgreSQL`.
    PostgreSQL,
    /// Redis.
    RedisCache,
    /// SQL Server on Azure.
    SQLAzure,
    /// Anything.
    Custom,
    /// Any other, as Azure spells it.
    #[serde(untagged)]
    Other(String),
}

/// One connection string.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ConnectionString {
    /// Its text.
    pub value: Input<String>,
    /// What it leads to.
    pub r#type: ConnectionStringType,
}

/// The [connection strings](https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-connectionstrings)
/// of a web app or a slot: all of them, always written as one, which restarts the app.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ConnectionStrings {
    /// They, by name.
    pub strings: BTreeMap<String, ConnectionString>,
    #[serde(skip)]
    ty: &'static ArmType,
    #[serde(skip)]
    scope: Scope,
}

impl ConnectionStrings {
    /// Those of an app or a slot; there are none.
    pub fn within<S: Site>(app: &Added<S>) -> Self {
        Self {
            strings: BTreeMap::new(),
            ty: S::choose(&CONNECTION_STRINGS, &SLOT_CONNECTION_STRINGS),
            scope: Scope::Within(app.name().clone()),
        }
    }

    /// Sets one.
    pub fn string(
        &mut self,
        name: impl Into<String>,
        r#type: ConnectionStringType,
        value: impl Into<Input<String>>,
    ) -> &mut Self {
        let value = value.into();
        self.strings
            .insert(name.into(), ConnectionString { value, r#type });
        self
    }
}

impl Resource for ConnectionStrings {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&self.ty.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of connection strings.
pub static CONNECTION_STRINGS: ArmType = {
    let mut ty = strings_facts(settings_facts()).named(
        "Microsoft.Web/sites/config",
        "2025-03-01",
        "Web app connection strings",
    );
    ty.name = NameRule::Fixed("connectionstrings");
    ty
};

/// The facts of a slot's connection strings.
pub static SLOT_CONNECTION_STRINGS: ArmType = {
    let mut ty = of_slot(strings_facts(settings_facts())).named(
        "Microsoft.Web/sites/slots/config",
        "2025-03-01",
        "Slot connection strings",
    );
    ty.name = NameRule::Fixed("connectionstrings");
    ty
};

const fn strings_facts(mut ty: ArmType) -> ArmType {
    ty.facts.secret = &["*.value"];
    ty.compare = &[("*.type", Compare::IgnoreCase)];
    ty
}

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

/// How a web app or a slot [is run](https://learn.microsoft.com/azure/templates/microsoft.web/sites/config-web).
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
    ty: &'static ArmType,
    #[serde(skip)]
    scope: Scope,
}

impl WebConfig {
    /// How an app or a slot is run: always on, TLS 1.2, no uploads.
    pub fn within<S: Site>(app: &Added<S>) -> Self {
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
            ty: S::choose(&WEB_CONFIG, &SLOT_WEB_CONFIG),
            scope: Scope::Within(app.name().clone()),
        }
    }
}

impl Resource for WebConfig {
    fn resource_type(&self) -> Cow<'static, ResourceType> {
        Cow::Borrowed(&self.ty.facts)
    }

    fn scope(&self) -> Scope {
        self.scope.clone()
    }
}

/// The facts of web configs.
pub static WEB_CONFIG: ArmType = web_facts().named(
    "Microsoft.Web/sites/config",
    "2025-03-01",
    "Web app configuration",
);

/// The facts of a slot's web config.
pub static SLOT_WEB_CONFIG: ArmType = of_slot(web_facts()).named(
    "Microsoft.Web/sites/slots/config",
    "2025-03-01",
    "Slot configuration",
);

const fn web_facts() -> ArmType {
    let mut ty = config_facts();
    ty.update = UpdateMode::Patch;
    ty.compare = &[("ftpsState", Compare::IgnoreCase)];
    ty.name = NameRule::Fixed("web");
    ty
}
