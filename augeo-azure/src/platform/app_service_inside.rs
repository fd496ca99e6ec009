//! What an app and its slot have alike: how they are run, their environment, their logs, and that
//! nobody publishes to them with a password.

use std::collections::BTreeMap;

use augeo_core::stack::Added;
use augeo_core::value::{Input, Piece};

use super::app_service::{Settings, Shared};
use super::builder::Builder;
use super::form::Objection;
use super::key_vault;
use super::section::Section;
use crate::resources::{
    AppSettings, Component, PostgresServer, PublishingMethod, PublishingPolicy, Role,
    RoleAssignment, Site, SiteLogs, UserAssignedIdentity, Vault, VaultSecret, WebConfig,
};

/// Who adds what is inside an app or a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inside<'a> {
    pub(super) section: &'a Section,
    pub(super) settings: &'a Settings,
    pub(super) shared: &'a Shared<'a>,
    /// Who pulls its images, where the registry asks for that.
    pub(super) puller: Option<&'a Added<UserAssignedIdentity>>,
}

impl Inside<'_> {
    /// Adds it to the site of this name.
    pub(super) fn add<S: Site>(
        self,
        builder: &mut Builder<'_>,
        name: &str,
        site: &Added<S>,
        variables: Variables,
    ) {
        let mut config = WebConfig::within(site);
        config.always_on = self.settings.always_on;
        config.health_check_path = Some(self.settings.health_check_path.clone());
        if let Some(puller) = self.puller {
            config.acr_use_managed_identity_creds = true;
            let client = puller.output(UserAssignedIdentity::CLIENT_ID);
            config.acr_user_managed_identity_id = Some(client.into());
        }
        let config = builder.stack.add(format!("{name}/config"), config);
        let places = [
            ("alwaysOn", "always_on"),
            ("healthCheckPath", "health_check_path"),
        ];
        builder.describe(&config, self.section, &places);

        let mut logs = SiteLogs::within(site);
        logs.http_logs.file_system.retention_in_days = self.settings.log_days;
        let logs = builder.stack.add(format!("{name}/logs"), logs);
        let places = [("httpLogs.fileSystem.retentionInDays", "log_days")];
        builder.describe(&logs, self.section, &places);

        for (way, method) in [
            ("ftp", PublishingMethod::Ftp),
            ("scm", PublishingMethod::Scm),
        ] {
            let policy = PublishingPolicy::within(site, method);
            let policy = builder.stack.add(format!("{name}/{way}"), policy);
            builder.describe(&policy, self.section, &[]);
        }

        let mut settings = AppSettings::within(site);
        settings.settings = variables.values;
        let settings = builder.stack.add(format!("{name}/settings"), settings);
        let places = variables.places.iter();
        let places: Vec<(&str, &str)> = places
            .map(|(name, key)| (name.as_str(), key.as_str()))
            .collect();
        builder.describe(&settings, self.section, &places);
        // A reference that cannot be read when it is set reaches the app as its own text.
        if let Some(reads_vault) = &variables.reads_vault {
            builder.stack.describe(&settings).after(reads_vault);
        }
        if let Some(database) = &self.shared.database {
            builder.stack.describe(&settings).after(&database.inner);
        }
        if let Some(redis) = &self.shared.redis {
            redis.precede(builder, &settings);
        }
        if let Some(communication) = &self.shared.communication {
            communication.precede(builder, &settings);
        }
    }
}

/// The environment of a container, and where each variable of it was written.
#[derive(Clone, Debug)]
pub(super) struct Variables {
    values: BTreeMap<String, Input<String>>,
    places: BTreeMap<String, String>,
    reads_vault: Option<Added<RoleAssignment>>,
}

impl Variables {
    /// Those of the app, with the role by which they are read from the vault.
    pub(super) fn new(
        builder: &mut Builder<'_>,
        section: &Section,
        settings: &Settings,
        shared: &Shared<'_>,
    ) -> Self {
        let mut variables = Self {
            values: BTreeMap::new(),
            places: [("WEBSITES_PORT".to_owned(), "port".to_owned())].into(),
            reads_vault: None,
        };
        variables.add_platforms(builder, settings, shared);
        variables.add_own(builder, section, settings, shared);
        if let Some(vault) = &shared.vault {
            let principal = shared.identity.output(UserAssignedIdentity::PRINCIPAL_ID);
            let role = RoleAssignment::on(vault, Role::KEY_VAULT_SECRETS_USER, principal);
            let role = builder.stack.add("identity/api-reads-vault", role);
            builder.describe(&role, section, &[]);
            variables.reads_vault = Some(role);
        }
        variables
    }

    /// The same with these variables of a slot's own.
    pub(super) fn with<'t>(mut self, own: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        for (name, text) in own {
            self.values.insert(name.to_owned(), text.into());
            self.places
                .insert(name.to_owned(), format!("slot_settings.{name}"));
        }
        self
    }

    /// Sets a variable.
    pub(super) fn setting(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Input<String>>,
    ) -> &mut Self {
        self.values.insert(name.into(), value.into());
        self
    }

    /// Adds those that the platform makes.
    fn add_platforms(&mut self, builder: &Builder<'_>, settings: &Settings, shared: &Shared<'_>) {
        let identity = &shared.identity;
        self.setting("ENVIRONMENT", builder.environment())
            .setting("WEBSITES_PORT", settings.port.to_string())
            .setting("WEBSITES_ENABLE_APP_SERVICE_STORAGE", "false")
            .setting(
                "AZURE_CLIENT_ID",
                identity.output(UserAssignedIdentity::CLIENT_ID),
            );
        if let Some(insights) = &shared.insights {
            let text = insights.output(Component::CONNECTION_STRING);
            self.setting("APPLICATIONINSIGHTS_CONNECTION_STRING", text);
        }
        if let Some(vault) = &shared.vault {
            self.setting("KEY_VAULT_URI", vault.output(Vault::URI));
        }
        if let Some(database) = &shared.database {
            self.setting(
                "DATABASE_HOST",
                database.server.output(PostgresServer::FQDN),
            )
            .setting("DATABASE_PORT", "5432")
            .setting("DATABASE_NAME", database.name.as_str())
            .setting("DATABASE_SSLMODE", "require");
            match &database.password {
                Some(password) => self
                    .setting("DATABASE_USER", database.administrator.as_str())
                    .setting("DATABASE_PASSWORD", VaultSecret::reference(password)),
                // It signs in with a token, in a role of its identity's name, which SQL makes.
                None => self.setting("DATABASE_USER", identity.output(UserAssignedIdentity::NAME)),
            };
        }
        if let Some(redis) = &shared.redis {
            redis.tell(self, identity);
        }
        if let Some(communication) = &shared.communication {
            communication.tell(self);
        }
    }

    /// Adds those that the configuration names.
    fn add_own(
        &mut self,
        builder: &mut Builder<'_>,
        section: &Section,
        settings: &Settings,
        shared: &Shared<'_>,
    ) {
        for (key, entries) in [
            ("settings", &settings.plain),
            ("secrets", &settings.secrets),
        ] {
            for name in entries
                .keys()
                .filter(|name| self.values.contains_key(*name))
            {
                let problem = "is a variable that the platform sets itself";
                let place = section.at(&format!("{key}.{name}"));
                builder
                    .mistakes
                    .object(place, name, Objection::new(problem, "delete the line"));
            }
        }
        for (name, text) in &settings.plain {
            self.setting(name, text);
            self.places.insert(name.clone(), format!("settings.{name}"));
        }
        if shared.vault.is_none() && !settings.secrets.is_empty() {
            let help = "switch `key_vault` on, or delete [app_service.secrets]";
            builder.needs("app_service.secrets", &key_vault::SECTION, help);
        }
        if let Some(vault) = &shared.vault {
            for (name, secret) in &settings.secrets {
                self.setting(name, secret_named(vault, secret));
                self.places.insert(name.clone(), format!("secrets.{name}"));
            }
        }
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
