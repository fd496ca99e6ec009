//! The web app: a container with an identity of its own, its secrets read from the vault.

use std::collections::BTreeMap;

use augeo_core::stack::Added;
use augeo_core::value::{Input, Piece};
use serde::Deserialize;

use super::builder::Builder;
use super::database::Database;
use super::form::{self, Objection};
use super::redis::Redis;
use super::root::EXISTING;
use super::section::Section;
use super::setting::{ENABLED, Fallback, Kind, Scalar, SectionSpec, Setting, name_of};
use super::{app_service_plan, key_vault};
use crate::resources::web::WEB_APP;
use crate::resources::{
    AppServicePlan, AppSettings, Component, Generic, ManagedIdentity, PostgresServer,
    ResourceGroup, Role, RoleAssignment, UserAssignedIdentity, Vault, VaultSecret, WebApp,
    WebConfig,
};

/// The version in which the registry's type is read.
const REGISTRY_VERSION: &str = "2023-07-01";

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "app_service",
    about: "The web app, a Docker container. HTTPS only, TLS 1.2 or later.",
    settings: &[
        ENABLED,
        name_of(&WEB_APP),
        Setting {
            key: "image",
            kind: Kind::Text(&form::IMAGE),
            default: Fallback::Always(Scalar::Text("mcr.microsoft.com/appsvc/staticsite:latest")),
            about: "The image that the app is made with. Later images are a release's: a change \
                    of this key changes no app that is there.",
        },
        Setting {
            key: "port",
            kind: Kind::Number {
                min: 1,
                max: 65_535,
            },
            default: Fallback::Always(Scalar::Number(8000)),
            about: "The port that the container listens on.",
        },
        Setting {
            key: "health_check_path",
            kind: Kind::Text(&form::URL_PATH),
            default: Fallback::Always(Scalar::Text("/health")),
            about: "The path that is asked whether an instance works.",
        },
        Setting {
            key: "always_on",
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(true)),
            about: "Whether the container stays loaded while nobody asks for anything.",
        },
        Setting {
            key: "settings",
            kind: Kind::Map {
                keys: &form::VARIABLE,
                values: &form::VARIABLE_VALUE,
            },
            default: Fallback::Nothing("those that the platform makes"),
            about: "Environment variables of the container, beside those that the platform makes.",
        },
        Setting {
            key: "secrets",
            kind: Kind::Map {
                keys: &form::VARIABLE,
                values: &form::SECRET_NAME,
            },
            default: Fallback::Nothing("the database's password"),
            about: "Environment variables that are read from the vault: the name of the variable, \
                    and the name of the secret in the vault.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    name: Option<String>,
    image: String,
    port: u16,
    health_check_path: String,
    always_on: bool,
    #[serde(default, rename = "settings")]
    plain: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
}

/// What the app uses of the other modules.
#[derive(Clone, Debug)]
pub(super) struct Shared<'a> {
    pub(super) group: &'a Added<ResourceGroup>,
    pub(super) identity: Added<UserAssignedIdentity>,
    pub(super) insights: Option<Added<Component>>,
    pub(super) vault: Option<Added<Vault>>,
    pub(super) database: Option<Database>,
    pub(super) redis: Option<Redis>,
}

/// The app with its roles and settings, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    shared: &Shared<'_>,
    plan: Option<&Added<AppServicePlan>>,
) {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return;
    }
    let Some(plan) = plan else {
        let help = "switch `app_service_plan` on, or set `app_service.enabled = false`";
        builder.needs("app_service", &app_service_plan::SECTION, help);
        return;
    };
    let identity = &shared.identity;
    let pulls = registry(builder, identity);

    let mut app = WebApp::within(shared.group, plan, &settings.image);
    app.location = builder.location().into();
    app.physical_name.clone_from(&settings.name);
    app.tags = builder.tags();
    app.identity = Some(ManagedIdentity::user_assigned(identity.id()));
    app.key_vault_reference_identity = Some(identity.id().into());
    if pulls.is_some() {
        app.site_config.acr_use_managed_identity_creds = true;
        let client = identity.output(UserAssignedIdentity::CLIENT_ID);
        app.site_config.acr_user_managed_identity_id = Some(client.into());
    }
    let app = builder.stack.add("web/api", app);
    builder.describe(&app, &section, &[("siteConfig.linuxFxVersion", "image")]);
    if let Some(pulls) = &pulls {
        builder.stack.describe(&app).after(pulls);
    }

    let mut config = WebConfig::within(&app);
    config.always_on = settings.always_on;
    config.health_check_path = Some(settings.health_check_path.clone());
    if pulls.is_some() {
        config.acr_use_managed_identity_creds = true;
        let client = identity.output(UserAssignedIdentity::CLIENT_ID);
        config.acr_user_managed_identity_id = Some(client.into());
    }
    let config = builder.stack.add("web/api/config", config);
    let places = [
        ("alwaysOn", "always_on"),
        ("healthCheckPath", "health_check_path"),
    ];
    builder.describe(&config, &section, &places);

    variables(builder, &section, &settings, shared, &app);
}

/// Lets the identity pull images from the registry, if one is named.
fn registry(
    builder: &mut Builder<'_>,
    identity: &Added<UserAssignedIdentity>,
) -> Option<Added<RoleAssignment>> {
    let id = builder.existing("registry")?;
    let registry = Generic::existing(
        "Microsoft.ContainerRegistry/registries",
        REGISTRY_VERSION,
        &id,
    )
    .expect("the document's ids were checked");
    let registry = builder.add_existing("registry", "registry", registry);
    let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
    let role = RoleAssignment::on(&registry, Role::ACR_PULL, principal);
    let role = builder.stack.add("identity/api-pulls-images", role);
    let existing = builder.section(&EXISTING);
    let place = builder.locate(existing.at("registry"));
    builder.stack.describe(&role).declared_at(place);
    Some(role)
}

/// The environment of the container. The role that reads the vault comes before it: a reference
/// that cannot be read when it is set reaches the app as its own text.
fn variables(
    builder: &mut Builder<'_>,
    section: &Section,
    settings: &Settings,
    shared: &Shared<'_>,
    app: &Added<WebApp>,
) {
    let identity = &shared.identity;
    let mut variables = AppSettings::within(app);
    variables
        .setting("ENVIRONMENT", builder.environment())
        .setting("WEBSITES_PORT", settings.port.to_string())
        .setting("WEBSITES_ENABLE_APP_SERVICE_STORAGE", "false")
        .setting(
            "AZURE_CLIENT_ID",
            identity.output(UserAssignedIdentity::CLIENT_ID),
        );
    if let Some(insights) = &shared.insights {
        let text = insights.output(Component::CONNECTION_STRING);
        variables.setting("APPLICATIONINSIGHTS_CONNECTION_STRING", text);
    }
    if let Some(vault) = &shared.vault {
        variables.setting("KEY_VAULT_URI", vault.output(Vault::URI));
    }
    if let Some(database) = &shared.database {
        variables
            .setting(
                "DATABASE_HOST",
                database.server.output(PostgresServer::FQDN),
            )
            .setting("DATABASE_PORT", "5432")
            .setting("DATABASE_NAME", database.name.as_str())
            .setting("DATABASE_SSLMODE", "require");
        match &database.password {
            Some(password) => variables
                .setting("DATABASE_USER", database.administrator.as_str())
                .setting("DATABASE_PASSWORD", VaultSecret::reference(password)),
            // It signs in with a token, in a role of its identity's name, which SQL makes.
            None => variables.setting("DATABASE_USER", identity.output(UserAssignedIdentity::NAME)),
        };
    }
    if let Some(redis) = &shared.redis {
        redis.tell(&mut variables, identity);
    }
    for (key, entries) in [
        ("settings", &settings.plain),
        ("secrets", &settings.secrets),
    ] {
        for name in entries
            .keys()
            .filter(|name| variables.settings.contains_key(*name))
        {
            let problem = "is a variable that the platform sets itself";
            let place = section.at(&format!("{key}.{name}"));
            builder
                .mistakes
                .object(place, name, Objection::new(problem, "delete the line"));
        }
    }
    for (name, text) in &settings.plain {
        variables.setting(name, text);
    }
    if shared.vault.is_none() && !settings.secrets.is_empty() {
        let help = "switch `key_vault` on, or delete [app_service.secrets]";
        builder.needs("app_service.secrets", &key_vault::SECTION, help);
    }
    if let Some(vault) = &shared.vault {
        for (name, secret) in &settings.secrets {
            variables.setting(name, secret_named(vault, secret));
        }
    }
    let port_and_more: Vec<(String, String)> = [("WEBSITES_PORT".to_owned(), "port".to_owned())]
        .into_iter()
        .chain(
            settings
                .plain
                .keys()
                .map(|name| (name.clone(), format!("settings.{name}"))),
        )
        .chain(
            settings
                .secrets
                .keys()
                .map(|name| (name.clone(), format!("secrets.{name}"))),
        )
        .collect();
    let variables = builder.stack.add("web/api/settings", variables);
    let places: Vec<(&str, &str)> = port_and_more
        .iter()
        .map(|(variable, key)| (variable.as_str(), key.as_str()))
        .collect();
    builder.describe(&variables, section, &places);
    if let Some(database) = &shared.database {
        builder.stack.describe(&variables).after(&database.inner);
    }
    if let Some(redis) = &shared.redis {
        redis.precede(builder, &variables);
    }
    if let Some(vault) = &shared.vault {
        let principal = identity.output(UserAssignedIdentity::PRINCIPAL_ID);
        let role = RoleAssignment::on(vault, Role::KEY_VAULT_SECRETS_USER, principal);
        let role = builder.stack.add("identity/api-reads-vault", role);
        builder.describe(&role, section, &[]);
        builder.stack.describe(&variables).after(&role);
    }
}

/// A secret that somebody else keeps in the vault, as a setting reads it.
fn secret_named(vault: &Added<Vault>, secret: &str) -> Input<String> {
    Input::format([
        Piece::from("@Microsoft.KeyVault(VaultName="),
        vault.output(Vault::NAME).into(),
        Piece::from(format!(";SecretName={secret})")),
    ])
}
