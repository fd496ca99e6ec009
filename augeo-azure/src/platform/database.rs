//! The database server: its password is made as it is sent and kept in the vault, and only the
//! addresses in the configuration are let in.

use std::collections::BTreeMap;

use augeo_core::stack::Added;
use serde::Deserialize;

use super::address::AddressRange;
use super::builder::Builder;
use super::form;
use super::key_vault;
use super::principal::Principal;
use super::section::Section;
use super::setting::{ENABLED, Fallback, Kind, LOCK, Scalar, SectionSpec, Setting, name_of};
use crate::resources::postgresql::POSTGRES_SERVER;
use crate::resources::{
    AvailabilityMode, FirewallRule, PostgresAdministrator, PostgresDatabase, PostgresParameter,
    PostgresServer, PostgresSku, ResourceGroup, Switch, UserAssignedIdentity, Vault, VaultSecret,
};

pub(super) static SECTION: SectionSpec = SectionSpec {
    name: "database",
    about: "The PostgreSQL server, with one database.",
    settings: &[
        ENABLED,
        name_of(&POSTGRES_SERVER),
        LOCK,
        Setting {
            key: "version",
            kind: Kind::Choice(&["14", "15", "16", "17", "18"]),
            default: Fallback::Always(Scalar::Text("17")),
            about: "The major version. It can be raised later, and never lowered.",
        },
        Setting {
            key: "sku",
            kind: Kind::Text(&form::DATABASE_SKU),
            default: Fallback::ByEnvironment(|defaults| Scalar::Text(defaults.database_sku)),
            about: "The size: B sizes are burstable, D sizes general purpose, E sizes have more \
                    memory.",
        },
        Setting {
            key: "storage_gb",
            kind: Kind::Number {
                min: 32,
                max: 32_767,
            },
            default: Fallback::Always(Scalar::Number(32)),
            about: "How much it stores. It can be raised later, and never lowered.",
        },
        Setting {
            key: "high_availability",
            kind: Kind::Choice(&["off", "same-zone", "zone-redundant"]),
            default: Fallback::ByEnvironment(|defaults| {
                Scalar::Text(defaults.database_high_availability)
            }),
            about: "Whether a standby takes over, and whether that is in another zone. B sizes \
                    have none.",
        },
        Setting {
            key: "backup_days",
            kind: Kind::Number { min: 7, max: 35 },
            default: Fallback::ByEnvironment(|defaults| {
                Scalar::Number(defaults.database_backup_days)
            }),
            about: "To any moment of so many days the server can be restored.",
        },
        Setting {
            key: "administrator",
            kind: Kind::Text(&form::ADMINISTRATOR),
            default: Fallback::Always(Scalar::Text("augeo")),
            about: "The login name of the administrator who has a password. It cannot be changed.",
        },
        Setting {
            key: "password_auth",
            kind: Kind::Flag,
            default: Fallback::Always(Scalar::Flag(true)),
            about: "Whether passwords open the server. Without them only `administrators` sign in, \
                    and roles with fewer rights, the app's too, are made by SQL.",
        },
        Setting {
            key: "administrators",
            kind: Kind::Map {
                keys: &form::PRINCIPAL_NAME,
                values: &form::PRINCIPAL,
            },
            default: Fallback::Nothing("nobody; Entra is off"),
            about: "Who administers the server by Entra, by the name to sign in with: `user`, \
                    `group` or `application`, and the id of the object in the directory.",
        },
        Setting {
            key: "database",
            kind: Kind::Text(&form::DATABASE_NAME),
            default: Fallback::Always(Scalar::Text("augeo")),
            about: "The name of the database.",
        },
        Setting {
            key: "configurations",
            kind: Kind::Map {
                keys: &form::PARAMETER,
                values: &form::PARAMETER_VALUE,
            },
            default: Fallback::Nothing("`require_secure_transport = \"on\"`"),
            about: "Parameters of the server, by the names that PostgreSQL has for them. What is \
                    not written has Azure's default; what is taken out goes back to it.",
        },
        Setting {
            key: "firewall",
            kind: Kind::Map {
                keys: &form::RULE_NAME,
                values: &form::ADDRESSES,
            },
            default: Fallback::Nothing("nobody"),
            about: "Who is let in, by name: an IPv4 address, a block (`203.0.113.0/28`) or two \
                    addresses with a dash between them. `0.0.0.0` lets in every service of Azure, \
                    of any customer.",
        },
    ],
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    enabled: bool,
    lock: bool,
    name: Option<String>,
    version: String,
    sku: String,
    storage_gb: u32,
    high_availability: String,
    backup_days: u8,
    administrator: String,
    password_auth: bool,
    #[serde(default)]
    administrators: BTreeMap<String, String>,
    database: String,
    #[serde(default)]
    configurations: BTreeMap<String, String>,
    #[serde(default)]
    firewall: BTreeMap<String, String>,
}

/// The server, with what its users need to reach it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) server: Added<PostgresServer>,
    /// The password of the administrator, unless passwords are off.
    pub(super) password: Option<Added<VaultSecret>>,
    pub(super) inner: Added<PostgresDatabase>,
    pub(super) name: String,
    /// The administrator who has a password.
    pub(super) administrator: String,
}

/// The server with its database, unless it is switched off.
pub(super) fn add(
    builder: &mut Builder<'_>,
    group: &Added<ResourceGroup>,
    identity: Option<&Added<UserAssignedIdentity>>,
    vault: Option<&Added<Vault>>,
) -> Option<Database> {
    let section = builder.section(&SECTION);
    let settings: Settings = section.read();
    if !settings.enabled {
        return None;
    }
    let password = if settings.password_auth {
        let Some(vault) = vault else {
            let help = "switch `key_vault` on, which keeps the password, or set \
                        `database.enabled = false`";
            builder.needs("database", &key_vault::SECTION, help);
            return None;
        };
        Some(add_password(builder, &section, vault))
    } else {
        None
    };
    let server = add_server(
        builder,
        &section,
        &settings,
        group,
        identity,
        password.as_ref(),
    )?;

    let mut database = PostgresDatabase::within(&server);
    database.physical_name = Some(settings.database.clone());
    let database = builder
        .stack
        .add(format!("data/postgres/{}", settings.database), database);
    let place = builder.locate(section.at("database"));
    builder.stack.describe(&database).declared_at(place);

    if let Some(identity) = identity {
        add_administrators(
            builder,
            &section,
            &server,
            identity,
            &settings.administrators,
        );
    }
    add_parameters(builder, &section, &server, settings.configurations);
    add_firewall(builder, &section, &server, &settings.firewall);
    Some(Database {
        server,
        password,
        inner: database,
        name: settings.database,
        administrator: settings.administrator,
    })
}

fn add_password(
    builder: &mut Builder<'_>,
    section: &Section,
    vault: &Added<Vault>,
) -> Added<VaultSecret> {
    let mut password = VaultSecret::generated(vault, 32);
    password.tags = builder.tags();
    let password = builder
        .stack
        .add("security/vault/postgres-password", password);
    builder.describe(&password, section, &[]);
    password
}

fn add_server(
    builder: &mut Builder<'_>,
    section: &Section,
    settings: &Settings,
    group: &Added<ResourceGroup>,
    identity: Option<&Added<UserAssignedIdentity>>,
    password: Option<&Added<VaultSecret>>,
) -> Option<Added<PostgresServer>> {
    let tenant = identity.map(|identity| identity.output(UserAssignedIdentity::TENANT_ID));
    let by_entra = !settings.password_auth || !settings.administrators.is_empty();
    if by_entra && tenant.is_none() {
        // Whose directory it is follows from the identity, which nothing else asks for.
        let help = "switch `key_vault` or `app_service` on, or delete [database.administrators]";
        builder.needs("database.administrators", &key_vault::SECTION, help);
        return None;
    }
    let mut server = match (password, &tenant) {
        (Some(password), _) => {
            PostgresServer::within(group, settings.administrator.clone(), password.secret())
        }
        (None, Some(tenant)) => PostgresServer::without_passwords(group, tenant.clone()),
        (None, None) => return None,
    };
    if by_entra {
        server.auth_config.active_directory_auth = Switch::Enabled;
        server.auth_config.tenant_id = tenant.map(Into::into);
    }
    server.location = builder.location().into();
    server.physical_name.clone_from(&settings.name);
    server.tags = builder.tags();
    server.sku = PostgresSku::named(&settings.sku);
    server.version.clone_from(&settings.version);
    server.storage.storage_size_gb = settings.storage_gb;
    server.backup.backup_retention_days = settings.backup_days;
    server.high_availability.mode = match settings.high_availability.as_str() {
        "zone-redundant" => AvailabilityMode::ZoneRedundant,
        "same-zone" => AvailabilityMode::SameZone,
        _ => AvailabilityMode::Disabled,
    };
    let server = builder.stack.add("data/postgres", server);
    let places = [
        ("sku", "sku"),
        ("sku.name", "sku"),
        ("sku.tier", "sku"),
        ("version", "version"),
        ("administratorLogin", "administrator"),
        ("authConfig.passwordAuth", "password_auth"),
        ("authConfig.activeDirectoryAuth", "administrators"),
        ("storage.storageSizeGB", "storage_gb"),
        ("backup.backupRetentionDays", "backup_days"),
        ("highAvailability.mode", "high_availability"),
    ];
    builder.describe(&server, section, &places);
    if settings.lock {
        builder.lock(&server, section);
    }
    Some(server)
}

fn add_administrators(
    builder: &mut Builder<'_>,
    section: &Section,
    server: &Added<PostgresServer>,
    identity: &Added<UserAssignedIdentity>,
    administrators: &BTreeMap<String, String>,
) {
    for (name, text) in administrators {
        let principal = Principal::parse(text).expect("the document's principals were checked");
        let tenant = identity.output(UserAssignedIdentity::TENANT_ID);
        let id = &principal.object_id;
        let mut administrator = PostgresAdministrator::within(server, id, name, tenant);
        administrator.principal_type = principal.kind;
        // Whoever is renamed in the directory stays the same administrator.
        let administrator = builder
            .stack
            .add(format!("data/postgres/administrators/{id}"), administrator);
        let place = builder.locate(section.at(&format!("administrators.{name}")));
        builder.stack.describe(&administrator).declared_at(place);
    }
}

/// Connections without TLS are refused unless somebody says otherwise.
const SECURE: (&str, &str) = ("require_secure_transport", "on");

fn add_parameters(
    builder: &mut Builder<'_>,
    section: &Section,
    server: &Added<PostgresServer>,
    mut parameters: BTreeMap<String, String>,
) {
    let (secure, on) = SECURE;
    parameters
        .entry(secure.to_owned())
        .or_insert_with(|| on.to_owned());
    for (name, value) in parameters {
        let key = format!("configurations.{name}");
        let parameter = PostgresParameter::within(server, &name, value);
        let parameter = builder
            .stack
            .add(format!("data/postgres/parameters/{name}"), parameter);
        let place = builder.locate(section.at(&key));
        builder
            .stack
            .describe(&parameter)
            .declared_at(place.clone())
            .property_at("value", place);
    }
}

fn add_firewall(
    builder: &mut Builder<'_>,
    section: &Section,
    server: &Added<PostgresServer>,
    firewall: &BTreeMap<String, String>,
) {
    for (name, text) in firewall {
        let key = format!("firewall.{name}");
        let range = AddressRange::parse(text).expect("the document's addresses were checked");
        let (first, last) = (range.first.to_string(), range.last.to_string());
        let rule = FirewallRule::within(server, first, last);
        let rule = builder
            .stack
            .add(format!("data/postgres/allow-{name}"), rule);
        let place = builder.locate(section.at(&key));
        builder
            .stack
            .describe(&rule)
            .declared_at(place.clone())
            .property_at("startIpAddress", place.clone())
            .property_at("endIpAddress", place);
    }
}
